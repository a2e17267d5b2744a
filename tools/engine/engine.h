/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Engines: what puts probes into the kernel and hands back cells. */
#ifndef SYSGATE_ENGINE_ENGINE_H
#define SYSGATE_ENGINE_ENGINE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"
#include "stats/snapshot.h"
#include "target/callset.h"

/* Whom to count. Every condition that is set must hold. */
struct engine_filter {
	const pid_t *pids; /* these processes and what they fork from now on */
	size_t pids_count;
	const char *const *comms;
	size_t comms_count;
	const uid_t *uids;
	size_t uids_count;
	const char *const *cgroups; /* a path in the hierarchy and all below it */
	size_t cgroups_count;
	bool self; /* count the collector too */
};

struct engine_config {
	struct engine_filter filter;
	uint32_t dims;		      /* DIM_ bits to split by */
	const struct syscalls *names; /* NULL: an engine that needs them reads its own */
	const struct callset *calls;  /* kmod: these alone cost anything; NULL: all */
	int attach;		      /* kmod: enum plan_attach */
	bool wait;		      /* kmod: how much of each call is spent off the CPU */
	bool count_only;	      /* kmod: no times */
	bool net;		      /* kmod: take the probes' own part off the times */
	bool merge_procs;	      /* events: processes are told apart by all but their ids */
	size_t cells_max;	      /* events: 0: default */
	size_t buffer_bytes;	      /* events: ring buffer a CPU; 0: default */
	const char *gate_probe; /* events: a probe of gateprobe.h by name, "auto" or NULL, "none" */
	bool quick;		/* nothing that takes a minute first: for auto */
	bool fast;		/* stap: with hooks of its own in C */
	const char *script;	/* stap: a script of the user's own, by its path */
	const char *replay_path; /* replay: the file */
	/* Told of what was done unasked, such as removing what a killed run left. May be NULL. */
	void (*say)(const char *text);
};

/* The answer to "can it run here?", for auto and doctor. */
struct engine_check {
	bool works;
	bool slow;     /* it works, but the first time takes so long that auto does not take it */
	char why[256]; /* why not, or with what: "raw_syscalls through tracefs, gate unknown" */
	char enable[256]; /* the command or setting that would enable it; empty when none would */
};

/* It does not work, since why. Either text is cut to its room. */
void engine_refuse(struct engine_check *out, const char *why, const char *enable);

struct engine; /* one open engine */

struct engine_ops {
	const char *name;
	const char *summary;
	/* Looks without changing anything. */
	void (*check)(struct engine_check *out);
	/* Everything but the probes: nothing is counted yet. 0 or -errno. */
	int (*open)(struct engine **out, const struct engine_config *c, struct sg_error *e);
	/* Starts counting: exits before entries. */
	int (*attach)(struct engine *en, struct sg_error *e);
	/* Stops counting: entries before exits. Idempotent. */
	void (*detach)(struct engine *en);
	/*
	 * Moves what has gathered; to be called when fd (from .fd) is readable and at least every
	 * period_ms. 0 or -errno.
	 */
	int (*pump)(struct engine *en, struct sg_error *e);
	/* All cells since the attach. The caller frees it. */
	int (*snapshot)(struct engine *en, struct snapshot **out, struct sg_error *e);
	/* A descriptor to poll for input, or -1. */
	int (*fd)(struct engine *en);
	/* Milliseconds after which pump wants to be called anyway; -1: never. */
	int (*period_ms)(struct engine *en);
	/* Detaches, releases, frees. NULL is fine. */
	void (*close)(struct engine *en);
};

/* Each engine's own struct begins with this. */
struct engine {
	const struct engine_ops *ops;
};

/* The ladder: best first. replay is not on it. */
extern const struct engine_ops *const engine_ladder[];
extern const size_t engine_ladder_count;
extern const struct engine_ops engine_kmod;
extern const struct engine_ops engine_stap;
extern const struct engine_ops engine_events;
extern const struct engine_ops engine_replay;

/* -EINVAL for what c asks for and the saved snapshot s (NULL: none) cannot give; else 0. */
int engine_replay_check(const struct engine_config *c, const struct snapshot *s,
			struct sg_error *e);

/*
 * Opens the engine of that name, or for "auto" the first of the ladder that opens. why receives one
 * line: which one, with what, and why not the ones above it. -EINVAL: no such engine, or nothing
 * that c asks for makes sense to it; -ENOTSUP: none works here (e says what would help).
 */
int engine_open(struct engine **out, const char *name, const struct engine_config *c, char *why,
		size_t size, struct sg_error *e);

/* Says on which machine and kernel s was taken: on this one. */
void engine_name_machine(struct snapshot *s);

#endif
