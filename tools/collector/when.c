// SPDX-License-Identifier: GPL-2.0-or-later
#include "collector/when.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/options.h"

#define SECOND 1000000000ULL

static int parse_relative(const char *text, const struct recording_range *extent, uint64_t *ns)
{
	double seconds;
	uint64_t by;

	if (parse_seconds(text + 1, &seconds))
		return -EINVAL;
	by = (uint64_t)(seconds * 1e9);
	if (*text == '+')
		*ns = extent->from + by;
	else
		*ns = by < extent->to ? extent->to - by : 0;
	return 0;
}

static int parse_epoch(const char *text, uint64_t *ns)
{
	char *end;
	double seconds = strtod(text, &end);

	if (end == text || *end || !(seconds >= 0) || seconds > 9e9)
		return -EINVAL;
	*ns = (uint64_t)(seconds * 1e9);
	return 0;
}

/* A date and time; without a date, of the day of `day`. */
static int parse_clock(const char *text, uint64_t day, uint64_t *ns)
{
	static const char *const formats[] = {
		"%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d", "%Y-%m-%dT%H:%M:%S",
		"%Y-%m-%dT%H:%M",    "%H:%M:%S",       "%H:%M"
	};

	for (size_t i = 0; i < ARRAY_SIZE(formats); i++) {
		time_t base = (time_t)(day / SECOND), t;
		struct tm tm;
		const char *end;
		bool utc;

		localtime_r(&base, &tm);
		tm.tm_hour = tm.tm_min = tm.tm_sec = 0;
		end = strptime(text, formats[i], &tm);
		utc = end && !strcmp(end, "Z");
		if (!end || (*end && !utc))
			continue;
		tm.tm_isdst = -1;
		t = utc ? timegm(&tm) : mktime(&tm);
		if (t < 0)
			return -EINVAL;
		*ns = (uint64_t)t * SECOND;
		return 0;
	}
	return -EINVAL;
}

int when_parse(const char *text, const struct recording_range *extent, uint64_t *ns,
	       struct sg_error *e)
{
	int ret;

	if (*text == '+' || *text == '-')
		ret = parse_relative(text, extent, ns);
	else if (*text == '@')
		ret = parse_epoch(text + 1, ns);
	else
		ret = parse_clock(text, extent->to ? extent->to - 1 : 0, ns);
	if (!ret)
		return 0;
	sg_fail(e, EINVAL, "'%.64s' is no time", text);
	sg_hint(e, "such as '2026-11-28 18:30', 18:30:05, @1795890272, +10m (from the begin), "
		   "-1h (from the end)");
	return -EINVAL;
}

const char *when_format(char *buf, size_t size, uint64_t ns)
{
	time_t t = (time_t)(ns / SECOND);
	struct tm tm;

	strftime(buf, size, "%Y-%m-%d %H:%M:%S", localtime_r(&t, &tm));
	return buf;
}
