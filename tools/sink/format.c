// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>

#include "base/cleanup.h"
#include "sink/sink.h"

/* A unit is used from `from` ns on: below, three digits of the one before it are enough. */
static const struct time_unit {
	double from, ns;
	const char *name;
} time_units[] = {
	{ 3.5982e15, 8.64e13, "d" }, { 5.9985e12, 3.6e12, "h" }, { 9.995e11, 6e10, "min" },
	{ 9.995e8, 1e9, "s" },	     { 9.995e5, 1e6, "ms" },	 { 999.5, 1e3, "us" },
};

const char *format_time(char *buf, size_t size, uint64_t ns)
{
	for (size_t i = 0; i < ARRAY_SIZE(time_units); i++) {
		const struct time_unit *u = &time_units[i];
		double v = (double)ns / u->ns;
		int digits = v < 9.995 ? 2 : v < 99.95 ? 1 : 0;

		if ((double)ns < u->from)
			continue;
		snprintf(buf, size, "%.*f %s", digits, v, u->name);
		return buf;
	}
	snprintf(buf, size, "%llu ns", (unsigned long long)ns);
	return buf;
}

const char *format_count(char *buf, size_t size, uint64_t n)
{
	char digits[24];
	int count = snprintf(digits, sizeof(digits), "%llu", (unsigned long long)n);
	size_t at = 0;

	if (!size)
		return buf;
	for (int i = 0; i < count && at + 1 < size; i++) {
		if (i && (count - i) % 3 == 0)
			buf[at++] = ',';
		if (at + 1 < size)
			buf[at++] = digits[i];
	}
	buf[at] = '\0';
	return buf;
}
