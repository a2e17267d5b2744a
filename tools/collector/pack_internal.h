/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The marks of a packed snapshot: between pack.c, which writes them, and tally.c. */
#ifndef SYSGATE_COLLECTOR_PACK_INTERNAL_H
#define SYSGATE_COLLECTOR_PACK_INTERNAL_H

#include "stats/snapshot.h"
#include "sysgate_abi.h"

#define PACK_VERSION 1

#define PACK_LOSSES 9
/* The loss that stands at place i of those packed; NULL: there is none any more. */
const struct loss_name *pack_loss(size_t i);

/* flags */
enum {
	PACK_GATE = 1 << 0,
	PACK_EXIT = 1 << 1,
	PACK_WAIT = 1 << 2,
};

/* shape of a cell: what is there */
enum {
	PACK_SAME = 1 << 0, /* ABI and gate of the cell before */
	PACK_ERR = 1 << 1,
	PACK_PROC = 1 << 2,
	PACK_ERRORS = 1 << 3,
	PACK_ENDS = 1 << 4,
	PACK_TIMES = 1 << 5,
	PACK_WAITED = 1 << 6,
};

/* how of the times */
enum {
	PACK_MIN_ESTIMATED = 1 << 0,
	PACK_MAX_ESTIMATED = 1 << 1,
	PACK_MIN = 1 << 2,	 /* else the first bucket's lower edge */
	PACK_MAX_GIVEN = 1 << 3, /* else the last bucket's upper edge */
	PACK_M2 = 1 << 4,	 /* else 0 */
};

/* in the mask of exits: of the single kind the count follows */
#define PACK_EXITS_COUNTED (1U << SYSGATE_EXITS)

/* The longest time that bucket i holds; the last one's has no such. */
static inline __sg_u64 pack_high(unsigned int i)
{
	return i + 1 < SYSGATE_HIST_BUCKETS ? sysgate_hist_low(i + 1) - 1 : ~0ULL;
}

#endif
