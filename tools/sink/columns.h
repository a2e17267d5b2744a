/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The columns of the table, and which of them a view has. */
#ifndef SYSGATE_SINK_COLUMNS_H
#define SYSGATE_SINK_COLUMNS_H

#include "sink/grid.h"
#include "sink/sink.h"

#define COLUMNS_MAX 32

struct columns;

struct column {
	struct grid_column head;
	bool (*shown)(const struct columns *c);
	/*
	 * Heap text of the cell of one line; r is NULL in a line that is no row (total, rest).
	 * NULL: no memory.
	 */
	char *(*value)(const struct columns *c, const struct row *r, const struct cell *cell);
};

struct columns {
	const struct view *view;
	const struct syscalls *names;
	bool estimated; /* some extreme is an estimate: the legend is needed */
	const struct column *list[COLUMNS_MAX];
	size_t count;
};

void columns_choose(struct columns *c, const struct view *v, const struct syscalls *names);

#endif
