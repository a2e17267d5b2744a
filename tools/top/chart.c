// SPDX-License-Identifier: GPL-2.0-or-later
#include "top/chart.h"

/* Parts of a line that a bar can fill. */
#define PARTS 8

static const char *const blocks[PARTS + 1] = { " ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█" };
static const char *const letters[PARTS + 1] = { " ", ".", ".", ":", ":", "|", "|", "#", "#" };

double chart_max(const double *values, size_t count)
{
	double max = 0;

	for (size_t i = 0; i < count; i++)
		max = values[i] > max ? values[i] : max;
	return max;
}

static unsigned int parts_of(double value, double max, unsigned int all)
{
	double parts;

	if (value <= 0 || max <= 0)
		return 0;
	parts = value / max * all + 0.5;
	return parts >= all ? all : parts < 1 ? 1 : (unsigned int)parts;
}

void chart_draw(struct frame *f, unsigned int y, unsigned int x, unsigned int height,
		const double *values, size_t count, double max)
{
	const char *const *marks = f->ascii ? letters : blocks;

	for (size_t i = 0; i < count; i++) {
		unsigned int at = x + (unsigned int)i,
			     left = parts_of(values[i], max, PARTS * height);

		if (values[i] < 0)
			frame_put(f, y + height - 1, at, 1, TONE_DIM, f->ascii ? "." : "·");
		for (unsigned int line = height; left && line > 0; line--) {
			unsigned int parts = left < PARTS ? left : PARTS;

			frame_put(f, y + line - 1, at, 1, TONE_CHART, marks[parts]);
			left -= parts;
		}
	}
}
