// SPDX-License-Identifier: GPL-2.0-or-later
#include "budget/baseline.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "budget/baseline_times.h"
#include "budget/judge.h"
#include "sink/sink.h"
#include "stats/view.h"

/* A note says so of what may take that many times as long and is not found. */
#define BOUND_WIDE 2

struct comparing {
	struct report *report;
	const struct budget *budget;
	const struct baseline *old, *now;
	const char *path; /* of the old one's file; results lend it */
	struct baseline_times times;
	bool timed;		     /* times can be compared */
	char *lost;		     /* why not all was counted; NULL: it was */
	size_t counts, as_before;    /* rows, and those that are as they were */
	size_t compared, as_long;    /* times of rows, and those that are */
	size_t fewer, short_of_time; /* rows with less calls; with too few to compare the time */
	double bound;		     /* of times as they were: as long as one may be unfound */
	const struct baseline_row *widest; /* whose that is; NULL: no such time */
};

static char *name_of(const struct comparing *c, const struct baseline_row *row, const char *what)
{
	char call[128];
	const struct baseline *b = c->now;

	report_call(c->report, &row->key, call, sizeof(call));
	/* A name that this machine does not know has no number. */
	if (row->key.nr < 0)
		snprintf(call, sizeof(call), "%s (%s)", row->call, abi_name(row->key.abi));
	if (!(b->by & GROUP_CALL))
		snprintf(call, sizeof(call), "all calls");
	return report_text(c->report, "baseline: %s%s%s: %s",
			   b->by & GROUP_COMM && !row->comm[0] ? "process not known" : row->comm,
			   b->by & GROUP_COMM ? ": " : "", call, what);
}

static struct result *add(struct comparing *c, const struct baseline_row *old,
			  const struct baseline_row *row, const char *what)
{
	struct result *r = report_add(c->report);

	if (!r)
		return NULL;
	r->verdict = VERDICT_BROKEN;
	r->path = c->path;
	r->at = (struct budget_place){ old && old->line ? old->line : 1, 1 };
	r->name = name_of(c, row, what);
	return r;
}

static char *expected_count(struct comparing *c, double low, double high)
{
	char buf[2][40];

	format_count(buf[0], sizeof(buf[0]), (uint64_t)low);
	format_count(buf[1], sizeof(buf[1]), (uint64_t)high);
	if (!(high > 0))
		return report_text(c->report, "no such call");
	if (low == high)
		return report_text(c->report, "exactly %s", buf[1]);
	if (low > 0)
		return report_text(c->report, "%s to %s", buf[0], buf[1]);
	return report_text(c->report, "at most %s", buf[1]);
}

/* old, now: NULL where there is none. */
static void compare_count(struct comparing *c, const struct baseline_row *old,
			  const struct baseline_row *now, const struct budget_settings *s)
{
	double count = now ? now->high : 0, low = old ? old->low : 0, high = old ? old->high : 0;
	char buf[40];
	double slack = fmax(s->slack, high * s->slack_part);
	struct result *r;

	c->counts++;
	if (isinf(s->slack_part))
		slack = INFINITY;
	high += slack;
	low = s->exact > 0 ? fmax(low - slack, 0) : 0;
	if (count >= low && count <= high) {
		c->as_before++;
		c->fewer += old && count < old->low;
		return;
	}
	/* There may be more of what was lost. */
	if (count < low && c->lost)
		return;
	r = add(c, old, now ? now : old, "count");
	if (!r)
		return;
	r->kind = RESULT_COUNTED;
	r->low = low;
	r->high = high;
	r->value = count;
	r->expected = expected_count(c, low, high);
	r->seen = report_text(c->report, "%s", format_count(buf, sizeof(buf), (uint64_t)count));
	if (now)
		report_blame(c->report, r, now->comm, &now->key, count);
}

static void compare_time(struct comparing *c, const struct baseline_row *old,
			 const struct baseline_row *now, const struct budget_settings *s)
{
	struct baseline_change change;
	char buf[3][40];
	double bound;
	struct result *r;

	if (!c->timed || !old->typical.known)
		return;
	if (!now->typical.known || isnan(c->times.pace)) {
		c->short_of_time++;
		return;
	}
	c->compared++;
	change = baseline_change(&c->times, &old->typical, &now->typical);
	bound = baseline_bound(&c->times, &change, s);
	if (!baseline_grew(&change, s)) {
		c->as_long++;
		if (bound > c->bound) {
			c->bound = bound;
			c->widest = now;
		}
		return;
	}
	r = add(c, old, now, "p50");
	if (!r)
		return;
	r->kind = RESULT_TIMED;
	r->low = 0;
	r->noise = old->typical.value * c->times.pace * change.paced_noise;
	r->high = old->typical.value * bound;
	r->value = now->typical.value;
	r->blames_ns = true;
	format_time(buf[0], sizeof(buf[0]), cell_whole_ns(old->typical.value));
	format_time(buf[1], sizeof(buf[1]), cell_whole_ns(r->high));
	format_time(buf[2], sizeof(buf[2]), cell_whole_ns(r->noise));
	r->expected = report_text(c->report, "about %s, at most %s", buf[0], buf[1]);
	r->seen = report_text(c->report, "%s",
			      format_time(buf[0], sizeof(buf[0]), cell_whole_ns(r->value)));
	r->why = report_text(
		c->report,
		"%.3g times as long, and %.3g times by the pace of all; %.3g times the noise of %s",
		1 + change.plain, 1 + change.paced, baseline_certainty(&change), buf[2]);
	report_blame(c->report, r, now->comm, &now->key, r->value);
}

static void compare_row(struct comparing *c, const struct baseline_row *old,
			const struct baseline_row *now)
{
	const struct baseline_row *any = now ? now : old;
	bool named = any->comm[0];
	const struct selected what = { &any->key, named ? any->comm : NULL, true };
	struct budget_settings s = budget_settings(c->budget, &what);

	compare_count(c, old, now, &s);
	if (old && now)
		compare_time(c, old, now, &s);
}

/* What is left to say of all the rows that are as they were. */
static void close_counts(struct comparing *c)
{
	struct result *r = report_add(c->report);

	if (!r)
		return;
	r->kind = RESULT_COUNTED;
	r->path = c->path;
	r->at = (struct budget_place){ 1, 1 };
	r->name = report_text(c->report, "baseline: all other counts");
	r->expected = report_text(c->report, "as before");
	if (!c->lost) {
		r->seen = report_text(c->report, "%zu rows as before", c->as_before);
		return;
	}
	r->verdict = VERDICT_UNKNOWN;
	r->seen = report_text(c->report, "%zu rows, or more of them", c->as_before);
	r->why = report_text(c->report, "%s", c->lost);
}

/*
 * Where all calls are faster now, one that three times the work slows down may take less than three
 * times as long as before.
 */
static double bound_by_pace(const struct comparing *c)
{
	return c->bound / c->times.pace;
}

/* What a busy machine's noise leaves unseen. */
static char *hidden(struct comparing *c)
{
	char call[128];

	report_call(c->report, &c->widest->key, call, sizeof(call));
	return report_text(c->report,
			   "one that takes less than %.3g times as long (by the pace of all: %.3g "
			   "times) may be among them%s%s",
			   c->bound, bound_by_pace(c), c->now->by & GROUP_CALL ? ": " : "",
			   c->now->by & GROUP_CALL ? call : "");
}

static void close_times(struct comparing *c)
{
	struct result *r;
	bool any = false;

	for (size_t i = 0; i < c->old->count; i++)
		any |= c->old->rows[i].typical.known;
	if (!any)
		return;
	r = report_add(c->report);
	if (!r)
		return;
	r->kind = RESULT_TIMED;
	r->path = c->path;
	r->at = (struct budget_place){ 1, 1 };
	r->name = report_text(c->report, "baseline: all other times");
	r->expected = report_text(c->report, "as before");
	r->seen = report_text(c->report, "%zu rows as before", c->as_long);
	if (c->timed && !c->lost) {
		if (c->widest)
			r->why = hidden(c);
		return;
	}
	r->verdict = VERDICT_UNKNOWN;
	r->why = c->lost ? report_text(c->report, "%s", c->lost)
			 : report_text(c->report,
				       "the baseline's times are by engine %s, these by %s",
				       c->old->engine, c->now->engine);
}

/* What was told apart then and is not now cannot be compared, and is not passed over. */
static void close_gates(struct comparing *c, bool wanted)
{
	struct result *r;

	if (!wanted)
		return;
	r = report_add(c->report);
	if (!r)
		return;
	r->kind = RESULT_COUNTED;
	r->path = c->path;
	r->at = (struct budget_place){ 1, 1 };
	r->verdict = VERDICT_UNKNOWN;
	r->name = report_text(c->report, "baseline: gates");
	r->expected = report_text(c->report, "as before");
	r->seen = report_text(c->report, "calls without their gate");
	r->why = report_text(c->report, "the gate of these calls is not known here");
}

static void add_notes(struct comparing *c)
{
	if (c->fewer)
		report_note(c->report,
			    "fewer calls than in the baseline: %zu rows; --update takes that over",
			    c->fewer);
	if (c->short_of_time && isnan(c->times.pace))
		report_note(c->report,
			    "no times were compared: of fewer than 3 rows both are known");
	else if (c->short_of_time)
		report_note(c->report,
			    "times not compared, for too few calls or too short a run: %zu rows",
			    c->short_of_time);
	if (c->timed && c->widest && fmax(c->bound, bound_by_pace(c)) >= BOUND_WIDE)
		report_note(c->report,
			    "a call that takes less than %.3g times as long is not found (by the "
			    "pace of all: %.3g times), for this run's noise or for 'least'",
			    c->bound, bound_by_pace(c));
	if (c->timed && !isnan(c->times.pace) && fabs(c->times.pace - 1) >= 0.05)
		report_note(c->report,
			    "all calls together take %.2f times as long as in the baseline: "
			    "the machine's pace",
			    c->times.pace);
}

/* A copy whose gates are left out; rows that are one then are added up. NULL: no memory. */
static struct baseline *without_gates(const struct baseline *b)
{
	struct baseline *copy = calloc(1, sizeof(*copy));
	size_t n = 0;

	if (!copy)
		return NULL;
	*copy = *b;
	copy->gates = false;
	copy->path = NULL;
	copy->count = 0;
	copy->rows = calloc(b->count + 1, sizeof(*copy->rows));
	for (size_t i = 0; copy->rows && i < b->count; i++) {
		struct baseline_row *row = &copy->rows[copy->count];

		*row = b->rows[i];
		row->key.gate = 0;
		row->call = strdup(row->call);
		if (!row->call)
			break;
		copy->count++;
	}
	if (!copy->rows || copy->count < b->count) {
		baseline_free(copy);
		return NULL;
	}
	baseline_sort(copy);
	for (size_t i = 0; i < copy->count; i++) {
		struct baseline_row *row = &copy->rows[i];

		if (!n || baseline_order(&copy->rows[n - 1], row)) {
			copy->rows[n++] = *row;
			continue;
		}
		copy->rows[n - 1].low += row->low;
		copy->rows[n - 1].high += row->high;
		copy->rows[n - 1].typical.known = false;
		free(row->call);
	}
	copy->count = n;
	return copy;
}

static void compare_rows(struct comparing *c)
{
	const struct baseline *old = c->old, *now = c->now;

	for (size_t i = 0, k = 0; i < old->count || k < now->count;) {
		int d = i == old->count	  ? 1
			: k == now->count ? -1
					  : baseline_order(&old->rows[i], &now->rows[k]);

		compare_row(c, d <= 0 ? &old->rows[i] : NULL, d >= 0 ? &now->rows[k] : NULL);
		i += d <= 0;
		k += d >= 0;
	}
}

void baseline_compare(struct report *r, const struct budget *b, const struct baseline *old,
		      const struct baseline *now)
{
	bool more = old->gates && !now->gates, less = now->gates && !old->gates;
	struct baseline *copy = more ? without_gates(old) : less ? without_gates(now) : NULL;
	struct comparing c = { .report = r,
			       .budget = b,
			       .old = more ? copy : old,
			       .now = less ? copy : now,
			       .path = old->path,
			       .timed = !strcmp(old->engine, now->engine) };

	if (!c.old || !c.now || baseline_times(&c.times, c.old, c.now)) {
		r->failed = true;
	} else {
		c.lost = judge_loss(r, r->snapshot);
		compare_rows(&c);
		close_counts(&c);
		close_times(&c);
		close_gates(&c, more);
		add_notes(&c);
	}
	free(c.lost);
	baseline_free(copy);
}
