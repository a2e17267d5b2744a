/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Telling the service manager how one is, by sd_notify(3)'s protocol: without it nothing happens.
 */
#ifndef SYSGATE_COLLECTOR_NOTIFY_H
#define SYSGATE_COLLECTOR_NOTIFY_H

#include <stdint.h>

struct notify {
	int fd;		   /* connected; -1: nobody wants to know */
	uint64_t every_ns; /* between two signs of life; 0: none is waited for */
};

void notify_open(struct notify *n);
/* "READY=1", "WATCHDOG=1", "STOPPING=1" */
void notify_send(const struct notify *n, const char *text);
void notify_close(struct notify *n);

#endif
