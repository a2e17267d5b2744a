// SPDX-License-Identifier: GPL-2.0-or-later
/* The frame: head, tabs, list, charts, the last line, and what lies above them. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "sink/text.h"
#include "top/chart.h"
#include "top/internal.h"

#define HEAD_LINES 3 /* two of the whole, the tabs */
#define WIDTH_MIN  30
#define HEIGHT_MIN 6

const struct sort_choice sort_choices[] = {
	{ SORT_COUNT, "rate" },	  { SORT_TOTAL, "time" }, { SORT_ERRORS, "errors" },
	{ SORT_AVG, "average" },  { SORT_P99, "p99" },	  { SORT_MAX, "longest" },
	{ SORT_WAIT, "waiting" }, { SORT_NAME, "name" },
};
const size_t sort_choices_count = ARRAY_SIZE(sort_choices);

const char *sort_choice_name(enum sort_key key)
{
	for (size_t i = 0; i < sort_choices_count; i++)
		if (sort_choices[i].key == key)
			return sort_choices[i].name;
	return "";
}

/* ---- the head ---- */

static void clock_text(uint64_t ns, char *buf, size_t size)
{
	time_t seconds = (time_t)(ns / 1000000000);
	struct tm tm;

	localtime_r(&seconds, &tm);
	strftime(buf, size, "%H:%M:%S", &tm);
}

/* Which time is shown: "12:34:56", "paused 12:34:10, 46.0 s ago". */
static void when_text(const struct top *t, char *buf, size_t size)
{
	const struct snapshot *s = t->shown;
	uint64_t end = s ? s->start_ns + s->duration_ns : 0;
	uint64_t newest = history_end(t->history)
				  ? history_end_ns(t->history, history_end(t->history) - 1)
				  : 0;
	char clock[16], ago[32];

	buf[0] = '\0';
	if (!s)
		return;
	clock_text(t->since ? newest : end, clock, sizeof(clock));
	if (t->live)
		snprintf(buf, size, "%s%s", t->ended ? "ended " : "", clock);
	else if (newest > end && !t->since)
		snprintf(buf, size, "paused %s, %s ago", clock,
			 format_time(ago, sizeof(ago), newest - end));
	else
		snprintf(buf, size, "paused %s", clock);
}

/* Adds a part where it still fits in front of end. */
static unsigned int add_part(struct frame *f, unsigned int y, unsigned int x, unsigned int end,
			     enum tone tone, const char *text)
{
	unsigned int gap = x ? 2 : 0;

	if (x + gap + text_columns(text) > end)
		return x;
	return x + gap + frame_put(f, y, x + gap, end - x - gap, tone, text);
}

/* Of what is cut off one cannot tell what it was: the shorter text then, or none. */
static unsigned int add_either(struct frame *f, unsigned int x, unsigned int end, const char *text,
			       const char *shorter)
{
	unsigned int next = add_part(f, 0, x, end, TONE_BAR, text);

	return next > x ? next : add_part(f, 0, x, end, TONE_BAR, shorter);
}

static void draw_first_line(const struct top *t, struct frame *f)
{
	const struct snapshot *s = t->shown;
	const char *of = t->config.replay ? "replay of " : "";
	char when[64], text[256], shorter[256];
	unsigned int x = 0, end;

	frame_fill(f, 0, 0, f->width, TONE_BAR);
	when_text(t, when, sizeof(when));
	frame_put_right(f, 0, 0, f->width, TONE_BAR, when);
	end = strlen(when) + 1 < f->width ? f->width - (unsigned int)strlen(when) - 1 : 0;
	x = add_part(f, 0, x, end, TONE_BAR, "sysgate top");
	if (s) {
		_cleanup_free_ char *host = text_escape(s->host);
		_cleanup_free_ char *kernel = text_escape(s->kernel);

		snprintf(text, sizeof(text), "%s%s", of, host ? host : "");
		snprintf(shorter, sizeof(shorter), "%s%.*s", of,
			 (int)strcspn(host ? host : "", "."), host ? host : "");
		x = add_either(f, x, end, text, shorter);
		snprintf(text, sizeof(text), "%s (%s)", s->engine, s->attach);
		x = add_either(f, x, end, text, s->engine);
		snprintf(text, sizeof(text), "Linux %s %s", kernel ? kernel : "", s->machine);
		snprintf(shorter, sizeof(shorter), "Linux %s", kernel ? kernel : "");
		add_either(f, x, end, text, shorter);
	}
}

/* What was lost, in short; empty: nothing. Its whole story is in the pane. */
static void lost_text(const struct sums *sums, char *buf, size_t size)
{
	const struct snapshot s = { .conservation = sums->conservation, .loss = sums->loss };
	char n[32];

	buf[0] = '\0';
	if (s.conservation.lost) {
		snprintf(buf, size, "%s calls lost",
			 format_count(n, sizeof(n), s.conservation.lost));
		return;
	}
	for (size_t i = 0; i < loss_names_count; i++)
		if (snapshot_loss(&s, &loss_names[i])) {
			snprintf(buf, size, "%s %s", loss_names[i].name,
				 format_count(n, sizeof(n), snapshot_loss(&s, &loss_names[i])));
			return;
		}
	if (!snapshot_conserved(&s))
		snprintf(buf, size, "NOT conserved");
}

/* What the whole has; what was lost stays to be seen. */
static void draw_second_line(const struct top *t, struct frame *f)
{
	const struct snapshot *s = t->shown;
	uint64_t calls = 0, errors = 0;
	char text[128], lost[64], n[32], span[32];
	unsigned int x = 0;

	if (!s)
		return;
	for (size_t i = 0; i < s->cells_count; i++) {
		calls += s->cells[i]->count;
		errors += s->cells[i]->errors;
	}
	snprintf(text, sizeof(text), "%s calls/s",
		 format_rate(n, sizeof(n), (double)calls * 1e9 / (double)shown_ns(t)));
	x = add_part(f, 1, x, f->width, TONE_STRONG, text);
	lost_text(&t->sums, lost, sizeof(lost));
	if (lost[0])
		x = add_part(f, 1, x, f->width, TONE_BAD, lost);
	snprintf(text, sizeof(text), "%s errors/s",
		 format_rate(n, sizeof(n), (double)errors * 1e9 / (double)shown_ns(t)));
	x = add_part(f, 1, x, f->width, TONE_PLAIN, text);
	if (!lost[0])
		x = add_part(f, 1, x, f->width, TONE_PLAIN, "conserved");
	snprintf(text, sizeof(text), t->since ? "all of %s" : "in %s",
		 format_time(span, sizeof(span), shown_ns(t)));
	x = add_part(f, 1, x, f->width, t->since ? TONE_STRONG : TONE_PLAIN, text);
	snprintf(text, sizeof(text), "%s calls", format_count(n, sizeof(n), calls));
	add_part(f, 1, x, f->width, TONE_PLAIN, text);
}

static void draw_tabs(const struct top *t, struct frame *f)
{
	char labels[TOP_PANES][32] = { "Calls", "Gates", "In flight", "Losses" }, sort[32];
	const char *filter = t->places[list_kind(t)].filter;
	unsigned int x = 0, room;

	if (t->shown)
		snprintf(labels[PANE_IN_FLIGHT], sizeof(labels[0]), "In flight %zu",
			 t->shown->in_flight_count);
	frame_fill(f, 2, 0, f->width, TONE_BAR);
	for (size_t i = 0; i < TOP_PANES; i++) {
		unsigned int n =
			frame_printf(f, 2, x, f->width - x, i == t->pane ? TONE_ACTIVE : TONE_BAR,
				     " %s ", labels[i]);

		frame_zone(f, 2, x, n, TOP_PANE, i);
		x += n;
	}
	snprintf(sort, sizeof(sort), "by %s%s", sort_choice_name(t->sort),
		 t->inverted ? ", inverted" : "");
	if (t->pane == PANE_IN_FLIGHT)
		snprintf(sort, sizeof(sort), t->inverted ? "newest first" : "oldest first");
	room = f->width > x + 1 ? f->width - x - 1 : 0;
	if (filter[0])
		frame_printf(f, 2, x + 1, room, TONE_STRONG, "filter: %s", filter);
	else if (t->pane != PANE_LOSSES && strlen(sort) <= room)
		frame_put_right(f, 2, x + 1, room, TONE_BAR, sort);
}

/* The way down: "read > make (1234) > EAGAIN > sites". */
static bool draw_path(const struct top *t, struct frame *f, unsigned int y)
{
	_cleanup_free_ char *comm = text_escape(t->comm);
	char name[64], errno_name[16], process[64] = "", result[32] = "";

	if (t->pane != PANE_CALLS || t->level == LEVEL_CALLS)
		return false;
	if (t->level >= LEVEL_RESULTS && t->tgid)
		snprintf(process, sizeof(process), " > %s (%d)", comm ? comm : "", t->tgid);
	else if (t->level >= LEVEL_RESULTS)
		snprintf(process, sizeof(process), " > all processes");
	if (t->level == LEVEL_SITES)
		snprintf(result, sizeof(result), " > %s",
			 !t->has_result ? "all results"
			 : t->result	? sg_errno_name(t->result, errno_name)
					: "no error");
	frame_printf(f, y, 0, f->width, TONE_STRONG, "%s (%s)%s%s: %s",
		     syscalls_name(t->config.names, t->call.abi, t->call.nr, name, sizeof(name)),
		     abi_name(t->call.abi), process, result,
		     t->level == LEVEL_PROCESSES ? "processes"
		     : t->level == LEVEL_RESULTS ? "results"
						 : "sites");
	return true;
}

/* ---- the list ---- */

static void draw_titles(struct frame *f, unsigned int y, unsigned int width,
			const struct column_at *columns, size_t count)
{
	frame_fill(f, y, 0, width, TONE_HEAD);
	for (size_t i = 0; i < count; i++) {
		const struct column_at *c = &columns[i];
		enum tone tone = c->sorted ? TONE_SORTED : TONE_HEAD;

		frame_tone(f, y, c->x, c->width, tone);
		if (c->left)
			frame_put(f, y, c->x, c->width, tone, c->title);
		else
			frame_put_right(f, y, c->x, c->width, tone, c->title);
		if (c->sort >= 0)
			frame_zone(f, y, c->x, c->width, TOP_SORT, (size_t)c->sort);
	}
}

static void draw_trend(const struct top *t, struct frame *f, unsigned int y,
		       const struct column_at *c, const struct list_row *r)
{
	double values[64];
	uint64_t first = history_first(t->history), end = t->at + 1;
	size_t n = end > first ? (size_t)(end - first) : 0;

	n = n < c->width ? n : c->width;
	n = n < ARRAY_SIZE(values) ? n : ARRAY_SIZE(values);
	for (size_t i = 0; i < n; i++)
		values[i] = history_rate(t->history, end - n + i, GROUP_DEFAULT, &r->cell->key,
					 HISTORY_COUNT);
	chart_draw(f, y, c->x + c->width - (unsigned int)n, 1, values, n, chart_max(values, n));
}

static void draw_row(const struct top *t, struct frame *f, unsigned int y, unsigned int width,
		     const struct column_at *columns, size_t count, size_t i)
{
	const struct list_row *r = &t->rows[i];
	char buf[512];

	for (size_t k = 0; k < count; k++) {
		const struct column_at *c = &columns[k];

		if (c->chart)
			draw_trend(t, f, y, c, r);
		else if (c->left)
			frame_put(f, y, c->x, c->width, r->tone,
				  column_text(t, c, r, buf, sizeof(buf)));
		else
			frame_put_right(f, y, c->x, c->width, r->tone,
					column_text(t, c, r, buf, sizeof(buf)));
	}
	if (i == t->places[list_kind(t)].cursor)
		frame_tone(f, y, 0, width, TONE_CURSOR);
	frame_zone(f, y, 0, width, TOP_ROW, i);
}

/* The row that is chosen is seen, and the page is full where there are as many rows. */
static size_t first_row(struct top *t, unsigned int page)
{
	struct place *p = &t->places[list_kind(t)];

	if (p->cursor < p->offset)
		p->offset = p->cursor;
	if (page && p->cursor >= p->offset + page)
		p->offset = p->cursor - page + 1;
	if (p->offset + page > t->rows_count)
		p->offset = t->rows_count > page ? t->rows_count - page : 0;
	return p->offset;
}

static void draw_list(struct top *t, struct frame *f, unsigned int y, unsigned int width,
		      unsigned int height)
{
	struct column_at columns[COLUMNS_AT_MAX];
	size_t count = columns_fit(t, width, columns), first;
	bool titles = list_kind(t) != LIST_LOSSES;

	if (titles)
		draw_titles(f, y, width, columns, count);
	y += titles;
	height -= titles && height;
	t->page = height;
	first = first_row(t, height);
	for (unsigned int i = 0; i < height && first + i < t->rows_count; i++)
		draw_row(t, f, y + i, width, columns, count, first + i);
	if (!t->rows_count && t->empty)
		frame_wrap(f, y + (height > 2), 1, width > 2 ? width - 2 : 1, TONE_DIM, t->empty);
}

/* ---- the last line ---- */

static void draw_bar(const struct top *t, struct frame *f, unsigned int y)
{
	unsigned int x = 0, used = 0;
	int ranks = 0;

	(void)t;
	for (int rank = 0; rank < (int)top_bar_count; rank++)
		for (size_t i = 0; i < top_bar_count; i++)
			if (top_bar[i].rank == rank && ranks == rank &&
			    used + strlen(top_bar[i].key) + strlen(top_bar[i].label) + 1 <=
				    f->width) {
				used += (unsigned int)(strlen(top_bar[i].key) +
						       strlen(top_bar[i].label) + 1);
				ranks++;
			}
	for (size_t i = 0; i < top_bar_count; i++) {
		unsigned int from = x;

		if (top_bar[i].rank >= ranks)
			continue;
		x += frame_put(f, y, x, f->width - x, TONE_KEY, top_bar[i].key);
		x += frame_printf(f, y, x, f->width - x, TONE_BUTTON, "%s ", top_bar[i].label);
		frame_zone(f, y, from, x - from, top_bar[i].action, 0);
	}
}

/* What is typed; its end is seen. */
static void draw_input(const struct top *t, struct frame *f, unsigned int y, const char *label)
{
	unsigned int x = frame_put(f, y, 0, f->width, TONE_KEY, label) + 1;
	const char *text = t->input;
	size_t columns;

	while (x < f->width && text_columns(text) >= f->width - x)
		text += text_char(text, &columns);
	x += frame_put(f, y, x, f->width - x, TONE_STRONG, text);
	f->cursor = true;
	f->cursor_y = y;
	f->cursor_x = x < f->width ? x : f->width - 1;
}

static void draw_last_line(const struct top *t, struct frame *f, unsigned int y)
{
	if (t->prompt == PROMPT_FILTER)
		draw_input(t, f, y, "Filter:");
	else if (t->prompt == PROMPT_SAVE)
		draw_input(t, f, y, "Save as:");
	else if (t->message[0])
		frame_put(f, y, 0, f->width, t->message_bad ? TONE_BAD : TONE_STRONG, t->message);
	else
		draw_bar(t, f, y);
}

/* ---- above the rest ---- */

static void draw_box(struct frame *f, unsigned int y, unsigned int x, unsigned int width,
		     unsigned int height)
{
	for (unsigned int i = 0; i < height; i++)
		frame_fill(f, y + i, x, width, TONE_BOX);
}

static void draw_help(struct frame *f)
{
	unsigned int width = f->width < 76 ? f->width : 76, y = 0;
	unsigned int height = (unsigned int)top_help_count + 3;
	unsigned int x = (f->width - width) / 2;

	height = height < f->height ? height : f->height;
	y = (f->height - height) / 2;
	draw_box(f, y, x, width, height);
	frame_put(f, y, x + 1, width - 2, TONE_KEY, "Keys of sysgate top; any key goes back");
	for (unsigned int i = 0; i < top_help_count && i + 2 < height; i++) {
		frame_put(f, y + 2 + i, x + 1, 18, TONE_BOX, top_help[i].keys);
		frame_put(f, y + 2 + i, x + 19, width - 20, TONE_BOX, top_help[i].text);
	}
}

static void draw_menu(const struct top *t, struct frame *f)
{
	unsigned int width = 16, y = 3;
	unsigned int height = (unsigned int)sort_choices_count + 1;

	height = height + y < f->height ? height : f->height - y;
	draw_box(f, y, 0, width, height);
	frame_fill(f, y, 0, width, TONE_KEY);
	frame_put(f, y, 1, width - 1, TONE_KEY, "Sort by");
	for (unsigned int i = 0; i < sort_choices_count && i + 1 < height; i++) {
		frame_put(f, y + 1 + i, 2, width - 2, TONE_BOX, sort_choices[i].name);
		if (i == t->menu)
			frame_tone(f, y + 1 + i, 0, width, TONE_CURSOR);
		frame_zone(f, y + 1 + i, 0, width, TOP_MENU_ROW, i);
	}
}

/* ---- the whole ---- */

static void draw(struct top *t, struct frame *f)
{
	unsigned int y = HEAD_LINES, body, beside, below;

	draw_first_line(t, f);
	draw_second_line(t, f);
	draw_tabs(t, f);
	y += draw_path(t, f, y);
	body = f->height - y - 1;
	beside = detail_width(t, body);
	below = detail_height(t, body);
	draw_list(t, f, y, f->width - (beside ? beside + 2 : 0), body - below);
	if (beside)
		detail_draw(t, f, y, f->width - beside, beside, body);
	else if (below)
		detail_draw(t, f, y + body - below, 0, f->width, below);
	draw_last_line(t, f, f->height - 1);
	if (t->prompt == PROMPT_HELP)
		draw_help(f);
	else if (t->prompt == PROMPT_SORT)
		draw_menu(t, f);
}

const struct frame *top_compose(struct top *t)
{
	struct frame *f = frame_new(t->width, t->height, t->config.ascii);

	if (!f || list_make(t)) {
		frame_free(f);
		return NULL;
	}
	if (f->width < WIDTH_MIN || f->height < HEIGHT_MIN)
		frame_put(f, 0, 0, f->width, TONE_PLAIN, "too small a window");
	else
		draw(t, f);
	frame_free(t->frame);
	t->frame = f;
	return f;
}
