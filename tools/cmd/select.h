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
	const char *replay;
};

#define SELECT_ROW(letter, name, arg, type, member, help)                              \
	{                                                                              \
		letter, name, arg, type, offsetof(struct select_options, member), help \
	}

/* The rows of struct select_options, for the table of a command that has it. */
#define SELECT_OPTIONS                                                                            \
	SELECT_ROW('p', "pid", "PID,..", OPTION_LIST, pids,                                       \
		   "only these processes and what they fork from now on"),                        \
		SELECT_ROW('c', "comm", "NAME,..", OPTION_LIST, comms,                            \
			   "only processes of these names"),                                      \
		SELECT_ROW('u', "uid", "USER,..", OPTION_LIST, users,                             \
			   "only processes of these users"),                                      \
		SELECT_ROW('g', "cgroup", "PATH,..", OPTION_LIST, cgroups,                        \
			   "only processes in these cgroups or below"),                           \
		SELECT_ROW(0, "self", NULL, OPTION_FLAG, self, "count sysgate's own calls too"),  \
		SELECT_ROW('e', "calls", "SET", OPTION_JOIN, calls,                               \
			   "only these calls: names, !name, %file %network %process and other "   \
			   "classes, gate:int80, abi:i386"),                                      \
		SELECT_ROW('b', "by", "KEY,..", OPTION_JOIN, group,                               \
			   "group by call, gate, exit, abi, process, task, comm, cgroup, uid, "   \
			   "errno (default call,gate,abi)"),                                      \
		SELECT_ROW('s', "sort", "KEY", OPTION_STRING, sort,                               \
			   "sort by total, count, errors, avg, p99, max, wait or name"),          \
		SELECT_ROW('n', "rows", "ROWS", OPTION_COUNT, rows,                               \
			   "show that many rows and the sum of the others"),                      \
		SELECT_ROW('o', "output", "FORMAT[:FILE]", OPTION_STRING, output,                 \
			   "table, json or csv; a file appears when it is whole"),                \
		SELECT_ROW(0, "names", "FILE", OPTION_STRING, names,                              \
			   "names of calls of your own: lines ABI NR NAME"),                      \
		SELECT_ROW(0, "engine", "NAME", OPTION_STRING, engine,                            \
			   "auto (the best that works here) or one that doctor lists"),           \
		SELECT_ROW(0, "attach", "NAME", OPTION_STRING, attach,                            \
			   "kmod: hang on the tracepoints of all calls or on kprobes of some; "   \
			   "auto (default) takes the better"),                                    \
		SELECT_ROW(0, "wait", NULL, OPTION_FLAG, wait,                                    \
			   "kmod: also measure how much of its time a call is off the CPU"),      \
		SELECT_ROW(0, "net", NULL, OPTION_FLAG, net,                                      \
			   "kmod: take the probes' own part off the times"),                      \
		SELECT_ROW(0, "count-only", NULL, OPTION_FLAG, count_only,                        \
			   "kmod: count and take no times, which costs less"),                    \
		SELECT_ROW(0, "gate-probe", "NAME", OPTION_STRING, gate_probe,                    \
			   "events: learn the gate by tracepoint, dispatcher or return; auto or " \
			   "none"),                                                               \
		SELECT_ROW(0, "buffer", "SIZE", OPTION_SIZE, buffer,                              \
			   "events: the kernel's ring buffer, for each CPU (default 16M)"),       \
		SELECT_ROW(0, "replay", "FILE", OPTION_STRING, replay,                            \
			   "read a saved JSON output instead of this machine")

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

/* 0, -EINVAL for a word that means nothing, or another -errno (a file). */
int select_init(struct selection *s, const struct select_options *o, struct sg_error *e);
void select_fini(struct selection *s);

/* Writes a snapshot or a delta as asked. 0 or -errno. */
int select_write(struct selection *s, const struct snapshot *snapshot, struct sg_error *e);

#endif
