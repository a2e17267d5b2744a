/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The contract between the probes and the tools: the only file that both sides compile.
 *
 * Fixed-width types, explicit padding, numbers that never change their meaning. A value may be
 * added before the last one of an enumeration together with a new SYSGATE_ABI_VERSION; none is
 * ever reused.
 */
#ifndef SYSGATE_ABI_H
#define SYSGATE_ABI_H

#ifdef __KERNEL__
#include <linux/types.h>
#else
#include <stdint.h>
typedef uint64_t __sg_u64;
#endif
#ifdef __KERNEL__
typedef u64 __sg_u64;
#endif

#define SYSGATE_ABI_VERSION 1

/* How the CPU entered the kernel. */
enum sysgate_gate {
	SYSGATE_GATE_UNKNOWN = 0,
	SYSGATE_GATE_SYSCALL = 1,   /* 64-bit SYSCALL */
	SYSGATE_GATE_SYSENTER = 2,  /* SYSENTER, from 32-bit code */
	SYSGATE_GATE_SYSCALL32 = 3, /* SYSCALL from 32-bit code (AMD) */
	SYSGATE_GATE_INT80 = 4,	    /* int 0x80, from 32- or 64-bit code */
	SYSGATE_GATE_FRED = 5,
	SYSGATE_GATES
};

/* How it went back. */
enum sysgate_exit {
	SYSGATE_EXIT_UNKNOWN = 0,
	SYSGATE_EXIT_SYSRET = 1,
	SYSGATE_EXIT_SYSEXIT = 2,
	SYSGATE_EXIT_IRET = 3,
	SYSGATE_EXIT_FRED = 4,
	SYSGATE_EXITS
};

/* The table that a call's number is looked up in. */
enum sysgate_callabi {
	SYSGATE_ABI_UNKNOWN = 0,
	SYSGATE_ABI_X86_64 = 1,
	SYSGATE_ABI_I386 = 2,
	SYSGATE_ABI_X32 = 3,
	SYSGATE_ABIS
};

/*
 * The histogram: log-linear, eight buckets an octave, so that a bucket is at most 12.5 % wide.
 *
 *   bucket 0                 0 .. 15 ns
 *   bucket 1 + 8 * o + s     (8 + s) << (o + 1) ns and on, for octave o = 0.. and step s = 0..7
 *   the last bucket          2^43 ns (2.4 hours) and on
 */
#define SYSGATE_HIST_FIRST_BIT 4
#define SYSGATE_HIST_LAST_BIT  43
#define SYSGATE_HIST_BUCKETS   (2 + 8 * (SYSGATE_HIST_LAST_BIT - SYSGATE_HIST_FIRST_BIT))

/* The bucket that holds a time of ns nanoseconds. */
static inline unsigned int sysgate_hist_index(__sg_u64 ns)
{
	unsigned int bit;

	if (ns < (1ULL << SYSGATE_HIST_FIRST_BIT))
		return 0;
	if (ns >> SYSGATE_HIST_LAST_BIT)
		return SYSGATE_HIST_BUCKETS - 1;
	bit = 63 - (unsigned int)__builtin_clzll(ns);
	return 1 + 8 * (bit - SYSGATE_HIST_FIRST_BIT) + (unsigned int)((ns >> (bit - 3)) & 7);
}

/* The shortest time that bucket i holds, in nanoseconds; the next bucket's is its upper edge. */
static inline __sg_u64 sysgate_hist_low(unsigned int i)
{
	if (i == 0)
		return 0;
	i--;
	return (__sg_u64)(8 + i % 8) << (i / 8 + SYSGATE_HIST_FIRST_BIT - 3);
}

#endif
