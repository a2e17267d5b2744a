// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A figure is known from below and from above: what was counted for sure, and that with what may
 * belong to it (a gate, a process or an error that was not told apart, or what was lost, of which
 * nobody knows how much it is). A limit is kept or broken when both ends say so; else it is not
 * known.
 */
#include "budget/judge.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "sink/sink.h"

/* What a limit speaks of. */
struct sum {
	struct cell cell; /* all of it */
	double maybe;	  /* calls that may belong to it */
	double maybe_errors, maybe_ns;
	double in_flight, in_flight_maybe;
	double entered, entered_maybe; /* of those: since the attach */
	uint64_t oldest_ns;	       /* of those in flight */
};

struct judging {
	struct report *report;
	const struct budget *budget;
	const struct noise *noise;
	const struct budget_limit *limit;
	size_t index;
	struct sum sum;
	char *lost; /* why not all was counted; NULL: it was */
};

/* A figure's ends. */
struct range {
	double low, high;
};

char *judge_loss(struct report *r, const struct snapshot *s)
{
	const struct conservation *c = &s->conservation;
	unsigned long long n = 0, lost;

	for (size_t i = 0; i < loss_names_count; i++) {
		lost = snapshot_loss(s, &loss_names[i]);
		/* Calls whose ABI is not known are counted, without a name. */
		if (lost && strcmp(loss_names[i].name, "abi_unknown") != 0)
			return report_text(r, "lost: %s: %llu %s", loss_names[i].name, lost,
					   loss_names[i].text);
	}
	if (c->lost)
		return report_text(r, "lost: %llu calls whose return was not seen",
				   (unsigned long long)c->lost);
	if (!snapshot_conserved(s))
		return report_text(r, "conservation does not hold");
	/* A saved snapshot may have been cut to its largest rows, or to some calls. */
	for (size_t i = 0; i < s->cells_count; i++)
		n += s->cells[i]->count;
	if (n >= c->exits + c->never_returned)
		return NULL;
	return report_text(r, "%llu calls are in no row of the snapshot",
			   (unsigned long long)(c->exits + c->never_returned) - n);
}

static enum selects least(enum selects a, enum selects b)
{
	return a < b ? a : b;
}

/* Does the limit speak of such a call? Of allow-only it is the others that are counted. */
static enum selects speaks_of(const struct judging *j, const struct selected *what)
{
	const struct budget_limit *l = j->limit;
	enum selects in = selector_has(&j->budget->sections[l->section].who, what);

	if (l->figure == BUDGET_FORBID)
		return least(in, selects_call(l->calls, what->key));
	if (l->figure == BUDGET_ALLOW_ONLY)
		return least(in, SELECTS_YES - selects_call(l->calls, what->key));
	return in;
}

static void add_cell(struct sum *sum, const struct cell *c, enum selects how, bool errno_alone)
{
	if (how == SELECTS_YES) {
		cell_add(&sum->cell, c);
	} else if (how == SELECTS_MAYBE) {
		/* Not told apart by errno: at most those that failed can have failed so. */
		sum->maybe += (double)(errno_alone ? c->errors : c->count);
		sum->maybe_errors += (double)c->errors;
		sum->maybe_ns += (double)c->total_ns;
	}
}

static void add_in_flight(struct judging *j, const struct in_flight *f)
{
	struct key key = { .abi = f->abi, .gate = f->gate, .nr = f->nr };
	const struct selected what = { &key, f->comm[0] ? f->comm : NULL, true };
	enum selects how = speaks_of(j, &what);
	struct sum *sum = &j->sum;

	if (how == SELECTS_NO)
		return;
	*(how == SELECTS_YES ? &sum->in_flight : &sum->in_flight_maybe) += 1;
	if (!f->at_least)
		*(how == SELECTS_YES ? &sum->entered : &sum->entered_maybe) += 1;
	if (how == SELECTS_YES && f->age_ns > sum->oldest_ns)
		sum->oldest_ns = f->age_ns;
}

static void add_up(struct judging *j)
{
	const struct snapshot *s = j->report->snapshot;
	const struct key none = { 0 };

	memset(&j->sum, 0, sizeof(j->sum));
	cell_init(&j->sum.cell, &none);
	for (size_t i = 0; i < s->cells_count; i++) {
		const struct selected what = selected_cell(s, &s->cells[i]->key);

		add_cell(&j->sum, s->cells[i], speaks_of(j, &what),
			 j->budget->sections[j->limit->section].who.errnos_count &&
				 !what.errno_known);
	}
	for (size_t i = 0; i < s->in_flight_count; i++)
		add_in_flight(j, &s->in_flight[i]);
}

/* What has not returned takes at least its age. */
static double longest(const struct sum *sum)
{
	return fmax((double)sum->cell.max_ns, (double)sum->oldest_ns);
}

/* What a cell has of the limit's figure. */
static double amount_of(const struct judging *j, const struct cell *c)
{
	switch (j->limit->figure) {
	case BUDGET_ERRORS:
		return (double)c->errors;
	case BUDGET_TOTAL:
	case BUDGET_AVG:
	case BUDGET_QUANTILE:
		return (double)c->total_ns;
	case BUDGET_MAX:
		return (double)c->max_ns == longest(&j->sum) ? (double)c->max_ns : 0;
	case BUDGET_IN_FLIGHT:
		return 0;
	default:
		return (double)c->count;
	}
}

static void blame(const struct judging *j, struct result *to)
{
	const struct snapshot *s = j->report->snapshot;
	enum budget_figure f = j->limit->figure;
	bool made = f != BUDGET_ERRORS && !budget_is_time(f);

	to->blames_ns = f >= BUDGET_TOTAL && f <= BUDGET_MAX;
	for (size_t i = 0; i < s->cells_count; i++) {
		const struct selected what = selected_cell(s, &s->cells[i]->key);

		if (speaks_of(j, &what) == SELECTS_YES)
			report_blame(j->report, to, what.comm ? what.comm : "", what.key,
				     amount_of(j, s->cells[i]));
	}
	for (size_t i = 0; i < s->in_flight_count; i++) {
		const struct in_flight *c = &s->in_flight[i];
		struct key key = { .abi = c->abi, .gate = c->gate, .nr = c->nr };
		const struct selected what = { &key, c->comm[0] ? c->comm : NULL, true };

		if (speaks_of(j, &what) != SELECTS_YES)
			continue;
		if (made && (!c->at_least || f == BUDGET_IN_FLIGHT))
			report_blame(j->report, to, c->comm, &key, 1);
		else if (f == BUDGET_MAX && (double)c->age_ns == longest(&j->sum))
			report_blame(j->report, to, c->comm, &key, (double)c->age_ns);
	}
}

/* A count's, and those of times that only grow. */
static struct range figure(const struct judging *j)
{
	const struct sum *sum = &j->sum;
	double made = (double)sum->cell.count + sum->entered,
	       maybe = sum->maybe + sum->entered_maybe;
	double seconds = (double)j->report->snapshot->duration_ns / 1e9;
	struct range r;

	switch (j->limit->figure) {
	case BUDGET_ERRORS:
		r = (struct range){ (double)sum->cell.errors, sum->maybe_errors };
		break;
	case BUDGET_IN_FLIGHT:
		r = (struct range){ sum->in_flight, sum->in_flight_maybe };
		break;
	case BUDGET_RATE:
		r = (struct range){ made / seconds, maybe / seconds };
		break;
	case BUDGET_TOTAL:
		r = (struct range){ (double)sum->cell.total_ns, sum->maybe_ns };
		break;
	case BUDGET_AVG:
		r = (struct range){ cell_mean_ns(&sum->cell), maybe };
		break;
	case BUDGET_QUANTILE:
		r = (struct range){ cell_even_quantile_ns(&sum->cell, j->limit->quantile), maybe };
		break;
	case BUDGET_MAX:
		r = (struct range){ longest(sum), maybe };
		break;
	default:
		r = (struct range){ made, maybe };
	}
	/* Of these a call more may make any other time; and so may what was lost. */
	if ((j->limit->figure >= BUDGET_AVG && j->limit->figure <= BUDGET_MAX && r.high > 0) ||
	    j->lost)
		r.high = INFINITY;
	if (j->limit->figure >= BUDGET_TOTAL && j->limit->figure <= BUDGET_MAX && sum->cell.untimed)
		r.high = INFINITY;
	r.high += r.low;
	if ((j->limit->figure == BUDGET_AVG || j->limit->figure == BUDGET_QUANTILE) &&
	    isinf(r.high))
		r.low = 0;
	return r;
}

const char *judge_figure(enum budget_figure f, double value, char *buf, size_t size)
{
	if (f == BUDGET_RATE)
		snprintf(buf, size, value < 100 ? "%.3g/s" : "%.0f/s", value);
	else if (budget_is_time(f))
		format_time(buf, size, cell_whole_ns(value));
	else
		format_count(buf, size, (uint64_t)value);
	return buf;
}

static char *expected(struct report *r, const struct budget_limit *l)
{
	char low[40], high[40];

	judge_figure(l->figure, l->low, low, sizeof(low));
	judge_figure(l->figure, isfinite(l->high) ? l->high : 0, high, sizeof(high));
	if (l->figure == BUDGET_FORBID)
		return report_text(r, "no such call");
	if (l->figure == BUDGET_ALLOW_ONLY)
		return report_text(r, "no other call");
	if (l->low == l->high)
		return report_text(r, "exactly %s", high);
	if (isinf(l->high))
		return report_text(r, "at least %s", low);
	return l->low > 0 ? report_text(r, "%s to %s", low, high)
			  : report_text(r, "at most %s", high);
}

static char *seen(struct report *r, const struct budget_limit *l, const struct range *v,
		  double value)
{
	char low[40], high[40];

	judge_figure(l->figure,
		     l->figure == BUDGET_AVG || l->figure == BUDGET_QUANTILE ? value : v->low, low,
		     sizeof(low));
	if (v->low == v->high)
		return report_text(r, "%s", low);
	if (isinf(v->high))
		return report_text(r, "%s or more", low);
	return report_text(r, "%s to %s", low,
			   judge_figure(l->figure, v->high, high, sizeof(high)));
}

/* What was not told apart, for who wonders why it is not known. */
static char *why_unknown(struct judging *j)
{
	const struct snapshot *s = j->report->snapshot;
	const struct selector *who = &j->budget->sections[j->limit->section].who;

	if (j->lost)
		return report_text(j->report, "%s", j->lost);
	if (j->sum.cell.untimed && budget_is_time(j->limit->figure))
		return report_text(j->report, "no times were taken of %llu calls",
				   (unsigned long long)j->sum.cell.untimed);
	if (who->errnos_count && !(s->dims & DIM_ERRNO))
		return report_text(j->report, "calls are not told apart by errno here");
	if (who->processes.count && !(s->dims & DIM_PROC))
		return report_text(j->report, "calls are not told apart by process here");
	if (!s->gate_known)
		return report_text(j->report, "the gate of these calls is not known here");
	return report_text(j->report, "of %.0f calls the ABI, the gate or the process is not known",
			   j->sum.maybe + j->sum.in_flight_maybe);
}

/* How far beyond: the figure's distance from the limit, in its unit; 0: not beyond. */
static double beyond(const struct budget_limit *l, const struct range *v)
{
	if (v->low > l->high)
		return v->low - l->high;
	if (v->high < l->low)
		return l->low - v->high;
	return 0;
}

static char *why_time(const struct judging *j, double off, double noise, bool by_calls)
{
	char buf[40];
	const char *how = by_calls ? " between single calls" : "";

	if (!(noise > 0))
		return NULL;
	return report_text(j->report, "%.3g times the noise%s of %s", off / noise, how,
			   judge_figure(j->limit->figure, noise, buf, sizeof(buf)));
}

/* Where every single call is beyond the limit, it is no noise. */
static bool all_beyond(const struct judging *j)
{
	const struct cell *c = &j->sum.cell;
	double shortest = (double)c->min_ns;

	if (j->limit->figure == BUDGET_TOTAL)
		shortest *= (double)cell_timed(c);
	else if (j->limit->figure != BUDGET_AVG && j->limit->figure != BUDGET_QUANTILE)
		return false;
	return cell_timed(c) && shortest > j->limit->high;
}

static void decide(struct judging *j, struct result *res, const struct range *v)
{
	const struct budget_limit *l = j->limit;
	double off = beyond(l, v), tolerance = budget_tolerance(j->budget, l);
	double seconds = (double)j->report->snapshot->duration_ns / 1e9;
	bool time = budget_is_time(l->figure), by_calls = false;

	if (time)
		res->noise = noise_of_limit(j->noise, j->index, &j->sum.cell, res->value, seconds,
					    &by_calls);
	if (off > 0 && (!time || off > tolerance * res->noise || all_beyond(j))) {
		res->verdict = VERDICT_BROKEN;
		if (time)
			res->why = why_time(j, off, res->noise, by_calls);
		blame(j, res);
	} else if (off > 0 && v->low == v->high) {
		res->why =
			report_text(j->report, "beyond by less than %g times the noise", tolerance);
	} else if (off > 0 || v->low < l->low || v->high > l->high) {
		res->verdict = VERDICT_UNKNOWN;
		res->why = why_unknown(j);
	}
}

static void judge_limit(struct judging *j)
{
	const struct budget_limit *l = j->limit;
	bool time = budget_is_time(l->figure);
	struct result *res = report_add(j->report);
	struct range v;

	if (!res)
		return;
	add_up(j);
	v = figure(j);
	res->name = budget_limit_name(j->budget, l);
	j->report->failed |= !res->name;
	res->kind = time ? RESULT_TIMED : RESULT_COUNTED;
	res->path = j->budget->path;
	res->at = l->at;
	res->low = l->low;
	res->high = l->high;
	res->value = l->figure == BUDGET_AVG ? cell_mean_ns(&j->sum.cell)
		     : l->figure == BUDGET_QUANTILE
			     ? cell_even_quantile_ns(&j->sum.cell, l->quantile)
			     : v.low;
	res->expected = expected(j->report, l);
	res->seen = seen(j->report, l, &v, res->value);
	/* Where nothing was called no time can be too long or too short. */
	if (l->figure >= BUDGET_TOTAL && l->figure <= BUDGET_MAX && !j->sum.cell.count &&
	    !j->sum.in_flight && v.high == 0)
		return;
	decide(j, res, &v);
}

void judge_limits(struct report *r, const struct budget *b, const struct noise *n)
{
	struct judging j = { .report = r, .budget = b, .noise = n };

	j.lost = judge_loss(r, r->snapshot);
	for (size_t i = 0; i < b->limits_count; i++) {
		j.limit = &b->limits[i];
		j.index = i;
		judge_limit(&j);
	}
	free(j.lost);
}
