/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A snapshot or delta in few bytes, as a recording keeps it, and sums of such. Numbers are LEB128
 * varints, what is zero mostly takes no room; pack.c draws the layout. A packed one holds by
 * itself: its cells, the processes that they refer to, conservation and losses. Machine and engine,
 * the calls in flight and notes are not in it.
 */
#ifndef SYSGATE_COLLECTOR_PACK_H
#define SYSGATE_COLLECTOR_PACK_H

#include "base/error.h"
#include "stats/cells.h"
#include "stats/snapshot.h"

/* One is not larger than that. */
#define PACK_MAX (64UL << 20)
/* Beyond that a counter is nonsense, and sums of them could overflow. */
#define PACK_COUNT_MAX ((uint64_t)1 << 60)

/* Bytes that grow. */
struct pack {
	unsigned char *data;
	size_t size, room;
	bool failed; /* out of memory, or larger than PACK_MAX */
};

/* Packs s into p, which is emptied first. 0, -ENOMEM, -EFBIG, or -EINVAL for nonsense figures. */
int pack_snapshot(struct pack *p, const struct snapshot *s);
void pack_fini(struct pack *p);

/* A sum of packed deltas that follow each other. */
struct tally {
	struct snapshot *sum; /* all but its cells */
	struct cells cells;
	uint32_t *procs; /* hash of the sum's processes: index + 1, 0 is free */
	size_t procs_mask;
	bool begun;
	uint64_t in_flight_ended; /* at the ends of former runs */
};

#define TALLY_CELLS_MAX (1UL << 20)

/* 0 or -ENOMEM. */
int tally_init(struct tally *t);
void tally_fini(struct tally *t);
/*
 * Adds a packed delta. new_run: it does not go on where the one before ended. 0, -ENOMEM, or
 * -EINVAL with what is wrong with it; t is of no use after an error.
 */
int tally_add(struct tally *t, const void *data, size_t size, bool new_run, struct sg_error *e);
/* Takes the sum out, cells sorted; the caller frees it. NULL: no memory. */
struct snapshot *tally_take(struct tally *t);
/* One packed delta, alone. The caller frees it. 0, -ENOMEM, or -EINVAL with what is wrong. */
int unpack_snapshot(const void *data, size_t size, struct snapshot **out, struct sg_error *e);

#endif
