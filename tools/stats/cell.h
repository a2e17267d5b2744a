/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A cell: the statistics of one key. */
#ifndef SYSGATE_STATS_CELL_H
#define SYSGATE_STATS_CELL_H

#include <stdbool.h>
#include <stdint.h>

#include "sysgate_abi.h"

/* What a cell counts. A dimension that the engine was not asked to split by is 0. */
struct key {
	uint8_t abi;   /* enum sysgate_callabi */
	uint8_t gate;  /* enum sysgate_gate */
	uint16_t err;  /* errno of the return, with DIM_ERRNO */
	int32_t nr;    /* the call's number in its ABI's table, x32's without bit 30 */
	uint32_t proc; /* index into the snapshot's processes, with DIM_PROC; sites: DIM_SITE */
};

/* What an engine splits by, beyond ABI, gate and call. */
enum {
	DIM_ERRNO = 1 << 0,
	DIM_PROC = 1 << 1,
	DIM_TASK = 1 << 2, /* with DIM_PROC: a process's tasks apart */
	DIM_SITE = 1 << 3, /* without DIM_PROC, in whose place it is: where in user code */
};

/*
 * count is the calls that ended: those with an exit and those that never return (exit, exit_group,
 * a task that died in the call). The times are of the former alone: count - never_returned -
 * untimed.
 */
struct cell {
	struct key key;
	uint64_t count;
	uint64_t errors;	 /* returned -1 .. -4095, but for the restart codes */
	uint64_t restarts;	 /* returned -512 .. -516: interrupted, to be entered again */
	uint64_t never_returned; /* died in the call */
	uint64_t untimed;	 /* returned, but nobody timed it */
	uint64_t total_ns;
	uint64_t wait_ns; /* of total_ns: off the CPU, where that is known */
	double sumsq_ns;  /* sum of the squares, for the deviation */
	uint64_t min_ns;  /* UINT64_MAX while nothing was timed */
	uint64_t max_ns;
	bool min_estimated, max_estimated; /* taken from the histogram's edges (a delta) */
	uint64_t exits[SYSGATE_EXITS];
	uint64_t hist[SYSGATE_HIST_BUCKETS];
};

void cell_init(struct cell *c, const struct key *key);
/* Calls of c whose time is known. */
static inline uint64_t cell_timed(const struct cell *c)
{
	return c->count - c->never_returned - c->untimed;
}
/* Adds what other counted; the keys are not compared. */
void cell_add(struct cell *c, const struct cell *other);
/*
 * Takes earlier, a former state of the same cell, off c. The extremes of the difference are c's
 * where they moved in between, else the histogram's edges, and are marked as estimated.
 */
void cell_sub(struct cell *c, const struct cell *earlier);

double cell_mean_ns(const struct cell *c);
double cell_deviation_ns(const struct cell *c);
/* Such a time in whole nanoseconds; at most INT64_MAX, since damaged sums give any. */
uint64_t cell_whole_ns(double ns);
/*
 * A time that at least the fraction q (0..1) of the timed calls did not exceed: the upper edge of
 * the bucket, or the maximum where that is less; 0 when nothing was timed. Never finer than the
 * bucket (12.5 %).
 */
uint64_t cell_quantile_ns(const struct cell *c, double q);
/* The same as if the times in a bucket were spread evenly: for telling a change of it. */
double cell_even_quantile_ns(const struct cell *c, double q);

int key_compare(const struct key *a, const struct key *b);

#endif
