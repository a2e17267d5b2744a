// SPDX-License-Identifier: GPL-2.0-or-later
#include "target/callset.h"

#include <ctype.h>
#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "base/cleanup.h"
#include "target/gates.h"

#define WORD_SIZE 64 /* a longer word is no name of anything */

/* Calls as (ABI, number), sorted for the search once all are there. */
struct calls {
	uint64_t *ids;
	size_t count, room;
};

struct callset {
	struct calls wanted, unwanted;
	bool picks;	      /* a positive item named calls: all others are out */
	uint32_t gates, abis; /* a bit for each value that passes */
};

/* The positive and the negative items of gate: or abi:, a bit for each value. */
struct mask {
	uint32_t wanted, unwanted;
};

struct parser {
	const struct syscalls *names;
	struct callset *set;
	struct mask gates, abis;
	struct sg_error *e;
};

static uint64_t call_id(int abi, int32_t nr)
{
	return (uint64_t)(unsigned int)abi << 32 | (uint32_t)nr;
}

static int id_compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static int calls_add(struct calls *c, uint64_t id)
{
	uint64_t *ids;

	if (c->count == c->room) {
		ids = reallocarray(c->ids, c->room + 256, sizeof(*ids));
		if (!ids)
			return -ENOMEM;
		c->ids = ids;
		c->room += 256;
	}
	c->ids[c->count++] = id;
	return 0;
}

static void calls_sort(struct calls *c)
{
	if (c->count)
		qsort(c->ids, c->count, sizeof(*c->ids), id_compare);
}

static bool calls_has(const struct calls *c, uint64_t id)
{
	return c->count && bsearch(&id, c->ids, c->count, sizeof(id), id_compare);
}

/* The weights of slips: a letter forgotten is likelier than a wrong one, a wrong case likelier
 * still. */
enum {
	SLIP_CASE = 1,
	SLIP_GAP = 2,
	SLIP_SWAP = 2,
	SLIP_WRONG = 3
};

static size_t replace_weight(char a, char b)
{
	if (a == b)
		return 0;
	return tolower((unsigned char)a) == tolower((unsigned char)b) ? SLIP_CASE : SLIP_WRONG;
}

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/*
 * The weight of the slips (letters forgotten, added, replaced, swapped with their neighbour) that
 * lie between a and b. Both are shorter than WORD_SIZE.
 */
static size_t distance(const char *a, const char *b)
{
	size_t rows[3][WORD_SIZE + 1] = { 0 };
	size_t *before = rows[0], *last = rows[1], *now = rows[2], *spare;
	size_t width = strlen(b);

	for (size_t j = 0; j <= width; j++)
		last[j] = j * SLIP_GAP;
	for (size_t i = 1; a[i - 1]; i++) {
		now[0] = i * SLIP_GAP;
		for (size_t j = 1; j <= width; j++) {
			now[j] = last[j - 1] + replace_weight(a[i - 1], b[j - 1]);
			now[j] = least(now[j], last[j] + SLIP_GAP);
			now[j] = least(now[j], now[j - 1] + SLIP_GAP);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				now[j] = least(now[j], before[j - 2] + SLIP_SWAP);
		}
		spare = before;
		before = last;
		last = now;
		now = spare;
	}
	return last[width];
}

/* The nearest known word so far. */
struct nearest {
	const char *word;   /* what was typed */
	const char *prefix; /* what stands before the names that are now tried */
	size_t distance;
	char name[WORD_SIZE];
};

static void try_name(struct nearest *n, const char *name)
{
	char full[WORD_SIZE];
	size_t d;

	if (snprintf(full, sizeof(full), "%s%s", n->prefix, name) >= (int)sizeof(full))
		return;
	/* "file", "int80" and "64" are mended by their prefix alone. */
	d = *n->prefix && !strcmp(n->word, name) ? 0 : distance(n->word, full);
	if (d < n->distance) {
		n->distance = d;
		memcpy(n->name, full, sizeof(full));
	}
}

static void try_call(int abi, int32_t nr, const char *name, void *data)
{
	(void)abi;
	(void)nr;
	try_name(data, name);
}

static void try_all(struct nearest *n, const struct syscalls *names)
{
	/* Of two at the same distance the first wins: the native ABI's. */
	n->prefix = "";
	syscalls_each(names, abi_native(), try_call, n);
	for (int abi = 0; abi < SYSGATE_ABIS; abi++)
		syscalls_each(names, abi, try_call, n);
	n->prefix = "%";
	for (size_t i = 0; i < call_classes_count; i++)
		try_name(n, call_classes[i].name);
	n->prefix = "gate:";
	for (int gate = 0; gate < SYSGATE_GATES; gate++)
		try_name(n, gate_name(gate));
	n->prefix = "abi:";
	for (int abi = 0; abi < SYSGATE_ABIS; abi++)
		try_name(n, abi_name(abi));
	n->prefix = "#";
	if (n->word[strspn(n->word, "0123456789")] == '\0')
		try_name(n, n->word);
}

static void list_words(struct sg_error *e, const char *what, const char *(*name)(int), int count)
{
	char list[128] = "";
	size_t n = 0;

	for (int i = 0; i < count && n < sizeof(list); i++)
		n += (size_t)snprintf(list + n, sizeof(list) - n, "%s%s", i ? ", " : "", name(i));
	sg_hint(e, "%s is one of %s", what, list);
}

static int unknown_word(const struct parser *p, const char *word)
{
	/* Up to one slip in three letters, and one in a shorter word. */
	struct nearest n = { .word = word, .distance = strlen(word) * SLIP_WRONG / 3 + 2 };

	sg_fail(p->e, EINVAL, "cannot use the set of calls: unknown word '%.*s'", WORD_SIZE, word);
	if (strlen(word) < WORD_SIZE)
		try_all(&n, p->names);
	if (n.name[0])
		sg_hint(p->e, "did you mean '%s'?", n.name);
	else if (!strncmp(word, "gate:", 5))
		list_words(p->e, "a gate", gate_name, SYSGATE_GATES);
	else if (!strncmp(word, "abi:", 4))
		list_words(p->e, "an ABI", abi_name, SYSGATE_ABIS);
	else
		sg_hint(p->e, "a word is NAME, #NUMBER, %%CLASS, gate:NAME or abi:NAME");
	return -EINVAL;
}

/* A name that one ABI alone has is known; -ENOENT: none has it. */
static int add_name(const struct parser *p, struct calls *to, const char *name)
{
	int err = -ENOENT;

	for (int abi = 1; abi < SYSGATE_ABIS; abi++) {
		int32_t nr = syscalls_number(p->names, abi, name);

		if (nr < 0)
			continue;
		err = calls_add(to, call_id(abi, nr));
		if (err)
			return err;
	}
	return err;
}

static int add_number(const struct parser *p, struct calls *to, const char *word)
{
	int32_t nr = syscalls_number(p->names, SYSGATE_ABI_UNKNOWN, word);
	int err = nr < 0 ? -ENOENT : 0;

	/* The unknown ABI too: such a call is shown by its number alone. */
	for (int abi = 0; abi < SYSGATE_ABIS && !err; abi++)
		err = calls_add(to, call_id(abi, nr));
	return err;
}

static int add_class(const struct parser *p, struct calls *to, const char *name)
{
	for (size_t i = 0; i < call_classes_count; i++) {
		const char *const *call = call_classes[i].calls;

		if (strcmp(call_classes[i].name, name))
			continue;
		/* What this machine's tables do not name cannot be met by that name. */
		for (; *call; call++)
			if (add_name(p, to, *call) == -ENOMEM)
				return -ENOMEM;
		return 0;
	}
	return -ENOENT;
}

static int add_bit(struct mask *m, bool negated, int value)
{
	if (value < 0)
		return -ENOENT;
	*(negated ? &m->unwanted : &m->wanted) |= UINT32_C(1) << value;
	return 0;
}

static int add_calls(struct parser *p, bool negated, const char *word)
{
	struct calls *to = negated ? &p->set->unwanted : &p->set->wanted;

	if (!negated)
		p->set->picks = true;
	if (word[0] == '%')
		return add_class(p, to, word + 1);
	if (word[0] == '#')
		return add_number(p, to, word);
	return add_name(p, to, word);
}

static int add_word(struct parser *p, char *word)
{
	size_t n;
	bool negated;
	int err;

	word += strspn(word, " \t");
	negated = *word == '!';
	word += negated;
	n = strlen(word);
	while (n && strchr(" \t", word[n - 1]))
		word[--n] = '\0';
	if (!n) {
		sg_fail(p->e, EINVAL, "cannot use the set of calls: an empty word in it");
		sg_hint(p->e, "try -e read,write");
		return -EINVAL;
	}
	if (!strncmp(word, "gate:", 5))
		err = add_bit(&p->gates, negated, gate_by_name(word + 5));
	else if (!strncmp(word, "abi:", 4))
		err = add_bit(&p->abis, negated, abi_by_name(word + 4));
	else
		err = add_calls(p, negated, word);
	return err == -ENOENT ? unknown_word(p, word) : err;
}

static uint32_t mask_result(const struct mask *m)
{
	return (m->wanted ? m->wanted : UINT32_MAX) & ~m->unwanted;
}

static int parse_words(struct parser *p, char *text)
{
	char *word;
	int err = 0;

	while (!err && (word = strsep(&text, ",")))
		err = add_word(p, word);
	if (err)
		return err;
	p->set->gates = mask_result(&p->gates);
	p->set->abis = mask_result(&p->abis);
	calls_sort(&p->set->wanted);
	calls_sort(&p->set->unwanted);
	return 0;
}

int callset_parse(const char *text, const struct syscalls *t, struct callset **set,
		  struct sg_error *e)
{
	_cleanup_free_ char *copy = text ? strdup(text) : NULL;
	struct parser p = { .names = t, .set = calloc(1, sizeof(*p.set)), .e = e };
	int err;

	if (!p.set || (text && !copy)) {
		free(p.set);
		return sg_fail_errno(e, ENOMEM, "cannot keep the set of calls");
	}
	p.set->gates = p.set->abis = UINT32_MAX;
	err = copy ? parse_words(&p, copy) : 0;
	if (err) {
		callset_free(p.set);
		return err == -ENOMEM ? sg_fail_errno(e, ENOMEM, "cannot keep the set of calls")
				      : err;
	}
	*set = p.set;
	return 0;
}

void callset_free(struct callset *set)
{
	if (!set)
		return;
	free(set->wanted.ids);
	free(set->unwanted.ids);
	free(set);
}

bool callset_has(const struct key *key, void *data)
{
	const struct callset *set = data;
	uint8_t gate = key->gate < SYSGATE_GATES ? key->gate : SYSGATE_GATE_UNKNOWN;
	uint8_t abi = key->abi < SYSGATE_ABIS ? key->abi : SYSGATE_ABI_UNKNOWN;
	uint64_t id = call_id(abi, key->nr);

	if (!set)
		return true;
	if (!(set->gates >> gate & 1) || !(set->abis >> abi & 1))
		return false;
	if (set->picks && !calls_has(&set->wanted, id))
		return false;
	return !calls_has(&set->unwanted, id);
}

bool callset_needs_gate(const struct callset *set)
{
	return set && set->gates != UINT32_MAX && set->gates != UINT32_C(1) << SYSGATE_GATE_UNKNOWN;
}

/* Can a call of that ABI come through one of the set's gates? FRED's carry any. */
static bool passes_a_gate(const struct callset *set, int abi)
{
	int entered_as = abi == SYSGATE_ABI_X32 ? SYSGATE_ABI_X86_64 : abi;

	for (int gate = 0; gate < SYSGATE_GATES; gate++) {
		int of = gate_abi(gate);

		if (set->gates >> gate & 1 && (of == entered_as || of == SYSGATE_ABI_UNKNOWN))
			return true;
	}
	return false;
}

size_t callset_named(const struct callset *set, struct key *out, size_t max)
{
	size_t n = 0;

	if (!set || !set->picks)
		return CALLSET_ALL;
	for (size_t i = 0; i < set->wanted.count; i++) {
		uint64_t id = set->wanted.ids[i];
		struct key key = { .abi = (uint8_t)(id >> 32), .nr = (int32_t)(uint32_t)id };

		if (!key.abi || !(set->abis >> key.abi & 1) || !passes_a_gate(set, key.abi) ||
		    calls_has(&set->unwanted, id) || (i && id == set->wanted.ids[i - 1]))
			continue;
		if (n < max)
			out[n] = key;
		n++;
	}
	return n;
}
