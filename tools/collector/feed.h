/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a collector hands out: the state and the difference as of its last interval, in words. */
#ifndef SYSGATE_COLLECTOR_FEED_H
#define SYSGATE_COLLECTOR_FEED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "sink/openmetrics.h"
#include "stats/view.h"

enum feed_what {
	FEED_METRICS,	   /* OpenMetrics */
	FEED_METRICS_TEXT, /* in the older text format */
	FEED_SNAPSHOT,	   /* JSON: since the attach */
	FEED_DELTA,	   /* JSON: what the last interval brought */
	FEED_IN_FLIGHT,
	FEED_PLAN,
	FEED_EVENT, /* the delta as a server-sent event */
	FEED_KINDS
};

struct feed {
	struct view_options view; /* the rows of the JSON */
	const struct syscalls *names;
	size_t max_series;
	const char *plan; /* JSON */
	pid_t hidden;	  /* a process whose calls in flight are nobody's business; 0: none */
	/* Adds metrics of the collector itself. */
	void (*own)(FILE *out, bool text, void *data);
	void *own_data;

	/* Its own. By whether processes and users may be named. */
	struct openmetrics_shown *shown[2];
	const struct snapshot *now; /* lent */
	struct snapshot *delta;
	uint64_t number; /* of the interval; the first is 1 */
};

/* Copies delta; now is lent until the next one comes. 0 or -ENOMEM, and then what was there stays.
 */
int feed_take(struct feed *f, const struct snapshot *now, const struct snapshot *delta);
/*
 * What is asked for, as a heap text. full: processes, users and groups may be named; without it
 * rows are not split by them and the calls in flight belong to nobody. 0 or -errno.
 */
int feed_render(struct feed *f, enum feed_what what, bool full, char **text, size_t *size);
void feed_fini(struct feed *f);

#endif
