// SPDX-License-Identifier: GPL-2.0-or-later
#include "collector/compare.h"

#include <math.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "collector/blocks.h"
#include "collector/estimate.h"

/* Below so many calls a figure is not compared. */
#define CALLS_LEAST 20
/* One false finding in so many comparisons of two recordings is accepted. */
#define CHANCE 0.01
/* So many calls tell what all have in common. */
#define PACE_ROWS 5
/* Of those each block must have that many. */
#define PACE_CALLS 10
/* What interpolation in a bucket of 12.5 % cannot tell. */
#define TIME_GRAIN 0.025

const struct compare_name compare_names[COMPARE_FIGURES] = {
	[COMPARE_RATE] = { "rate", "calls/s" },
	[COMPARE_ERRORS] = { "errors", "failing" },
	[COMPARE_TYPICAL] = { "typical_ns", "typical time" },
	[COMPARE_MEAN] = { "mean_ns", "mean time" },
};

struct pair {
	struct blocks_row *a, *b; /* NULL: not in that recording */
	struct estimate ea[COMPARE_FIGURES], eb[COMPARE_FIGURES];
	double plain_a[COMPARE_FIGURES], plain_b[COMPARE_FIGURES]; /* as they are; NAN: none */
};

struct comparing {
	struct blocks a, b;
	double *speed_a, *speed_b; /* of each block; NULL: not known */
	struct pair *pairs;
	size_t count;
	double spread[COMPARE_FIGURES]; /* of the ratios of calls that did not change; 0: not known
					 */
};

/* A call that is made all the time can tell how fast a block was. */
static bool is_steady(const struct blocks *b, const struct blocks_row *r)
{
	size_t present = 0;

	for (size_t k = 0; k < b->count; k++)
		present += r->blocks[k].num[COMPARE_RATE] >= 1;
	return b->count && present * 10 >= b->count * 9 &&
	       r->sum.count >= (uint64_t)PACE_CALLS * b->count;
}

/*
 * How fast each block was for all calls together: of a program that runs freely its speed differs
 * from block to block, and its calls with it. Heap; NULL: there are too few steady calls.
 */
static double *speeds_of(const struct blocks *b)
{
	double *speeds = calloc(b->count + 1, sizeof(*speeds));
	double *ratios = calloc(b->rows_count + 1, sizeof(*ratios)), total = 0;
	size_t n = 0;

	for (size_t k = 0; k < b->count; k++)
		total += b->seconds[k];
	for (size_t k = 0; speeds && ratios && k < b->count; k++) {
		n = 0;
		for (size_t i = 0; i < b->rows_count; i++) {
			const struct blocks_row *r = b->rows[i];

			if (is_steady(b, r) && b->seconds[k] > 0)
				ratios[n++] = r->blocks[k].num[COMPARE_RATE] / b->seconds[k] /
					      ((double)r->sum.count / total);
		}
		if (n < PACE_ROWS)
			break;
		/* One that nearly nothing ran in weighs nearly nothing. */
		speeds[k] = fmax(estimate_median(ratios, n), 0.01);
	}
	free(ratios);
	if (speeds && n >= PACE_ROWS)
		return speeds;
	free(speeds);
	return NULL;
}

/* r NULL: not in that recording. plain: the figure without the blocks' speeds. */
static struct estimate estimate(const struct blocks *b, const struct blocks_row *r,
				const double *speeds, int figure, double *plain)
{
	_cleanup_free_ double *num = calloc(b->count + 1, sizeof(*num));
	_cleanup_free_ double *den = calloc(b->count + 1, sizeof(*den));
	double nums = 0, plains = 0, dens = 0;
	struct estimate out = { .value = NAN };

	*plain = NAN;
	if (!num || !den)
		return out;
	for (size_t k = 0; k < b->count; k++) {
		double d = r ? r->blocks[k].den[figure] : b->seconds[k];

		num[k] = r ? r->blocks[k].num[figure] : 0;
		den[k] = d * (figure == COMPARE_RATE && speeds ? speeds[k] : 1);
		nums += num[k];
		plains += d;
		dens += den[k];
	}
	out = estimate_ratio(num, den, b->count);
	if (!isnan(out.value))
		*plain = nums / plains;
	/* One call more or less at either end of the recording is chance. */
	if (figure <= COMPARE_ERRORS)
		out.error = fmax(out.error, sqrt(2) / dens);
	if (figure >= COMPARE_TYPICAL)
		out.error = fmax(out.error, TIME_GRAIN * out.value);
	return out;
}

static uint64_t calls_of(const struct blocks_row *r, int figure)
{
	if (!r)
		return 0;
	return figure >= COMPARE_TYPICAL ? cell_timed(&r->sum) : r->sum.count;
}

static bool can_compare(const struct pair *p, int figure)
{
	uint64_t a = calls_of(p->a, figure), b = calls_of(p->b, figure);

	if (!p->ea[figure].known || !p->eb[figure].known)
		return false;
	if (figure == COMPARE_RATE)
		return a >= CALLS_LEAST || b >= CALLS_LEAST;
	return a >= CALLS_LEAST && b >= CALLS_LEAST;
}

/* Pairs the rows of both, which are sorted alike. */
static int pair_up(struct comparing *c)
{
	size_t i = 0, j = 0;

	c->pairs = calloc(c->a.rows_count + c->b.rows_count + 1, sizeof(*c->pairs));
	if (!c->pairs)
		return -ENOMEM;
	while (i < c->a.rows_count || j < c->b.rows_count) {
		struct pair *p = &c->pairs[c->count++];
		int d = i == c->a.rows_count ? 1
			: j == c->b.rows_count
				? -1
				: blocks_order(c->a.group, c->a.rows[i], c->b.rows[j]);

		p->a = d <= 0 ? c->a.rows[i++] : NULL;
		p->b = d >= 0 ? c->b.rows[j++] : NULL;
		for (int f = 0; f < COMPARE_FIGURES; f++) {
			p->ea[f] = estimate(&c->a, p->a, c->speed_a, f, &p->plain_a[f]);
			p->eb[f] = estimate(&c->b, p->b, c->speed_b, f, &p->plain_b[f]);
		}
	}
	return 0;
}

/* What B's figures are to A's, over the calls that are steady in both; and how these differ. */
static int find_pace(struct comparing *c, struct compare *out, int figure)
{
	double *ratios = calloc(c->count + 1, sizeof(*ratios));
	size_t n = 0;

	if (!ratios)
		return -ENOMEM;
	out->pace[figure] = NAN;
	for (size_t i = 0; i < c->count && figure != COMPARE_ERRORS; i++) {
		const struct pair *p = &c->pairs[i];

		if (p->a && p->b && can_compare(p, figure) && is_steady(&c->a, p->a) &&
		    is_steady(&c->b, p->b) && p->ea[figure].value > 0)
			ratios[n++] = p->eb[figure].value / p->ea[figure].value;
	}
	if (n >= PACE_ROWS)
		out->pace[figure] = estimate_pace(ratios, n, &c->spread[figure]);
	free(ratios);
	return 0;
}

/* What is reported is the change against the pace of all. */
static void judge(const struct comparing *c, const struct compare *all, const struct pair *p,
		  int figure, struct compare_result *r)
{
	struct contrast found;

	*r = (struct compare_result){
		.change = NAN, .noise = NAN, .p = 1, .verdict = COMPARE_UNKNOWN
	};
	if (can_compare(p, figure)) {
		found = estimate_contrast(&p->ea[figure], &p->eb[figure], all->pace[figure],
					  c->spread[figure], figure == COMPARE_ERRORS);
		r->change = found.change;
		r->smaller = found.smaller;
		r->noise = found.noise;
		r->p = found.p;
		r->verdict = COMPARE_SAME;
	}
	r->a = p->a ? p->plain_a[figure] : NAN;
	r->b = p->b ? p->plain_b[figure] : NAN;
	if (!p->a || !p->b)
		r->change = r->noise = NAN;
}

static bool matters(const struct compare *c, const struct compare_result *r, double least)
{
	if (r->verdict == COMPARE_UNKNOWN || r->p >= CHANCE / (double)c->tests)
		return false;
	return isnan(r->change) || r->smaller >= least;
}

static int fill_row(struct compare_row *row, const struct pair *p)
{
	const struct blocks_row *any = p->a ? p->a : p->b;

	cell_init(&row->a, &any->sum.key);
	cell_init(&row->b, &any->sum.key);
	if (p->a)
		row->a = p->a->sum;
	if (p->b)
		row->b = p->b->sum;
	row->proc = any->proc;
	row->proc.cgroup = any->proc.cgroup ? strdup(any->proc.cgroup) : NULL;
	return row->proc.cgroup || !any->proc.cgroup ? 0 : -ENOMEM;
}

/* Only now it is known how many comparisons there are. */
static void decide(struct compare *c, const struct compare_options *o)
{
	for (size_t i = 0; i < c->rows_count; i++) {
		struct compare_row *row = &c->rows[i];

		for (int f = 0; f < COMPARE_FIGURES; f++) {
			struct compare_result *r = &row->results[f];

			if (!matters(c, r, o->least[f]))
				continue;
			r->verdict = !row->a.count   ? COMPARE_NEW
				     : !row->b.count ? COMPARE_GONE
						     : COMPARE_CHANGED;
			c->changes++;
		}
	}
}

static int changes_of(const struct compare_row *r)
{
	int n = 0;

	for (int f = 0; f < COMPARE_FIGURES; f++)
		n += r->results[f].verdict != COMPARE_SAME &&
		     r->results[f].verdict != COMPARE_UNKNOWN;
	return n;
}

static int order_rows(const void *x, const void *y)
{
	const struct compare_row *a = x, *b = y;
	int ca = changes_of(a) > 0, cb = changes_of(b) > 0;
	uint64_t ta = a->a.total_ns + a->b.total_ns, tb = b->a.total_ns + b->b.total_ns;

	if (ca != cb)
		return cb - ca;
	if (ta != tb)
		return ta < tb ? 1 : -1;
	return key_compare(&a->a.key, &b->a.key);
}

static int compare_pairs(struct comparing *c, struct compare *out, const struct compare_options *o)
{
	int ret = pair_up(c);

	for (int f = 0; !ret && f < COMPARE_FIGURES; f++)
		ret = find_pace(c, out, f);
	out->rows = ret ? NULL : calloc(c->count + 1, sizeof(*out->rows));
	if (!out->rows)
		return -ENOMEM;
	for (size_t i = 0; i < c->count; i++) {
		struct compare_row *row = &out->rows[out->rows_count++];

		ret = fill_row(row, &c->pairs[i]);
		if (ret)
			return ret;
		for (int f = 0; f < COMPARE_FIGURES; f++) {
			judge(c, out, &c->pairs[i], f, &row->results[f]);
			out->tests += row->results[f].verdict != COMPARE_UNKNOWN;
		}
	}
	decide(out, o);
	qsort(out->rows, out->rows_count, sizeof(*out->rows), order_rows);
	return 0;
}

int compare_run(struct compare *out, struct recording *a, const struct recording_range *range_a,
		struct recording *b, const struct recording_range *range_b,
		const struct compare_options *o, struct sg_error *e)
{
	struct comparing c = { 0 };
	int ret;

	*out = (struct compare){ .group = o->group };
	ret = blocks_read(&c.a, a, range_a, o, &out->a, e);
	if (!ret)
		ret = blocks_read(&c.b, b, range_b, o, &out->b, e);
	if (!ret) {
		c.speed_a = speeds_of(&c.a);
		c.speed_b = speeds_of(&c.b);
		/* Both or none: else one side's rate would be something else. */
		if (!c.speed_a || !c.speed_b) {
			free(c.speed_a);
			free(c.speed_b);
			c.speed_a = c.speed_b = NULL;
		}
		ret = compare_pairs(&c, out, o);
		if (ret)
			sg_fail_errno(e, -ret, "compare");
	}
	free(c.speed_a);
	free(c.speed_b);
	free(c.pairs);
	blocks_fini(&c.a);
	blocks_fini(&c.b);
	return ret;
}

void compare_fini(struct compare *c)
{
	for (size_t i = 0; i < c->rows_count; i++)
		free(c->rows[i].proc.cgroup);
	free(c->rows);
	snapshot_free(c->a.head);
	snapshot_free(c->b.head);
	*c = (struct compare){ 0 };
}
