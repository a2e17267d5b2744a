// SPDX-License-Identifier: GPL-2.0-or-later
#include "budget/value.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

/* The kernel's last errno. */
#define ERRNO_MAX 4095
/* A hundred years: longer is a slip of the keys. */
#define TIME_MAX_NS 3.2e18

const char value_figures[] = "count, errors, in-flight, rate, total, avg, p50, p99 and other "
			     "percentiles, max, forbid, allow-only";

bool value_figure(const char *name, struct value_figure *out)
{
	static const struct {
		const char *name;
		struct value_figure figure;
	} figures[] = {
		{ "count", { BUDGET_COUNT, 0, VALUE_COUNT } },
		{ "errors", { BUDGET_ERRORS, 0, VALUE_COUNT } },
		{ "in-flight", { BUDGET_IN_FLIGHT, 0, VALUE_COUNT } },
		{ "rate", { BUDGET_RATE, 0, VALUE_RATE } },
		{ "total", { BUDGET_TOTAL, 0, VALUE_TIME } },
		{ "avg", { BUDGET_AVG, 0, VALUE_TIME } },
		{ "max", { BUDGET_MAX, 0, VALUE_TIME } },
	};
	char *end;
	double percent;

	for (size_t i = 0; i < ARRAY_SIZE(figures); i++) {
		if (strcmp(figures[i].name, name) != 0)
			continue;
		*out = figures[i].figure;
		return true;
	}
	if (name[0] != 'p' || !isdigit((unsigned char)name[1]))
		return false;
	percent = strtod(name + 1, &end);
	if (*end || end[-1] == '.' || strspn(name + 1, "0123456789.") != strlen(name + 1) ||
	    !(percent > 0) || !(percent < 100))
		return false;
	*out = (struct value_figure){ BUDGET_QUANTILE, percent / 100, VALUE_TIME };
	return true;
}

/* A plain decimal number and what follows it, blanks between left out. NULL: there is none. */
static const char *decimal(const char *text, double *out)
{
	size_t n = strspn(text, "0123456789");
	char *end;

	if (text[n] == '.')
		n += 1 + strspn(text + n + 1, "0123456789");
	if (!n || n > 30 || !isdigit((unsigned char)text[0]) || text[n - 1] == '.')
		return NULL;
	/* No more than these: strtod() knows "0x1p3" and "1e9" too. */
	*out = strtod(text, &end);
	if (end != text + n)
		return NULL;
	return end + strspn(end, " \t");
}

static const char *count(const char *text, double *out)
{
	const char *rest = decimal(text, out);

	if (!rest || *rest || strchr(text, '.'))
		return "not a whole number";
	return *out <= BUDGET_COUNT_MAX ? NULL : "larger than 10^15";
}

static const char *rate(const char *text, double *out)
{
	const char *rest = decimal(text, out);

	if (!rest || (*rest && strcmp(rest, "/s") != 0))
		return "not a number of calls a second, such as 1000/s";
	return *out <= BUDGET_COUNT_MAX ? NULL : "larger than 10^15";
}

static const char *duration(const char *text, double *out)
{
	static const struct {
		const char *name;
		double ns;
	} units[] = {
		{ "ns", 1 },  { "us", 1e3 },   { "ms", 1e6 },
		{ "s", 1e9 }, { "min", 6e10 }, { "h", 3.6e12 },
	};
	const char *rest = decimal(text, out);

	for (size_t i = 0; rest && i < ARRAY_SIZE(units); i++) {
		if (strcmp(rest, units[i].name) != 0)
			continue;
		*out *= units[i].ns;
		return *out <= TIME_MAX_NS ? NULL : "longer than a hundred years";
	}
	return "not a time with its unit (ns, us, ms, s, min, h), such as 200 us";
}

const char *value_number(const char *text, enum value_unit unit, double *out)
{
	switch (unit) {
	case VALUE_COUNT:
		return count(text, out);
	case VALUE_RATE:
		return rate(text, out);
	default:
		return duration(text, out);
	}
}

const char *value_range(const char *text, enum value_unit unit, double *low, double *high)
{
	const char *dots = strstr(text, ".."), *why;
	_cleanup_free_ char *first = dots ? strndup(text, (size_t)(dots - text)) : NULL;

	if (!dots || !first) {
		why = value_number(text, unit, low);
		*high = *low;
		return why;
	}
	for (size_t n = strlen(first); n && isblank((unsigned char)first[n - 1]); n--)
		first[n - 1] = '\0';
	why = value_number(first, unit, low);
	if (!why)
		why = value_number(dots + 2 + strspn(dots + 2, " \t"), unit, high);
	if (!why && *low > *high)
		why = "a range that ends before it begins";
	return why;
}

const char *value_part(const char *text, double *out)
{
	const char *rest = decimal(text, out);

	if (!rest || strcmp(rest, "%") != 0 || *out > 1e6)
		return "not a percentage, such as 25%";
	*out /= 100;
	return NULL;
}

const char *value_slack(const char *text, struct budget_settings *out)
{
	out->slack = out->slack_part = 0;
	if (!strcmp(text, "any")) {
		out->slack_part = INFINITY;
		return NULL;
	}
	if (strchr(text, '%'))
		return value_part(text, &out->slack_part);
	return count(text, &out->slack) ? "neither a number of calls nor a percentage nor 'any'"
					: NULL;
}

const char *value_tolerance(const char *text, double *out)
{
	const char *rest = decimal(text, out);

	return rest && !*rest && *out <= 1000 ? NULL : "not a number of at most 1000";
}

const char *value_yes(const char *text, double *out)
{
	*out = !strcmp(text, "yes");
	return *out || !strcmp(text, "no") ? NULL : "neither 'yes' nor 'no'";
}

uint16_t value_errno(const char *text)
{
	static const struct {
		const char *name;
		uint16_t err;
	} others[] = { { "EWOULDBLOCK", EWOULDBLOCK },
		       { "EDEADLOCK", EDEADLOCK },
		       { "ENOTSUP", ENOTSUP },
		       { "EOPNOTSUPP", EOPNOTSUPP } };
	char name[16];

	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		if (!strcmp(others[i].name, text))
			return others[i].err;
	for (uint16_t err = 1; err <= ERRNO_MAX; err++)
		if (!strcmp(sg_errno_name(err, name), text))
			return err;
	return 0;
}
