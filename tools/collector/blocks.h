/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One recording in blocks of intervals: per row the sums that a figure's noise is learned from. */
#ifndef SYSGATE_COLLECTOR_BLOCKS_H
#define SYSGATE_COLLECTOR_BLOCKS_H

#include "collector/compare.h"
#include "collector/estimate.h"

/* A recording is cut into at most about that many. */
#define BLOCKS_MOST 64
/* Of fewer no noise is learned. */
#define BLOCKS_LEAST ESTIMATE_LEAST

/* A figure of one block is num / den. */
struct block {
	double num[COMPARE_FIGURES], den[COMPARE_FIGURES];
};

struct blocks_row {
	struct cell sum; /* .key is the row's */
	struct proc proc;
	struct block *blocks; /* as many as the recording has */
};

struct blocks {
	unsigned int group;
	struct compare_side *side;
	struct blocks_row **rows; /* sorted */
	size_t rows_count;
	double *seconds; /* of each block */
	size_t count;
};

/* 0 or -errno; to be released in any case. side is filled. */
int blocks_read(struct blocks *b, struct recording *r, const struct recording_range *range,
		const struct compare_options *o, struct compare_side *side, struct sg_error *e);
void blocks_fini(struct blocks *b);
int blocks_order(unsigned int group, const struct blocks_row *a, const struct blocks_row *b);

#endif
