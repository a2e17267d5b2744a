/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The rows of a recording in memory, without their data: what to fold is chosen by it. */
#ifndef SYSGATE_COLLECTOR_INDEX_H
#define SYSGATE_COLLECTOR_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct index_row {
	int64_t id, run;
	uint64_t start_ns, duration_ns;
	uint64_t intervals;
};

struct index {
	struct index_row *rows; /* in the order in which they were recorded */
	size_t count, room;
};

/* 0 or -ENOMEM. */
int index_add(struct index *x, const struct index_row *row);
void index_remove(struct index *x, size_t i);
void index_fini(struct index *x);

static inline uint64_t index_end(const struct index_row *r)
{
	return r->start_ns + r->duration_ns;
}

/*
 * The row that, with the next one of its run, would make one whose length is the smallest part of
 * its age at now. False when there is none.
 */
bool index_finest(const struct index *x, uint64_t now, size_t *i);

#endif
