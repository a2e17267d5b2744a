// SPDX-License-Identifier: GPL-2.0-or-later
/* sysgate diff: what changed from one recording to another, beyond their own noise. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cmd/cmd.h"
#include "cmd/select.h"
#include "collector/blocks.h"
#include "collector/diff_write.h"
#include "collector/when.h"

struct diff_cmd_options {
	struct select_options select; /* first: the option table counts on it */
	const char *from_a, *to_a, *from_b, *to_b;
	const char *least;
	bool all, strict;
};

#define ROW(letter, name, arg, type, member, help)                                       \
	{                                                                                \
		letter, name, arg, type, offsetof(struct diff_cmd_options, member), help \
	}

static const struct option_def options[] = {
	ROW('e', "calls", "SET", OPTION_JOIN, select.calls,
	    "only these calls: names, !name, %file and other classes, gate:int80, abi:i386"),
	ROW('b', "by", "KEY,..", OPTION_JOIN, select.group,
	    "compare by call, gate, abi, comm, cgroup, uid, errno (default call,abi)"),
	ROW('o', "output", "FORMAT[:FILE]", OPTION_STRING, select.output,
	    "table, json, csv or html; a file appears when it is whole"),
	SELECT_NAMES,
	ROW(0, "from-a", "TIME", OPTION_STRING, from_a, "of A only what began then or later"),
	ROW(0, "to-a", "TIME", OPTION_STRING, to_a, "of A only what began before"),
	ROW(0, "from-b", "TIME", OPTION_STRING, from_b, "of B only what began then or later"),
	ROW(0, "to-b", "TIME", OPTION_STRING, to_b, "of B only what began before"),
	ROW(0, "least", "PERCENT", OPTION_STRING, least,
	    "smaller changes do not matter (default 1 of the rate, 1 point of what fails, 10 of "
	    "times)"),
	ROW(0, "all", NULL, OPTION_FLAG, all, "show what did not change too"),
	ROW(0, "strict", NULL, OPTION_FLAG, strict, "leave with 1 when there is a change"),
	{ 0 },
};

struct diff {
	const struct diff_cmd_options *options;
	struct selection selection;
	struct recording *a, *b;
	struct recording_range range_a, range_b;
	struct compare_options how;
	const struct diff_format *format;
	struct compare found;
};

static int parse_least(struct diff *d, struct sg_error *e)
{
	static const double usual[COMPARE_FIGURES] = { 0.01, 0.01, 0.1, 0.1 };
	const char *text = d->options->least;
	char *end;
	double v = text ? strtod(text, &end) : 0;

	memcpy(d->how.least, usual, sizeof(usual));
	if (!text)
		return 0;
	if (end == text || (*end && strcmp(end, "%") != 0) || !(v >= 0) || v > 10000)
		return sg_fail(e, EINVAL, "bad --least '%.64s': not a percentage", text);
	for (int f = 0; f < COMPARE_FIGURES; f++)
		d->how.least[f] = v / 100;
	return 0;
}

static int parse_group(struct diff *d, struct sg_error *e)
{
	unsigned int known = 0, group = d->selection.view.group;

	for (size_t i = 0; i < diff_keys_count; i++)
		known |= diff_keys[i].bit;
	if (!d->options->select.group)
		group = GROUP_CALL | GROUP_ABI;
	if (group & ~known) {
		sg_fail(e, EINVAL, "cannot compare by process, task or exit");
		sg_hint(e,
			"two recordings do not have the same processes: -b comm compares by name");
		return -EINVAL;
	}
	d->how.group = group;
	d->how.filter = d->selection.view.filter;
	d->how.filter_data = d->selection.view.filter_data;
	return 0;
}

/* The format is found here, the file is opened as for the sink of json. */
static int open_output(struct diff *d, struct sg_error *e)
{
	static const struct diff_format *const formats[] = { &diff_table, &diff_json, &diff_csv,
							     &diff_html };
	struct select_options o = d->options->select;
	const char *text = o.output ? o.output : "table";
	size_t n = strcspn(text, ":");
	_cleanup_free_ char *same = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(formats); i++)
		if (strlen(formats[i]->name) == n && !strncmp(formats[i]->name, text, n))
			d->format = formats[i];
	if (!d->format) {
		sg_fail(e, EINVAL, "no output format '%.*s'", (int)(n < 64 ? n : 64), text);
		sg_hint(e, "known: table, json, csv, html; FORMAT:FILE writes to a file");
		return -EINVAL;
	}
	if (asprintf(&same, "json%s", text + n) < 0) {
		same = NULL;
		return sg_fail_errno(e, ENOMEM, "output");
	}
	o.output = same;
	return select_output(&d->selection, &o, e);
}

static int open_one(struct recording **r, const char *path, const char *from, const char *to,
		    struct recording_range *range, struct sg_error *e)
{
	struct recording_range extent;
	int ret = recording_open(r, path, e);

	*range = (struct recording_range){ 0, UINT64_MAX };
	if (!ret)
		ret = recording_extent(*r, &extent, e);
	if (!ret && from)
		ret = when_parse(from, &extent, &range->from, e);
	if (!ret && to)
		ret = when_parse(to, &extent, &range->to, e);
	if (!ret && range->from >= range->to)
		ret = sg_fail(e, EINVAL, "the range of '%.200s' ends before it begins", path);
	return ret;
}

static int check_intervals(const struct compare_side *s, const char *path, struct sg_error *e)
{
	if (s->intervals >= BLOCKS_LEAST)
		return 0;
	sg_fail(e, ENODATA, "'%.200s': %zu intervals: too few to know their noise", path,
		s->intervals);
	sg_hint(e, "record at least %d, such as by a shorter -i", BLOCKS_LEAST);
	return -ENODATA;
}

static int write_found(struct diff *d, char **paths, struct sg_error *e)
{
	struct selection *s = &d->selection;
	const struct diff_options o = {
		.path_a = paths[0],
		.path_b = paths[1],
		.names = s->names,
		.all = d->options->all,
		.width = s->sink_options.width,
		.colour = s->sink_options.colour,
	};
	int ret = d->format->write(s->output.file, &d->found, &o);

	if (ret == -ENOMEM)
		return sg_fail_errno(e, ENOMEM, "compare");
	ret = output_flush(&s->output, e);
	if (ret == -EPIPE && !s->output.path)
		return 0;
	return ret ? ret : output_commit(&s->output, e);
}

static int diff(struct diff *d, char **paths, struct sg_error *e)
{
	const struct diff_cmd_options *o = d->options;
	int ret = select_init(&d->selection, &o->select, e);

	if (!ret)
		ret = parse_group(d, e);
	if (!ret)
		ret = parse_least(d, e);
	if (!ret)
		ret = open_one(&d->a, paths[0], o->from_a, o->to_a, &d->range_a, e);
	if (!ret)
		ret = open_one(&d->b, paths[1], o->from_b, o->to_b, &d->range_b, e);
	if (!ret)
		ret = open_output(d, e);
	if (!ret)
		ret = compare_run(&d->found, d->a, &d->range_a, d->b, &d->range_b, &d->how, e);
	if (!ret)
		ret = check_intervals(&d->found.a, paths[0], e);
	if (!ret)
		ret = check_intervals(&d->found.b, paths[1], e);
	return ret ? ret : write_found(d, paths, e);
}

static int run(void *data, int argc, char **argv, struct sg_error *e)
{
	const struct diff_cmd_options *o = data;
	struct diff d = { .options = o };
	size_t changes;
	int ret;

	if (argc != 2) {
		sg_fail(e, EINVAL, "two recordings are compared, not %d", argc);
		sg_hint(e, "sysgate diff A B");
		return SG_EXIT_USAGE;
	}
	ret = diff(&d, argv, e);
	changes = d.found.changes;
	compare_fini(&d.found);
	recording_close(d.a);
	recording_close(d.b);
	select_fini(&d.selection);
	if (ret)
		return ret == -EINVAL ? SG_EXIT_USAGE : SG_EXIT_MACHINE;
	return o->strict && changes ? SG_EXIT_BROKEN : SG_EXIT_OK;
}

const struct command command_diff = {
	.name = "diff",
	.summary = "Say what changed between two recordings, beyond their noise",
	.synopsis = "[OPTIONS] A B",
	.text = "Of each call the rate, the part that fails, the typical and the mean time are\n"
		"compared. A change is shown when it is larger than the noise between the\n"
		"recordings' own intervals, and large enough to matter. What all calls have in\n"
		"common is shown as the pace.\n"
		"\n"
		"examples:\n"
		"  sysgate diff before.db after.db\n"
		"  sysgate diff --strict --least 5 before.db after.db    status 1 when it changed\n"
		"  sysgate diff -o html:diff.html before.db after.db\n"
		"  sysgate diff day.db day.db --to-a 12:00 --from-b 12:00\n",
	.options = options,
	.size = sizeof(struct diff_cmd_options),
	.mixed = true,
	.run = run,
};
