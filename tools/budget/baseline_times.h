/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How the times of a run's rows differ from a baseline's. */
#ifndef SYSGATE_BUDGET_BASELINE_TIMES_H
#define SYSGATE_BUDGET_BASELINE_TIMES_H

#include "budget/baseline.h"

/* What all rows have in common. */
struct baseline_times {
	double pace;   /* the run's times to the baseline's; NAN: too few rows to know */
	double spread; /* how rows scatter around that, as a part */
	size_t rows;   /* that have a time in both */
};

/* A row's change, as it is and with the pace taken off. */
struct baseline_change {
	double plain, paced; /* 0.5: half as long again */
	double plain_noise, paced_noise;
};

/* 0 or -ENOMEM. */
int baseline_times(struct baseline_times *t, const struct baseline *old,
		   const struct baseline *now);
/* Both are known, and so is the pace. */
struct baseline_change baseline_change(const struct baseline_times *t, const struct estimate *old,
				       const struct estimate *now);
/* How often the noise a change is, by the reckoning that makes less of it. */
double baseline_certainty(const struct baseline_change *c);
/* Is the row slower, or faster, by both reckonings, by more than the noise and enough to matter?
 */
bool baseline_grew(const struct baseline_change *c, const struct budget_settings *s);
bool baseline_shrank(const struct baseline_change *c, const struct budget_settings *s);
/* So many times as long as before a row's time may be before it grew; more than 1. */
double baseline_bound(const struct baseline_times *t, const struct baseline_change *c,
		      const struct budget_settings *s);

#endif
