/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside path: whether a probe may be put somewhere. */
#ifndef SYSGATE_TARGET_PATH_JUDGE_H
#define SYSGATE_TARGET_PATH_JUDGE_H

#include "target/path.h"

struct range {
	uint64_t from, to;
};

/* What the kernel says of itself, and its user of it. */
struct judge {
	const struct symtab *symbols;
	bool live;
	enum answer kprobes;	   /* register_kprobe */
	enum answer kprobe_events; /* tracefs's */
	enum answer raw_syscalls;
	enum answer ftrace; /* the function tracer */
	bool refuses_notrace, optimises, locked;
	bool blacklist_known, traced_known;
	struct range *forbidden;
	size_t forbidden_count, forbidden_room;
	uint64_t *traced; /* sorted */
	size_t traced_count, traced_room;
	bool cut; /* there was no memory */
};

/* 0 or -ENOMEM. What could not be seen is noted in p. Release with judge_fini() in each case. */
int judge_init(struct judge *j, const struct symtab *symbols, const struct path_ask *ask,
	       struct path *p, struct sg_error *e);
void judge_fini(struct judge *j);
/* Fills step's probe. */
void judge_step(const struct judge *j, struct path_step *step);

#endif
