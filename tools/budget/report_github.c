// SPDX-License-Identifier: GPL-2.0-or-later
/* Lines that GitHub's runner shows at the line of the file: "::error file=..,line=..::text". */
#include "budget/report.h"

#include <errno.h>

#include "base/cleanup.h"
#include "sink/text.h"

/* What would end the text, or the property, is written as %XX. */
static int put(FILE *out, const char *text, bool property)
{
	_cleanup_free_ char *safe = text_escape(text);

	if (!safe)
		return -ENOMEM;
	for (const char *p = safe; *p; p++) {
		if (*p == '%' || (property && (*p == ':' || *p == ',')))
			fprintf(out, "%%%02X", (unsigned char)*p);
		else
			fputc(*p, out);
	}
	return 0;
}

static int write_result(FILE *out, const struct report *r, const struct result *one)
{
	int ret;

	fputs("::error file=", out);
	ret = put(out, one->path ? one->path : r->budget, true);
	if (one->at.line)
		fprintf(out, ",line=%u,col=%u", one->at.line, one->at.column);
	fprintf(out, ",title=budget %s::", verdict_name(one->verdict));
	if (!ret)
		ret = put(out, one->name, false);
	fputs(": expected ", out);
	if (!ret)
		ret = put(out, one->expected, false);
	fputs(", seen ", out);
	if (!ret)
		ret = put(out, one->seen, false);
	if (!ret && one->why) {
		fputs(" (", out);
		ret = put(out, one->why, false);
		fputc(')', out);
	}
	for (size_t i = 0; !ret && i < one->culprits_count && i < 3; i++) {
		char buf[256];

		fputs("%0A", out);
		ret = put(out, report_culprit(r, one, &one->culprits[i], buf, sizeof(buf)), false);
	}
	fputc('\n', out);
	return ret;
}

static int write_github(FILE *out, const struct report *r, bool colour)
{
	const size_t *n = r->verdicts;
	int ret = 0;

	(void)colour;
	for (size_t i = 0; !ret && i < r->count; i++)
		if (r->results[i].verdict != VERDICT_KEPT)
			ret = write_result(out, r, &r->results[i]);
	for (size_t i = 0; !ret && i < r->notes_count; i++) {
		fputs("::notice file=", out);
		ret = put(out, r->budget, true);
		fputs("::", out);
		if (!ret)
			ret = put(out, r->notes[i], false);
		fputc('\n', out);
	}
	if (!ret && report_verdict(r) == VERDICT_KEPT) {
		fputs("::notice file=", out);
		ret = put(out, r->budget, true);
		fprintf(out, "::budget kept: %zu limits\n", n[VERDICT_KEPT]);
	}
	return ret;
}

const struct report_format report_format_github = {
	.name = "github",
	.write = write_github,
};
