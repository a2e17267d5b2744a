// SPDX-License-Identifier: GPL-2.0-or-later
#include "stats/cell.h"

#include <math.h>
#include <string.h>

void cell_init(struct cell *c, const struct key *key)
{
	memset(c, 0, sizeof(*c));
	c->key = *key;
	c->min_ns = UINT64_MAX;
}

void cell_add(struct cell *c, const struct cell *other)
{
	c->count += other->count;
	c->errors += other->errors;
	c->restarts += other->restarts;
	c->never_returned += other->never_returned;
	c->untimed += other->untimed;
	c->total_ns += other->total_ns;
	c->wait_ns += other->wait_ns;
	c->sumsq_ns += other->sumsq_ns;
	if (other->min_ns < c->min_ns) {
		c->min_ns = other->min_ns;
		c->min_estimated = other->min_estimated;
	}
	if (other->max_ns > c->max_ns) {
		c->max_ns = other->max_ns;
		c->max_estimated = other->max_estimated;
	}
	for (int i = 0; i < SYSGATE_EXITS; i++)
		c->exits[i] += other->exits[i];
	for (int i = 0; i < SYSGATE_HIST_BUCKETS; i++)
		c->hist[i] += other->hist[i];
}

/* The extremes of a difference whose histogram is known but whose single times are not. */
static void estimate_extremes(struct cell *c, uint64_t old_min, uint64_t old_max)
{
	unsigned int first = SYSGATE_HIST_BUCKETS, last = 0;

	for (unsigned int i = 0; i < SYSGATE_HIST_BUCKETS; i++) {
		if (!c->hist[i])
			continue;
		if (first == SYSGATE_HIST_BUCKETS)
			first = i;
		last = i;
	}
	if (first == SYSGATE_HIST_BUCKETS) {
		c->min_ns = UINT64_MAX;
		c->max_ns = 0;
		return;
	}
	/* An extreme that moved, moved in between; one that stood still is only a bound. */
	if (c->min_ns >= old_min) {
		c->min_estimated = true;
		if (sysgate_hist_low(first) > c->min_ns)
			c->min_ns = sysgate_hist_low(first);
	}
	if (c->max_ns <= old_max) {
		c->max_estimated = true;
		if (last + 1 < SYSGATE_HIST_BUCKETS && sysgate_hist_low(last + 1) - 1 < c->max_ns)
			c->max_ns = sysgate_hist_low(last + 1) - 1;
	}
}

void cell_sub(struct cell *c, const struct cell *earlier)
{
	c->count -= earlier->count;
	c->errors -= earlier->errors;
	c->restarts -= earlier->restarts;
	c->never_returned -= earlier->never_returned;
	c->untimed -= earlier->untimed;
	c->total_ns -= earlier->total_ns;
	c->wait_ns -= earlier->wait_ns;
	c->sumsq_ns -= earlier->sumsq_ns;
	for (int i = 0; i < SYSGATE_EXITS; i++)
		c->exits[i] -= earlier->exits[i];
	for (int i = 0; i < SYSGATE_HIST_BUCKETS; i++)
		c->hist[i] -= earlier->hist[i];
	if (earlier->count)
		estimate_extremes(c, earlier->min_ns, earlier->max_ns);
}

double cell_mean_ns(const struct cell *c)
{
	uint64_t n = cell_timed(c);

	return n ? (double)c->total_ns / (double)n : 0;
}

double cell_deviation_ns(const struct cell *c)
{
	double n = (double)cell_timed(c), mean = cell_mean_ns(c), var;

	if (n < 2)
		return 0;
	var = (c->sumsq_ns - n * mean * mean) / (n - 1);
	return var > 0 ? sqrt(var) : 0;
}

uint64_t cell_whole_ns(double ns)
{
	/* 2^63 itself is the first double beyond. */
	return ns < 9223372036854775808.0 ? (uint64_t)(ns + 0.5) : INT64_MAX;
}

uint64_t cell_quantile_ns(const struct cell *c, double q)
{
	uint64_t n = 0, seen = 0, want;

	for (int i = 0; i < SYSGATE_HIST_BUCKETS; i++)
		n += c->hist[i];
	if (!n)
		return 0;
	want = (uint64_t)ceil(q * (double)n);
	if (want < 1)
		want = 1;
	for (unsigned int i = 0; i + 1 < SYSGATE_HIST_BUCKETS; i++) {
		seen += c->hist[i];
		if (seen >= want) {
			uint64_t edge = sysgate_hist_low(i + 1) - 1;

			return edge < c->max_ns ? edge : c->max_ns;
		}
	}
	return c->max_ns;
}

double cell_even_quantile_ns(const struct cell *c, double q)
{
	uint64_t n = 0;
	double want, seen = 0;

	for (int i = 0; i < SYSGATE_HIST_BUCKETS; i++)
		n += c->hist[i];
	want = (double)n * q;
	for (unsigned int i = 0; n && i < SYSGATE_HIST_BUCKETS; i++) {
		double low = (double)sysgate_hist_low(i), here = (double)c->hist[i];
		double high = i + 1 < SYSGATE_HIST_BUCKETS ? (double)sysgate_hist_low(i + 1)
							   : (double)c->max_ns;

		if (seen + here >= want && here > 0)
			return low + (high - low) * (want - seen) / here;
		seen += here;
	}
	return 0;
}

int key_compare(const struct key *a, const struct key *b)
{
	if (a->abi != b->abi)
		return a->abi < b->abi ? -1 : 1;
	if (a->gate != b->gate)
		return a->gate < b->gate ? -1 : 1;
	if (a->nr != b->nr)
		return a->nr < b->nr ? -1 : 1;
	if (a->err != b->err)
		return a->err < b->err ? -1 : 1;
	if (a->proc != b->proc)
		return a->proc < b->proc ? -1 : 1;
	return 0;
}
