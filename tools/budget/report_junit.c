// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * JUnit's XML, as both Ant and Jenkins read it: a test case a result. What is broken is a failure,
 * what is not known an error.
 */
#include "budget/report.h"

#include <errno.h>
#include <time.h>

#include "base/cleanup.h"
#include "collector/html.h"
#include "sink/text.h"

/* Without control characters, which XML has no way to write. */
static int put(FILE *out, const char *text)
{
	_cleanup_free_ char *safe = text_escape(text);

	if (!safe)
		return -ENOMEM;
	html_text(out, safe);
	return 0;
}

static int put_attribute(FILE *out, const char *name, const char *text)
{
	int ret;

	fprintf(out, " %s=\"", name);
	ret = put(out, text);
	fputc('"', out);
	return ret;
}

static int put_property(FILE *out, const char *name, const char *value)
{
	int ret;

	fprintf(out, "      <property name=\"%s\"", name);
	ret = put_attribute(out, "value", value);
	fputs("/>\n", out);
	return ret;
}

static int write_failure(FILE *out, const struct report *r, const struct result *one)
{
	const char *element = one->verdict == VERDICT_BROKEN ? "failure" : "error";
	_cleanup_free_ char *message = NULL;
	char buf[256];
	int ret;

	if (asprintf(&message, "expected %s, seen %s%s%s%s", one->expected, one->seen,
		     one->why ? " (" : "", one->why ? one->why : "", one->why ? ")" : "") < 0) {
		message = NULL;
		return -ENOMEM;
	}
	fprintf(out, ">\n      <%s", element);
	ret = put_attribute(out, "message", message);
	fprintf(out, " type=\"%s %s\">", result_kind_name(one->kind), verdict_name(one->verdict));
	if (!ret)
		ret = put(out, one->path ? one->path : r->budget);
	if (one->at.line)
		fprintf(out, ":%u:%u", one->at.line, one->at.column);
	fputs(": ", out);
	if (!ret)
		ret = put(out, message);
	for (size_t i = 0; !ret && i < one->culprits_count; i++) {
		fputc('\n', out);
		ret = put(out, report_culprit(r, one, &one->culprits[i], buf, sizeof(buf)));
	}
	fprintf(out, "</%s>\n    </testcase>\n", element);
	return ret;
}

static int write_case(FILE *out, const struct report *r, const struct result *one)
{
	int ret;

	fputs("    <testcase", out);
	ret = put_attribute(out, "classname", r->budget);
	if (!ret)
		ret = put_attribute(out, "name", one->name);
	fputs(" time=\"0\"", out);
	if (ret)
		return ret;
	if (one->verdict != VERDICT_KEPT)
		return write_failure(out, r, one);
	fputs("/>\n", out);
	return 0;
}

static int write_properties(FILE *out, const struct report *r)
{
	int ret;

	fputs("    <properties>\n", out);
	ret = put_property(out, "sysgate", SYSGATE_VERSION);
	if (!ret)
		ret = put_property(out, "kernel", r->snapshot->kernel);
	if (!ret)
		ret = put_property(out, "engine", r->snapshot->engine);
	if (!ret && r->command)
		ret = put_property(out, "command", r->command);
	fputs("    </properties>\n", out);
	return ret;
}

static int write_suite(FILE *out, const struct report *r)
{
	const size_t *n = r->verdicts;
	char when[32] = "1970-01-01T00:00:00";
	time_t seconds = (time_t)(r->snapshot->start_ns / 1000000000);
	struct tm tm;
	int ret;

	if (gmtime_r(&seconds, &tm))
		strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%S", &tm);
	fputs("  <testsuite id=\"0\" package=\"sysgate\"", out);
	ret = put_attribute(out, "name", r->budget);
	if (!ret)
		ret = put_attribute(out, "hostname",
				    r->snapshot->host[0] ? r->snapshot->host : "localhost");
	fprintf(out,
		" timestamp=\"%s\" tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" time=\"%.3f\">\n",
		when, r->count, n[VERDICT_BROKEN], n[VERDICT_UNKNOWN],
		(double)r->snapshot->duration_ns / 1e9);
	return ret;
}

static int write_junit(FILE *out, const struct report *r, bool colour)
{
	int ret;

	(void)colour;
	fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n", out);
	ret = write_suite(out, r);
	if (!ret)
		ret = write_properties(out, r);
	for (size_t i = 0; !ret && i < r->count; i++)
		ret = write_case(out, r, &r->results[i]);
	fputs("    <system-out>", out);
	for (size_t i = 0; !ret && i < r->notes_count; i++) {
		ret = put(out, r->notes[i]);
		fputc('\n', out);
	}
	fputs("</system-out>\n    <system-err></system-err>\n  </testsuite>\n</testsuites>\n", out);
	return ret;
}

const struct report_format report_format_junit = {
	.name = "junit",
	.write = write_junit,
};
