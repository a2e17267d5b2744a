// SPDX-License-Identifier: GPL-2.0-or-later
/* What the chosen row was over time, and how its times are spread. */
#include <string.h>

#include "sink/text.h"
#include "top/chart.h"
#include "top/internal.h"

#define CHARTS_MAX 256 /* columns of a chart */
#define BESIDE_MIN 150 /* from that width on the charts stand beside the list */
#define BESIDE	   60
#define HALF_MIN   27 /* one of two charts beside each other */
#define TICK	   10 /* columns between the labels of times */

static bool has_detail(const struct top *t)
{
	enum list_kind kind = list_kind(t);

	return kind != LIST_FLIGHTS && kind != LIST_LOSSES;
}

unsigned int detail_width(const struct top *t, unsigned int body)
{
	return has_detail(t) && t->width >= BESIDE_MIN && body >= 12 ? BESIDE : 0;
}

unsigned int detail_height(const struct top *t, unsigned int body)
{
	if (!has_detail(t) || detail_width(t, body))
		return 0;
	return body >= 26 ? 9 : body >= 15 ? 6 : body >= 9 ? 3 : 0;
}

/* ---- over time ---- */

static enum history_metric metric_of(const struct top *t)
{
	return t->sort == SORT_ERRORS  ? HISTORY_ERRORS
	       : t->sort == SORT_COUNT ? HISTORY_COUNT
	       : t->sort == SORT_TOTAL ? HISTORY_TOTAL
				       : HISTORY_COUNT;
}

/* The calls that a row's line over time is of: processes are not kept apart in it. */
static unsigned int series_of(const struct top *t, const struct list_row *r, struct key *key)
{
	if (list_kind(t) == LIST_GATES) {
		*key = r->cell->key;
		return r->all ? 0 : GROUP_GATE | GROUP_ABI;
	}
	*key = list_kind(t) == LIST_CALLS ? r->cell->key : t->call;
	return GROUP_DEFAULT;
}

/* The newest of width intervals is the one that is shown, and stands at the end. */
static size_t series(const struct top *t, const struct list_row *r, double *values, size_t width)
{
	uint64_t first = history_first(t->history), end = t->at + 1;
	struct key key = { 0 };
	unsigned int group = series_of(t, r, &key);
	size_t n;

	if (t->since && history_end(t->history))
		end = history_end(t->history);
	n = end > first ? (size_t)(end - first) : 0;
	n = n < width ? n : width;
	for (size_t i = 0; i < n; i++)
		values[i] = history_rate(t->history, end - n + i, group, &key, metric_of(t));
	return n;
}

static const char *value_text(const struct top *t, double value, char *buf, size_t size)
{
	if (metric_of(t) == HISTORY_TOTAL)
		return format_time(buf, size, cell_whole_ns(value));
	return format_rate(buf, size, value);
}

/* A caption whose unit is cut off is worth nothing: the shorter one then. */
static void put_caption(struct frame *f, unsigned int y, unsigned int x, unsigned int width,
			const char *text, const char *shorter)
{
	frame_put(f, y, x, width, TONE_LABEL, text_columns(text) <= width ? text : shorter);
}

static void draw_time(const struct top *t, struct frame *f, const struct list_row *r,
		      unsigned int y, unsigned int x, unsigned int width, unsigned int height)
{
	static const char *const names[] = {
		[HISTORY_COUNT] = "calls/s",
		[HISTORY_ERRORS] = "errors/s",
		[HISTORY_TOTAL] = "time/s",
	};
	const char *of = t->pane == PANE_CALLS && t->level != LEVEL_CALLS ? " of all" : "";
	double values[CHARTS_MAX], max;
	size_t n = series(t, r, values, width < CHARTS_MAX ? width : CHARTS_MAX);
	uint64_t end = t->since ? history_end(t->history) - 1 : t->at;
	uint64_t from = n ? history_end_ns(t->history, end + 1 - n) : 0;
	uint64_t to = history_end_ns(t->history, end);
	char a[32], b[32], text[128], shorter[128];

	max = chart_max(values, n);
	value_text(t, max, b, sizeof(b));
	snprintf(text, sizeof(text), "%s%s over %s: max %s", names[metric_of(t)], of,
		 format_time(a, sizeof(a), to > from ? to - from : 0), b);
	snprintf(shorter, sizeof(shorter), "%s%s: max %s", names[metric_of(t)], of, b);
	put_caption(f, y, x, width, text, shorter);
	chart_draw(f, y + 1, x + width - (unsigned int)n, height - 1, values, n, max);
}

/* ---- times ---- */

struct spread {
	unsigned int first, last; /* buckets */
	unsigned int each;	  /* buckets in a column */
	size_t count;
	double values[CHARTS_MAX];
};

static bool spread_of(const struct cell *c, unsigned int width, struct spread *s)
{
	*s = (struct spread){ .first = SYSGATE_HIST_BUCKETS };
	width = width < CHARTS_MAX ? width : CHARTS_MAX;
	for (unsigned int i = 0; i < SYSGATE_HIST_BUCKETS; i++) {
		if (!c->hist[i])
			continue;
		if (s->first == SYSGATE_HIST_BUCKETS)
			s->first = i;
		s->last = i;
	}
	if (s->first == SYSGATE_HIST_BUCKETS || !width)
		return false;
	s->each = 1;
	while ((s->last - s->first) / s->each >= width)
		s->each *= 2;
	s->count = (s->last - s->first) / s->each + 1;
	for (unsigned int i = s->first; i <= s->last; i++)
		s->values[(i - s->first) / s->each] += (double)c->hist[i];
	return true;
}

static void draw_ticks(struct frame *f, const struct spread *s, unsigned int y, unsigned int x,
		       unsigned int width)
{
	char time[32];

	for (unsigned int i = 0; i < s->count && i + 7 < width; i += TICK)
		frame_put(
			f, y, x + i, TICK - 1 < width - i ? TICK - 1 : width - i, TONE_LABEL,
			format_time(time, sizeof(time), sysgate_hist_low(s->first + i * s->each)));
}

static void draw_spread(struct frame *f, const struct cell *c, unsigned int y, unsigned int x,
			unsigned int width, unsigned int height)
{
	struct spread s;
	char a[32], b[32], text[96];

	if (!spread_of(c, width, &s)) {
		frame_put(f, y, x, width, TONE_DIM, "no times");
		return;
	}
	snprintf(text, sizeof(text), "times: p50 %s, p99 %s",
		 format_time(a, sizeof(a), cell_quantile_ns(c, 0.5)),
		 format_time(b, sizeof(b), cell_quantile_ns(c, 0.99)));
	put_caption(f, y, x, width, text, text + strlen("times: "));
	if (height < 3) {
		chart_draw(f, y + 1, x, height - 1, s.values, s.count,
			   chart_max(s.values, s.count));
		return;
	}
	chart_draw(f, y + 1, x, height - 2, s.values, s.count, chart_max(s.values, s.count));
	draw_ticks(f, &s, y + height - 1, x, width);
}

/* ---- the whole ---- */

/* "read of make (1234)", as far as it was chosen. */
static void title_of(const struct top *t, const struct list_row *r, char *buf, size_t size)
{
	const struct key *k = list_kind(t) == LIST_CALLS ? &r->cell->key : &t->call;
	char name[64];

	if (list_kind(t) == LIST_GATES) {
		snprintf(buf, size, "%s%s%s", r->all ? "all gates" : gate_name(r->cell->key.gate),
			 r->all ? "" : " ", r->all ? "" : abi_name(r->cell->key.abi));
		return;
	}
	snprintf(buf, size, "%s (%s%s%s)",
		 syscalls_name(t->config.names, k->abi, k->nr, name, sizeof(name)),
		 abi_name(k->abi), k->gate ? ", " : "", k->gate ? gate_name(k->gate) : "");
}

static void draw_title(const struct top *t, struct frame *f, const struct list_row *r,
		       unsigned int y, unsigned int x, unsigned int width)
{
	const struct cell *c = r->cell;
	char title[128], time[32], text[512], n[3][32];
	size_t used;

	title_of(t, r, title, sizeof(title));
	used = (size_t)snprintf(text, sizeof(text), "%s: %s calls, %s errors", title,
				format_count(n[0], sizeof(n[0]), c->count),
				format_count(n[1], sizeof(n[1]), c->errors));
	if (c->restarts && used < sizeof(text))
		used += (size_t)snprintf(text + used, sizeof(text) - used, ", %s restarts",
					 format_count(n[2], sizeof(n[2]), c->restarts));
	if (used < sizeof(text))
		snprintf(text + used, sizeof(text) - used, " in %s",
			 format_time(time, sizeof(time), shown_ns(t)));
	frame_fill(f, y, x, width, TONE_HEAD);
	frame_put(f, y, x, width, TONE_HEAD, text);
}

static void draw_facts(struct frame *f, const struct cell *c, unsigned int y, unsigned int x,
		       unsigned int width)
{
	char a[32], b[32], d[32];

	if (!cell_timed(c))
		return;
	frame_printf(f, y, x, width, TONE_PLAIN, "shortest %s, mean %s, longest %s",
		     format_time(a, sizeof(a), c->min_ns),
		     format_time(b, sizeof(b), cell_whole_ns(cell_mean_ns(c))),
		     format_time(d, sizeof(d), c->max_ns));
}

void detail_draw(const struct top *t, struct frame *f, unsigned int y, unsigned int x,
		 unsigned int width, unsigned int height)
{
	const struct list_row *r = list_chosen(t);
	bool beside = width >= 2 * HALF_MIN && height < 12;
	unsigned int half = beside ? (width - 2) / 2 : width;

	if (!r || !r->cell || !t->shown)
		return;
	draw_title(t, f, r, y++, x, width);
	height--;
	if (beside) {
		draw_time(t, f, r, y, x, half, height);
		draw_spread(f, r->cell, y, x + width - half, half, height);
		return;
	}
	draw_facts(f, r->cell, y, x, width);
	half = (height - 3) / 2;
	draw_time(t, f, r, y + 2, x, width, half > 8 ? 8 : half);
	draw_spread(f, r->cell, y + 3 + (half > 8 ? 8 : half), x, width, half > 10 ? 10 : half);
}
