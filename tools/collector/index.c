// SPDX-License-Identifier: GPL-2.0-or-later
#include "collector/index.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

int index_add(struct index *x, const struct index_row *row)
{
	if (x->count == x->room) {
		size_t room = x->room ? 2 * x->room : 256;
		struct index_row *grown = reallocarray(x->rows, room, sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		x->rows = grown;
		x->room = room;
	}
	x->rows[x->count++] = *row;
	return 0;
}

void index_remove(struct index *x, size_t i)
{
	memmove(&x->rows[i], &x->rows[i + 1], (x->count - i - 1) * sizeof(*x->rows));
	x->count--;
}

void index_fini(struct index *x)
{
	free(x->rows);
	*x = (struct index){ 0 };
}

bool index_finest(const struct index *x, uint64_t now, size_t *at)
{
	double best = INFINITY;

	for (size_t i = 0; i + 1 < x->count; i++) {
		const struct index_row *a = &x->rows[i], *b = a + 1;
		double length, age;

		/* A clock that was put back would make a length of it. */
		if (a->run != b->run || b->start_ns < a->start_ns)
			continue;
		length = (double)(index_end(b) - a->start_ns);
		age = now > a->start_ns ? (double)(now - a->start_ns) : 1;
		if (length / age < best) {
			best = length / age;
			*at = i;
		}
	}
	return best < INFINITY;
}
