/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Values as bars that stand beside each other, a column each, in one line (a sparkline) or more. */
#ifndef SYSGATE_TOP_CHART_H
#define SYSGATE_TOP_CHART_H

#include "top/frame.h"

/*
 * Draws values[0 .. count) into height lines from y on, the first value at x. max is what is as
 * high as the chart; what is more than nothing is seen. A value below 0 is not known: a dot.
 */
void chart_draw(struct frame *f, unsigned int y, unsigned int x, unsigned int height,
		const double *values, size_t count, double max);
/* The largest of them; 0 when none is known. */
double chart_max(const double *values, size_t count);

#endif
