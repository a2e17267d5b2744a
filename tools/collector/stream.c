// SPDX-License-Identifier: GPL-2.0-or-later
#include "collector/stream.h"

#include <stdlib.h>
#include <string.h>

#define BLOCK 32768 /* what a connection copies at once */

struct event {
	unsigned int refs;
	uint64_t number;
	char *text;
	size_t size;
};

struct stream {
	struct streams *all;
	struct stream *next, **link;
	struct MHD_Connection *connection;
	struct event *event; /* being sent; NULL: none */
	size_t at;	     /* so much of it is */
	uint64_t last;	     /* number of the event that was sent last */
	bool full, asleep;
	char note[64]; /* sent before the event */
	size_t note_size, note_at;
};

static struct event *event_get(struct event *ev)
{
	if (ev)
		ev->refs++;
	return ev;
}

static void event_put(struct event *ev)
{
	if (!ev || --ev->refs)
		return;
	free(ev->text);
	free(ev);
}

/* Goes on to the newest event, if there is one that it did not have. */
static bool take_newest(struct stream *s)
{
	struct event *ev = s->all->newest[s->full];

	if (!ev || ev->number <= s->last)
		return false;
	s->note_size = s->note_at = 0;
	if (s->last && ev->number > s->last + 1) {
		uint64_t missed = ev->number - s->last - 1;

		s->all->missed += missed;
		s->note_size =
			(size_t)snprintf(s->note, sizeof(s->note), "event: missed\ndata: %llu\n\n",
					 (unsigned long long)missed);
	}
	s->event = event_get(ev);
	s->last = ev->number;
	s->at = 0;
	return true;
}

static ssize_t read_stream(void *data, uint64_t pos, char *buf, size_t max)
{
	struct stream *s = data;
	size_t n;

	(void)pos;
	if (!s->event && !take_newest(s)) {
		s->asleep = true;
		MHD_suspend_connection(s->connection);
		return 0;
	}
	if (s->note_at < s->note_size) {
		n = s->note_size - s->note_at < max ? s->note_size - s->note_at : max;
		memcpy(buf, s->note + s->note_at, n);
		s->note_at += n;
		return (ssize_t)n;
	}
	n = s->event->size - s->at < max ? s->event->size - s->at : max;
	memcpy(buf, s->event->text + s->at, n);
	s->at += n;
	if (s->at == s->event->size) {
		event_put(s->event);
		s->event = NULL;
	}
	return (ssize_t)n;
}

static void close_stream(void *data)
{
	struct stream *s = data;

	*s->link = s->next;
	if (s->next)
		s->next->link = s->link;
	s->all->count--;
	event_put(s->event);
	free(s);
}

struct MHD_Response *stream_open(struct streams *all, struct MHD_Connection *c, bool full)
{
	struct stream *s = all->count < all->max ? calloc(1, sizeof(*s)) : NULL;
	struct MHD_Response *r;

	if (!s)
		return NULL;
	s->all = all;
	s->connection = c;
	s->full = full;
	s->next = all->list;
	s->link = &all->list;
	if (s->next)
		s->next->link = &s->next;
	all->list = s;
	all->count++;
	r = MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, BLOCK, read_stream, s,
					      close_stream);
	if (!r)
		close_stream(s);
	return r;
}

static struct event *event_new(struct feed *f, bool full)
{
	struct event *ev = calloc(1, sizeof(*ev));

	if (!ev || feed_render(f, FEED_EVENT, full, &ev->text, &ev->size)) {
		free(ev);
		return NULL;
	}
	ev->refs = 1;
	ev->number = f->number;
	return ev;
}

void streams_wake(struct streams *all)
{
	for (struct stream *s = all->list; s; s = s->next) {
		if (s->asleep)
			MHD_resume_connection(s->connection);
		s->asleep = false;
	}
}

void streams_event(struct streams *all, struct feed *f)
{
	bool wanted[2] = { false, false };

	for (const struct stream *s = all->list; s; s = s->next)
		wanted[s->full] = true;
	for (int full = 0; full < 2; full++) {
		event_put(all->newest[full]);
		/* Without memory it is one that everybody misses, and is told of. */
		all->newest[full] = wanted[full] ? event_new(f, full) : NULL;
	}
	streams_wake(all);
}

void streams_fini(struct streams *all)
{
	event_put(all->newest[false]);
	event_put(all->newest[true]);
	all->newest[false] = all->newest[true] = NULL;
}
