/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One run of the probes, as every command that counts has it: the selection, the command that is
 * measured, the engine, signals, intervals, and what is said at the end. A command gives the hooks.
 *
 * In order: the selection, .prepare, the child (which waits), the engine, .opened, the attach,
 * .attached, the child is let go, then turns of poll() until the duration is over, the child has
 * ended, a signal came or session_leave() was called, then the detach and a last .interval, then
 * .finish. With --replay there are no turns, but for who asks for them (.turns, .speed).
 */
#ifndef SYSGATE_CMD_SESSION_H
#define SYSGATE_CMD_SESSION_H

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>

#include "cmd/child.h"
#include "cmd/select.h"
#include "collector/player.h"
#include "collector/spool.h"

#define SESSION_NEVER UINT64_MAX
#define SESSION_FDS   32

/* What .interval may return beside 0 and -errno: not now; the next delta covers this one too. */
#define SESSION_LATER 1

struct session;

/* Each may be NULL. They return 0 or -errno, which ends the session, -EINVAL as wrong use. */
struct session_hooks {
	/* Before anything is started: outputs that can be refused early. */
	int (*prepare)(struct session *s, struct sg_error *e);
	/* The engine is open, and nothing is counted yet. */
	int (*opened)(struct session *s, struct sg_error *e);
	/* The probes are on, the command still waits. */
	int (*attached)(struct session *s, struct sg_error *e);
	/*
	 * What came since the last delta that was taken (delta), and since the attach (now); both
	 * are lent. last: the session is over, and there is no later one.
	 */
	int (*interval)(struct session *s, const struct snapshot *now, const struct snapshot *delta,
			bool last, struct sg_error *e);
	/* SIGUSR1. */
	int (*asked)(struct session *s, struct sg_error *e);
	/* Further descriptors to poll in the next turn: at most max. How many. */
	size_t (*fds)(struct session *s, struct pollfd *fds, size_t max);
	/* When .turn wants to be called at the latest, by session_now(); SESSION_NEVER. */
	uint64_t (*deadline)(struct session *s);
	/* After each poll, with the same descriptors, after .interval. */
	int (*turn)(struct session *s, const struct pollfd *fds, size_t count, struct sg_error *e);
	/* After the last interval. */
	int (*finish)(struct session *s, struct sg_error *e);
};

struct session {
	/* Set by the command. */
	const struct session_hooks *hooks;
	const struct select_options *select;
	double interval, duration; /* seconds; 0: none */
	bool announce;		   /* say which engine is used; .prepare may change it */
	bool each;  /* --replay: each object of the file is an interval, not all together one */
	bool turns; /* --replay: there are turns all the same, of one state that does not change */
	double speed; /* --replay, each: when its time comes, so many times as fast; 0: at once */
	void (*say)(const char *text); /* what is done unasked; NULL: to stderr */
	void *data;		       /* the command's own */

	/* For the hooks to read. */
	struct selection selection;
	struct engine *engine; /* NULL before it is open, after session_halt(), and with .speed */
	struct player *player; /* with .speed */
	char why[1024];	       /* which engine it is, and why not another */
	struct child child;    /* pid 0: none */
	uint64_t start, end;   /* by session_now(); end: SESSION_NEVER */
	bool measured;	       /* at the end: it came to it, whatever the command left with */
	bool whole;	       /* and nothing was lost, conservation holds */

	/* Its own. */
	pid_t child_pids[1];
	struct snapshot *before; /* the state at the last delta that was taken */
	int signals;		 /* signalfd */
	bool leave;		 /* asked to end */
	int asked;		 /* how often */
	int left_by;		 /* the signal that did not wait for the command, or 0 */
	uint64_t next_interval;
};

/* CLOCK_MONOTONIC in ns. */
uint64_t session_now(void);
/*
 * Runs it, from the selection to the release of everything. argc/argv: the command to measure, or
 * with --pid the one that says for how long; or argc 0. Returns the exit status; the command's own
 * when all else is well.
 */
int session_run(struct session *s, int argc, char **argv, struct sg_error *e);
/* For hooks: ends it as a signal does that waits for nobody. */
void session_leave(struct session *s);
/*
 * For .finish: until all of the spool is written or cannot be, or a signal says not to wait. How
 * many pieces are left.
 */
size_t session_drain(struct session *s, struct spool *spool);
/*
 * For hooks: stops counting, with a last .interval, and closes the engine; then counts anew, by
 * s->selection.config as it is then, as at the start but for .prepare and the command. What was
 * made in between is not counted. 0 or -errno, after which it can be tried again.
 */
int session_halt(struct session *s, struct sg_error *e);
int session_go_on(struct session *s, struct sg_error *e);
/* For hooks: how it is now, between intervals; the caller frees it. 0 or -errno. */
int session_snapshot(struct session *s, struct snapshot **out, struct sg_error *e);

#endif
