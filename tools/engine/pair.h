/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Pairs entries with exits, task by task, and folds each pair into its cell. Knows nothing of where
 * the events come from; they must be in the order of time for each task.
 */
#ifndef SYSGATE_ENGINE_PAIR_H
#define SYSGATE_ENGINE_PAIR_H

#include "engine/tasks.h"
#include "stats/cells.h"
#include "target/gates.h"

/* Numbers of the known tables; others are found by hash. */
#define PAIR_FAST_CALLS 512

struct pair_options {
	struct engine_filter filter;
	uint32_t dims;
	size_t cells_max;	   /* 0: default */
	bool merge_procs;	   /* processes that differ by their ids alone are one */
	const struct gates *gates; /* NULL: entries and exits come without a gate */
	bool gate_late;		   /* the gate comes after the exit, by pair_gate() */
	/* pair_dispatch() tells every ABI: what is never dispatched can be of either in 64-bit
	 * code. */
	bool abi_by_dispatch;
	/* ns = ticks * mult >> shift; both 0: the trace clock is in ns. */
	uint32_t mult;
	uint16_t shift;
};

struct pair {
	struct tasks tasks;
	struct pair_options options;
	struct cells cells;
	struct cell **fast[SYSGATE_ABIS][SYSGATE_GATES]; /* by number; without dims only */
	uint64_t gate_address;				 /* the last one classified, and as what */
	uint8_t gate;
	uint64_t lost_before; /* ticks; what was entered before that may have ended unseen */
	struct conservation conservation;
	struct loss loss;
	bool procs_full; /* some are counted as "not known", for want of cells */
};

int pair_init(struct pair *p, const struct pair_options *o);
void pair_fini(struct pair *p);

/*
 * A call was entered at ts by task tid, which t is (NULL: not known). address: the return address
 * below pt_regs, 0 when it is not known.
 */
static inline void pair_enter(struct pair *p, struct task *t, pid_t tid, uint64_t ts, int64_t nr,
			      uint64_t address);
/* ... and left. nr: orig_ax at the exit, which is -1 after sigreturn and another after exec. */
static inline void pair_exit(struct pair *p, struct task *t, pid_t tid, uint64_t ts, int64_t nr,
			     int64_t ret, uint64_t address);
/* The dispatcher was called: the entry itself, or more on an entry that was already seen. */
void pair_dispatch(struct pair *p, pid_t tid, uint64_t ts, int64_t nr, uint64_t address, int abi);
/* The gate of the call that the task has just left, with gate_late. */
void pair_gate(struct pair *p, pid_t tid, uint64_t address);

void pair_fork(struct pair *p, pid_t parent, pid_t child, bool thread);
void pair_exec(struct pair *p, pid_t old_tid, pid_t tid, const char *path);
void pair_task_exit(struct pair *p, pid_t tid, uint64_t ts);
/* Events were lost before ts. */
void pair_gap(struct pair *p, uint64_t ts);

/* Leaves a task out: the collector itself. */
void pair_ignore(struct pair *p, pid_t tid);
/* A task that was there before the attach, in call nr (-1: in none, or not known). */
void pair_before(struct pair *p, pid_t tid, int32_t nr, uint64_t ts);

/* A span of the trace clock in nanoseconds. */
static inline uint64_t pair_ns(const struct pair *p, uint64_t ticks)
{
	uint32_t mult = p->options.mult;
	uint16_t shift = p->options.shift;

	if (!mult)
		return ticks;
	/* In two parts, because the product of a long span has more than 64 bits. */
	return (ticks >> shift) * mult + (((ticks & ((1ULL << shift) - 1)) * mult) >> shift);
}

/* Adds cells, processes, calls in flight (as of now, ticks), conservation and losses. */
int pair_snapshot(struct pair *p, uint64_t now, struct snapshot *s);

#include "engine/pair_inline.h"

#endif
