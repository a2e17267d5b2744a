/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Giving up what answering others does not need: the user, the capabilities, most system calls. */
#ifndef SYSGATE_COLLECTOR_CONFINE_H
#define SYSGATE_COLLECTOR_CONFINE_H

#include <sys/types.h>

#include "base/error.h"

struct confine {
	uid_t uid;
	gid_t gid;
};

/* Looks the user up, by name or number. 0 or -EINVAL: there is none, or it is root. */
int confine_prepare(struct confine *c, const char *user, struct sg_error *e);

/*
 * Becomes that user without groups and capabilities, and takes a system call filter: files are
 * opened for reading alone, no program is run, no memory made executable, no socket opened. Root
 * may do all of it; without being root only the filter is taken. There is no way back. 0 or -errno.
 */
int confine_enter(const struct confine *c, struct sg_error *e);

#endif
