/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A recording: one SQLite file of packed deltas (see pack.h), of one run of sysgate or of several.
 *
 *   table run       where and how it was measured; one row each time that record was started
 *   table delta     what was counted from start_ns for duration_ns: an interval, or several that
 *                   were folded into one
 *
 * Here are what its reader and its writer (store.h) share, and the reader. What is read may be of
 * anybody's making: a file whose schema is not this one, to the letter, is refused.
 */
#ifndef SYSGATE_COLLECTOR_RECORDING_H
#define SYSGATE_COLLECTOR_RECORDING_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "stats/snapshot.h"

#define RECORDING_ID	  0x53474154 /* "SGAT" */
#define RECORDING_VERSION 1
/* More rows than that are not recorded. */
#define RECORDING_ROWS 200000

/* The statements that make the tables; NULL ends them. */
extern const char *const recording_schema[];

/* Reads db's schema and refuses what is none of recording_schema. 0, -EINVAL, or -errno. */
int recording_check(sqlite3 *db, const char *path, struct sg_error *e);
/* What db failed with, in words; -errno. */
int recording_error(sqlite3 *db, int code, const char *doing, const char *path, struct sg_error *e);
/* Opens path with flags of sqlite3_open_v2(), distrusting what is in it. 0 or -errno. */
int recording_connect(sqlite3 **db, const char *path, int flags, struct sg_error *e);

/* A row of the table delta. data is lent for the time of the call. */
struct recording_row {
	int64_t id, run;
	uint64_t start_ns, duration_ns; /* CLOCK_REALTIME */
	uint64_t intervals;		/* how many it was folded of */
	const void *data;		/* NULL when it was not asked for */
	size_t size;
};

typedef int (*recording_fn)(const struct recording_row *row, void *data, struct sg_error *e);

/*
 * Hands on each row in the order in which they were recorded. packed: with its data. 0, -errno, or
 * what fn returned to end it.
 */
int recording_rows(sqlite3 *db, const char *path, bool packed, recording_fn fn, void *data,
		   struct sg_error *e);

struct recording;

/* Which rows: those that begin at from or later, and before to; nanoseconds, CLOCK_REALTIME. */
struct recording_range {
	uint64_t from, to;
};

/* Opens it to read; nothing is written. 0, -EINVAL: it is no recording; -errno. */
int recording_open(struct recording **out, const char *path, struct sg_error *e);
void recording_close(struct recording *r);
const char *recording_path(const struct recording *r);
/* When its first row begins and its last one ends; -ENODATA: it has none. */
int recording_extent(struct recording *r, struct recording_range *out, struct sg_error *e);
/* As recording_rows(), of a range, with data. */
int recording_each(struct recording *r, const struct recording_range *range, recording_fn fn,
		   void *data, struct sg_error *e);
/*
 * Hands on the first row whose id is larger than after, as it is by now: nothing is locked from one
 * call to the next. 0; -ENODATA: there is none; -errno, or what fn returned.
 */
int recording_next(struct recording *r, int64_t after, recording_fn fn, void *data,
		   struct sg_error *e);
/* Fills where and how run was measured into s: host, kernel, engine, .. 0 or -errno. */
int recording_name_run(struct recording *r, int64_t run, struct snapshot *s, struct sg_error *e);

#endif
