/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A table of cells by key, bounded in memory. */
#ifndef SYSGATE_STATS_CELLS_H
#define SYSGATE_STATS_CELLS_H

#include <stddef.h>

#include "stats/cell.h"

/* Cells lie in chunks of that many, all full but the last. */
#define CELLS_CHUNK 32

struct cells {
	struct cell **slots; /* open addressing; a power of two of them, at most half full */
	size_t mask;
	size_t count, max;
	struct cell *chunk; /* the next free ones, and how many */
	size_t chunk_free;
	struct cell **chunks;
	size_t chunks_count;
};

/* max: how many cells it may grow to. 0 or -ENOMEM. */
int cells_init(struct cells *t, size_t max);
void cells_fini(struct cells *t);
/* The key's cell; NULL: there is none. */
struct cell *cells_find(const struct cells *t, const struct key *key);
/* The same, made when it is new; NULL when the table is full or memory is out. */
struct cell *cells_get(struct cells *t, const struct key *key);

#endif
