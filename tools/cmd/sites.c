// SPDX-License-Identifier: GPL-2.0-or-later
/* sysgate sites: where in user code calls come from. */
#include "cmd/sites.h"

#include <errno.h>

#include "cmd/cmd.h"
#include "cmd/session.h"

struct sites_options {
	struct select_options select; /* first: SELECT_ROW counts on it */
	double duration;
	bool strict, quiet;
};

static const struct option_def options[] = {
	SELECT_ROW('p', "pid", "PID,..", OPTION_LIST, pids,
		   "only these processes and what they fork from now on"),
	SELECT_ROW('c', "comm", "NAME,..", OPTION_LIST, comms, "only processes of these names"),
	SELECT_ROW('u', "uid", "USER,..", OPTION_LIST, users, "only processes of these users"),
	SELECT_ROW('g', "cgroup", "PATH,..", OPTION_LIST, cgroups,
		   "only processes in these cgroups or below"),
	SELECT_ROW(0, "self", NULL, OPTION_FLAG, self, "count sysgate's own calls too"),
	SELECT_ROW('e', "calls", "SET", OPTION_JOIN, calls,
		   "only these calls: names, !name, %file and other classes, gate:int80"),
	SELECT_ROW('s', "sort", "KEY", OPTION_STRING, sort,
		   "sort by count (default), total, errors, avg, p99 or max"),
	SELECT_ROW('n', "rows", "ROWS", OPTION_COUNT, rows, "show that many rows"),
	SELECT_ROW('o', "output", "FORMAT[:FILE]", OPTION_STRING, output,
		   "table or json; a file appears when it is whole"),
	SELECT_ROW(0, "names", "FILE", OPTION_STRING, names,
		   "names of calls of your own: lines ABI NR NAME"),
	SELECT_ROW(0, "attach", "NAME", OPTION_STRING, attach,
		   "hang on the tracepoints of all calls or on kprobes of some; auto (default)"),
	{ 'd', "duration", "SEC", OPTION_SECONDS, offsetof(struct sites_options, duration),
	  "end after SEC seconds" },
	{ 0, "strict", NULL, OPTION_FLAG, offsetof(struct sites_options, strict),
	  "leave with 1 when anything was lost, a site among it" },
	{ 'q', "quiet", NULL, OPTION_FLAG, offsetof(struct sites_options, quiet),
	  "do not say which engine is used" },
	{ 0 },
};

/* Says whose sites are not known. Returns whether all are. */
static bool all_seen(const struct snapshot *s)
{
	if (s->sites.full)
		sg_warn("lost: sites_full: the sites of %llu calls; fewer calls (-e) or processes "
			"(-p) lose less",
			(unsigned long long)s->sites.full);
	if (s->sites.unseen)
		sg_warn("lost: sites_unseen: the sites of %llu calls",
			(unsigned long long)s->sites.unseen);
	return !s->sites.full && !s->sites.unseen;
}

static int write_out(struct selection *sel, const struct snapshot *s, struct sg_error *e)
{
	struct sites_view v;
	int ret = sites_view_init(&v, s, &sel->view, NULL);

	if (!ret && sel->sink == &sink_json)
		ret = sites_write_json(sel->output.file, &v, &sel->sink_options);
	else if (!ret)
		ret = sites_write_table(sel->output.file, &v, &sel->sink_options);
	sites_view_fini(&v);
	ret = output_wrote(&sel->output, ret, "the sites", e);
	if (ret)
		return ret;
	return output_flush(&sel->output, e);
}

static int sites_prepare(struct session *s, struct sg_error *e)
{
	struct selection *sel = &s->selection;
	int ret = select_output(sel, s->select, e);

	if (ret)
		return ret;
	if (!s->select->sort)
		sel->view.sort = SORT_COUNT;
	if (sel->sink != &sink_table && sel->sink != &sink_json)
		return sg_fail(e, EINVAL, "cannot use format '%s': sites writes table or json",
			       sel->sink->name);
	sel->config.dims = DIM_SITE;
	return 0;
}

/* There are no intervals but the last. */
static int sites_interval(struct session *s, const struct snapshot *now,
			  const struct snapshot *delta, bool last, struct sg_error *e)
{
	bool *seen = s->data;

	(void)delta, (void)last;
	*seen = all_seen(now);
	return write_out(&s->selection, now, e);
}

static int sites_finish(struct session *s, struct sg_error *e)
{
	return output_commit(&s->selection.output, e);
}

static const struct session_hooks hooks = {
	.prepare = sites_prepare,
	.interval = sites_interval,
	.finish = sites_finish,
};

static void be_silent(const char *text)
{
	(void)text;
}

static int run(void *data, int argc, char **argv, struct sg_error *e)
{
	struct sites_options *o = data;
	bool seen = true;
	struct session s = {
		.hooks = &hooks,
		.select = &o->select,
		.duration = o->duration,
		.announce = !o->quiet,
		.say = o->quiet ? be_silent : NULL,
		.data = &seen,
	};
	int status;

	/* Only the module sees what its caller's stack has. */
	o->select.engine = "kmod";
	status = session_run(&s, argc, argv, e);
	if (s.measured && o->strict && !(s.whole && seen))
		return SG_EXIT_BROKEN;
	return status;
}

const struct command command_sites = {
	.name = "sites",
	.summary = "Show where in user code calls come from: symbol, file and line",
	.synopsis = "[OPTIONS] [-- COMMAND [ARG...]]",
	.text = "Stubs of the vDSO and of the C library are skipped to their caller where their "
		"code\nshows it; else the row says that the caller is not told. Needs root and the "
		"engine\nkmod.\n\n"
		"examples:\n"
		"  sysgate sites -d 10 -e gate:int80         who still enters by INT 0x80, and where\n"
		"  sysgate sites -n 20 -- make\n"
		"  sysgate sites -p 1234 -d 5 -e %file -s total\n",
	.options = options,
	.size = sizeof(struct sites_options),
	.run = run,
};
