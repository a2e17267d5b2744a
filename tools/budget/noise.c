// SPDX-License-Identifier: GPL-2.0-or-later
#include "budget/noise.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "collector/student.h"
#include "stats/view.h"

/* What interpolation in a bucket of 12.5 % cannot tell. */
#define TIME_GRAIN 0.025
/* Of fewer calls no median is compared. */
#define CALLS_LEAST 20

int noise_init(struct noise *n, const struct budget *b)
{
	*n = (struct noise){ .budget = b };
	n->limits = calloc(b->limits_count + 1, sizeof(*n->limits));
	return n->limits ? 0 : -ENOMEM;
}

void noise_fini(struct noise *n)
{
	for (size_t i = 0; i < n->rows_count; i++)
		free(n->rows[i]);
	free(n->rows);
	free(n->limits);
	*n = (struct noise){ 0 };
}

static void fold_sums(struct noise_sums *s)
{
	for (size_t i = 0; i < NOISE_BLOCKS / 2; i++) {
		s->num[i] = s->num[2 * i] + s->num[2 * i + 1];
		s->den[i] = s->den[2 * i] + s->den[2 * i + 1];
	}
	for (size_t i = NOISE_BLOCKS / 2; i < NOISE_BLOCKS; i++)
		s->num[i] = s->den[i] = 0;
}

/* Two neighbours become one. */
static void fold(struct noise *n)
{
	for (size_t i = 0; i < n->budget->limits_count; i++)
		fold_sums(&n->limits[i]);
	for (size_t i = 0; i < n->rows_count; i++)
		fold_sums(&n->rows[i]->sums);
	for (size_t i = 0; i < NOISE_BLOCKS / 2; i++)
		n->seconds[i] = n->seconds[2 * i] + n->seconds[2 * i + 1];
	n->blocks = NOISE_BLOCKS / 2;
}

/* The calls that took longer than ns, as if the times in a bucket were spread evenly. */
static double calls_above(const struct cell *c, double ns)
{
	double n = 0;

	for (unsigned int i = 0; i < SYSGATE_HIST_BUCKETS; i++) {
		double low = (double)sysgate_hist_low(i), high = INFINITY;

		if (i + 1 < SYSGATE_HIST_BUCKETS)
			high = (double)sysgate_hist_low(i + 1);
		if (low >= ns)
			n += (double)c->hist[i];
		else if (high > ns && isfinite(high))
			n += (double)c->hist[i] * (high - ns) / (high - low);
	}
	return n;
}

/* The bound that a limit of a time is about. */
static double bound_of(const struct budget_limit *l)
{
	return isfinite(l->high) ? l->high : l->low;
}

static void add_to_limit(struct noise *n, size_t limit, const struct snapshot *delta)
{
	const struct budget_limit *l = &n->budget->limits[limit];
	struct noise_sums *s = &n->limits[limit];

	for (size_t i = 0; i < delta->cells_count; i++) {
		const struct cell *c = delta->cells[i];
		const struct selected what = selected_cell(delta, &c->key);

		if (selector_has(&n->budget->sections[l->section].who, &what) != SELECTS_YES)
			continue;
		switch (l->figure) {
		case BUDGET_RATE:
			s->num[n->blocks] += (double)c->count;
			break;
		case BUDGET_QUANTILE:
			s->num[n->blocks] += calls_above(c, bound_of(l));
			break;
		default:
			s->num[n->blocks] += (double)c->total_ns;
		}
		s->den[n->blocks] += (double)cell_timed(c);
	}
}

static int order(const struct noise_row *r, const struct key *key, const char *comm)
{
	int d = key_compare(&r->key, key);

	return d ? d : strcmp(r->comm, comm);
}

/* Where a row is or would be. */
static size_t place(const struct noise *n, const struct key *key, const char *comm, bool *found)
{
	size_t low = 0, high = n->rows_count;

	*found = false;
	while (low < high) {
		size_t mid = (low + high) / 2;
		int d = order(n->rows[mid], key, comm);

		if (!d) {
			*found = true;
			return mid;
		}
		if (d < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* NULL: no memory. */
static struct noise_row *row_of(struct noise *n, const struct key *key, const char *comm)
{
	struct noise_row **grown, *r;
	bool found;
	size_t i = place(n, key, comm, &found);

	if (found)
		return n->rows[i];
	r = calloc(1, sizeof(*r));
	grown = r ? reallocarray(n->rows, n->rows_count + 1, sizeof(*grown)) : NULL;
	if (!grown) {
		free(r);
		return NULL;
	}
	r->key = *key;
	snprintf(r->comm, sizeof(r->comm), "%s", comm);
	n->rows = grown;
	memmove(&grown[i + 1], &grown[i], (n->rows_count - i) * sizeof(*grown));
	grown[i] = r;
	n->rows_count++;
	return r;
}

static int add_to_rows(struct noise *n, const struct snapshot *delta)
{
	const struct view_options o = { .group = n->budget->by };
	struct view *v = view_new(delta, &o);
	int ret = v ? 0 : -ENOMEM;

	for (size_t i = 0; !ret && i < v->rows_count; i++) {
		const struct row *r = v->rows[i];
		double timed = (double)cell_timed(&r->cell);
		struct noise_row *row;

		if (!(timed > 0))
			continue;
		row = row_of(n, &r->cell.key, r->proc ? r->proc->comm : "");
		if (!row) {
			ret = -ENOMEM;
			break;
		}
		row->sums.num[n->blocks] = timed * cell_even_quantile_ns(&r->cell, 0.5);
		row->sums.den[n->blocks] = timed;
	}
	view_free(v);
	return ret;
}

int noise_add(struct noise *n, const struct snapshot *delta, bool *folded)
{
	int ret = 0;

	*folded = n->blocks == NOISE_BLOCKS;
	if (*folded)
		fold(n);
	for (size_t i = 0; i < n->budget->limits_count; i++)
		if (budget_is_time(n->budget->limits[i].figure))
			add_to_limit(n, i, delta);
	if (n->budget->baseline)
		ret = add_to_rows(n, delta);
	n->seconds[n->blocks++] = (double)delta->duration_ns / 1e9;
	return ret;
}

static double between(const struct cell *c, double from, double to)
{
	return cell_even_quantile_ns(c, fmin(to, 1)) - cell_even_quantile_ns(c, fmax(from, 0));
}

/*
 * How far a quantile lies from the one a standard error away. Calls above the limit come in bursts:
 * they vary by more than single draws would, and so does the quantile.
 */
static double noise_of_quantile(const struct estimate *above, const struct cell *c, double q,
				double value)
{
	double n = (double)cell_timed(c), p = above->value, burst = 1, error;

	if (above->known && p > 0 && p < 1)
		burst = fmax(1, above->error * above->error / (p * (1 - p) / n));
	error = sqrt(burst * q * (1 - q) / n);
	return fmax(between(c, q - error, q + error) / 2, TIME_GRAIN * value);
}

double noise_of_limit(const struct noise *n, size_t limit, const struct cell *cell, double value,
		      double seconds, bool *by_calls)
{
	const struct budget_limit *l = &n->budget->limits[limit];
	const struct noise_sums *s = &n->limits[limit];
	bool rate = l->figure == BUDGET_RATE;
	struct estimate est = estimate_ratio(s->num, rate ? n->seconds : s->den, n->blocks);
	double timed = (double)cell_timed(cell), noise;

	*by_calls = !est.known;
	if (l->figure == BUDGET_MAX || (!rate && !(timed > 0)))
		return 0;
	switch (l->figure) {
	case BUDGET_RATE:
		/* As chance would have it were they as many as they may be. */
		noise = est.known ? est.error : sqrt(fmax(bound_of(l) * seconds, 1)) / seconds;
		break;
	case BUDGET_QUANTILE:
		noise = noise_of_quantile(&est, cell, l->quantile, value);
		break;
	default:
		noise = est.known ? est.error : cell_deviation_ns(cell) / sqrt(timed);
		if (l->figure == BUDGET_TOTAL)
			noise *= timed;
	}
	return est.known ? noise * student_widening(est.df) : noise;
}

/*
 * A call that lost the CPU midway takes a thousand times as long, and a block of few calls has that
 * as its median. Such blocks are rare, and tell nothing of how sure the median of all calls is:
 * what a block is off by is cut at three deviations, as the median of all blocks has them.
 */
static void cut_off(struct noise_sums *s, size_t blocks)
{
	double medians[NOISE_BLOCKS], off[NOISE_BLOCKS], middle, most;
	size_t n = 0;

	for (size_t i = 0; i < blocks; i++)
		if (s->den[i] > 0)
			medians[n++] = s->num[i] / s->den[i];
	if (!n)
		return;
	middle = estimate_median(medians, n);
	for (size_t i = 0; i < n; i++)
		off[i] = fabs(medians[i] - middle);
	/* 1.4826: from the median deviation to the standard one. */
	most = 3 * 1.4826 * estimate_median(off, n);
	for (size_t i = 0; i < blocks; i++)
		s->num[i] = fmin(fmax(s->num[i], (middle - most) * s->den[i]),
				 (middle + most) * s->den[i]);
}

struct estimate noise_of_row(const struct noise *n, const struct key *key, const char *comm,
			     const struct cell *c)
{
	struct estimate est = { .value = NAN };
	struct noise_sums sums;
	bool found;
	size_t i = place(n, key, comm, &found);

	if (!found || cell_timed(c) < CALLS_LEAST)
		return est;
	sums = n->rows[i]->sums;
	cut_off(&sums, n->blocks);
	est = estimate_ratio(sums.num, sums.den, n->blocks);
	est.value = cell_even_quantile_ns(c, 0.5);
	est.error = fmax(est.error, TIME_GRAIN * est.value);
	return est;
}
