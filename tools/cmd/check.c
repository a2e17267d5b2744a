// SPDX-License-Identifier: GPL-2.0-or-later
/* sysgate check: whether a command's calls keep a budget. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "base/cleanup.h"
#include "budget/judge.h"
#include "cmd/check.h"
#include "cmd/cmd.h"
#include "engine/saved.h"

/* The first blocks of the run, from which noise is learned; they get longer. */
#define BLOCK_SECONDS 0.01

struct check_options {
	struct select_options select; /* first: the option table counts on it */
	struct string_list outputs;
	double duration; /* seconds; 0: none */
	const char *baseline, *record_failure;
	bool update, widen, all;
};

static const struct option_def options[] = {
	{ 'o', "output", "FORMAT[:FILE]", OPTION_LIST, offsetof(struct check_options, outputs),
	  "text, json, junit, tap or github; several, by commas or repeated; a file appears when "
	  "it is whole" },
	{ 0, "all", NULL, OPTION_FLAG, offsetof(struct check_options, all),
	  "text: tell the limits that were kept too" },
	{ 0, "baseline", "FILE", OPTION_STRING, offsetof(struct check_options, baseline),
	  "compare with this baseline instead of the budget's" },
	{ 0, "update", NULL, OPTION_FLAG, offsetof(struct check_options, update),
	  "write what this run did to the baseline; rows that it kept stay as they are" },
	{ 0, "widen", NULL, OPTION_FLAG, offsetof(struct check_options, widen),
	  "the same, so that both this run and those before keep it" },
	{ 0, "record-failure", "DIR", OPTION_STRING, offsetof(struct check_options, record_failure),
	  "unless all was kept, leave there what is needed to look into it" },
	{ 'd', "duration", "SEC", OPTION_SECONDS, offsetof(struct check_options, duration),
	  "end after SEC seconds" },
	SELECT_WHOM,
	SELECT_NAMES,
	SELECT_HOW,
	{ 0 },
};

struct check {
	const struct check_options *options;
	const char *path;     /* of the budget */
	char *const *command; /* NULL-terminated; may be empty */
	struct budget *budget;
	struct baseline *old; /* NULL: there is none, or not yet */
	struct check_outputs outputs;
	struct noise noise;
	struct snapshot *whole; /* all of the run */
	struct report report;
	uint64_t replayed;    /* when the last block of a replay began */
	enum verdict verdict; /* the command's own status left out */
};

/* ---- before the run ---- */

static bool writes_baseline(const struct check *c)
{
	return c->options->update || c->options->widen;
}

static int read_baseline(struct check *c, const struct syscalls *names, struct sg_error *e)
{
	int ret;

	if (c->options->baseline) {
		free(c->budget->baseline);
		c->budget->baseline = strdup(c->options->baseline);
		if (!c->budget->baseline)
			return sg_fail_errno(e, ENOMEM, "baseline");
	}
	if (!c->budget->baseline) {
		if (!writes_baseline(c))
			return 0;
		sg_fail(e, EINVAL, "there is no baseline to write");
		sg_hint(e, "a line 'baseline = FILE' in '%.200s' names it, or --baseline", c->path);
		return -EINVAL;
	}
	ret = baseline_read(&c->old, c->budget->baseline, names, e);
	/* What is written anew need not be there, nor right; but to be widened it has to be. */
	if (ret && (c->options->update || (c->options->widen && ret == -ENOENT))) {
		memset(e, 0, sizeof(*e));
		return 0;
	}
	if (ret || c->old->by == c->budget->by)
		return ret;
	if (writes_baseline(c)) {
		baseline_free(c->old);
		c->old = NULL;
		return 0;
	}
	sg_fail(e, EINVAL, "'%.200s' is not kept by what the budget says", c->budget->baseline);
	sg_hint(e, "'--update' writes it anew");
	return -EINVAL;
}

/* Those of a stream are blocks; states of one run, each of which holds the ones before, are not. */
static int add_replayed(struct check *c, const struct snapshot *s, struct sg_error *e)
{
	bool folded;

	if (s->start_ns <= c->replayed)
		return -ECANCELED;
	c->replayed = s->start_ns;
	return noise_add(&c->noise, s, &folded) ? sg_fail_errno(e, ENOMEM, "noise") : 0;
}

static int replay_blocks(struct check *c, const char *path, struct sg_error *e)
{
	struct saved_file *f = NULL;
	struct snapshot *s;
	struct sg_error own = { 0 };
	int ret = saved_open(&f, path, &own);

	while (!ret && !(ret = saved_next(f, &s, &own))) {
		ret = add_replayed(c, s, &own);
		snapshot_free(s);
	}
	saved_close(f);
	if (ret == -ENODATA)
		return 0;
	if (ret == -ECANCELED) {
		noise_fini(&c->noise);
		ret = noise_init(&c->noise, c->budget) ? -ENOMEM : 0;
	}
	if (ret)
		*e = own;
	return ret;
}

static bool needs_blocks(const struct budget *b)
{
	for (size_t i = 0; i < b->limits_count; i++)
		if (budget_is_time(b->limits[i].figure))
			return true;
	return b->baseline;
}

static int check_prepare(struct session *s, struct sg_error *e)
{
	struct check *c = s->data;
	struct engine_config *config = &s->selection.config;
	int ret = budget_read(&c->budget, c->path, s->selection.names, e);

	if (!ret)
		ret = read_baseline(c, s->selection.names, e);
	if (!ret)
		ret = check_outputs_open(&c->outputs, &c->options->outputs, e);
	if (!ret && c->options->record_failure)
		ret = check_keep_prepare(c->options->record_failure, e);
	if (!ret && noise_init(&c->noise, c->budget))
		ret = sg_fail_errno(e, ENOMEM, "noise");
	if (ret)
		return ret;
	config->dims |= budget_dims(c->budget);
	/* A build has more processes than there is room for; their names are few. */
	config->merge_procs = true;
	if (s->select->replay) {
		/* What was not told apart then cannot be asked for, and is not known. */
		config->dims = 0;
		return replay_blocks(c, s->select->replay, e);
	}
	s->interval = needs_blocks(c->budget) ? BLOCK_SECONDS : 0;
	return 0;
}

/* ---- the run ---- */

static int check_interval(struct session *s, const struct snapshot *now,
			  const struct snapshot *delta, bool last, struct sg_error *e)
{
	struct check *c = s->data;
	bool folded = false;

	if (!s->select->replay && noise_add(&c->noise, delta, &folded))
		return sg_fail_errno(e, ENOMEM, "noise");
	if (folded)
		s->interval *= 2;
	if (!last)
		return 0;
	c->whole = snapshot_copy(now);
	return c->whole ? 0 : sg_fail_errno(e, ENOMEM, "check");
}

/* ---- and its report ---- */

/* A command that failed is in the report, so that nobody takes what it did for all of it. */
static void judge_command(struct check *c, const struct child *child)
{
	struct report *r = &c->report;
	int status = child->pid && child->ended ? child_exit_status(child) : 0;
	struct result *res = child->pid && child->ended ? report_add(r) : NULL;

	if (!res)
		return;
	res->kind = RESULT_LEFT;
	res->verdict = status ? VERDICT_BROKEN : VERDICT_KEPT;
	res->low = res->high = 0;
	res->value = status;
	res->name = report_text(r, "command: %s: exit status", r->command);
	res->expected = report_text(r, "0");
	res->seen = WIFSIGNALED(child->status)
			    ? report_text(r, "killed by signal %d", WTERMSIG(child->status))
			    : report_text(r, "%d", status);
}

static int update_baseline(struct check *c, struct baseline *now, const struct child *child,
			   struct sg_error *e)
{
	const char *path = c->budget->baseline;
	char *lost = judge_loss(&c->report, c->whole);
	int ret;

	if (lost) {
		ret = sg_fail(e, EIO, "'%.200s' is not written: %s", path, lost);
		free(lost);
		return ret;
	}
	if (child->pid && (!child->ended || child_exit_status(child))) {
		report_note(&c->report, "'%s' is not written: the command %s", path,
			    child->ended ? "failed" : "has not ended");
		return 0;
	}
	if (baseline_follow(now, c->old, c->budget, c->options->widen))
		return sg_fail_errno(e, ENOMEM, "baseline");
	ret = baseline_write(now, path, e);
	if (!ret)
		report_note(&c->report, "'%s' is written: %zu rows", path, now->count);
	return ret;
}

static int judge_baseline(struct check *c, const struct child *child, struct sg_error *e)
{
	struct baseline *now = NULL;
	int ret = 0;

	if (!c->budget->baseline)
		return 0;
	if (baseline_of_run(&now, &c->report, c->budget, &c->noise))
		return sg_fail_errno(e, ENOMEM, "baseline");
	if (writes_baseline(c))
		ret = update_baseline(c, now, child, e);
	else
		baseline_compare(&c->report, c->budget, c->old, now);
	baseline_free(now);
	return ret;
}

static enum verdict budget_verdict(const struct report *r)
{
	enum verdict v = VERDICT_KEPT;

	for (size_t i = 0; i < r->count; i++) {
		if (r->results[i].kind == RESULT_LEFT)
			continue;
		if (r->results[i].verdict == VERDICT_BROKEN)
			return VERDICT_BROKEN;
		if (r->results[i].verdict == VERDICT_UNKNOWN)
			v = VERDICT_UNKNOWN;
	}
	return v;
}

static int keep_failure(struct check *c, struct session *s, struct sg_error *e)
{
	const struct check_kept kept = {
		.folder = c->options->record_failure,
		.budget = c->budget,
		.baseline = writes_baseline(c) ? NULL : c->budget->baseline,
		.report = &c->report,
		.command = c->command,
	};

	if (!kept.folder || report_verdict(&c->report) == VERDICT_KEPT)
		return 0;
	return check_keep(s, &kept, e);
}

static int check_finish(struct session *s, struct sg_error *e)
{
	struct check *c = s->data;
	struct report *r = &c->report;
	int ret;

	r->budget = c->path;
	r->baseline = c->budget->baseline;
	r->command = s->child.pid ? c->command[0] : NULL;
	r->snapshot = c->whole;
	r->names = s->selection.names;
	r->all = c->options->all;
	judge_command(c, &s->child);
	judge_limits(r, c->budget, &c->noise);
	ret = judge_baseline(c, &s->child, e);
	report_close(r);
	c->verdict = budget_verdict(r);
	if (!ret && r->failed)
		ret = sg_fail_errno(e, ENOMEM, "report");
	if (!ret)
		ret = keep_failure(c, s, e);
	if (!ret)
		ret = check_outputs_write(&c->outputs, r, e);
	return ret;
}

static const struct session_hooks hooks = {
	.prepare = check_prepare,
	.interval = check_interval,
	.finish = check_finish,
};

static void release(struct check *c)
{
	report_fini(&c->report);
	check_outputs_close(&c->outputs);
	noise_fini(&c->noise);
	baseline_free(c->old);
	budget_free(c->budget);
	snapshot_free(c->whole);
}

static int run(void *data, int argc, char **argv, struct sg_error *e)
{
	const struct check_options *o = data;
	struct check c = { .options = o };
	struct session s = {
		.hooks = &hooks,
		.select = &o->select,
		.duration = o->duration,
		.data = &c,
	};
	int status;

	if (!argc) {
		sg_fail(e, EINVAL, "no budget given");
		sg_hint(e, "sysgate check BUDGET -- COMMAND");
		return SG_EXIT_USAGE;
	}
	c.path = argv[0];
	c.command = argv + 1;
	status = session_run(&s, argc - 1, argv + 1, e);
	release(&c);
	if (!s.measured)
		return status;
	if (c.verdict == VERDICT_BROKEN)
		return SG_EXIT_BROKEN;
	return c.verdict == VERDICT_UNKNOWN ? SG_EXIT_MACHINE : status;
}

const struct command command_check = {
	.name = "check",
	.summary = "Say whether a command's system calls keep a budget",
	.synopsis = "[OPTIONS] BUDGET [-- COMMAND [ARG...]]",
	.text = "The budget is a file of INI: limits of counts, errors, rates and times of calls,\n"
		"classes, gates, errors and processes, and a baseline to compare with; sysgate-check(1)\n"
		"describes it. Counts are exact; times are judged by their own noise.\n"
		"\n"
		"It leaves with 0 when all was kept, with 1 when something is broken, with 2 for wrong\n"
		"use or a bad budget, with 3 when something cannot be known here or was lost. When the\n"
		"budget is kept, it leaves with the command's own status.\n"
		"\n"
		"examples:\n"
		"  sysgate check budget.ini -- make test\n"
		"  sysgate check budget.ini --update -- make test       write the baseline\n"
		"  sysgate check budget.ini -o text,junit:sys.xml -- make test\n"
		"  sysgate check budget.ini --record-failure kept -- make test\n"
		"  sysgate check kept/budget.ini --replay kept/snapshot.json\n",
	.options = options,
	.size = sizeof(struct check_options),
	.mixed = true,
	.run = run,
};
