/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside eras: the ways of each, and the rows that eras share. */
#ifndef SYSGATE_TARGET_ERAS_INTERNAL_H
#define SYSGATE_TARGET_ERAS_INTERNAL_H

#include "target/eras.h"

#define WAYS_64_FRED	  5 /* the four of NOINSTR, and FRED's */
#define WAYS_64_NOINSTR	  4
#define WAYS_64_WRAPPED	  4
#define WAYS_64_REWRITTEN 4
#define WAYS_64_ASSEMBLY  4
#define WAYS_32_NOINSTR	  2
#define WAYS_32_REWRITTEN 2
#define WAYS_32_TARGET	  2
#define WAYS_32_FIRST	  2

extern const struct way ways_64_noinstr[], ways_64_wrapped[], ways_64_rewritten[],
	ways_64_assembly[];
extern const struct way ways_32_noinstr[], ways_32_rewritten[], ways_32_target[], ways_32_first[];

#define WAY(gate_, abi_, from_, instruction_, rows_, back_)                                        \
	{                                                                                          \
		.gate = SYSGATE_GATE_##gate_, .abi = SYSGATE_ABI_##abi_, .from = WAY_FROM_##from_, \
		.instruction = instruction_, .back = back_, .rows = rows_,                         \
		.count = ARRAY_SIZE(rows_),                                                        \
	}

#define STUB(names_, what_)                      \
	{                                        \
		WAY_STUB, 0, names_, what_, NULL \
	}
#define STUB_IF(names_, what_)                              \
	{                                                   \
		WAY_STUB, WAY_OPTIONAL, names_, what_, NULL \
	}
#define STUB_UNSAFE(names_, what_, why_)         \
	{                                        \
		WAY_STUB, 0, names_, what_, why_ \
	}
#define ENTRY(names_, what_)                      \
	{                                         \
		WAY_ENTRY, 0, names_, what_, NULL \
	}
#define ENTRY_IF(names_, what_)                              \
	{                                                    \
		WAY_ENTRY, WAY_OPTIONAL, names_, what_, NULL \
	}
#define WORK_IN_IF(names_, what_)                              \
	{                                                      \
		WAY_WORK_IN, WAY_OPTIONAL, names_, what_, NULL \
	}
#define DISPATCH(names_, what_)                      \
	{                                            \
		WAY_DISPATCH, 0, names_, what_, NULL \
	}
#define DISPATCH_IF(names_, what_)                              \
	{                                                       \
		WAY_DISPATCH, WAY_OPTIONAL, names_, what_, NULL \
	}
#define HANDLER                                                          \
	{                                                                \
		WAY_HANDLER, WAY_CALL_HANDLER, "", "does the call", NULL \
	}
#define WORK_OUT(names_, what_)                      \
	{                                            \
		WAY_WORK_OUT, 0, names_, what_, NULL \
	}
#define WORK_OUT_IF(names_, what_)                              \
	{                                                       \
		WAY_WORK_OUT, WAY_OPTIONAL, names_, what_, NULL \
	}
#define EXIT(names_, what_)                      \
	{                                        \
		WAY_EXIT, 0, names_, what_, NULL \
	}
#define EXIT_IF(names_, what_)                              \
	{                                                   \
		WAY_EXIT, WAY_OPTIONAL, names_, what_, NULL \
	}

/* The tracepoints exist from 2.6.32 on; the names are of what tells it. */
#define SYS_ENTER                                                                       \
	{                                                                               \
		WAY_WORK_IN, WAY_OPTIONAL | WAY_TRACEPOINT,                             \
			"__traceiter_sys_enter __tracepoint_sys_enter syscall_regfunc", \
			"the tracepoint at each call's entry", NULL                     \
	}
#define SYS_EXIT                                                                      \
	{                                                                             \
		WAY_WORK_OUT, WAY_OPTIONAL | WAY_TRACEPOINT,                          \
			"__traceiter_sys_exit __tracepoint_sys_exit syscall_regfunc", \
			"the tracepoint at each call's exit", NULL                    \
	}

#endif
