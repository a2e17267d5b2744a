/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sinks write views: table, json, csv, openmetrics. Nothing but a sink prints data. */
#ifndef SYSGATE_SINK_SINK_H
#define SYSGATE_SINK_SINK_H

#include <stdio.h>

#include "base/error.h"
#include "stats/view.h"
#include "target/syscalls.h"

/* Which delta of a stream a view is. */
struct stream_mark {
	uint64_t seq;	 /* 0, 1, .. */
	uint64_t merged; /* intervals before this one that are in it, since nobody took them */
};

struct sink_options {
	const struct syscalls *names;
	unsigned int width; /* columns of the terminal; 0: no limit (not a terminal) */
	bool colour;
	bool in_flight;			/* table: list the calls in flight */
	bool header;			/* csv: false after the first view of a stream */
	const struct stream_mark *mark; /* NULL: no stream */
	const struct openmetrics_options *openmetrics; /* NULL: the defaults */
};

struct sink {
	const char *name; /* "json" */
	const char *help;
	unsigned int group; /* GROUP_ bits that it wants of a view beside those asked for */
	bool cumulative;    /* its figures only grow: it takes snapshots, no deltas */
	/* Writes one view to out. 0 or -errno; the caller flushes and checks out. */
	int (*write)(FILE *out, const struct view *v, const struct sink_options *o);
};

extern const struct sink sink_table, sink_json, sink_csv, sink_openmetrics;

/* In the order in which help shows them. */
extern const struct sink *const sinks[];
extern const size_t sinks_count;
const struct sink *sink_by_name(const char *name); /* NULL: none */

/*
 * Where a sink writes. A regular FILE appears under its name only when it is whole: it is written
 * without a name (or under a temporary one) and linked by output_commit().
 */
struct output {
	FILE *file;
	char *path;	 /* NULL: stdout */
	char *temporary; /* its name while it has one of its own */
	bool direct;	 /* not a regular file: written in place */
};

/* "json", "json:FILE", "csv", "table:FILE". 0 or -EINVAL/-errno. */
int output_parse(const char *text, const struct sink **sink, char **path, struct sg_error *e);
int output_open(struct output *o, const char *path, struct sg_error *e);
/* Flushes; an error (full disk, closed pipe) comes back as -errno. */
int output_flush(struct output *o, struct sg_error *e);
/* What a writer returned: 0, or -errno with the stream's own reason told before the writer's. */
int output_wrote(const struct output *o, int err, const char *what, struct sg_error *e);
/* Makes the file appear. Without it output_close() leaves nothing behind. */
int output_commit(struct output *o, struct sg_error *e);
void output_close(struct output *o);

/* The terminal's width for out: COLUMNS, else the terminal's own; 0 when it is not a terminal. */
unsigned int output_width(const struct output *o);

/* "1.25 us", "12.0 s": three significant digits at most, in buf. */
const char *format_time(char *buf, size_t size, uint64_t ns);
/* "1,234,567". */
const char *format_count(char *buf, size_t size, uint64_t n);

#endif
