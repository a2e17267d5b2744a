/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The chain of a call through one kernel, gate by gate: from the CPU to the handler and back. */
#ifndef SYSGATE_TARGET_PATH_H
#define SYSGATE_TARGET_PATH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "target/debuginfo.h"
#include "target/eras.h"
#include "target/machine.h"
#include "target/path_cpu.h"
#include "target/plan.h"

/* May a probe be put there, and how? */
struct path_probe {
	enum answer tracefs; /* by a probe event */
	enum answer module;  /* by a module's register_kprobe */
	const char *how;     /* "ftrace", "int3", "optimised", "tracepoint"; NULL: not at all */
	char why[128];
};

struct path_step {
	const struct way_row *row;
	bool here; /* the symbol table has it */
	char symbol[128];
	uint64_t address, end;
	struct path_probe probe;
	char plan[128]; /* why the plan takes it; "": it does not */
	struct place place;
	char inlined_into[128]; /* the function that has it, where it has no symbol of its own */
	struct place inlined_at;
};

struct path_way {
	const struct way *way;
	struct path_step *steps;
	size_t count;
};

/* Why no probe: what the step is. */
#define PATH_TABLE "a table, not code"

#define PATH_NOTES 12

struct path {
	const struct era *era;
	bool is64, live;
	char call[64]; /* whose handlers are shown */
	struct path_way *ways;
	size_t count;
	struct path_cpu cpu;
	struct plan plan;
	bool planned;
	struct sg_error plan_error; /* why not */
	/* What could not be seen, and what would show it. */
	char notes[PATH_NOTES][256];
	size_t notes_count;
};

/* Zeroed: the running kernel, every call. */
struct path_ask {
	const char *kallsyms;	 /* a symbol table; NULL: the running kernel's */
	const char *blacklist;	 /* NULL: the running kernel's; none of another */
	const char *functions;	 /* available_filter_functions; NULL: the running kernel's */
	struct debuginfo *debug; /* NULL: none */
	uint64_t debug_stext;	 /* where the text begins by it */
	const char *tracefs;	 /* where it is reached; NULL: nowhere */
	const char *call;	 /* whose handlers are shown; NULL: getppid's */
	int attach;		 /* enum plan_attach */
	const struct callset *calls;
	const struct syscalls *names;
};

/*
 * 0; -ENOENT: the table is no x86 kernel's that is known; -EPERM: its addresses are hidden; or what
 * symtab_new() says. The caller releases p with path_fini() in each case.
 */
int path_read(struct path *p, const struct path_ask *ask, struct sg_error *e);
void path_fini(struct path *p);

__attribute__((format(printf, 2, 3))) void path_note(struct path *p, const char *fmt, ...);

#endif
