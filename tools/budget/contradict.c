// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Limits that no run could keep. Looked for is what follows from the words alone: the same figure
 * of the same calls, a part that must be more than the whole may be, calls that must be made and
 * are forbidden.
 */
#include "budget/contradict.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "base/cleanup.h"
#include "sink/text.h"

/* Of so many calls it is looked whether they are forbidden. */
#define CALLS_MOST 64

static int fail(const struct budget *b, const struct budget_limit *l, struct sg_error *e,
		const char *what, const struct budget_limit *other)
{
	char text[100], others[100];

	return sg_fail(e, EINVAL, "%.200s:%u:%u: '%s' %s '%s' on line %u", b->path, l->at.line,
		       l->at.column, text_clip(text, sizeof(text), l->text), what,
		       text_clip(others, sizeof(others), other->text), other->at.line);
}

/* What is true of a part is so of the whole. */
static bool adds_up(enum budget_figure f)
{
	return f == BUDGET_COUNT || f == BUDGET_ERRORS || f == BUDGET_IN_FLIGHT ||
	       f == BUDGET_TOTAL || f == BUDGET_RATE;
}

static bool same_figure(const struct budget_limit *a, const struct budget_limit *b)
{
	return a->figure == b->figure && a->quantile == b->quantile;
}

static int check_pair(const struct budget *b, const struct budget_limit *first,
		      const struct budget_limit *l, struct sg_error *e)
{
	bool inside = first->section == l->section || (adds_up(l->figure) && !first->section);
	bool outside = inside && first->section != l->section;

	if (!inside || !same_figure(first, l) || l->figure >= BUDGET_FORBID)
		return 0;
	if (l->low > first->high)
		return fail(b, l, e, "contradicts", first);
	if (outside)
		return 0;
	if (l->high < first->low)
		return fail(b, l, e, "contradicts", first);
	if (isfinite(first->high) == isfinite(l->high) || (first->low > 0) == (l->low > 0))
		return fail(b, l, e, "says again what", first);
	return 0;
}

/* None of the calls that the section names may be made by limit l. */
static bool rules_out(const struct budget_section *s, const struct budget_limit *l)
{
	struct key keys[CALLS_MOST];
	size_t n = s->who.calls ? callset_named(s->who.calls, keys, CALLS_MOST) : CALLSET_ALL;

	if (!n || n > CALLS_MOST)
		return false;
	for (size_t i = 0; i < n; i++)
		for (uint8_t gate = 1; gate < SYSGATE_GATES; gate++) {
			keys[i].gate = gate;
			if (callset_has(&keys[i], s->who.calls) &&
			    callset_has(&keys[i], l->calls) == (l->figure == BUDGET_ALLOW_ONLY))
				return false;
		}
	return true;
}

static int check_forbidden(const struct budget *b, const struct budget_limit *l, struct sg_error *e)
{
	if (l->low <= 0 || !adds_up(l->figure))
		return 0;
	for (size_t i = 0; i < b->limits_count; i++) {
		const struct budget_limit *other = &b->limits[i];

		if (other->figure >= BUDGET_FORBID &&
		    (!other->section || other->section == l->section) &&
		    rules_out(&b->sections[l->section], other))
			return fail(b, l, e, "contradicts", other);
	}
	return 0;
}

int contradict(const struct budget *b, struct sg_error *e)
{
	int ret = 0;

	for (size_t i = 0; !ret && i < b->limits_count; i++) {
		const struct budget_limit *l = &b->limits[i];

		for (size_t k = 0; !ret && k < i; k++)
			ret = check_pair(b, &b->limits[k], l, e);
		if (!ret)
			ret = check_forbidden(b, l, e);
	}
	return ret;
}
