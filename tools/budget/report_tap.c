// SPDX-License-Identifier: GPL-2.0-or-later
/* The Test Anything Protocol, version 13: a line a result, and what is not kept in YAML below. */
#include "budget/report.h"

#include <errno.h>

#include "base/cleanup.h"
#include "sink/text.h"

/* A '#' would begin a directive, and "# TODO" would make a failure pass. */
static int put_name(FILE *out, const char *text)
{
	_cleanup_free_ char *safe = text_escape(text);

	if (!safe)
		return -ENOMEM;
	for (const char *p = safe; *p; p++) {
		/* What text_escape() has doubled stays so: it is the protocol's own escape too. */
		if (*p == '#')
			fputc('\\', out);
		fputc(*p, out);
	}
	return 0;
}

/* In single quotes nothing has a meaning but the quote itself. */
static int put_quoted(FILE *out, const char *text)
{
	_cleanup_free_ char *safe = text_escape(text);

	if (!safe)
		return -ENOMEM;
	for (const char *p = safe; *p; p++) {
		if (*p == '\'')
			fputc('\'', out);
		fputc(*p, out);
	}
	return 0;
}

static int put_field(FILE *out, const char *key, const char *text)
{
	int ret;

	if (!text)
		return 0;
	fprintf(out, "  %s: '", key);
	ret = put_quoted(out, text);
	fputs("'\n", out);
	return ret;
}

/* In one text: the YAML that Perl's TAP::Parser reads has no ": " in the items of a list. */
static int put_culprits(FILE *out, const struct report *r, const struct result *one)
{
	char buf[256];
	int ret = 0;

	if (!one->culprits_count)
		return 0;
	fputs("  processes: '", out);
	for (size_t i = 0; !ret && i < one->culprits_count; i++) {
		fputs(i ? "; " : "", out);
		ret = put_quoted(out, report_culprit(r, one, &one->culprits[i], buf, sizeof(buf)));
	}
	fputs("'\n", out);
	return ret;
}

static int write_details(FILE *out, const struct report *r, const struct result *one)
{
	int ret;

	fputs("  ---\n", out);
	ret = put_field(out, "verdict", verdict_name(one->verdict));
	if (!ret)
		ret = put_field(out, "kind", result_kind_name(one->kind));
	if (!ret)
		ret = put_field(out, "expected", one->expected);
	if (!ret)
		ret = put_field(out, "seen", one->seen);
	if (!ret)
		ret = put_field(out, "why", one->why);
	if (!ret)
		ret = put_field(out, "file", one->path ? one->path : r->budget);
	if (one->at.line)
		fprintf(out, "  line: %u\n  column: %u\n", one->at.line, one->at.column);
	if (!ret)
		ret = put_culprits(out, r, one);
	fputs("  ...\n", out);
	return ret;
}

static int write_tap(FILE *out, const struct report *r, bool colour)
{
	int ret = 0;

	(void)colour;
	fprintf(out, "TAP version 13\n1..%zu\n", r->count);
	for (size_t i = 0; !ret && i < r->count; i++) {
		const struct result *one = &r->results[i];
		bool kept = one->verdict == VERDICT_KEPT;

		fprintf(out, "%s %zu - ", kept ? "ok" : "not ok", i + 1);
		ret = put_name(out, one->name);
		fputc('\n', out);
		if (!ret && !kept)
			ret = write_details(out, r, one);
	}
	for (size_t i = 0; !ret && i < r->notes_count; i++) {
		fputs("# ", out);
		ret = put_name(out, r->notes[i]);
		fputc('\n', out);
	}
	return ret;
}

const struct report_format report_format_tap = {
	.name = "tap",
	.write = write_tap,
};
