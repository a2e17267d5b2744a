/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command that is measured: started, held before its exec until the probes are on. */
#ifndef SYSGATE_CMD_CHILD_H
#define SYSGATE_CMD_CHILD_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/error.h"

struct child {
	pid_t pid; /* 0: none */
	int go;	   /* a byte lets it exec; its end lets it leave */
	int error; /* the errno of an exec that failed; closed by one that did not */
	const char *name;
	bool ended;
	int status; /* as waitpid() gives it */
};

/*
 * Forks a child that waits. The file is looked up here, so that the child makes one execve. To be
 * called before signals are blocked or ignored: the command inherits what is.
 * -ENOENT, -EACCES: not to be had (exit statuses 127 and 126); -errno.
 */
int child_start(struct child *c, char **argv, struct sg_error *e);
/*
 * Returns when it waits, so that what it does before, when it is let run late, is not counted as
 * the command's. To be called before the probes are on.
 */
void child_settle(const struct child *c);
/* Lets it exec; returns when it has. The same errors. */
int child_release(struct child *c, struct sg_error *e);
/* Notes whether it has ended, without waiting. */
void child_poll(struct child *c);
/* Waits for its end; a child that was never released leaves by itself. */
void child_wait(struct child *c);
/* What env(1) would leave with. */
int child_exit_status(const struct child *c);
/* 127 or 126 for what child_start() or child_release() failed with. */
int child_failed_status(int ret);

#endif
