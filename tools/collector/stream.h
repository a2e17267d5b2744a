/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Server-sent events: each reader has the event that it is being sent and no other. Who is not
 * through with it when the next ones come misses those, and is told how many. So a reader that has
 * stopped costs one reference to an event.
 */
#ifndef SYSGATE_COLLECTOR_STREAM_H
#define SYSGATE_COLLECTOR_STREAM_H

#include <microhttpd.h>

#include "collector/feed.h"

struct stream;

struct streams {
	struct stream *list;
	size_t count, max;
	uint64_t missed; /* events, by all readers together */
	struct event *newest[2];
};

/* The answer to a reader, who gets the events from now on. NULL: no memory or too many. */
struct MHD_Response *stream_open(struct streams *s, struct MHD_Connection *c, bool full);
/* A new interval: its event goes to those who wait. */
void streams_event(struct streams *s, struct feed *f);
/* Wakes all, so that their connections can be closed. */
void streams_wake(struct streams *s);
void streams_fini(struct streams *s);

#endif
