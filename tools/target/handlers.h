/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's functions that calls go through, as its symbol table names them. */
#ifndef SYSGATE_TARGET_HANDLERS_H
#define SYSGATE_TARGET_HANDLERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct handler {
	uint64_t address;
	bool forbidden; /* on the kprobes' blacklist */
	char name[64];
};

struct handlers {
	struct handler *list; /* sorted by name */
	size_t count, room;
	bool cut;	 /* there was no memory for more */
	bool is64;	 /* the kernel is */
	bool wrapped;	 /* 4.17 and later, on i386 5.7: __x64_sys_read, not sys_read */
	bool kprobes;	 /* it has return probes */
	bool tracepoint; /* it has sys_enter and sys_exit */
};

/*
 * Reads a symbol table (NULL: the running kernel's) and the functions that must not be probed
 * (NULL: the running kernel's; that none can be seen is no error). 0 or -errno; the caller releases
 * h with handlers_fini() in either case.
 */
int handlers_read(struct handlers *h, const char *kallsyms, const char *blacklist,
		  struct sg_error *e);
void handlers_fini(struct handlers *h);

/* Has the kernel sys_enter and sys_exit? Reads no further than it must. */
bool handlers_have_tracepoint(const char *kallsyms);

/* The function of that name; NULL: there is none. */
const struct handler *handlers_find(const struct handlers *h, const char *name);
/* Does the kernel take calls of that ABI? */
bool handlers_have_abi(const struct handlers *h, int abi);

#define HANDLERS_OF_CALL 6

/*
 * The functions that a call of that name and number can end in; more than one where the names do
 * not tell which. Returns how many were found, 0 when none was.
 */
size_t handlers_of(const struct handlers *h, int abi, int32_t nr, const char *name,
		   const struct handler *found[HANDLERS_OF_CALL]);

/*
 * The names, without prefix and parted by blanks, under which a call's handler goes where they are
 * not just the call's own; NULL: they are. "ni_syscall": some kernels do without, by a function
 * that all such calls share.
 */
const char *handler_alias(int abi, const char *name);

#endif
