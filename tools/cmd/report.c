// SPDX-License-Identifier: GPL-2.0-or-later
/* sysgate report: what a recording holds, of a range of time. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "cmd/cmd.h"
#include "cmd/select.h"
#include "collector/report_page.h"
#include "collector/when.h"

struct report_options {
	struct select_options select; /* first: the option table counts on it */
	const char *from, *to;
	double interval;
};

static const struct option_def options[] = {
	SELECT_WHAT,
	SELECT_SHOW,
	{ 'o', "output", "FORMAT[:FILE]", OPTION_STRING,
	  offsetof(struct report_options, select.output),
	  "table, json, csv or html; a file appears when it is whole" },
	SELECT_NAMES,
	{ 0, "from", "TIME", OPTION_STRING, offsetof(struct report_options, from),
	  "only what began then or later: '2026-11-28 18:30', 18:30, +10m after the begin, -1h "
	  "before the end" },
	{ 0, "to", "TIME", OPTION_STRING, offsetof(struct report_options, to),
	  "only what began before" },
	{ 'i', "interval", "SEC", OPTION_SECONDS, offsetof(struct report_options, interval),
	  "a view of every SEC seconds instead of one of all" },
	{ 0 },
};

struct report {
	const struct report_options *options;
	struct selection selection;
	struct recording *recording;
	struct recording_range range;
	bool html;
};

static int find_range(struct report *r, struct sg_error *e)
{
	struct recording_range extent;
	int ret = recording_extent(r->recording, &extent, e);

	if (!ret && r->options->from)
		ret = when_parse(r->options->from, &extent, &r->range.from, e);
	if (!ret && r->options->to)
		ret = when_parse(r->options->to, &extent, &r->range.to, e);
	if (!ret && r->range.from >= r->range.to)
		ret = sg_fail(e, EINVAL, "--from is not before --to");
	return ret;
}

/* "html" is none of the sinks, which write one view. */
static int open_output(struct report *r, struct sg_error *e)
{
	struct select_options o = r->options->select;
	_cleanup_free_ char *text = NULL;
	int ret;

	r->html = o.output && !strncmp(o.output, "html", 4) && (!o.output[4] || o.output[4] == ':');
	if (r->html) {
		if (asprintf(&text, "json%s", o.output + 4) < 0) {
			text = NULL;
			return sg_fail_errno(e, ENOMEM, "output");
		}
		o.output = text;
	}
	if (r->html && r->options->interval > 0)
		return sg_fail(e, EINVAL, "a page is of all the time: no --interval");
	ret = select_output(&r->selection, &o, e);
	if (ret == -EINVAL && strstr(e->hint, "known: "))
		sg_hint(e, "known: table, json, csv, html; FORMAT:FILE writes to a file");
	return ret;
}

static int show(struct snapshot *s, void *data, struct sg_error *e)
{
	struct report *r = data;
	int ret = series_check_group(r->recording, s, r->selection.view.group, e);

	return ret ? ret : select_write(&r->selection, s, e);
}

static int check_only(struct snapshot *s, void *data, struct sg_error *e)
{
	struct report *r = data;
	int ret = select_check(&r->selection, s, e);

	return ret ? ret : series_check_group(r->recording, s, r->selection.view.group, e);
}

static int write_page(struct report *r, struct sg_error *e)
{
	const struct report_page page = { r->recording, r->range, &r->selection.view,
					  r->selection.names };
	int ret = series_each(r->recording, &r->range, SERIES_WHOLE, check_only, r, e);

	if (!ret)
		ret = report_page_write(r->selection.output.file, &page, e);
	return ret ? ret : output_flush(&r->selection.output, e);
}

static int report(struct report *r, const char *path, struct sg_error *e)
{
	const struct report_options *o = r->options;
	uint64_t least = o->interval > 0 ? (uint64_t)(o->interval * 1e9) : SERIES_WHOLE;
	int ret = recording_open(&r->recording, path, e);

	if (!ret)
		ret = find_range(r, e);
	if (!ret)
		ret = open_output(r, e);
	if (!ret && r->html)
		ret = write_page(r, e);
	else if (!ret)
		ret = series_each(r->recording, &r->range, least, show, r, e);
	if (ret == -EPIPE && !r->selection.output.path)
		return 0;
	return ret ? ret : output_commit(&r->selection.output, e);
}

static int run(void *data, int argc, char **argv, struct sg_error *e)
{
	const struct report_options *o = data;
	struct report r = { .options = o, .range = { 0, UINT64_MAX } };
	int ret;

	if (argc != 1) {
		sg_fail(e, EINVAL, argc ? "one recording at a time" : "no recording given");
		sg_hint(e, "sysgate report FILE");
		return SG_EXIT_USAGE;
	}
	ret = select_init(&r.selection, &o->select, e);
	if (!ret)
		ret = report(&r, argv[0], e);
	recording_close(r.recording);
	select_fini(&r.selection);
	return !ret ? 0 : ret == -EINVAL ? SG_EXIT_USAGE : SG_EXIT_MACHINE;
}

const struct command command_report = {
	.name = "report",
	.summary = "Show what a recording holds",
	.synopsis = "[OPTIONS] FILE",
	.text = "FILE is what 'sysgate record' wrote; it may still be recorded into. Intervals that\n"
		"were folded are not divided: a range takes those that begin in it.\n"
		"\n"
		"examples:\n"
		"  sysgate report sysgate.db -n 20\n"
		"  sysgate report sysgate.db --from -1h -e %file -s p99\n"
		"  sysgate report sysgate.db -i 60 -o csv:minutes.csv\n"
		"  sysgate report sysgate.db -o html:report.html\n",
	.options = options,
	.size = sizeof(struct report_options),
	.mixed = true,
	.run = run,
};
