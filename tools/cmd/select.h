/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The words that mean the same in every command: whom to count, what to show, and how. */
#ifndef SYSGATE_CMD_SELECT_H
#define SYSGATE_CMD_SELECT_H

#include <stdbool.h>

#include "base/options.h"
#include "engine/engine.h"
#include "sink/sink.h"
#include "stats/view.h"
#include "target/callset.h"
#include "target/syscalls.h"

/* What the options say, as words. Lies at the beginning of a command's own options. */
struct select_options {
	struct string_list pids, comms, users, cgroups;
	bool self;
	char *calls;
	char *group;
	const char *sort;
	size_t rows;
	const char *output;
	const char *names;
	const char *engine;
	const char *attach;
	bool wait, count_only, net;
	const char *gate_probe;
	size_t buffer;
	bool fast;
	const char *script;
	const char *replay;
};

#define SELECT_ROW(letter, name, arg, type, member, help)                              \
	{                                                                              \
		letter, name, arg, type, offsetof(struct select_options, member), help \
	}

/*
 * The rows of struct select_options, in groups for the table of a command that has them; what a
 * command does not ask for is zero.
 */
/* Whom to count. */
#define SELECT_WHOM                                                        \
	SELECT_ROW('p', "pid", "PID,..", OPTION_LIST, pids,                \
		   "only these processes and what they fork from now on"), \
		SELECT_ROW('c', "comm", "NAME,..", OPTION_LIST, comms,     \
			   "only processes of these names"),               \
		SELECT_ROW('u', "uid", "USER,..", OPTION_LIST, users,      \
			   "only processes of these users"),               \
		SELECT_ROW('g', "cgroup", "PATH,..", OPTION_LIST, cgroups, \
			   "only processes in these cgroups or below"),    \
		SELECT_ROW(0, "self", NULL, OPTION_FLAG, self, "count sysgate's own calls too")

/* Which calls, and what to keep apart. */
#define SELECT_WHAT                                                                             \
	SELECT_ROW('e', "calls", "SET", OPTION_JOIN, calls,                                     \
		   "only these calls: names, !name, %file %network %process and other "         \
		   "classes, gate:int80, abi:i386"),                                            \
		SELECT_ROW('b', "by", "KEY,..", OPTION_JOIN, group,                             \
			   "group by call, gate, exit, abi, process, task, comm, cgroup, uid, " \
			   "errno (default call,gate,abi)")

/* Which rows to show, in which order. */
#define SELECT_SHOW                                                              \
	SELECT_ROW('s', "sort", "KEY", OPTION_STRING, sort,                      \
		   "sort by total, count, errors, avg, p99, max, wait or name"), \
		SELECT_ROW('n', "rows", "ROWS", OPTION_COUNT, rows,              \
			   "show that many rows and the sum of the others")

/* In what format, and where to: for select_output(). */
#define SELECT_OUTPUT                                                     \
	SELECT_ROW('o', "output", "FORMAT[:FILE]", OPTION_STRING, output, \
		   "table, json, csv or openmetrics; a file appears when it is whole")

/* How calls are called. */
#define SELECT_NAMES                                         \
	SELECT_ROW(0, "names", "FILE", OPTION_STRING, names, \
		   "names of calls of your own: lines ABI NR NAME")

/* By what, and how. */
#define SELECT_HOW                                                                                \
	SELECT_ROW(0, "engine", "NAME", OPTION_STRING, engine,                                    \
		   "auto (the best that works here) or one that doctor lists"),                   \
		SELECT_ROW(0, "attach", "NAME", OPTION_STRING, attach,                            \
			   "kmod: hang on the tracepoints of all calls or on kprobes of some; "   \
			   "auto (default) takes the better"),                                    \
		SELECT_ROW(0, "wait", NULL, OPTION_FLAG, wait,                                    \
			   "kmod: also measure how much of its time a call is off the CPU"),      \
		SELECT_ROW(0, "net", NULL, OPTION_FLAG, net,                                      \
			   "kmod: take the probes' own part off the times"),                      \
		SELECT_ROW(0, "count-only", NULL, OPTION_FLAG, count_only,                        \
			   "kmod: count and take no times, which costs less"),                    \
		SELECT_ROW(0, "fast", NULL, OPTION_FLAG, fast,                                    \
			   "stap: by hooks in C on the kernel's tracepoints: guru mode"),         \
		SELECT_ROW(0, "script", "FILE", OPTION_STRING, script,                            \
			   "stap: this script, as gen --engine stap writes them"),                \
		SELECT_ROW(0, "gate-probe", "NAME", OPTION_STRING, gate_probe,                    \
			   "events: learn the gate by tracepoint, dispatcher or return; auto or " \
			   "none"),                                                               \
		SELECT_ROW(0, "buffer", "SIZE", OPTION_SIZE, buffer,                              \
			   "events: the kernel's ring buffer, for each CPU (default 16M)"),       \
		SELECT_ROW(0, "replay", "FILE", OPTION_STRING, replay,                            \
			   "read a saved JSON output instead of this machine")

#define SELECT_OPTIONS \
	SELECT_WHOM, SELECT_WHAT, SELECT_SHOW, SELECT_OUTPUT, SELECT_NAMES, SELECT_HOW

/* What they mean. */
struct selection {
	struct engine_config config;
	pid_t *pids;
	uid_t *uids;
	struct syscalls *names;
	struct callset *calls;
	struct view_options view;
	const struct sink *sink;
	struct sink_options sink_options;
	struct output output;
};

/* 0, -EINVAL for a word that means nothing, or another -errno (a file). Opens no output. */
int select_init(struct selection *s, const struct select_options *o, struct sg_error *e);
/* Opens the output that o asks for, for select_write(). 0 or -errno. */
int select_output(struct selection *s, const struct select_options *o, struct sg_error *e);
void select_fini(struct selection *s);

/* 0, or -EINVAL when calls are picked by what the snapshot, saved elsewhere, does not tell. */
int select_check(const struct selection *s, const struct snapshot *snapshot, struct sg_error *e);
/* Writes a snapshot or a delta to out, as s->sink and s->sink_options say. 0 or -errno. */
int select_render(struct selection *s, const struct snapshot *snapshot, FILE *out,
		  struct sg_error *e);
/* The same to the output that select_output() opened, flushed. */
int select_write(struct selection *s, const struct snapshot *snapshot, struct sg_error *e);

#endif
