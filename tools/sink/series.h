/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The series of OpenMetrics, one a label set, made from a view's rows: for openmetrics.c alone. */
#ifndef SYSGATE_SINK_SERIES_H
#define SYSGATE_SINK_SERIES_H

#include "sink/openmetrics.h"

/* One label set, and what was counted under it. */
struct series {
	char *labels; /* as between the braces: abi="x86_64",call="read" */
	struct cell cell;
	uint64_t in_flight, oldest_ns;
};

struct series_list {
	struct series **items; /* ordered by their labels */
	size_t count;
};

struct series_set {
	const struct view *view; /* this and the next three are the caller's */
	const struct syscalls *names;
	size_t max;
	struct openmetrics_shown *shown;
	struct series_list calls, errors; /* the latter by errno too */
	size_t folded;			  /* how many went into "other" */
};

/*
 * Fills the set. What is shown is chosen in the order of the view's rows, and what is not is added
 * to "other" at once: no more than max label sets take room. 0 or -ENOMEM; series_release() in
 * either case.
 */
int series_collect(struct series_set *m);
void series_release(struct series_set *m);

/* Adds NAME="VALUE" to the labels in f, escaped. */
void series_label(FILE *f, const char *name, const char *value);

/* Calls in flight have no more labels than these: grouped by others, they are left out. */
bool series_in_flight(const struct view *v);

#endif
