/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A figure that is a ratio of sums over blocks of time, how sure it is, and whether two of them
 * differ by more than that.
 */
#ifndef SYSGATE_COLLECTOR_ESTIMATE_H
#define SYSGATE_COLLECTOR_ESTIMATE_H

#include <stdbool.h>
#include <stddef.h>

/* Of fewer blocks no noise is learned. */
#define ESTIMATE_LEAST 5

struct estimate {
	double value; /* NAN: there is none */
	double error; /* its standard error */
	double df;    /* degrees of freedom of that */
	bool known;   /* the error is */
};

/* sum of num / sum of den over n blocks; those without a den do not count. */
struct estimate estimate_ratio(const double *num, const double *den, size_t n);

/* The median of n values (not 0 of them), which are sorted. */
double estimate_median(double *values, size_t n);
/*
 * What B's figures are to A's, the median over n calls (not 0 of them), and how they scatter around
 * it, as a part. The ratios are overwritten.
 */
double estimate_pace(double *ratios, size_t n, double *spread);

struct contrast {
	double change;	/* b / a - 1, the pace taken off; absolute: b - a */
	double smaller; /* the smaller of that and the change as it is, without its sign */
	double noise;	/* change's standard error */
	double df;	/* degrees of freedom of that */
	double p;	/* how likely by chance */
};

/*
 * B against A times the pace. spread: how figures scatter around the pace, as a part of them. Both
 * errors are known.
 */
struct contrast estimate_against(const struct estimate *a, const struct estimate *b, double pace,
				 double spread, bool absolute);
/*
 * The same of a figure that may follow the pace of all (NAN: not known) or be bound to the clock,
 * as a sleep is: it has changed when it did neither.
 */
struct contrast estimate_contrast(const struct estimate *a, const struct estimate *b, double pace,
				  double spread, bool absolute);

#endif
