/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The figures of a budget and what stands behind their "=": numbers with units. */
#ifndef SYSGATE_BUDGET_VALUE_H
#define SYSGATE_BUDGET_VALUE_H

#include "budget/budget.h"

enum value_unit {
	VALUE_COUNT, /* "12" */
	VALUE_RATE,  /* "12.5/s", "12.5" */
	VALUE_TIME   /* "200 us": in ns */
};

struct value_figure {
	enum budget_figure figure;
	double quantile;
	enum value_unit unit;
};

/* "count", "p99.9" and so on. false: there is no such figure. */
bool value_figure(const char *name, struct value_figure *out);
/* The names that there are, for a message. */
extern const char value_figures[];

/* 0, or why not, in words; "%s" of one argument is never in it. NULL: it is right. */
const char *value_number(const char *text, enum value_unit unit, double *out);
/* "12", or "10..20" as two. */
const char *value_range(const char *text, enum value_unit unit, double *low, double *high);
/* "25%" as 0.25. */
const char *value_part(const char *text, double *out);
/* "3", "2%" or "any". */
const char *value_slack(const char *text, struct budget_settings *out);
/* "5": units of the noise. */
const char *value_tolerance(const char *text, double *out);
const char *value_yes(const char *text, double *out);
/* "ENOENT"; 0: there is none of that name. */
uint16_t value_errno(const char *text);

#endif
