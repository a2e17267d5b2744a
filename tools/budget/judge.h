/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether a run kept the limits of a budget. */
#ifndef SYSGATE_BUDGET_JUDGE_H
#define SYSGATE_BUDGET_JUDGE_H

#include "budget/noise.h"
#include "budget/report.h"

/*
 * Adds a result for each limit, in the order of the file, to r, whose snapshot is what the whole
 * run counted.
 */
void judge_limits(struct report *r, const struct budget *b, const struct noise *n);
/* Why nothing that was not counted can be known, in words; NULL: all was counted. Heap. */
char *judge_loss(struct report *r, const struct snapshot *s);
/* A figure in words, with its unit. */
const char *judge_figure(enum budget_figure f, double value, char *buf, size_t size);

#endif
