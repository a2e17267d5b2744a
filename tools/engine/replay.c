// SPDX-License-Identifier: GPL-2.0-or-later
/* The engine without a kernel: a saved snapshot stands for what was counted. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "engine/engine.h"
#include "engine/extras.h"
#include "engine/saved.h"

struct replay {
	struct engine engine;
	struct snapshot *snapshot;
};

static void replay_check(struct engine_check *out)
{
	*out = (struct engine_check){ .works = true };
	snprintf(out->why, sizeof(out->why), "a saved snapshot instead of a kernel");
}

static bool is_filtered(const struct engine_filter *f)
{
	return f->pids_count || f->comms_count || f->uids_count || f->cgroups_count;
}

/* How it was counted cannot be asked for afterwards. */
static int refuse_extras(const struct engine_config *c, struct sg_error *e)
{
	const char *extra = extras_asked(c);

	if (!extra)
		return 0;
	sg_fail(e, EINVAL, "replay '%s': '%s' is not possible: it was counted already",
		c->replay_path, extra);
	sg_hint(e, "save it with --engine kmod %s", extra);
	return -EINVAL;
}

/* What was not kept apart when the file was written cannot be told apart now. */
int engine_replay_check(const struct engine_config *c, const struct snapshot *s, struct sg_error *e)
{
	uint32_t missing = s && s->cells_count ? c->dims & ~s->dims : 0;
	int ret = refuse_extras(c, e);

	if (ret)
		return ret;
	if (is_filtered(&c->filter))
		return sg_fail(e, EINVAL, "replay '%s': the file cannot be filtered by process",
			       c->replay_path);
	if (missing) {
		const char *by = missing & DIM_TASK   ? "task"
				 : missing & DIM_PROC ? "process"
						      : "errno";

		sg_fail(e, EINVAL, "replay '%s': its rows are not split by %s", c->replay_path, by);
		sg_hint(e, "save it with -b call,gate,abi,%s", by);
		return -EINVAL;
	}
	return 0;
}

static void replay_close(struct engine *en)
{
	struct replay *r = (struct replay *)en;

	if (!r)
		return;
	snapshot_free(r->snapshot);
	free(r);
}

static int replay_open(struct engine **out, const struct engine_config *c, struct sg_error *e)
{
	struct replay *r;
	int ret;

	if (!c->replay_path)
		return sg_fail(e, EINVAL, "replay: no file given");
	ret = engine_replay_check(c, NULL, e);
	if (ret)
		return ret;
	r = calloc(1, sizeof(*r));
	if (!r)
		return sg_fail_errno(e, ENOMEM, "replay '%s'", c->replay_path);
	r->engine.ops = &engine_replay;
	ret = saved_read(c->replay_path, &r->snapshot, e);
	if (!ret)
		ret = engine_replay_check(c, r->snapshot, e);
	if (ret) {
		replay_close(&r->engine);
		return ret;
	}
	*out = &r->engine;
	return 0;
}

static int replay_attach(struct engine *en, struct sg_error *e)
{
	(void)en, (void)e;
	return 0;
}

static void replay_detach(struct engine *en)
{
	(void)en;
}

static int replay_pump(struct engine *en, struct sg_error *e)
{
	(void)en, (void)e;
	return 0;
}

static int replay_snapshot(struct engine *en, struct snapshot **out, struct sg_error *e)
{
	*out = snapshot_copy(((struct replay *)en)->snapshot);
	return *out ? 0 : sg_fail_errno(e, ENOMEM, "replay");
}

static int replay_fd(struct engine *en)
{
	(void)en;
	return -1;
}

static int replay_period_ms(struct engine *en)
{
	(void)en;
	return -1;
}

const struct engine_ops engine_replay = {
	.name = "replay",
	.summary = "reads a saved snapshot instead of a kernel",
	.check = replay_check,
	.open = replay_open,
	.attach = replay_attach,
	.detach = replay_detach,
	.pump = replay_pump,
	.snapshot = replay_snapshot,
	.fd = replay_fd,
	.period_ms = replay_period_ms,
	.close = replay_close,
};
