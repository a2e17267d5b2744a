// SPDX-License-Identifier: GPL-2.0-or-later
#include "target/handlers.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "sysgate_abi.h"
#include "target/blacklist.h"
#include "target/symbols.h"

/* How names begin, by ABI, from 4.17 on and before. A 32-bit kernel has i386's of its own. */
static const char *const wrapped64[SYSGATE_ABIS][4] = {
	[SYSGATE_ABI_X86_64] = { "__x64_sys_" },
	[SYSGATE_ABI_I386] = { "__ia32_compat_sys_", "__ia32_sys_" },
	[SYSGATE_ABI_X32] = { "__x64_compat_sys_", "__x32_compat_sys_", "__x64_sys_" },
};
static const char *const plain64[SYSGATE_ABIS][4] = {
	[SYSGATE_ABI_X86_64] = { "sys_" },
	[SYSGATE_ABI_I386] = { "compat_sys_", "sys32_", "sys_" },
	[SYSGATE_ABI_X32] = { "compat_sys_", "sys_" },
};
static const char *const wrapped32[SYSGATE_ABIS][4] = { [SYSGATE_ABI_I386] = { "__ia32_sys_" } };
static const char *const plain32[SYSGATE_ABIS][4] = { [SYSGATE_ABI_I386] = { "sys_" } };

/* Of x32's own numbers, which begin there, the handlers are the compatible ones. */
#define X32_OWN 512

static const char *const *prefixes(const struct handlers *h, int abi)
{
	if (h->is64)
		return h->wrapped ? wrapped64[abi] : plain64[abi];
	return h->wrapped ? wrapped32[abi] : plain32[abi];
}

static bool is_text(char type)
{
	return strchr("tTwW", type);
}

/* Any of the beginnings above, and the dispatchers. */
static bool is_handler(const char *name)
{
	static const char *const begins[] = { "__x64_sys_",
					      "__ia32_sys_",
					      "__x64_compat_sys_",
					      "__ia32_compat_sys_",
					      "__x32_compat_sys_",
					      "sys_",
					      "sys32_",
					      "compat_sys_",
					      "x64_sys_call",
					      "ia32_sys_call",
					      "x32_sys_call" };

	for (size_t i = 0; i < ARRAY_SIZE(begins); i++)
		if (!strncmp(name, begins[i], strlen(begins[i])))
			return true;
	return false;
}

static bool add(struct handlers *h, uint64_t address, const char *name)
{
	struct handler *list;

	if (h->count == h->room) {
		list = reallocarray(h->list, h->room + 1024, sizeof(*list));
		if (!list)
			return false;
		h->list = list;
		h->room += 1024;
	}
	h->list[h->count].address = address;
	h->list[h->count].forbidden = false;
	snprintf(h->list[h->count++].name, sizeof(h->list->name), "%s", name);
	return true;
}

/* Text in every kernel that has the tracepoints; not all list data. */
static bool is_of_tracepoint(const char *name)
{
	return !strcmp(name, "syscall_regfunc") || !strcmp(name, "__traceiter_sys_enter");
}

static bool until_tracepoint(uint64_t address, char type, const char *name, void *data)
{
	(void)address, (void)type;
	*(bool *)data = is_of_tracepoint(name);
	return !*(bool *)data;
}

bool handlers_have_tracepoint(const char *kallsyms)
{
	bool has = false;

	symbols_each(kallsyms ? kallsyms : KALLSYMS_PATH, until_tracepoint, &has, NULL);
	return has;
}

static bool visit(uint64_t address, char type, const char *name, void *data)
{
	struct handlers *h = data;

	if (address > UINT32_MAX)
		h->is64 = true;
	if (!strcmp(name, "register_kretprobe"))
		h->kprobes = true;
	if (is_of_tracepoint(name))
		h->tracepoint = true;
	if (!is_text(type) || !is_handler(name) || strlen(name) >= sizeof(h->list->name))
		return true;
	if (!strncmp(name, "__x64_sys_", 10) || !strncmp(name, "__ia32_sys_", 11))
		h->wrapped = true;
	h->cut = !add(h, address, name);
	return !h->cut;
}

static void forbid(uint64_t from, uint64_t to, void *data)
{
	struct handlers *h = data;

	for (size_t i = 0; i < h->count; i++)
		if (h->list[i].address >= from && h->list[i].address < to)
			h->list[i].forbidden = true;
}

static int compare(const void *a, const void *b)
{
	const struct handler *x = a, *y = b;

	return strcmp(x->name, y->name);
}

int handlers_read(struct handlers *h, const char *kallsyms, const char *blacklist,
		  struct sg_error *e)
{
	int err;

	memset(h, 0, sizeof(*h));
	err = symbols_each(kallsyms ? kallsyms : KALLSYMS_PATH, visit, h, e);
	if (err)
		return err;
	if (h->cut)
		return sg_fail_errno(e, ENOMEM, "cannot keep the kernel's symbols");
	if (h->count)
		qsort(h->list, h->count, sizeof(*h->list), compare);
	blacklist_each(blacklist, forbid, h);
	return 0;
}

void handlers_fini(struct handlers *h)
{
	free(h->list);
	memset(h, 0, sizeof(*h));
}

const struct handler *handlers_find(const struct handlers *h, const char *name)
{
	struct handler key;

	if (!h->count || strlen(name) >= sizeof(key.name))
		return NULL;
	snprintf(key.name, sizeof(key.name), "%s", name);
	return bsearch(&key, h->list, h->count, sizeof(key), compare);
}

static bool has_beginning(const struct handlers *h, const char *begin)
{
	for (size_t i = 0; i < h->count; i++)
		if (!strncmp(h->list[i].name, begin, strlen(begin)))
			return true;
	return false;
}

bool handlers_have_abi(const struct handlers *h, int abi)
{
	switch (abi) {
	case SYSGATE_ABI_X86_64:
		return h->is64;
	case SYSGATE_ABI_I386:
		return !h->is64 || has_beginning(h, h->wrapped ? "__ia32_" : "compat_sys_");
	case SYSGATE_ABI_X32:
		return h->is64 &&
		       (handlers_find(h, "x32_sys_call") || has_beginning(h, "__x64_compat_sys_") ||
			has_beginning(h, "__x32_compat_sys_"));
	default:
		return false;
	}
}

/* Adds those of one name, by all prefixes. */
static size_t add_found(const struct handlers *h, int abi, int32_t nr, const char *base,
			const struct handler **found, size_t n)
{
	const char *const *prefix = prefixes(h, abi);

	for (size_t i = 0; i < 4 && prefix[i]; i++) {
		const struct handler *one;
		char name[128];

		if (abi == SYSGATE_ABI_X32 && nr < X32_OWN && strstr(prefix[i], "compat"))
			continue;
		snprintf(name, sizeof(name), "%s%s", prefix[i], base);
		one = handlers_find(h, name);
		if (one && n < HANDLERS_OF_CALL)
			found[n++] = one;
	}
	return n;
}

size_t handlers_of(const struct handlers *h, int abi, int32_t nr, const char *name,
		   const struct handler *found[HANDLERS_OF_CALL])
{
	const char *alias = handler_alias(abi, name);
	char words[128], *rest = words, *base;
	size_t n = 0;

	if (abi <= SYSGATE_ABI_UNKNOWN || abi >= SYSGATE_ABIS)
		return 0;
	snprintf(words, sizeof(words), "%s", alias ? alias : name);
	while ((base = strsep(&rest, " ")))
		n = add_found(h, abi, nr, base, found, n);
	return n;
}
