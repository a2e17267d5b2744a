// SPDX-License-Identifier: GPL-2.0-or-later
/* sysgate stat: counts and times a command's calls, or everybody's. The main job. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <string.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cmd/child.h"
#include "cmd/cmd.h"
#include "cmd/select.h"

#define NEVER UINT64_MAX

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

/* One run. */
struct measuring {
	const struct stat_options *options;
	struct selection selection;
	struct engine *engine;
	struct child child;
	pid_t child_pids[1];
	struct snapshot *before; /* the last one printed, with -i */
	int signals;		 /* signalfd */
	bool leave;		 /* asked to end */
	int left_by;		 /* the signal that did not wait for the command, or 0 */
	bool reader_gone;	 /* stdout was closed by its reader */
	bool progress;
	uint64_t start, next_interval, end, next_progress; /* CLOCK_MONOTONIC, ns */
};

static bool quiet;

static void say(const char *text)
{
	sg_warn("%s", text);
}

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000ULL + (uint64_t)t.tv_nsec;
}

/* Prints a snapshot, or with -i what came since the last one. */
static int print(struct measuring *m, bool cumulative, struct sg_error *e)
{
	struct snapshot *s = NULL, *delta = NULL;
	int ret = m->engine->ops->snapshot(m->engine, &s, e);

	if (ret)
		return ret;
	if (m->progress)
		fprintf(stderr, "\r\033[K");
	if (cumulative || !m->before) {
		ret = select_write(&m->selection, s, e);
	} else {
		delta = snapshot_delta(s, m->before);
		ret = delta ? select_write(&m->selection, delta, e)
			    : sg_fail_errno(e, ENOMEM, "difference of snapshots");
		snapshot_free(delta);
	}
	if (cumulative) {
		snapshot_free(s);
	} else {
		snapshot_free(m->before);
		m->before = s;
	}
	if (ret == -EPIPE && !m->selection.output.path) {
		/* The reader had enough: as in any pipe into head, that is no failure. */
		m->reader_gone = m->leave = true;
		__fpurge(stdout);
		clearerr(stdout);
		return 0;
	}
	return ret;
}

/* SIGINT, SIGTERM, SIGHUP end it: with a command, when that has ended; the second time at once. */
static void asked_to_end(struct measuring *m, int signal)
{
	static int asked;

	if (!m->child.pid || m->child.ended || asked++) {
		m->leave = true;
		m->left_by = m->child.pid && !m->child.ended ? signal : 0;
		return;
	}
	/* Ctrl-C reaches the command from the terminal too; the others come to sysgate alone. */
	if (signal != SIGINT)
		kill(m->child.pid, signal);
}

static int handle_signals(struct measuring *m, struct sg_error *e)
{
	struct signalfd_siginfo info;
	int ret = 0;

	while (!ret && read(m->signals, &info, sizeof(info)) == sizeof(info)) {
		switch (info.ssi_signo) {
		case SIGCHLD:
			child_poll(&m->child);
			break;
		case SIGUSR1:
			ret = print(m, true, e);
			break;
		default:
			asked_to_end(m, (int)info.ssi_signo);
		}
	}
	return ret;
}

static void show_progress(struct measuring *m, uint64_t now)
{
	double done = (double)(now - m->start) / 1e9;

	if (!m->progress || now < m->next_progress)
		return;
	m->next_progress = now + 1000000000ULL;
	if (m->end != NEVER)
		fprintf(stderr, "\r\033[Kcounting: %.0f of %.0f s", done,
			(double)(m->end - m->start) / 1e9);
	else
		fprintf(stderr, "\r\033[Kcounting: %.0f s; Ctrl-C prints and ends", done);
}

static uint64_t min(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* Milliseconds until something is to be done, rounded up. */
static int next_timeout(const struct measuring *m, uint64_t now)
{
	uint64_t at = min(m->next_interval, m->end);
	int period = m->engine->ops->period_ms(m->engine);

	if (m->progress)
		at = min(at, m->next_progress);
	if (period >= 0)
		at = min(at, now + (uint64_t)period * 1000000);
	if (at == NEVER)
		return -1;
	return at <= now ? 0 : (int)min((at - now + 999999) / 1000000, 1000000);
}

static bool done(const struct measuring *m)
{
	return m->leave || m->child.ended || now_ns() >= m->end;
}

/* Until the command has ended, the time is up, or a signal asks for the end. */
static int loop(struct measuring *m, struct sg_error *e)
{
	int ret = 0;

	while (!ret && !done(m)) {
		struct pollfd fds[2] = { { m->signals, POLLIN, 0 },
					 { m->engine->ops->fd(m->engine), POLLIN, 0 } };

		poll(fds, 2, next_timeout(m, now_ns()));
		ret = m->engine->ops->pump(m->engine, e);
		if (!ret && fds[0].revents)
			ret = handle_signals(m, e);
		if (!ret && now_ns() >= m->next_interval) {
			m->next_interval += (uint64_t)(m->options->interval * 1e9);
			ret = print(m, false, e);
		}
		show_progress(m, now_ns());
	}
	return ret;
}

static int catch_signals(struct measuring *m, struct sg_error *e)
{
	static const int caught[] = { SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGCHLD };
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < ARRAY_SIZE(caught); i++)
		sigaddset(&set, caught[i]);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	m->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return m->signals < 0 ? sg_fail_errno(e, errno, "signalfd") : 0;
}

static void start_clock(struct measuring *m)
{
	const struct stat_options *o = m->options;

	m->start = now_ns();
	m->next_interval = o->interval > 0 ? m->start + (uint64_t)(o->interval * 1e9) : NEVER;
	m->end = o->duration > 0 ? m->start + (uint64_t)(o->duration * 1e9) : NEVER;
	m->progress = !quiet && !m->child.pid && isatty(STDERR_FILENO) && !o->interval &&
		      (m->end == NEVER || o->duration > 2);
}

/* Says what was lost. Returns whether the measurement is whole. */
static bool judge(const struct snapshot *s)
{
	bool whole = true;

	for (size_t i = 0; i < loss_names_count; i++) {
		unsigned long long n = snapshot_loss(s, &loss_names[i]);

		if (!n)
			continue;
		whole = false;
		sg_warn("lost: %s: %llu %s", loss_names[i].name, n, loss_names[i].text);
	}
	if (s->loss.ring_lost)
		sg_warn("a larger --buffer or fewer processes (-p, -- COMMAND) lose less");
	if (!snapshot_conserved(s)) {
		whole = false;
		sg_warn("conservation does not hold: the counts are not complete");
	}
	return whole;
}

static int finish(struct measuring *m, bool *whole, struct sg_error *e)
{
	struct snapshot *s = NULL;
	int ret;

	m->engine->ops->detach(m->engine);
	ret = m->reader_gone ? 0 : print(m, false, e);
	if (!ret)
		ret = m->engine->ops->snapshot(m->engine, &s, e);
	if (ret)
		return ret;
	*whole = judge(s);
	snapshot_free(s);
	return m->reader_gone ? 0 : output_commit(&m->selection.output, e);
}

static int open_engine(struct measuring *m, struct sg_error *e)
{
	const struct select_options *o = &m->options->select;
	char why[1024];
	int ret;

	m->selection.config.say = say;
	if (o->replay)
		return engine_replay.open(&m->engine, &m->selection.config, e);
	ret = engine_open(&m->engine, o->engine, &m->selection.config, why, sizeof(why), e);
	if (!ret && !quiet && m->selection.sink == &sink_table)
		sg_warn("engine %s", why);
	return ret;
}

/* The exit status for what a function returned. */
static int status_of(int ret)
{
	return ret == -EINVAL ? SG_EXIT_USAGE : SG_EXIT_MACHINE;
}

/* From the engine to the printed result; the child, if any, waits. */
static int measure(struct measuring *m, bool *whole, struct sg_error *e)
{
	int ret = open_engine(m, e);

	if (!ret)
		ret = m->engine->ops->attach(m->engine, e);
	start_clock(m);
	if (ret)
		return status_of(ret);
	if (m->child.pid) {
		ret = child_release(&m->child, e);
		if (ret)
			return child_failed_status(ret);
	}
	if (!m->options->select.replay)
		ret = loop(m, e);
	if (!ret)
		ret = finish(m, whole, e);
	return ret ? status_of(ret) : 0;
}

static int prepare(struct measuring *m, int argc, char **argv, struct sg_error *e)
{
	const struct select_options *o = &m->options->select;
	struct engine_filter *f = &m->selection.config.filter;
	int ret;

	if (argc && (f->pids_count || o->replay)) {
		sg_fail(e, EINVAL, "a command and %s exclude each other",
			o->replay ? "--replay" : "--pid");
		return SG_EXIT_USAGE;
	}
	/* First: the command shall not inherit what is blocked here. */
	ret = argc ? child_start(&m->child, argv, e) : 0;
	if (ret)
		return child_failed_status(ret);
	ret = catch_signals(m, e);
	if (ret)
		return SG_EXIT_MACHINE;
	if (!argc)
		return 0;
	m->child_pids[0] = m->child.pid;
	f->pids = m->child_pids;
	f->pids_count = 1;
	return 0;
}

static int run(void *data, int argc, char **argv, struct sg_error *e)
{
	struct measuring m = { .options = data, .signals = -1 };
	bool whole = true;
	int status, ret;

	quiet = m.options->quiet;
	ret = select_init(&m.selection, &m.options->select, e);
	status = ret ? status_of(ret) : prepare(&m, argc, argv, e);
	m.selection.sink_options.in_flight = m.options->in_flight;
	if (!status)
		status = measure(&m, &whole, e);
	if (m.engine)
		m.engine->ops->close(m.engine);
	snapshot_free(m.before);
	select_fini(&m.selection);
	if (!m.left_by)
		child_wait(&m.child);
	if (m.signals >= 0)
		close(m.signals);
	if (!status && m.options->strict && !whole)
		return SG_EXIT_BROKEN;
	if (status || !m.child.pid)
		return status;
	return m.left_by ? 128 + m.left_by : child_exit_status(&m.child);
}

const struct command command_stat = {
	.name = "stat",
	.summary = "Count and time the system calls of a command, or of everybody",
	.synopsis = "[OPTIONS] [-- COMMAND [ARG...]]",
	.text = "Without a command it counts the whole machine, or what -p, -c, -u, -g leave of\n"
		"it, until -d is over or Ctrl-C. SIGUSR1 prints what was counted so far. With a\n"
		"command it counts that and all its descendants, from its exec to its end (or for\n"
		"-d), and leaves with its exit status. Else it leaves with 0, 1 (--strict), 2\n"
		"(wrong use) or 3 (not possible here).\n"
		"\n"
		"examples:\n"
		"  sysgate stat -- ls -l                     the calls of a command\n"
		"  sysgate stat -d 5 -n 20                   the machine's, for five seconds\n"
		"  sysgate stat -p 1234 -i 1 -o json         a process's, each second, as JSON\n"
		"  sysgate stat -d 10 -e %file -b process,call,errno\n"
		"                                            whose file calls fail, and how\n"
		"  sysgate stat -d 2 --in-flight             what is stuck in a call\n",
	.options = options,
	.size = sizeof(struct stat_options),
	.run = run,
};
