// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The columns of the lists. Widths are fixed, so that nothing moves about from one interval to the
 * next: for a width the most important ones are taken, and the last text gets what is left.
 */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "sink/text.h"
#include "top/internal.h"

#define GAP	   1
#define NOT_SORTED (-1)
#define TEXT_MAX   40 /* a name that is longer is seldom */
#define CHART_MAX  60

struct column {
	const char *title;
	unsigned int width; /* at least, with left: it may grow */
	int rank;	    /* the smaller is taken first; 0: always */
	int sort;
	bool left, chart;
	/* Whether there is any of it; NULL: always. */
	bool (*shown)(const struct top *t);
	const char *(*text)(const struct top *t, const struct list_row *r, char *buf, size_t size);
};

const char *format_rate(char *buf, size_t size, double rate)
{
	if (rate <= 0)
		snprintf(buf, size, "0");
	else if (rate < 9.995)
		snprintf(buf, size, "%.2f", rate);
	else if (rate < 99.95)
		snprintf(buf, size, "%.1f", rate);
	else if (rate < 9999999.5)
		format_count(buf, size, (uint64_t)(rate + 0.5));
	else if (rate < 1e9)
		snprintf(buf, size, "%.1f M", rate / 1e6);
	else
		snprintf(buf, size, "%.2f G", rate / 1e9);
	return buf;
}

/* ---- what a row stands for ---- */

static const char *call(const struct top *t, const struct list_row *r, char *buf, size_t size)
{
	char name[64];
	const struct key *k = r->flight ? &r->id.key : &r->cell->key;

	snprintf(buf, size, "%s",
		 syscalls_name(t->config.names, k->abi, k->nr, name, sizeof(name)));
	return buf;
}

static const char *abi(const struct top *t, const struct list_row *r, char *buf, size_t size)
{
	(void)t;
	snprintf(buf, size, "%s",
		 r->all ? "" : abi_name(r->flight ? r->flight->abi : r->cell->key.abi));
	return buf;
}

static const char *gate(const struct top *t, const struct list_row *r, char *buf, size_t size)
{
	(void)t;
	snprintf(buf, size, "%s",
		 r->all ? "all" : gate_name(r->flight ? r->flight->gate : r->cell->key.gate));
	return buf;
}

static const char *pid(const struct top *t, const struct list_row *r, char *buf, size_t size)
{
	pid_t tgid = r->flight ? r->flight->tgid : r->row ? r->row->proc->tgid : 0;

	(void)t;
	if (r->all)
		buf[0] = '\0';
	else if (tgid)
		snprintf(buf, size, "%d", tgid);
	else
		snprintf(buf, size, "-");
	return buf;
}

static const char *tid(const struct top *t, const struct list_row *r, char *buf, size_t size)
{
	(void)t;
	snprintf(buf, size, "%d", r->flight->tid);
	return buf;
}

/* A name is of another's making: what must not go to a terminal does not. */
static const char *comm(const struct top *t, const struct list_row *r, char *buf, size_t size)
{
	const char *name = r->flight ? r->flight->comm : r->row ? r->row->proc->comm : "";
	_cleanup_free_ char *safe = text_escape(name[0] ? name : "-");

	(void)t;
	snprintf(buf, size, "%s", r->all ? "all processes" : safe ? safe : "");
	return buf;
}

static const char *result(const struct top *t, const struct list_row *r, char *buf, size_t size)
{
	char name[16];

	(void)t;
	if (r->all)
		snprintf(buf, size, "all");
	else if (r->cell->key.err)
		snprintf(buf, size, "%s", sg_errno_name(r->cell->key.err, name));
	else
		snprintf(buf, size, "no error");
	return buf;
}

static const char *meaning(const struct top *t, const struct list_row *r, char *buf, size_t size)
{
	const char *text = r->all || !r->cell->key.err ? NULL : strerrordesc_np(r->cell->key.err);

	(void)t;
	snprintf(buf, size, "%s", text ? text : "");
	return buf;
}

static const char *text_of(const struct top *t, const struct list_row *r, char *buf, size_t size)
{
	(void)t, (void)buf, (void)size;
	return r->text;
}

static const char *exits(const struct top *t, const struct list_row *r, char *buf, size_t size)
{
	const struct cell *c = r->cell;
	uint64_t all = 0;
	size_t used = 0;

	(void)t;
	buf[0] = '\0';
	for (int i = 0; i < SYSGATE_EXITS; i++)
		all += c->exits[i];
	for (int i = 0; i < SYSGATE_EXITS && used < size; i++)
		if (c->exits[i])
			used += (size_t)snprintf(buf + used, size - used, "%s%s %.1f%%",
						 used ? " " : "", exit_name(i),
						 100.0 * (double)c->exits[i] / (double)all);
	return buf;
}

/* ---- figures ---- */

static const char *rate_of(const struct top *t, uint64_t n, char *buf, size_t size)
{
	return format_rate(buf, size, (double)n * 1e9 / (double)shown_ns(t));
}

static const char *rate(const struct top *t, const struct list_row *r, char *buf, size_t size)
{
	return rate_of(t, r->cell->count, buf, size);
}

static const char *error_rate(const struct top *t, const struct list_row *r, char *buf, size_t size)
{
	return rate_of(t, r->cell->errors, buf, size);
}

static const char *count(const struct top *t, const struct list_row *r, char *buf, size_t size)
{
	(void)t;
	return format_count(buf, size, r->cell->count);
}

static const char *errors(const struct top *t, const struct list_row *r, char *buf, size_t size)
{
	(void)t;
	return format_count(buf, size, r->cell->errors);
}

static const char *percent(uint64_t part, uint64_t all, char *buf, size_t size)
{
	if (!all)
		snprintf(buf, size, "-");
	else
		snprintf(buf, size, "%.1f", 100.0 * (double)part / (double)all);
	return buf;
}

static const char *share(const struct top *t, const struct list_row *r, char *buf, size_t size)
{
	return percent(r->cell->count, t->view ? t->view->total.count : 0, buf, size);
}

/* A time, "-" where no call's time is known. */
static const char *duration(const struct cell *c, double ns, bool estimated, char *buf, size_t size)
{
	char time[32];

	if (!cell_timed(c))
		snprintf(buf, size, "-");
	else
		snprintf(buf, size, "%s%s", estimated ? "~" : "",
			 format_time(time, sizeof(time), cell_whole_ns(ns)));
	return buf;
}

static const char *total(const struct top *t, const struct list_row *r, char *buf, size_t size)
{
	(void)t;
	return duration(r->cell, (double)r->cell->total_ns, false, buf, size);
}

/* How much time of all tasks a second has. */
static const char *time_rate(const struct top *t, const struct list_row *r, char *buf, size_t size)
{
	double ns = (double)r->cell->total_ns * 1e9 / (double)shown_ns(t);

	return duration(r->cell, ns, false, buf, size);
}

static const char *time_share(const struct top *t, const struct list_row *r, char *buf, size_t size)
{
	uint64_t all = t->view ? t->view->total.total_ns : 0;

	return percent(r->cell->total_ns, cell_timed(r->cell) ? all : 0, buf, size);
}

static const char *wait_share(const struct top *t, const struct list_row *r, char *buf, size_t size)
{
	(void)t;
	return percent(r->cell->wait_ns, cell_timed(r->cell) ? r->cell->total_ns : 0, buf, size);
}

static const char *average(const struct top *t, const struct list_row *r, char *buf, size_t size)
{
	(void)t;
	return duration(r->cell, cell_mean_ns(r->cell), false, buf, size);
}

static const char *deviation(const struct top *t, const struct list_row *r, char *buf, size_t size)
{
	(void)t;
	return duration(r->cell, cell_deviation_ns(r->cell), false, buf, size);
}

static const char *p50(const struct top *t, const struct list_row *r, char *buf, size_t size)
{
	(void)t;
	return duration(r->cell, (double)cell_quantile_ns(r->cell, 0.5), false, buf, size);
}

static const char *p90(const struct top *t, const struct list_row *r, char *buf, size_t size)
{
	(void)t;
	return duration(r->cell, (double)cell_quantile_ns(r->cell, 0.9), false, buf, size);
}

static const char *p99(const struct top *t, const struct list_row *r, char *buf, size_t size)
{
	(void)t;
	return duration(r->cell, (double)cell_quantile_ns(r->cell, 0.99), false, buf, size);
}

static const char *shortest(const struct top *t, const struct list_row *r, char *buf, size_t size)
{
	(void)t;
	return duration(r->cell, (double)r->cell->min_ns, r->cell->min_estimated, buf, size);
}

static const char *longest(const struct top *t, const struct list_row *r, char *buf, size_t size)
{
	(void)t;
	return duration(r->cell, (double)r->cell->max_ns, r->cell->max_estimated, buf, size);
}

static const char *age(const struct top *t, const struct list_row *r, char *buf, size_t size)
{
	char time[32];

	(void)t;
	snprintf(buf, size, "%s%s", r->flight->at_least ? ">= " : "",
		 format_time(time, sizeof(time), r->flight->age_ns));
	return buf;
}

/* ---- which there are ---- */

static bool gate_known(const struct top *t)
{
	return t->shown && t->shown->gate_known;
}

static bool exit_known(const struct top *t)
{
	return t->shown && t->shown->exit_known;
}

static bool wait_known(const struct top *t)
{
	return t->shown && t->shown->wait_known;
}

static bool several(const struct top *t)
{
	for (size_t i = 1; i < t->rows_count; i++) {
		const struct list_row *a = &t->rows[0], *b = &t->rows[i];

		if ((a->flight ? a->flight->abi : a->cell->key.abi) !=
		    (b->flight ? b->flight->abi : b->cell->key.abi))
			return true;
	}
	return false;
}

#define RATE                                                          \
	{                                                             \
		"CALLS/s", 9, 0, SORT_COUNT, false, false, NULL, rate \
	}
#define ERROR_RATE                                                         \
	{                                                                  \
		"ERR/s", 9, 3, SORT_ERRORS, false, false, NULL, error_rate \
	}
#define TIME_RATE                                                         \
	{                                                                 \
		"TIME/s", 8, 1, SORT_TOTAL, false, false, NULL, time_rate \
	}
#define TIME_SHARE                                                        \
	{                                                                 \
		"%TIME", 5, 6, SORT_TOTAL, false, false, NULL, time_share \
	}
#define WAIT_SHARE                                                             \
	{                                                                      \
		"%WAIT", 5, 5, SORT_WAIT, false, false, wait_known, wait_share \
	}
#define AVERAGE                                                    \
	{                                                          \
		"AVG", 7, 4, SORT_AVG, false, false, NULL, average \
	}
#define P99                                                    \
	{                                                      \
		"P99", 7, 5, SORT_P99, false, false, NULL, p99 \
	}
#define LONGEST                                                    \
	{                                                          \
		"MAX", 8, 7, SORT_MAX, false, false, NULL, longest \
	}
#define P50                                                      \
	{                                                        \
		"P50", 7, 8, NOT_SORTED, false, false, NULL, p50 \
	}
#define P90                                                      \
	{                                                        \
		"P90", 7, 9, NOT_SORTED, false, false, NULL, p90 \
	}
#define SHORTEST                                                       \
	{                                                              \
		"MIN", 8, 12, NOT_SORTED, false, false, NULL, shortest \
	}
#define DEVIATION                                                       \
	{                                                               \
		"DEV", 7, 13, NOT_SORTED, false, false, NULL, deviation \
	}
#define COUNT                                                          \
	{                                                              \
		"COUNT", 11, 10, SORT_COUNT, false, false, NULL, count \
	}
#define ERRORS                                                           \
	{                                                                \
		"ERRORS", 9, 14, SORT_ERRORS, false, false, NULL, errors \
	}
#define TOTAL                                                         \
	{                                                             \
		"TOTAL", 8, 15, SORT_TOTAL, false, false, NULL, total \
	}

/* clang-format off */
static const struct column calls_columns[] = {
	{ "CALL", 16, 0, SORT_NAME, true, false, NULL, call },
	{ "ABI", 6, 2, NOT_SORTED, true, false, several, abi },
	{ "GATE", 9, 8, NOT_SORTED, true, false, gate_known, gate },
	RATE, ERROR_RATE, TIME_RATE, TIME_SHARE, WAIT_SHARE, SHORTEST, AVERAGE, DEVIATION, P50, P90, P99,
	LONGEST, COUNT, ERRORS, TOTAL,
	{ "TREND", 20, 11, NOT_SORTED, true, true, NULL, NULL },
};

static const struct column processes_columns[] = {
	{ "PID", 7, 0, NOT_SORTED, false, false, NULL, pid },
	{ "COMM", 16, 0, SORT_NAME, true, false, NULL, comm },
	RATE, ERROR_RATE, TIME_RATE, TIME_SHARE, WAIT_SHARE, SHORTEST, AVERAGE, DEVIATION, P50, P90, P99,
	LONGEST, COUNT, ERRORS, TOTAL,
};

static const struct column results_columns[] = {
	{ "RESULT", 12, 0, NOT_SORTED, true, false, NULL, result },
	{ "MEANING", 32, 5, NOT_SORTED, true, false, NULL, meaning },
	RATE,
	{ "%CALLS", 6, 2, NOT_SORTED, false, false, NULL, share },
	TIME_RATE, AVERAGE, DEVIATION, SHORTEST, P50, P90, P99, LONGEST, COUNT, TOTAL,
};

static const struct column sites_columns[] = {
	{ "SITE", 20, 0, NOT_SORTED, true, false, NULL, text_of },
	{ "COUNT", 11, 0, SORT_COUNT, false, false, NULL, count },
	{ "ERRORS", 9, 3, SORT_ERRORS, false, false, NULL, errors },
	{ "TOTAL", 8, 1, SORT_TOTAL, false, false, NULL, total },
	AVERAGE, P99, LONGEST,
};

static const struct column gates_columns[] = {
	{ "GATE", 10, 0, NOT_SORTED, true, false, NULL, gate },
	{ "ABI", 7, 0, NOT_SORTED, true, false, NULL, abi },
	RATE,
	{ "%CALLS", 6, 2, NOT_SORTED, false, false, NULL, share },
	ERROR_RATE, TIME_RATE, AVERAGE, P50, P90, P99, LONGEST, COUNT,
	{ "EXITS", 24, 2, NOT_SORTED, true, false, exit_known, exits },
};

static const struct column flights_columns[] = {
	{ "AGE", 10, 0, NOT_SORTED, false, false, NULL, age },
	{ "PID", 7, 1, NOT_SORTED, false, false, NULL, pid },
	{ "TID", 7, 4, NOT_SORTED, false, false, NULL, tid },
	{ "COMM", 15, 0, NOT_SORTED, true, false, NULL, comm },
	{ "ABI", 6, 2, NOT_SORTED, true, false, several, abi },
	{ "GATE", 9, 3, NOT_SORTED, true, false, gate_known, gate },
	{ "CALL", 16, 0, NOT_SORTED, true, false, NULL, call },
};

static const struct column losses_columns[] = {
	{ "", 20, 0, NOT_SORTED, true, false, NULL, text_of },
};
/* clang-format on */

static const struct {
	const struct column *columns;
	size_t count;
	size_t grows; /* which one gets what is left */
} lists[LISTS] = {
	[LIST_CALLS] = { calls_columns, ARRAY_SIZE(calls_columns), 0 },
	[LIST_PROCESSES] = { processes_columns, ARRAY_SIZE(processes_columns), 1 },
	[LIST_RESULTS] = { results_columns, ARRAY_SIZE(results_columns), 1 },
	[LIST_SITES] = { sites_columns, ARRAY_SIZE(sites_columns), 0 },
	[LIST_GATES] = { gates_columns, ARRAY_SIZE(gates_columns), ARRAY_SIZE(gates_columns) - 1 },
	[LIST_FLIGHTS] = { flights_columns, ARRAY_SIZE(flights_columns),
			   ARRAY_SIZE(flights_columns) - 1 },
	[LIST_LOSSES] = { losses_columns, ARRAY_SIZE(losses_columns), 0 },
};

_Static_assert(ARRAY_SIZE(calls_columns) <= COLUMNS_AT_MAX, "columns_fit() has room for them");

/* Of the columns that one sorts by alike (CALLS/s, COUNT) the first will do to show it. */
static bool first_of_sort(enum list_kind kind, size_t i)
{
	const struct column *columns = lists[kind].columns;

	for (size_t k = 0; k < i; k++)
		if (columns[k].sort == columns[i].sort)
			return false;
	return true;
}

/* Takes what is sorted by first of all, then by rank, as long as it fits. */
static unsigned int take(const struct top *t, enum list_kind kind, unsigned int width, bool *taken)
{
	const struct column *columns = lists[kind].columns;
	unsigned int used = 0;

	for (int rank = -1; rank < 20; rank++)
		for (size_t i = 0; i < lists[kind].count; i++) {
			const struct column *c = &columns[i];
			unsigned int wants = c->width + (used ? GAP : 0);
			bool sorted = c->sort == (int)t->sort && first_of_sort(kind, i);

			if (taken[i] || (rank < 0 ? !(c->rank == 0 || sorted) : c->rank != rank))
				continue;
			if ((c->shown && !c->shown(t)) || (c->rank && used + wants > width))
				continue;
			taken[i] = true;
			used += wants;
		}
	return used;
}

static unsigned int smaller(unsigned int a, unsigned int b)
{
	return a < b ? a : b;
}

/* What is left goes to the text, then to the chart. */
static unsigned int grow(enum list_kind kind, size_t i, unsigned int left)
{
	const struct column *c = &lists[kind].columns[i];

	if (c->chart)
		return smaller(left, CHART_MAX - c->width);
	if (i != lists[kind].grows)
		return 0;
	if (kind == LIST_CALLS || kind == LIST_PROCESSES)
		return smaller(left, TEXT_MAX - c->width);
	return left;
}

size_t columns_fit(const struct top *t, unsigned int width, struct column_at *out)
{
	enum list_kind kind = list_kind(t);
	bool taken[COLUMNS_AT_MAX] = { false };
	unsigned int used = take(t, kind, width, taken), x = 0, more;
	unsigned int left = used < width ? width - used : 0;
	size_t n = 0;

	for (size_t i = 0; i < lists[kind].count; i++) {
		const struct column *c = &lists[kind].columns[i];

		if (!taken[i])
			continue;
		/* The chart is worth more than blanks behind a name. */
		more = kind == LIST_CALLS && !c->chart ? smaller(grow(kind, i, left), 8)
						       : grow(kind, i, left);
		left -= more;
		out[n++] = (struct column_at){ .title = c->title,
					       .left = c->left,
					       .chart = c->chart,
					       .sort = c->sort,
					       .sorted = c->sort == (int)t->sort,
					       .x = x,
					       .width = c->width + more,
					       .column = c };
		x += c->width + more + GAP;
	}
	return n;
}

const char *column_text(const struct top *t, const struct column_at *c, const struct list_row *r,
			char *buf, size_t size)
{
	return ((const struct column *)c->column)->text(t, r, buf, size);
}
