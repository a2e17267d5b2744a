/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a run tells of its own noise: it is cut into blocks of time, and how a time differs from
 * block to block says how sure it is. Kept are sums for each limit of a time, and for each row that
 * is compared with a baseline.
 */
#ifndef SYSGATE_BUDGET_NOISE_H
#define SYSGATE_BUDGET_NOISE_H

#include "budget/budget.h"
#include "collector/estimate.h"

/* So many blocks at most; then two become one, and an interval is twice as long. */
#define NOISE_BLOCKS 64

struct noise_sums {
	double num[NOISE_BLOCKS], den[NOISE_BLOCKS];
};

struct noise_row {
	struct key key;
	char comm[16];
	struct noise_sums sums; /* of the median time */
};

struct noise {
	const struct budget *budget;
	struct noise_sums *limits; /* of each limit of the budget */
	struct noise_row **rows;   /* sorted */
	size_t rows_count;
	double seconds[NOISE_BLOCKS];
	size_t blocks;
};

/* 0 or -ENOMEM. */
int noise_init(struct noise *n, const struct budget *b);
void noise_fini(struct noise *n);
/*
 * Adds what came in an interval as a block. 0 or -ENOMEM; *folded: from now on an interval is to be
 * twice as long.
 */
int noise_add(struct noise *n, const struct snapshot *delta, bool *folded);

/*
 * The noise of a limit's figure, which has that value: in its own unit. cell: the sum of the calls
 * that it speaks of; calls: so many were made, in that many seconds. *by_calls: it was too short to
 * be cut, and the noise is what the single calls give.
 */
double noise_of_limit(const struct noise *n, size_t limit, const struct cell *cell, double value,
		      double seconds, bool *by_calls);
/* The median time of a row's calls, c; .known is false where there are too few. */
struct estimate noise_of_row(const struct noise *n, const struct key *key, const char *comm,
			     const struct cell *c);

#endif
