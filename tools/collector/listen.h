/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where one can be reached: addresses and sockets. */
#ifndef SYSGATE_COLLECTOR_LISTEN_H
#define SYSGATE_COLLECTOR_LISTEN_H

#include <stdbool.h>

#include "base/error.h"

struct listener {
	int fd;
	bool local;	/* the loopback, or a socket in the file system */
	char *path;	/* of the latter; heap; NULL: an address */
	char name[128]; /* "127.0.0.1:9791", "unix:/run/sysgate/http" */
};

/*
 * "127.0.0.1:9791", "[::1]:9791" (port 0: one that is free), "unix:PATH". Names of hosts are none:
 * what they mean is another's choice. 0, -EINVAL: no address; -errno.
 */
int listen_open(struct listener *l, const char *address, struct sg_error *e);
/* Removes the socket of the file system, where that may be done. */
void listen_close(struct listener *l);

#endif
