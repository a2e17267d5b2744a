/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A child that stays root and does nothing but wait: when the collector, which has given up its
 * rights, is gone, however that came, the keeper takes from the kernel what was put there.
 */
#ifndef SYSGATE_COLLECTOR_KEEPER_H
#define SYSGATE_COLLECTOR_KEEPER_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/error.h"

struct keeper {
	pid_t pid; /* 0: none */
	int fd;	   /* a byte tells what to do; its end alone that the collector died */
};

/*
 * To be called before the probes are on, so that the keeper's own calls are not counted: it returns
 * when the keeper sleeps. end(data) is what the keeper does at last. 0 or -errno.
 */
int keeper_start(struct keeper *k, void (*end)(void *data), void *data, struct sg_error *e);
/*
 * Has it do that, unless the collector could do so itself, and waits for it. What it shall remove
 * must be closed here.
 */
void keeper_end(struct keeper *k, bool needed);

#endif
