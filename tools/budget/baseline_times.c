// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A machine that is busy, or another one, is slower for all calls alike: the median over the rows
 * of how much is the pace. How the rows scatter around it is noise of this run that no single row
 * could know of.
 */
#include "budget/baseline_times.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "collector/student.h"

/* So many rows tell what all have in common: then one that changed is outvoted. */
#define PACE_ROWS 3

int baseline_times(struct baseline_times *t, const struct baseline *old, const struct baseline *now)
{
	_cleanup_free_ double *ratios = calloc(now->count + 1, sizeof(*ratios));

	*t = (struct baseline_times){ .pace = NAN };
	if (!ratios)
		return -ENOMEM;
	for (size_t i = 0, k = 0; i < now->count; i++) {
		const struct estimate *a, *b = &now->rows[i].typical;

		while (k < old->count && baseline_order(&old->rows[k], &now->rows[i]) < 0)
			k++;
		if (k == old->count || baseline_order(&old->rows[k], &now->rows[i]) > 0)
			continue;
		a = &old->rows[k].typical;
		if (a->known && b->known && a->value > 0)
			ratios[t->rows++] = b->value / a->value;
	}
	if (t->rows >= PACE_ROWS)
		t->pace = estimate_pace(ratios, t->rows, &t->spread);
	return 0;
}

struct baseline_change baseline_change(const struct baseline_times *t, const struct estimate *old,
				       const struct estimate *now)
{
	struct contrast plain = estimate_against(old, now, 1, t->spread, false);
	struct contrast paced = estimate_against(old, now, t->pace, t->spread, false);

	return (struct baseline_change){
		.plain = plain.change,
		.plain_noise = plain.noise * student_widening(plain.df),
		.paced = paced.change,
		.paced_noise = paced.noise * student_widening(paced.df),
	};
}

double baseline_certainty(const struct baseline_change *c)
{
	return fmin(c->plain / c->plain_noise, c->paced / c->paced_noise);
}

bool baseline_grew(const struct baseline_change *c, const struct budget_settings *s)
{
	return c->plain > s->least && c->paced > s->least &&
	       c->plain > s->tolerance * c->plain_noise && c->paced > s->tolerance * c->paced_noise;
}

double baseline_bound(const struct baseline_times *t, const struct baseline_change *c,
		      const struct budget_settings *s)
{
	double plain = 1 + fmax(s->least, s->tolerance * c->plain_noise);
	double paced = 1 + fmax(s->least, s->tolerance * c->paced_noise);

	return fmax(plain, t->pace * paced);
}

/* A third less is as much as half more. */
static double less(double change)
{
	return 1 / (1 + change) - 1;
}

bool baseline_shrank(const struct baseline_change *c, const struct budget_settings *s)
{
	return less(c->plain) > s->least && less(c->paced) > s->least &&
	       -c->plain > s->tolerance * c->plain_noise &&
	       -c->paced > s->tolerance * c->paced_noise;
}
