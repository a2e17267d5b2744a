// SPDX-License-Identifier: GPL-2.0-or-later
#include "target/symtab.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "target/symbols.h"

/* More than any kernel has with all modules; a file that goes on is none. */
#define SYMBOLS_MAX (4u << 20)

/* Names lie in blocks that do not move. */
#define BLOCK_SIZE (1u << 20)

struct block {
	struct block *next;
	size_t used;
	char text[BLOCK_SIZE];
};

struct symtab {
	struct symbol *by_address; /* of one address: global ones first */
	const struct symbol **by_name;
	size_t count, room;
	struct block *names;
	bool is64, full;
};

static const char *keep(struct symtab *t, const char *name)
{
	size_t n = strlen(name) + 1;
	struct block *b = t->names;
	char *at;

	if (!b || b->used + n > sizeof(b->text)) {
		b = malloc(sizeof(*b));
		if (!b)
			return NULL;
		b->next = t->names;
		b->used = 0;
		t->names = b;
	}
	at = b->text + b->used;
	memcpy(at, name, n);
	b->used += n;
	return at;
}

static bool add(uint64_t address, char type, const char *name, void *data)
{
	struct symtab *t = data;
	struct symbol *list;
	const char *kept;

	/* Per-CPU offsets and constants are low: none of them is a place in the kernel. */
	if (type == 'A' || type == 'a')
		return true;
	if (t->count == t->room) {
		list = reallocarray(t->by_address, t->room + (1u << 16), sizeof(*list));
		if (list)
			t->by_address = list;
		t->room += list ? 1u << 16 : 0;
	}
	kept = t->count < t->room && t->count < SYMBOLS_MAX ? keep(t, name) : NULL;
	t->full = !kept;
	if (kept)
		t->by_address[t->count++] =
			(struct symbol){ .address = address, .name = kept, .type = type };
	if (address > UINT32_MAX)
		t->is64 = true;
	return !t->full;
}

static int compare_addresses(const void *a, const void *b)
{
	const struct symbol *x = a, *y = b;

	if (x->address != y->address)
		return x->address < y->address ? -1 : 1;
	if (!isupper((unsigned char)x->type) != !isupper((unsigned char)y->type))
		return isupper((unsigned char)x->type) ? -1 : 1;
	return strcmp(x->name, y->name);
}

static int compare_names(const void *a, const void *b)
{
	const struct symbol *const *x = a, *const *y = b;
	int order = strcmp((*x)->name, (*y)->name);

	if (order || (*x)->address == (*y)->address)
		return order;
	return (*x)->address < (*y)->address ? -1 : 1;
}

static int sort(struct symtab *t)
{
	uint64_t end;

	qsort(t->by_address, t->count, sizeof(*t->by_address), compare_addresses);
	t->by_name = calloc(t->count, sizeof(*t->by_name));
	if (!t->by_name)
		return -ENOMEM;
	end = t->by_address[t->count - 1].address;
	for (size_t i = t->count; i-- > 0;) {
		struct symbol *s = &t->by_address[i];

		if (i + 1 < t->count && t->by_address[i + 1].address > s->address)
			end = t->by_address[i + 1].address;
		s->end = end;
		t->by_name[i] = s;
	}
	qsort(t->by_name, t->count, sizeof(*t->by_name), compare_names);
	return 0;
}

static int check(const struct symtab *t, const char *path, struct sg_error *e)
{
	if (t->full)
		return sg_fail_errno(e, ENOMEM, "cannot keep the symbols of '%s'", path);
	if (!t->count) {
		sg_fail(e, ENOENT, "cannot use '%s': it has no line 'ADDRESS TYPE NAME'", path);
		sg_hint(e, "give a System.map, a copy of " KALLSYMS_PATH " or, by --vmlinux, an "
			   "ELF file");
		return -ENOENT;
	}
	/* All of them are 0 for whoever may not see them. */
	if (t->by_address[t->count - 1].address)
		return 0;
	sg_fail(e, EPERM, "'%s' hides its addresses", path);
	sg_hint(e, "run as root, with kernel.kptr_restrict at most 1");
	return -EPERM;
}

int symtab_new(struct symtab **out, const char *path, struct sg_error *e)
{
	struct symtab *t = calloc(1, sizeof(*t));
	int err;

	*out = NULL;
	if (!path)
		path = KALLSYMS_PATH;
	if (!t)
		return sg_fail_errno(e, ENOMEM, "cannot keep the symbols of '%s'", path);
	err = symbols_each(path, add, t, e);
	if (!err && t->count)
		err = sort(t);
	if (!err)
		err = check(t, path, e);
	else if (err == -ENOMEM)
		sg_fail_errno(e, ENOMEM, "cannot keep the symbols of '%s'", path);
	if (err)
		symtab_free(t);
	else
		*out = t;
	return err;
}

void symtab_free(struct symtab *t)
{
	if (!t)
		return;
	while (t->names) {
		struct block *next = t->names->next;

		free(t->names);
		t->names = next;
	}
	free(t->by_address);
	free(t->by_name);
	free(t);
}

bool symtab_is64(const struct symtab *t)
{
	return t->is64;
}

/* The place of the first whose name is not before name. */
static size_t lower_bound(const struct symtab *t, const char *name)
{
	size_t low = 0, high = t->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(t->by_name[middle]->name, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

const struct symbol *symtab_find(const struct symtab *t, const char *name)
{
	size_t at = lower_bound(t, name);

	return at < t->count && !strcmp(t->by_name[at]->name, name) ? t->by_name[at] : NULL;
}

const struct symbol *symtab_find_made(const struct symtab *t, const char *name)
{
	static const char *const made[] = { "constprop.", "isra.", "part." };
	const struct symbol *s = symtab_find(t, name);
	size_t n = strlen(name);

	for (size_t i = lower_bound(t, name); !s && i < t->count; i++) {
		const char *other = t->by_name[i]->name;

		if (strncmp(other, name, n))
			break;
		for (size_t k = 0; k < ARRAY_SIZE(made) && other[n] == '.'; k++)
			if (!strncmp(other + n + 1, made[k], strlen(made[k])) &&
			    !strstr(other, ".cold"))
				s = t->by_name[i];
	}
	return s;
}

size_t symtab_count(const struct symtab *t, const char *name)
{
	size_t count = 0;

	for (size_t i = lower_bound(t, name); i < t->count && !strcmp(t->by_name[i]->name, name);
	     i++)
		count += !count || t->by_name[i]->address != t->by_name[i - 1]->address;
	return count;
}

const struct symbol *symtab_at(const struct symtab *t, uint64_t address)
{
	size_t low = 0, high = t->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (t->by_address[middle].address <= address)
			low = middle + 1;
		else
			high = middle;
	}
	if (!low)
		return NULL;
	while (low > 1 && t->by_address[low - 2].address == t->by_address[low - 1].address)
		low--;
	/* A mark, as __begin_SYSENTER_singlestep_region is, may lie where a function begins. */
	for (size_t i = low - 1; i < t->count; i++)
		if (t->by_address[i].address != t->by_address[low - 1].address)
			break;
		else if (t->by_address[i].name[0] != '_')
			return &t->by_address[i];
	return &t->by_address[low - 1];
}

bool symtab_between(const struct symtab *t, uint64_t address, const char *start, const char *end)
{
	const struct symbol *from = symtab_find(t, start), *to = symtab_find(t, end);

	return from && to && address >= from->address && address < to->address;
}

bool symbol_is_text(const struct symbol *s)
{
	return strchr("tTwW", s->type);
}
