/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The way in and out by kernel: which functions a call goes through at each gate, in order. */
#ifndef SYSGATE_TARGET_ERAS_H
#define SYSGATE_TARGET_ERAS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "target/symtab.h"

enum way_stage {
	WAY_CPU,      /* where the CPU is told to go */
	WAY_STUB,     /* assembly: registers become struct pt_regs */
	WAY_ENTRY,    /* C, up to the table of calls */
	WAY_WORK_IN,  /* ptrace, seccomp, tracepoints: only where asked for */
	WAY_DISPATCH, /* by number */
	WAY_HANDLER,
	WAY_WORK_OUT,
	WAY_EXIT, /* assembly: back to the user's registers */
	WAY_STAGES
};

enum way_flag {
	WAY_OPTIONAL = 1 << 0,	  /* not in each kernel of the era: left out where it is not */
	WAY_TRACEPOINT = 1 << 1,  /* a tracepoint fires here, no function is called */
	WAY_CALL_HANDLER = 1 << 2 /* the handler of the call that is asked for */
};

/* Where the CPU reads the address of a stub. */
enum way_source {
	WAY_FROM_NONE,
	WAY_FROM_SYSENTER, /* MSR IA32_SYSENTER_EIP */
	WAY_FROM_LSTAR,
	WAY_FROM_CSTAR,
	WAY_FROM_IDT, /* vector 0x80 */
	WAY_FROM_FRED /* MSR IA32_FRED_CONFIG */
};

struct way_row {
	uint8_t stage, flags;
	const char *names; /* parted by blanks: the first that the kernel has */
	const char *what;
	const char *unsafe; /* why no probe may be put there, whatever the kernel says; or NULL */
};

struct way {
	uint8_t gate, abi, from;
	const char *instruction;
	const char *back; /* by which instruction it goes back, and when */
	const struct way_row *rows;
	size_t count;
};

struct era {
	const char *name;    /* "x86_64 with FRED" */
	const char *kernels; /* "6.9 and later" */
	bool is64;
	const char *has;   /* a symbol that tells it, of several parted by blanks any; */
	const char *lacks; /* and none of these; or NULL */
	const struct way *ways;
	size_t count;
};

/* The era of a symbol table; NULL: none that is known. */
const struct era *era_of(const struct symtab *t);

/* "cpu", "stub" and so on. */
const char *way_stage_name(int stage);

#endif
