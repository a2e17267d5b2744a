// SPDX-License-Identifier: GPL-2.0-or-later
/* sysgate stat: counts and times a command's calls, or everybody's. The main job. */
#include <errno.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <unistd.h>

#include "cmd/cmd.h"
#include "cmd/session.h"

struct stat_options {
	struct select_options select; /* first: the option table counts on it */
	double interval, duration;    /* seconds; 0: none */
	bool in_flight, strict, quiet;
};

static const struct option_def options[] = {
	SELECT_OPTIONS,
	{ 'i', "interval", "SEC", OPTION_SECONDS, offsetof(struct stat_options, interval),
	  "print what was counted every SEC seconds" },
	{ 'd', "duration", "SEC", OPTION_SECONDS, offsetof(struct stat_options, duration),
	  "end after SEC seconds" },
	{ 0, "in-flight", NULL, OPTION_FLAG, offsetof(struct stat_options, in_flight),
	  "list the calls that were entered and not left, with their age" },
	{ 0, "strict", NULL, OPTION_FLAG, offsetof(struct stat_options, strict),
	  "leave with 1 when anything was lost or conservation does not hold" },
	{ 'q', "quiet", NULL, OPTION_FLAG, offsetof(struct stat_options, quiet),
	  "do not say which engine is used, nor how far it is" },
	{ 0 },
};

struct stat_run {
	const struct stat_options *options;
	bool reader_gone; /* stdout was closed by its reader */
	bool progress;
	uint64_t next_progress;
};

/* Prints a snapshot or a delta. */
static int print(struct session *s, const struct snapshot *shown, struct sg_error *e)
{
	struct stat_run *run = s->data;
	int ret;

	if (run->reader_gone)
		return 0;
	if (run->progress)
		fprintf(stderr, "\r\033[K");
	ret = select_write(&s->selection, shown, e);
	if (ret != -EPIPE || s->selection.output.path)
		return ret;
	/* The reader had enough: as in any pipe into head, that is no failure. */
	run->reader_gone = true;
	session_leave(s);
	__fpurge(stdout);
	clearerr(stdout);
	return 0;
}

static int stat_interval(struct session *s, const struct snapshot *now,
			 const struct snapshot *delta, bool last, struct sg_error *e)
{
	(void)now, (void)last;
	return print(s, delta, e);
}

static int stat_asked(struct session *s, struct sg_error *e)
{
	struct snapshot *now = NULL;
	int ret = session_snapshot(s, &now, e);

	if (!ret)
		ret = print(s, now, e);
	snapshot_free(now);
	return ret;
}

static int stat_prepare(struct session *s, struct sg_error *e)
{
	struct stat_run *run = s->data;
	int ret = select_output(&s->selection, s->select, e);

	s->selection.sink_options.in_flight = run->options->in_flight;
	if (!ret && s->interval > 0 && s->selection.sink->cumulative) {
		sg_fail(e, EINVAL,
			"--interval and -o %s exclude each other: its counters only grow",
			s->selection.sink->name);
		sg_hint(e, "'sysgate serve' shows them as they are at any time");
		ret = -EINVAL;
	}
	s->announce = !ret && !run->options->quiet && s->selection.sink == &sink_table;
	return ret;
}

static int stat_attached(struct session *s, struct sg_error *e)
{
	struct stat_run *run = s->data;

	(void)e;
	run->progress = !run->options->quiet && !s->child.pid && isatty(STDERR_FILENO) &&
			s->interval == 0 && (s->end == SESSION_NEVER || s->duration > 2);
	return 0;
}

static uint64_t stat_deadline(struct session *s)
{
	const struct stat_run *run = s->data;

	return run->progress ? run->next_progress : SESSION_NEVER;
}

static int show_progress(struct session *s, const struct pollfd *fds, size_t count,
			 struct sg_error *e)
{
	struct stat_run *run = s->data;
	uint64_t now = session_now();
	double done = (double)(now - s->start) / 1e9;

	(void)fds, (void)count, (void)e;
	if (!run->progress || now < run->next_progress)
		return 0;
	run->next_progress = now + 1000000000ULL;
	if (s->end != SESSION_NEVER)
		fprintf(stderr, "\r\033[Kcounting: %.0f of %.0f s", done,
			(double)(s->end - s->start) / 1e9);
	else
		fprintf(stderr, "\r\033[Kcounting: %.0f s; Ctrl-C prints and ends", done);
	return 0;
}

static int stat_finish(struct session *s, struct sg_error *e)
{
	const struct stat_run *run = s->data;

	return run->reader_gone ? 0 : output_commit(&s->selection.output, e);
}

static const struct session_hooks hooks = {
	.prepare = stat_prepare,
	.attached = stat_attached,
	.interval = stat_interval,
	.asked = stat_asked,
	.deadline = stat_deadline,
	.turn = show_progress,
	.finish = stat_finish,
};

static int run(void *data, int argc, char **argv, struct sg_error *e)
{
	const struct stat_options *o = data;
	struct stat_run state = { .options = o };
	struct session s = {
		.hooks = &hooks,
		.select = &o->select,
		.interval = o->interval,
		.duration = o->duration,
		.data = &state,
	};
	int status = session_run(&s, argc, argv, e);

	if (s.measured && o->strict && !s.whole)
		return SG_EXIT_BROKEN;
	return status;
}

const struct command command_stat = {
	.name = "stat",
	.summary = "Count and time the system calls of a command, or of everybody",
	.synopsis = "[OPTIONS] [-- COMMAND [ARG...]]",
	.text = "Without a command it counts the whole machine, or what -p, -c, -u, -g leave of\n"
		"it, until -d is over or Ctrl-C. SIGUSR1 prints what was counted so far. With a\n"
		"command it counts that and all its descendants, from its exec to its end (or for\n"
		"-d), and leaves with its exit status; with -p as well it counts those processes\n"
		"while the command runs, and not the command. Else it leaves with 0, 1\n"
		"(--strict), 2 (wrong use) or 3 (not possible here).\n"
		"\n"
		"examples:\n"
		"  sysgate stat -- ls -l                     the calls of a command\n"
		"  sysgate stat -d 5 -n 20                   the machine's, for five seconds\n"
		"  sysgate stat -p 1234 -i 1 -o json         a process's, each second, as JSON\n"
		"  sysgate stat -p 1234 -- ./load            a service's, while that asks it\n"
		"  sysgate stat -d 10 -e %file -b process,call,errno\n"
		"                                            whose file calls fail, and how\n"
		"  sysgate stat -d 2 --in-flight             what is stuck in a call\n",
	.options = options,
	.size = sizeof(struct stat_options),
	.run = run,
};
