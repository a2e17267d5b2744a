/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Answers over HTTP, by libmicrohttpd, in turns of the caller's own loop. All readers get the same
 * text of an interval, which is made once, when it is first asked for: what a reader costs does not
 * depend on what is counted.
 *
 * Who may see what: with the token everything; without it, from this machine alone, what tells
 * nothing of whom: no process, user or group. From beyond it nothing but the page, which is empty
 * by itself.
 */
#ifndef SYSGATE_COLLECTOR_HTTP_H
#define SYSGATE_COLLECTOR_HTTP_H

#include <poll.h>

#include "collector/feed.h"
#include "collector/listen.h"

struct http_config {
	struct feed *feed;
	const char *token;	/* NULL: nobody has it */
	const char *cert, *key; /* PEM, for listeners beyond this machine */
	size_t connections;	/* on each listener */
	size_t streams;
	unsigned int seconds; /* for a request, and of silence */
};

struct http_stats {
	uint64_t requests, refused; /* the latter: answered by 4xx and 5xx */
	uint64_t timed_out;
	uint64_t streams_missed; /* events that readers were too slow for */
	size_t connections, streams;
};

struct http;

/* c is lent until http_free(). NULL: no memory. */
struct http *http_new(const struct http_config *c);
/* Takes the listener's descriptor. 0 or -errno. */
int http_listen(struct http *h, struct listener *l, struct sg_error *e);
/* Descriptors to poll for input, at most max. How many. */
size_t http_fds(const struct http *h, struct pollfd *fds, size_t max);
/* Nanoseconds after which http_turn() wants to be called at the latest; UINT64_MAX: never. */
uint64_t http_timeout_ns(const struct http *h);
/* Does what can be done without waiting. now: CLOCK_MONOTONIC in ns. */
void http_turn(struct http *h, uint64_t now);
/* The feed has a new interval. */
void http_changed(struct http *h);
struct http_stats http_stats(const struct http *h);
void http_free(struct http *h);

#endif
