// SPDX-License-Identifier: GPL-2.0-or-later
/* sysgate record: deltas each interval into one file, which report and diff read. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cmd/cmd.h"
#include "cmd/session.h"
#include "collector/store.h"

#define FILE_DEFAULT  "sysgate.db"
#define BYTES_DEFAULT (64UL << 20)
#define QUEUE_BYTES   (8UL << 20)

struct record_options {
	struct select_options select; /* first: the option table counts on it */
	double interval, duration;    /* seconds; 0: none */
	size_t size;
	double age;
	bool quiet;
};

static const struct option_def options[] = {
	SELECT_WHOM,
	SELECT_WHAT,
	{ 'o', "output", "FILE", OPTION_STRING, offsetof(struct record_options, select.output),
	  "the recording (default sysgate.db); one that exists is continued" },
	{ 0, "size", "SIZE", OPTION_SIZE, offsetof(struct record_options, size),
	  "at most that large (default 64M): what is older gets coarser" },
	{ 0, "age", "TIME", OPTION_SECONDS, offsetof(struct record_options, age),
	  "delete what is older, such as 7d (default nothing)" },
	SELECT_NAMES,
	SELECT_HOW,
	{ 'i', "interval", "SEC", OPTION_SECONDS, offsetof(struct record_options, interval),
	  "a delta every SEC seconds (default 1)" },
	{ 'd', "duration", "SEC", OPTION_SECONDS, offsetof(struct record_options, duration),
	  "end after SEC seconds" },
	{ 'q', "quiet", NULL, OPTION_FLAG, offsetof(struct record_options, quiet),
	  "do not say which engine is used, nor what was recorded" },
	{ 0 },
};

struct record {
	const struct record_options *options;
	const char *path;
	struct spool *spool; /* of struct store_delta */
	struct pack packed;
	uint64_t merged; /* intervals before this one that are in the next delta */
	uint64_t deltas;
};

static int record_prepare(struct session *s, struct sg_error *e)
{
	const struct record *r = s->data;

	if (r->options->size && r->options->size < STORE_BYTES_LEAST)
		return sg_fail(e, EINVAL, "bad --size: less than %lu KiB", STORE_BYTES_LEAST >> 10);
	if (!*r->path)
		return sg_fail(e, EINVAL, "bad --output '': no file");
	return 0;
}

static int write_delta(void *data, const char *piece, size_t size, struct sg_error *e)
{
	int ret = store_add(data, (const struct store_delta *)(const void *)piece, e);

	(void)size;
	/* What is damaged stays so. */
	return ret == -EINVAL ? EINVAL : ret;
}

static void close_store(void *data)
{
	store_close(data);
}

/* Only now: without probes no file appears. */
static int record_attached(struct session *s, struct sg_error *e)
{
	struct record *r = s->data;
	const struct store_limits limits = {
		.bytes = r->options->size ? r->options->size : BYTES_DEFAULT,
		.seconds = r->options->age,
	};
	struct spool_target target = { .write = write_delta, .close = close_store };
	struct snapshot *head = NULL;
	struct store *store = NULL;
	int ret = session_snapshot(s, &head, e);

	if (!ret)
		ret = store_open(&store, r->path, &limits, head, (uint64_t)(s->interval * 1e9), e);
	snapshot_free(head);
	if (ret)
		return ret;
	target.data = store;
	r->spool = spool_new(&target, QUEUE_BYTES);
	return r->spool ? 0 : sg_fail_errno(e, ENOMEM, "record");
}

/* Packs those of the delta's cells that were asked for. */
static int pack(struct session *s, const struct snapshot *delta, struct sg_error *e)
{
	struct record *r = s->data;
	struct snapshot asked = *delta;
	_cleanup_free_ struct cell **cells = calloc(delta->cells_count + 1, sizeof(*cells));
	int ret;

	if (!cells)
		return sg_fail_errno(e, ENOMEM, "record");
	asked.cells = cells;
	asked.cells_count = 0;
	for (size_t i = 0; i < delta->cells_count; i++)
		if (callset_has(&delta->cells[i]->key, s->selection.calls))
			cells[asked.cells_count++] = delta->cells[i];
	ret = pack_snapshot(&r->packed, &asked);
	if (ret == -EINVAL)
		return sg_fail(e, EINVAL, "record: figures that cannot be");
	return ret ? sg_fail_errno(e, -ret, "record") : 0;
}

static int record_interval(struct session *s, const struct snapshot *now,
			   const struct snapshot *delta, bool last, struct sg_error *e)
{
	struct record *r = s->data;
	_cleanup_free_ struct store_delta *d = NULL;
	int ret = pack(s, delta, e);

	(void)now;
	if (ret)
		return ret;
	d = malloc(sizeof(*d) + r->packed.size);
	if (!d)
		return sg_fail_errno(e, ENOMEM, "record");
	*d = (struct store_delta){ delta->start_ns, delta->duration_ns, 1 + r->merged,
				   r->packed.size };
	memcpy(d->packed, r->packed.data, r->packed.size);
	ret = spool_put(r->spool, d, sizeof(*d) + r->packed.size, last || s->select->replay);
	if (ret == -EAGAIN) {
		r->merged++;
		return SESSION_LATER;
	}
	if (ret)
		return ret == -ENOMEM ? sg_fail_errno(e, ENOMEM, "record")
				      : spool_error(r->spool, e);
	r->merged = 0;
	r->deltas++;
	return 0;
}

static int record_finish(struct session *s, struct sg_error *e)
{
	struct record *r = s->data;
	size_t left = session_drain(s, r->spool);
	int ret = spool_error(r->spool, e);

	if (left) {
		sg_warn("%zu deltas are not in '%s'", left, r->path);
		return ret ? ret : sg_fail(e, EIO, "'%s': not waited for", r->path);
	}
	if (!r->options->quiet)
		sg_warn("recorded %llu deltas in '%s'", (unsigned long long)r->deltas, r->path);
	return ret;
}

static const struct session_hooks hooks = {
	.prepare = record_prepare,
	.attached = record_attached,
	.interval = record_interval,
	.finish = record_finish,
};

static int run(void *data, int argc, char **argv, struct sg_error *e)
{
	const struct record_options *o = data;
	struct record r = { .options = o,
			    .path = o->select.output ? o->select.output : FILE_DEFAULT };
	struct session s = {
		.hooks = &hooks,
		.select = &o->select,
		.interval = o->interval > 0 ? o->interval : 1,
		.duration = o->duration,
		.announce = !o->quiet,
		.each = true,
		.data = &r,
	};
	int status = session_run(&s, argc, argv, e);

	spool_free(r.spool);
	pack_fini(&r.packed);
	return status;
}

const struct command command_record = {
	.name = "record",
	.summary = "Record what was counted each second, for report and diff",
	.synopsis = "[OPTIONS] [-- COMMAND [ARG...]]",
	.text = "One SQLite file, of bounded size: what is new is kept each interval, what is older\n"
		"is folded into longer ones. It may be killed at any time; what was recorded stays.\n"
		"A disk that is full is waited for, and intervals are merged until it has room.\n"
		"\n"
		"examples:\n"
		"  sysgate record -o before.db -d 60         a minute of the machine\n"
		"  sysgate record -o build.db -b call,process -- make\n"
		"  sysgate record -o /var/lib/sysgate.db --size 256M --age 30d\n"
		"  sysgate record -o day.db --replay day.jsonl    what 'stream' has written\n",
	.options = options,
	.size = sizeof(struct record_options),
	.run = run,
};
