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
#include <linux/ioctl.h>
#include <linux/types.h>
typedef u8 __sg_u8;
typedef u16 __sg_u16;
typedef u32 __sg_u32;
typedef s32 __sg_s32;
typedef u64 __sg_u64;
#else
#include <stdint.h>
#include <sys/ioctl.h>
typedef uint8_t __sg_u8;
typedef uint16_t __sg_u16;
typedef uint32_t __sg_u32;
typedef int32_t __sg_s32;
typedef uint64_t __sg_u64;
#endif

#define SYSGATE_ABI_VERSION 3

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

/* Every label at which a part of a stub begins, from 4.2 on, with its gate: rows of a table. */
#define SYSGATE_STUBS                                                             \
	{ "entry_SYSCALL_64", SYSGATE_GATE_SYSCALL },                             \
		{ "entry_SYSCALL_64_safe_stack", SYSGATE_GATE_SYSCALL },          \
		{ "entry_SYSCALL_64_after_hwframe", SYSGATE_GATE_SYSCALL },       \
		{ "entry_SYSENTER_compat", SYSGATE_GATE_SYSENTER },               \
		{ "entry_SYSENTER_compat_after_hwframe", SYSGATE_GATE_SYSENTER }, \
		{ "entry_SYSENTER_32", SYSGATE_GATE_SYSENTER },                   \
		{ "entry_SYSCALL_compat", SYSGATE_GATE_SYSCALL32 },               \
		{ "entry_SYSCALL_compat_safe_stack", SYSGATE_GATE_SYSCALL32 },    \
		{ "entry_SYSCALL_compat_after_hwframe", SYSGATE_GATE_SYSCALL32 }, \
		{ "entry_INT80_compat", SYSGATE_GATE_INT80 },                     \
		{ "asm_int80_emulation", SYSGATE_GATE_INT80 },                    \
		{ "entry_INT80_32", SYSGATE_GATE_INT80 },                         \
		{ "asm_fred_entrypoint_user", SYSGATE_GATE_FRED },                \
		{ "asm_fred_exit_user", SYSGATE_GATE_FRED },

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

/*
 * ---- /dev/sysgate ----
 *
 * Opened for writing by one collector, which configures and attaches; opened for reading by any
 * number. Everything is detached when the writer closes, however it ends. What follows is mapped
 * read-only at these offsets, of the sizes that struct sysgate_info gives:
 *
 *   0                                   the table of whos: whos_max of struct sysgate_who
 *   SYSGATE_MAP_SITES                   with SYSGATE_BY_SITE: sites_max of struct sysgate_site
 *   SYSGATE_MAP_CPU(i)                  CPU i's pool: cells and histogram octaves
 *
 * All fields are little-endian as x86 is; none moves between 32- and 64-bit kernels.
 */
#define SYSGATE_MAGIC	   0x65746167737973ULL /* "sysgate" */
#define SYSGATE_MAP_STRIDE (1ULL << 27)
#define SYSGATE_MAP_SITES  (1ULL << 26)
#define SYSGATE_MAP_CPU(i) (SYSGATE_MAP_STRIDE * ((__sg_u64)(i) + 1))
#define SYSGATE_OCTAVES	   62 /* by the time's highest bit, from 3 on; one to spare */
#define SYSGATE_OCTAVE_LOW 3

/* What cells are told apart by, beyond gate, ABI and number. */
#define SYSGATE_BY_ERRNO   1u
#define SYSGATE_BY_PROCESS 2u
#define SYSGATE_BY_TASK	   4u
#define SYSGATE_BY_SITE	   8u /* alone or with errno: a cell's who is then an index of sites */

/*
 * The statistics of one key on one CPU. Cells form a list from the pool's first one on, the newest
 * first. The calls that were counted are the sum of exits[] plus never_returned.
 *
 * octave[b - SYSGATE_OCTAVE_LOW] leads to the eight u64 buckets of the times from 2^b to 2^(b+1) -
 * 1 ns: they lie 8 * octave bytes after the cell's beginning; 0: there was none. Times below 8 ns
 * are in the first one.
 *
 * seq is odd while a 32-bit kernel writes, whose 64-bit numbers would tear; a 64-bit kernel leaves
 * it 0. A reader reads the cell between two equal even values.
 */
struct sysgate_cell {
	__sg_s32 nr;
	__sg_u16 err;
	__sg_u8 gate, abi;
	__sg_u32 who;  /* index into the table of whos */
	__sg_u32 next; /* bytes from the pool's beginning; 0: the last one */
	__sg_u64 total_ns;
	__sg_u64 min_ns, max_ns; /* min is ~0 while nothing was timed */
	__sg_u64 sumsq_low, sumsq_high;
	__sg_u64 errors;

	__sg_u64 exits[SYSGATE_EXITS];
	__sg_u64 restarts;
	__sg_u64 never_returned;
	__sg_u64 wait_ns; /* of total_ns: off the CPU */

	__sg_u32 octave[SYSGATE_OCTAVES];
	__sg_u32 seq;
	__sg_u32 padding;
};

/* The head of a CPU's pool. */
struct sysgate_pool {
	__sg_u32 first; /* cell, bytes from the pool's beginning; 0: none */
	__sg_u32 used;	/* bytes */
	__sg_u32 size;
	__sg_u32 padding[13];
};

/* An image of a process (or with SYSGATE_BY_TASK a task), as cells refer to it; [0] is nobody. */
struct sysgate_who {
	__sg_s32 tgid;
	__sg_s32 tid; /* 0: all of the process's */
	__sg_u32 uid;
	__sg_u32 birth;	 /* index of the first image of the same process */
	__sg_u64 cgroup; /* id in the unified hierarchy: the inode of its directory; 0: not known */
	char comm[16];
	__sg_u64 padding[3];
};

/*
 * Where in user code a call comes from: the address behind the instruction that entered, and what
 * that returns to, one level or two, where the program's own text is not reached before. The code
 * that returns has to be no more than a stub's end (see site.c); what it does not reach is module
 * UNKNOWN at 0. Sites are of all processes; [0] is the one of calls whose site was not seen.
 */
#define SYSGATE_FRAMES 3
struct sysgate_site {
	__sg_u32 module[SYSGATE_FRAMES];
	__sg_u32 flags;
	__sg_u64 offset[SYSGATE_FRAMES]; /* in the module's file or image; else the address */
	__sg_u64 padding[3];
};
#define SYSGATE_SITE_32 1u /* of 32-bit code */
#define SYSGATE_SITE_OPEN \
	2u /* the last frame is not the program's, and it was not told who called it */

/* Modules that are no files. */
enum sysgate_module_kind {
	SYSGATE_MODULE_UNKNOWN = 0, /* nothing is mapped there, or the table of modules is full */
	SYSGATE_MODULE_VDSO = 1,
	SYSGATE_MODULE_VDSO32 = 2,
	SYSGATE_MODULE_ANONYMOUS = 3, /* memory without a file, as of a compiler that runs */
	SYSGATE_MODULE_FILES
};

/* SYSGATE_MODULE: the path of a module's file, as it is now. -ENOENT: there is no such module. */
struct sysgate_module {
	__sg_u32 module;
	__sg_u32 padding;
	__sg_u64 inode, size; /* by which another file at that path is told from it */
	char path[1000];      /* with " (deleted)" behind it where it is; "": it is too long */
};

/* SYSGATE_INFO: what the module is. */
struct sysgate_info {
	__sg_u64 magic;
	__sg_u32 version;
	__sg_u32 cpus; /* possible ones: that many pools */
	__sg_u32 whos_max;
	__sg_u32 pool_bytes;
	__sg_u32 stamps_max; /* tasks that can be followed at once */
	__sg_u32 attached;
	__sg_u32 clock; /* 0: the kernel's, 1: the time stamp counter */
	__sg_u32 sites_max;
	__sg_u64 memory_once, memory_cpu; /* bytes of kernel memory */
};

/* SYSGATE_COUNTERS: sums over all CPUs since the attach. */
struct sysgate_counters {
	__sg_u64 entries;
	__sg_u64 in_flight;			   /* tasks in a call that counts */
	__sg_u64 now_ns, attached_ns, detached_ns; /* the module's clock; 0: not (yet) */
	__sg_u64 pool_full;			   /* exits that found no room for a cell */
	__sg_u64 stamps_full;			   /* entries of tasks that found no room */
	__sg_u64 whos_full;	/* images that found no room: counted under nobody */
	__sg_u64 suppressed;	/* exits whose entry seccomp or ptrace kept away */
	__sg_u64 before_attach; /* exits of calls entered before the attach */
	__sg_u64 stamps_lost;	/* entries whose exit did not come before the next entry */
	__sg_u64 probes_missed; /* calls that no kretprobe instance was free for */
	__sg_u64 abi_unknown;
	__sg_u64 whos;	       /* used ones */
	__sg_u64 sites;	       /* used ones */
	__sg_u64 sites_full;   /* calls whose site or module found no room */
	__sg_u64 sites_unseen; /* calls whose process was just changing its memory's layout */
	__sg_u64 padding;
};

struct sysgate_range {
	__sg_u64 start, end; /* [start, end) */
	__sg_u32 gate;
	__sg_u32 padding;
};
#define SYSGATE_RANGES 16

/* Where a kretprobe goes. */
struct sysgate_point {
	char symbol[64];
	__sg_u8 dispatcher; /* its arguments are the registers and the number of a call of abi */
	__sg_u8 abi;
	__sg_u8 padding[2];
	__sg_u32 instances; /* calls that can be in it at once */
};

enum sysgate_attach {
	SYSGATE_ATTACH_TRACEPOINT = 1,
	SYSGATE_ATTACH_KPROBE = 2,
};

#define SYSGATE_FILTER_MAX   64
#define SYSGATE_FILTER_CALLS 1024 /* numbers of an ABI that a set can name */

/* SYSGATE_CONFIGURE: everything that an attach does. Pointers are user addresses. */
struct sysgate_config {
	__sg_u32 version;
	__sg_u32 attach;
	__sg_u32 by; /* SYSGATE_BY_ bits */
	__sg_u8 count_only, wait, self, tree;
	__sg_u32 ranges_count, points_count;
	struct sysgate_range ranges[SYSGATE_RANGES];
	__sg_u64 points; /* of struct sysgate_point */
	__sg_u32 net_ns; /* taken off every time */
	__sg_u32 padding32;
	/* Whom: every kind that has any must match. */
	__sg_u64 tids; /* of __sg_s32: with tree, these tasks and all that they fork */
	__sg_u32 tids_count;
	__sg_u32 uids_count, cgroups_count, comms_count;
	__sg_u32 uids[SYSGATE_FILTER_MAX];
	__sg_u64 cgroups[SYSGATE_FILTER_MAX]; /* ids; what lies below them matches too */
	char comms[SYSGATE_FILTER_MAX][16];
	/* What: with calls_set a call counts whose bit is set in calls[ABI]; other numbers: others
	 */
	__sg_u8 calls_set, calls_others, gates_set;
	__sg_u8 kernel_tsc; /* the kernel keeps time by the time stamp counter */
	__sg_u32 gates;	    /* bits of enum sysgate_gate, with gates_set */
	__sg_u64 calls[SYSGATE_ABIS][SYSGATE_FILTER_CALLS / 64];
};

/* A call that was entered and not left. */
struct sysgate_in_flight {
	__sg_s32 tgid, tid;
	__sg_s32 nr;
	__sg_u8 gate, abi, padding[2];
	__sg_u64 since_ns; /* the module's clock */
	char comm[16];
};

/* SYSGATE_IN_FLIGHT: fills calls (a user address) with up to max; count: how many there are. */
struct sysgate_in_flight_list {
	__sg_u64 calls;
	__sg_u32 max, count;
};

/* SYSGATE_CALIBRATE: what lies between the two readings of the clock when the call takes nothing.
 */
struct sysgate_calibration {
	__sg_u64 inside_ps;  /* picoseconds inside of each reported latency */
	__sg_u64 outside_ps; /* of both handlers, besides */
};

#define SYSGATE_INFO	  _IOR('G', 1, struct sysgate_info)
#define SYSGATE_CONFIGURE _IOW('G', 2, struct sysgate_config)
#define SYSGATE_ATTACH	  _IO('G', 3)
#define SYSGATE_DETACH	  _IO('G', 4)
#define SYSGATE_COUNTERS  _IOR('G', 5, struct sysgate_counters)
#define SYSGATE_IN_FLIGHT _IOWR('G', 6, struct sysgate_in_flight_list)
#define SYSGATE_CALIBRATE _IOR('G', 7, struct sysgate_calibration)
#define SYSGATE_MODULE	  _IOWR('G', 8, struct sysgate_module)

#endif
