// SPDX-License-Identifier: GPL-2.0-or-later
/* For people: what is not kept, a line each that editors can follow, and a line of all. */
#include "budget/report.h"

#include <errno.h>
#include <inttypes.h>

#include "base/cleanup.h"
#include "sink/grid.h"
#include "sink/sink.h"
#include "sink/text.h"

/* So many processes are told in a report for people. */
#define CULPRITS_SHOWN 3

static int put(FILE *out, const char *text)
{
	_cleanup_free_ char *safe = text_escape(text);

	if (!safe)
		return -ENOMEM;
	fputs(safe, out);
	return 0;
}

static int write_culprits(FILE *out, const struct report *r, const struct result *one)
{
	size_t more = one->culprits_more;
	char buf[256];
	int ret = 0;

	for (size_t i = 0; !ret && i < one->culprits_count; i++) {
		if (i == CULPRITS_SHOWN) {
			more += one->culprits_count - i;
			break;
		}
		fputs("    ", out);
		ret = put(out, report_culprit(r, one, &one->culprits[i], buf, sizeof(buf)));
		fputc('\n', out);
	}
	if (more)
		fprintf(out, "    and %zu more\n", more);
	return ret;
}

/* The sign of a verdict: what is broken is red. */
static const char *mark(const struct style *style, enum verdict v)
{
	return v == VERDICT_BROKEN ? style->red : v == VERDICT_UNKNOWN ? style->bold : style->dim;
}

static int write_result(FILE *out, const struct report *r, const struct result *one,
			const struct style *style)
{
	static const char *const kinds[] = { "counted, exact", "timed", "status" };
	bool known = one->verdict != VERDICT_UNKNOWN;
	int ret = put(out, one->path ? one->path : r->budget);

	if (one->at.line)
		fprintf(out, ":%u:%u", one->at.line, one->at.column);
	fprintf(out, ": %s%s%s: ", mark(style, one->verdict), verdict_name(one->verdict),
		style->off);
	if (!ret)
		ret = put(out, one->name);
	fprintf(out, ": expected %s, seen %s (%s%s", one->expected, one->seen,
		known ? kinds[one->kind] : "", known && one->why ? "; " : "");
	if (!ret && one->why)
		ret = put(out, one->why);
	fputs(")\n", out);
	return ret ? ret : write_culprits(out, r, one);
}

/* engine: what the engine says of its counts too. */
static int write_notes(FILE *out, const struct report *r, bool engine)
{
	int ret = 0;

	for (size_t i = 0; !ret && i < r->notes_count; i++) {
		fputs("note: ", out);
		ret = put(out, r->notes[i]);
		fputc('\n', out);
	}
	for (size_t i = 0; !ret && engine && i < SNAPSHOT_NOTES && r->snapshot->notes[i]; i++) {
		fputs("note: ", out);
		ret = put(out, r->snapshot->notes[i]);
		fputc('\n', out);
	}
	return ret;
}

static int write_text(FILE *out, const struct report *r, bool colour)
{
	const struct style *style = style_for(colour);
	const size_t *n = r->verdicts;
	enum verdict all = report_verdict(r);
	char calls[40], time[40];
	int ret = 0;

	for (size_t i = 0; !ret && i < r->count; i++)
		if (r->results[i].verdict != VERDICT_KEPT || r->all)
			ret = write_result(out, r, &r->results[i], style);
	if (!ret)
		ret = write_notes(out, r, r->verdicts[VERDICT_UNKNOWN] || r->all);
	if (!ret)
		ret = put(out, r->budget);
	fprintf(out, ": %s%s%s: %zu kept", mark(style, all), verdict_name(all), style->off,
		n[VERDICT_KEPT]);
	if (n[VERDICT_BROKEN])
		fprintf(out, ", %zu broken", n[VERDICT_BROKEN]);
	if (n[VERDICT_UNKNOWN])
		fprintf(out, ", %zu not known", n[VERDICT_UNKNOWN]);
	fprintf(out, "; %s calls in %s by engine %s\n",
		format_count(calls, sizeof(calls), r->snapshot->conservation.entries),
		format_time(time, sizeof(time), r->snapshot->duration_ns), r->snapshot->engine);
	return ret;
}

const struct report_format report_format_text = {
	.name = "text",
	.write = write_text,
};
