/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A grid of texts that is laid out to fit a width: columns are dropped and texts cut. */
#ifndef SYSGATE_SINK_GRID_H
#define SYSGATE_SINK_GRID_H

#include <stdbool.h>
#include <stdio.h>

/* Ranks: which columns go first when the width is small. Within a class, the smaller first. */
enum {
	GRID_STAYS = 0,
	GRID_DETAIL = 1,  /* .. 9: goes before any text is cut */
	GRID_FIGURE = 10, /* .. 19: goes when cutting texts is not enough */
	GRID_KEY = 20,	  /* .. 29: goes when nothing else helps */
	GRID_RANKS = 30,
};

struct grid_column {
	const char *title;
	bool text; /* on the left, may be cut; else a figure, on the right and never cut */
	int rank;
};

struct grid;

/* Texts come before figures among the columns, which are borrowed. NULL: no memory. */
struct grid *grid_new(const struct grid_column *const *columns, size_t count);
void grid_free(struct grid *g);
/*
 * Adds a row of count heap texts, which the grid takes even when it fails. With a label, which is
 * borrowed, that is shown across the text columns instead of theirs. 0 or -ENOMEM.
 */
int grid_row(struct grid *g, char **texts, const char *label);

/* Marks of a line: SGR sequences or "". */
struct style {
	const char *bold, *dim, *red, *off;
};
const struct style *style_for(bool colour);

/* Writes titles and rows, labelled ones dim, no line longer than width (0: no limit). */
void grid_print(FILE *out, struct grid *g, size_t width, const struct style *style);

/* Writes words wrapped at width, all lines but the first indented by two. */
void wrap_print(FILE *out, const char *text, size_t width, const char *mark,
		const struct style *style);

#endif
