/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What gen and build ask of a script for SystemTap, in the words that stat has. */
#ifndef SYSGATE_CMD_STAP_ASK_H
#define SYSGATE_CMD_STAP_ASK_H

#include <stdbool.h>

#include "base/options.h"
#include "target/stap_script.h"

/* Lies at the beginning of a command's own options. */
struct stap_options {
	const char *engine; /* "kmod", the default, or "stap" */
	struct string_list comms, users, cgroups;
	char *calls;
	char *group;
	const char *attach;
	bool fast, count_only;
};

#define STAP_ROW(letter, name, arg, type, member, help)                              \
	{                                                                            \
		letter, name, arg, type, offsetof(struct stap_options, member), help \
	}

#define STAP_OPTIONS                                                         \
	STAP_ROW(0, "engine", "NAME", OPTION_STRING, engine,                 \
		 "kmod (default), or stap: a script for SystemTap"),         \
		STAP_ROW('e', "calls", "SET", OPTION_JOIN, calls,            \
			 "plan for these calls; see sysgate(1)"),            \
		STAP_ROW(0, "attach", "WAY", OPTION_STRING, attach,          \
			 "plan for tracepoint, kprobe or auto (default)"),   \
		STAP_ROW('b', "by", "KEY,..", OPTION_JOIN, group,            \
			 "stap: tell these apart, as stat -b"),              \
		STAP_ROW('c', "comm", "NAME,..", OPTION_LIST, comms,         \
			 "stap: only processes of these names"),             \
		STAP_ROW('u', "uid", "USER,..", OPTION_LIST, users,          \
			 "stap: only processes of these users"),             \
		STAP_ROW('g', "cgroup", "PATH,..", OPTION_LIST, cgroups,     \
			 "stap: only processes in these cgroups or below"),  \
		STAP_ROW(0, "count-only", NULL, OPTION_FLAG, count_only,     \
			 "stap: count and take no times, which costs less"), \
		STAP_ROW(0, "fast", NULL, OPTION_FLAG, fast,                 \
			 "stap: by hooks in C on the kernel's tracepoints, in guru mode")

/* What they mean; what the ask points to lies here. */
struct stap_asked {
	struct stap_ask ask;
	struct syscalls *names;
	struct callset *calls;
	uid_t *uids;
	uint64_t *cgroups;
};

/* Is a script asked for? -EINVAL: another engine, or a word for a script alone. */
int stap_asked_engine(const struct stap_options *o, bool *script, struct sg_error *e);
/* The same script as stat has for these words. 0, -EINVAL or -errno; release in either case. */
int stap_asked_init(struct stap_asked *a, const struct stap_options *o, struct sg_error *e);
void stap_asked_fini(struct stap_asked *a);

#endif
