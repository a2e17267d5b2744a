// SPDX-License-Identifier: GPL-2.0-or-later
/* sysgate stream: deltas each interval, as lines, to a file or to a reader who may be slow. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cmd/cmd.h"
#include "cmd/session.h"
#include "collector/spool.h"

#define QUEUE_DEFAULT (8UL << 20)

struct stream_options {
	struct select_options select; /* first: the option table counts on it */
	double interval, duration;    /* seconds; 0: none */
	const char *rotate;
	size_t keep, queue;
	bool quiet;
};

static const struct option_def options[] = {
	SELECT_WHOM,
	SELECT_WHAT,
	SELECT_SHOW,
	{ 'o', "output", "FORMAT[:FILE]", OPTION_STRING,
	  offsetof(struct stream_options, select.output),
	  "jsonl (default) or csv; a FILE that exists is continued" },
	SELECT_NAMES,
	SELECT_HOW,
	{ 'i', "interval", "SEC", OPTION_SECONDS, offsetof(struct stream_options, interval),
	  "a delta every SEC seconds (default 1)" },
	{ 'd', "duration", "SEC", OPTION_SECONDS, offsetof(struct stream_options, duration),
	  "end after SEC seconds" },
	{ 0, "rotate", "SIZE|TIME", OPTION_STRING, offsetof(struct stream_options, rotate),
	  "move FILE away and begin a new one when it gets that large (64M) or old (1h)" },
	{ 0, "keep", "N", OPTION_COUNT, offsetof(struct stream_options, keep),
	  "of the files that were moved away keep the N newest (default all)" },
	{ 0, "queue", "SIZE", OPTION_SIZE, offsetof(struct stream_options, queue),
	  "what may wait for a slow reader before deltas are merged (default 8M)" },
	{ 'q', "quiet", NULL, OPTION_FLAG, offsetof(struct stream_options, quiet),
	  "do not say which engine is used" },
	{ 0 },
};

struct stream {
	const struct stream_options *options;
	struct logfile_rotation rotation;
	char *path;
	char *header; /* csv's first line */
	struct spool *spool;
	struct stream_mark mark;
	bool reader_gone;
};

/* "jsonl" is the json sink, a line each. */
static int parse_output(struct session *s, char **path, struct sg_error *e)
{
	const char *text = s->select->output ? s->select->output : "jsonl";
	_cleanup_free_ char *known = NULL;
	bool lines = !strncmp(text, "jsonl", 5) && (!text[5] || text[5] == ':');
	int ret;

	if (asprintf(&known, "%s%s", lines ? "json" : "", lines ? text + 5 : text) < 0) {
		known = NULL;
		return sg_fail_errno(e, ENOMEM, "output");
	}
	ret = output_parse(known, &s->selection.sink, path, e);
	if (!ret && s->selection.sink != &sink_json && s->selection.sink != &sink_csv)
		ret = sg_fail(e, EINVAL, "'%s' cannot be streamed", s->selection.sink->name);
	if (ret == -EINVAL)
		sg_hint(e, "known: jsonl, csv; FORMAT:FILE writes to a file");
	return ret;
}

static int stream_prepare(struct session *s, struct sg_error *e)
{
	struct stream *st = s->data;
	const struct stream_options *o = st->options;
	int ret = parse_output(s, &st->path, e);

	if (ret)
		return ret;
	if (o->rotate)
		ret = logfile_rotation_parse(o->rotate, &st->rotation, e);
	if (!ret && (o->rotate || o->keep) && !st->path)
		ret = sg_fail(e, EINVAL, "--%s needs a file: -o jsonl:FILE",
			      o->rotate ? "rotate" : "keep");
	if (!ret && o->keep && !o->rotate)
		ret = sg_fail(e, EINVAL, "--keep needs --rotate");
	st->rotation.keep = o->keep;
	s->selection.sink_options.mark = &st->mark;
	return ret;
}

/* What the sink writes of a snapshot; csv's header always first. Heap. */
static int render(struct session *s, const struct snapshot *shown, char **text, size_t *size,
		  struct sg_error *e)
{
	FILE *out = open_memstream(text, size);
	int ret;

	if (!out)
		return sg_fail_errno(e, ENOMEM, "stream");
	ret = select_render(&s->selection, shown, out, e);
	if (fclose(out) && !ret)
		ret = sg_fail_errno(e, ENOMEM, "stream");
	return ret;
}

/* The columns' names, which each file begins with. */
static int take_header(struct session *s, struct sg_error *e)
{
	struct stream *st = s->data;
	struct snapshot *none;
	size_t size = 0;
	int ret;

	if (s->selection.sink != &sink_csv)
		return 0;
	none = snapshot_new();
	ret = none ? render(s, none, &st->header, &size, e) : sg_fail_errno(e, ENOMEM, "stream");
	snapshot_free(none);
	s->selection.sink_options.header = false;
	return ret;
}

/* Only now: without probes no file appears. */
static int stream_attached(struct session *s, struct sg_error *e)
{
	struct stream *st = s->data;
	struct logfile file;
	int ret = take_header(s, e);

	if (ret)
		return ret;
	ret = logfile_open(&file, st->path, st->header, &st->rotation, e);
	if (ret) {
		logfile_close(&file);
		return ret;
	}
	st->spool = spool_new_lines(&file, st->options->queue ? st->options->queue : QUEUE_DEFAULT);
	return st->spool ? 0 : sg_fail_errno(e, ENOMEM, "stream");
}

/* A reader of stdout who had enough is no failure, as in any pipe into head. */
static int cannot_write(struct session *s, struct sg_error *e)
{
	struct stream *st = s->data;
	int ret = spool_error(st->spool, e);

	if (ret != -EPIPE || st->path)
		return ret;
	st->reader_gone = true;
	session_leave(s);
	return 0;
}

static int stream_interval(struct session *s, const struct snapshot *now,
			   const struct snapshot *delta, bool last, struct sg_error *e)
{
	struct stream *st = s->data;
	_cleanup_free_ char *text = NULL;
	size_t size = 0;
	int ret;

	(void)now;
	if (st->reader_gone)
		return 0;
	ret = render(s, delta, &text, &size, e);
	/* In CSV an interval without calls has no line. */
	if (ret || !size)
		return ret;
	/* A file that is replayed is no larger than what was read of it already. */
	ret = spool_put(st->spool, text, size, last || s->select->replay);
	if (ret == -EAGAIN) {
		st->mark.merged++;
		return SESSION_LATER;
	}
	if (ret == -ENOMEM)
		return sg_fail_errno(e, ENOMEM, "stream");
	if (ret)
		return cannot_write(s, e);
	st->mark.seq++;
	st->mark.merged = 0;
	return 0;
}

/* Until all is written; a slow reader is waited for, until a signal says not to. */
static int stream_finish(struct session *s, struct sg_error *e)
{
	struct stream *st = s->data;
	size_t left = session_drain(s, st->spool);

	if (cannot_write(s, e) || (left && !st->reader_gone)) {
		sg_warn("%zu deltas were not written", left);
		return e->text[0] ? -EIO : sg_fail(e, EIO, "the reader did not take them in time");
	}
	return 0;
}

static const struct session_hooks hooks = {
	.prepare = stream_prepare,
	.attached = stream_attached,
	.interval = stream_interval,
	.finish = stream_finish,
};

static int run(void *data, int argc, char **argv, struct sg_error *e)
{
	const struct stream_options *o = data;
	struct stream st = { .options = o };
	struct session s = {
		.hooks = &hooks,
		.select = &o->select,
		.interval = o->interval > 0 ? o->interval : 1,
		.duration = o->duration,
		.announce = !o->quiet,
		.each = true,
		.data = &st,
	};
	int status = session_run(&s, argc, argv, e);

	spool_free(st.spool);
	free(st.path);
	free(st.header);
	return status;
}

const struct command command_stream = {
	.name = "stream",
	.summary = "Write what was counted each second, a line at a time",
	.synopsis = "[OPTIONS] [-- COMMAND [ARG...]]",
	.text = "JSON Lines are one delta a line, CSV one row a line. What a reader is too slow for\n"
		"waits, then is merged into the next delta, which says how many it has in it\n"
		"(merged): counting never waits for a reader, and nothing is dropped. At the end\n"
		"what waits is still written; a signal then ends without it.\n"
		"\n"
		"examples:\n"
		"  sysgate stream | jq -c '[.start_ns, .conservation.entries]'\n"
		"  sysgate stream -i 10 -o csv:calls.csv -b call,errno\n"
		"  sysgate stream -o jsonl:/var/log/sysgate --rotate 1h --keep 24\n"
		"  sysgate stream --replay day.jsonl -o csv     as if it were counted now\n",
	.options = options,
	.size = sizeof(struct stream_options),
	.run = run,
};
