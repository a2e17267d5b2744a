/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What whoever serves metrics again and again tells the sink, and the metrics that he adds. */
#ifndef SYSGATE_SINK_OPENMETRICS_H
#define SYSGATE_SINK_OPENMETRICS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "sink/sink.h"

/*
 * The label sets that were shown so far. What is shown once is shown for good, and what is folded
 * into "other" stays there: a counter that left "other" would let that fall, which a reader takes
 * for a restart.
 */
struct openmetrics_shown;
struct openmetrics_shown *openmetrics_shown_new(void); /* NULL: no memory */
void openmetrics_shown_free(struct openmetrics_shown *s);

struct openmetrics_options {
	size_t max_series; /* label sets in each family; the rest is folded; 0: no bound */
	bool text;	   /* the older text format (version 0.0.4) instead of OpenMetrics 1.0 */
	struct openmetrics_shown *shown; /* NULL: nothing was shown before */
};

enum openmetrics_type {
	METRIC_COUNTER,
	METRIC_GAUGE,
	METRIC_INFO,
	METRIC_HISTOGRAM
};

struct openmetrics_family {
	const char *name; /* without "_total", "_info", as OpenMetrics has it */
	enum openmetrics_type type;
	const char *unit; /* "seconds", the end of name; NULL: none */
	const char *help;
};

/* Writes a family's head. */
void openmetrics_head(FILE *out, bool text, const struct openmetrics_family *f);
/* Writes one of its samples; labels ("" for none) as they stand between the braces. */
void openmetrics_count(FILE *out, const struct openmetrics_family *f, const char *labels,
		       uint64_t n);
void openmetrics_seconds(FILE *out, const struct openmetrics_family *f, const char *labels,
			 uint64_t ns);

/* All but the last line, "# EOF". 0 or -ENOMEM; the caller looks at out. */
int openmetrics_write(FILE *out, const struct view *v, const struct sink_options *o);

#endif
