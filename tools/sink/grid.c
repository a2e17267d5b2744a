// SPDX-License-Identifier: GPL-2.0-or-later
#include "sink/grid.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "sink/text.h"

#define GAP 2 /* columns between columns */

struct grid_line {
	char **texts;
	const char *label;
};

struct grid {
	const struct grid_column *const *columns;
	size_t *widths; /* 0: dropped */
	size_t count;
	struct grid_line *lines;
	size_t lines_count;
};

const struct style *style_for(bool colour)
{
	static const struct style plain = { "", "", "", "" };
	static const struct style sgr = { "\033[1m", "\033[2m", "\033[31m", "\033[0m" };

	return colour ? &sgr : &plain;
}

struct grid *grid_new(const struct grid_column *const *columns, size_t count)
{
	struct grid *g = calloc(1, sizeof(*g));

	if (!g)
		return NULL;
	g->columns = columns;
	g->count = count;
	g->widths = calloc(count + 1, sizeof(*g->widths));
	if (!g->widths) {
		free(g);
		return NULL;
	}
	return g;
}

static void free_texts(char **texts, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(texts[i]);
}

void grid_free(struct grid *g)
{
	if (!g)
		return;
	for (size_t i = 0; i < g->lines_count; i++) {
		free_texts(g->lines[i].texts, g->count);
		free(g->lines[i].texts);
	}
	free(g->lines);
	free(g->widths);
	free(g);
}

int grid_row(struct grid *g, char **texts, const char *label)
{
	struct grid_line *lines, line = { .label = label };
	bool whole = true;

	for (size_t i = 0; i < g->count; i++)
		whole &= texts[i] != NULL;
	lines = reallocarray(g->lines, g->lines_count + 1, sizeof(*lines));
	if (lines)
		g->lines = lines;
	line.texts = calloc(g->count + 1, sizeof(*line.texts));
	if (!whole || !lines || !line.texts) {
		free_texts(texts, g->count);
		free(line.texts);
		return -ENOMEM;
	}
	memcpy(line.texts, texts, g->count * sizeof(*texts));
	g->lines[g->lines_count++] = line;
	return 0;
}

static size_t total_width(const struct grid *g)
{
	size_t sum = 0;

	for (size_t i = 0; i < g->count; i++)
		sum += g->widths[i] ? g->widths[i] + (sum ? GAP : 0) : 0;
	return sum;
}

/* The text columns' common width, which labels have. */
static size_t label_width(const struct grid *g)
{
	size_t sum = 0;

	for (size_t i = 0; i < g->count && g->columns[i]->text; i++)
		sum += g->widths[i] ? g->widths[i] + (sum ? GAP : 0) : 0;
	return sum;
}

static void measure(struct grid *g)
{
	for (size_t i = 0; i < g->count; i++) {
		g->widths[i] = strlen(g->columns[i]->title);
		for (size_t j = 0; j < g->lines_count; j++) {
			size_t n = text_columns(g->lines[j].texts[i]);

			if (n > g->widths[i])
				g->widths[i] = n;
		}
	}
}

/* Widens the last text column so that every label fits. */
static void make_room_for_labels(struct grid *g)
{
	size_t want = 0, have = label_width(g), last = g->count;

	for (size_t j = 0; j < g->lines_count; j++) {
		size_t n = g->lines[j].label ? strlen(g->lines[j].label) : 0;

		want = n > want ? n : want;
	}
	for (size_t i = 0; i < g->count && g->columns[i]->text; i++)
		last = g->widths[i] ? i : last;
	if (last < g->count && want > have)
		g->widths[last] += want - have;
}

/* Drops columns up to a rank, the lowest first, until the grid fits. */
static void drop(struct grid *g, size_t width, int from, int to)
{
	for (int rank = from; rank <= to; rank++) {
		for (size_t i = 0; i < g->count && total_width(g) > width; i++) {
			if (g->columns[i]->rank == rank)
				g->widths[i] = 0;
		}
	}
}

/* Narrows the widest text columns, to `least` columns at most, until the grid fits. */
static void narrow(struct grid *g, size_t width, size_t least)
{
	while (total_width(g) > width) {
		size_t widest = g->count;

		for (size_t i = 0; i < g->count; i++) {
			if (g->columns[i]->text && g->widths[i] > least &&
			    (widest == g->count || g->widths[i] > g->widths[widest]))
				widest = i;
		}
		if (widest == g->count)
			return;
		g->widths[widest]--;
	}
}

static void fit(struct grid *g, size_t width)
{
	measure(g);
	make_room_for_labels(g);
	if (!width)
		return;
	narrow(g, width, 32);
	drop(g, width, GRID_DETAIL, GRID_FIGURE - 1);
	narrow(g, width, 16);
	drop(g, width, GRID_FIGURE, GRID_KEY - 1);
	narrow(g, width, 6);
	drop(g, width, GRID_KEY, GRID_RANKS - 1);
}

/* A text in so many columns: padded, or cut with a '+' at its end. */
static void put(FILE *out, const char *text, size_t columns, bool left, bool pad)
{
	size_t n = text_columns(text), bytes;

	if (n > columns && columns) {
		bytes = text_fit(text, columns - 1);
		fprintf(out, "%.*s+", (int)bytes, text);
		return;
	}
	if (!left)
		fprintf(out, "%*s", (int)(columns - n), "");
	fputs(text, out);
	if (left && pad)
		fprintf(out, "%*s", (int)(columns - n), "");
}

static void print_line(FILE *out, const struct grid *g, char *const *texts, const char *label)
{
	size_t last = 0, first_figure = 0;
	bool begun = false;

	for (size_t i = 0; i < g->count; i++) {
		last = g->widths[i] ? i : last;
		first_figure += g->columns[i]->text;
	}
	for (size_t i = 0; i < g->count; i++) {
		if (!g->widths[i] || (label && i < first_figure && begun))
			continue;
		fprintf(out, "%*s", begun ? GAP : 0, "");
		begun = true;
		if (label && i < first_figure)
			put(out, label, label_width(g), true, true);
		else
			put(out, texts ? texts[i] : g->columns[i]->title, g->widths[i],
			    g->columns[i]->text, i != last);
	}
}

void grid_print(FILE *out, struct grid *g, size_t width, const struct style *style)
{
	fit(g, width);
	fputs(style->bold, out);
	print_line(out, g, NULL, NULL);
	fprintf(out, "%s\n", style->off);
	for (size_t j = 0; j < g->lines_count; j++) {
		const struct grid_line *l = &g->lines[j];

		fputs(l->label ? style->dim : "", out);
		print_line(out, g, l->texts, l->label);
		fprintf(out, "%s\n", l->label ? style->off : "");
	}
}

void wrap_print(FILE *out, const char *text, size_t width, const char *mark,
		const struct style *style)
{
	_cleanup_free_ char *safe = text_escape(text);
	size_t used = 0;

	fputs(mark, out);
	for (const char *p = safe ? safe : "(out of memory)"; *p;) {
		size_t bytes = strcspn(p, " "), columns;
		_cleanup_free_ char *word = strndup(p, bytes);

		if (!word)
			break;
		columns = text_columns(word);
		if (used && width && used + 1 + columns > width) {
			fputs("\n  ", out);
			used = 2;
		} else if (used) {
			used += (size_t)fprintf(out, " ");
		}
		/* A word that is longer than a line is cut. */
		if (width && used + columns > width)
			columns = width - used;
		put(out, word, columns, true, false);
		used += columns;
		p += bytes;
		p += strspn(p, " ");
	}
	fprintf(out, "%s\n", *mark ? style->off : "");
}
