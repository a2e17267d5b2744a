/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two recordings against each other. Of each row (a call, or what else is grouped by) and each of
 * four figures the change from A to B is compared with the noise between the intervals of each
 * recording.
 *
 * A figure is a ratio of sums over the intervals, calls to seconds and so on; its noise follows
 * from how the intervals deviate from it, and from how neighbours deviate together. A change is one
 * that chance would give less than once in a hundred comparisons of all rows and figures, and that
 * is large enough to matter.
 *
 * What all calls have in common (one machine was faster, one run was slower) is the pace, where
 * there are enough of them to know it. A call that follows it has not changed, and neither has one
 * that stays as it was.
 */
#ifndef SYSGATE_COLLECTOR_COMPARE_H
#define SYSGATE_COLLECTOR_COMPARE_H

#include "collector/recording.h"
#include "stats/view.h"

enum compare_figure {
	COMPARE_RATE,	 /* calls a second */
	COMPARE_ERRORS,	 /* the part of the calls that failed */
	COMPARE_TYPICAL, /* the median time in ns, interpolated in the histogram */
	COMPARE_MEAN,	 /* the mean time in ns */
	COMPARE_FIGURES
};

struct compare_name {
	const char *name;  /* "rate" */
	const char *title; /* for people: "calls/s" */
};
extern const struct compare_name compare_names[COMPARE_FIGURES];

enum compare_verdict {
	COMPARE_SAME, /* within the noise, or too small to matter */
	COMPARE_CHANGED,
	COMPARE_NEW,	/* rate: only in B */
	COMPARE_GONE,	/* rate: only in A */
	COMPARE_UNKNOWN /* too few calls or intervals to tell */
};

struct compare_result {
	double a, b;	/* the figure; NAN: there is none */
	double change;	/* b / a - 1, the pace taken off; of errors b - a; NAN: not known */
	double smaller; /* the smaller of that and the change as it is */
	double noise;	/* change's standard error; NAN: not known */
	double p;	/* how likely by chance; 1: not known */
	enum compare_verdict verdict;
};

struct compare_row {
	struct cell a, b; /* all that was counted; .key is the row's */
	struct proc proc; /* with a group of its properties; cgroup is heap */
	struct compare_result results[COMPARE_FIGURES];
};

struct compare_options {
	unsigned int group;
	view_filter_fn filter;
	void *filter_data;
	double least[COMPARE_FIGURES]; /* smaller changes do not matter: 0.01 is 1 % */
};

struct compare_side {
	struct snapshot *head; /* of all the range, without cells */
	size_t intervals;
	struct recording_range range;
};

struct compare {
	unsigned int group;
	struct compare_side a, b;
	struct compare_row *rows; /* changed ones first, then by the time in B */
	size_t rows_count;
	size_t changes;
	size_t tests;		      /* how many comparisons there were */
	double pace[COMPARE_FIGURES]; /* B's to A's, over all calls; NAN: too few calls to know */
};

/* 0 or -errno. c is to be released in any case. */
int compare_run(struct compare *c, struct recording *a, const struct recording_range *range_a,
		struct recording *b, const struct recording_range *range_b,
		const struct compare_options *o, struct sg_error *e);
void compare_fini(struct compare *c);

#endif
