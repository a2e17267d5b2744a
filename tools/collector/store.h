/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The writer of a recording: one transaction a delta, bounded in size and age. */
#ifndef SYSGATE_COLLECTOR_STORE_H
#define SYSGATE_COLLECTOR_STORE_H

#include "collector/pack.h"
#include "collector/recording.h"

struct store_limits {
	uint64_t bytes; /* of the file and its log together */
	double seconds; /* what is older is deleted; 0: nothing is */
};

#define STORE_BYTES_LEAST (256UL << 10)

/* A delta on its way into the file. */
struct store_delta {
	uint64_t start_ns, duration_ns;
	uint64_t intervals;
	size_t size; /* of packed */
	unsigned char packed[];
};

struct store;

/*
 * Opens path to add to it, or makes it. An existing one must be a recording. head names where and
 * how it is measured from now on. -EBUSY: another one records into it; -EINVAL: it is something
 * else. A file that was made here goes again when that fails.
 */
int store_open(struct store **out, const char *path, const struct store_limits *limits,
	       const struct snapshot *head, uint64_t interval_ns, struct sg_error *e);
/*
 * Adds a delta in one transaction, which also folds and deletes as much as the limits want. 0 or
 * -errno, in which case the file is as before, and it may be tried again.
 */
int store_add(struct store *st, const struct store_delta *d, struct sg_error *e);
/* Closes; the file is then one alone, without a log beside it. */
void store_close(struct store *st);

#endif
