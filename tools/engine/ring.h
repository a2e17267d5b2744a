/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel's ring buffer, read as binary pages of every CPU and handed on as one sequence of
 * events in the order of time.
 *
 * A page:  u64 time of its first event | long commit: bytes of data, bit 31 "events were lost
 *          before this page" | data
 * An event: u32 header: bits 0-4 type_len, bits 5-31 time since the former event | record
 *   type_len 1..28  a record of that many words
 *            0      the next word holds the record's length, itself included
 *            29     padding: to the page's end when the time is 0, else the next word long
 *            30     time extends: the next word is bits 27 and on of the time
 *            31     absolute time, in the same way
 */
#ifndef SYSGATE_ENGINE_RING_H
#define SYSGATE_ENGINE_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/error.h"

struct ring_page;

/* Walks the events of one page. Also used by itself, on pages from a file. */
struct ring_cursor {
	const uint8_t *next, *end;
	uint64_t ts;	     /* of the event that ring_cursor_next() found */
	const uint8_t *data; /* its record, which ends at next; NULL at the end of the page */
};

/* A page is read in whole words: so many bytes after it must be readable. */
#define RING_PAGE_SLACK 8

/*
 * Begins at the first event of a page of size bytes whose commit field has long_size bytes (4 or
 * 8). Returns false when events were lost before it. A broken page is walked as far as it is
 * sound.
 */
bool ring_cursor_init(struct ring_cursor *c, const void *page, size_t size, size_t long_size);
/*
 * What ring_cursor_next() leaves to it: all but a short record. By value, so that the caller's
 * cursor can stay in registers.
 */
struct ring_cursor ring_cursor_special(struct ring_cursor c);

static inline void ring_cursor_next(struct ring_cursor *c)
{
	const uint8_t *p = c->next;
	uint32_t head, type;

	/* At the page's end this reads the slack: what it makes of that is beyond the end. */
	memcpy(&head, p, sizeof(head));
	type = head & 31;
	c->next = p + 4 + 4 * (size_t)type;
	if (__builtin_expect(type - 1 >= 28 || c->next > c->end, 0)) {
		c->next = p;
		*c = ring_cursor_special(*c);
		return;
	}
	c->ts += head >> 5;
	c->data = p + 4;
}

/* Of the record, in bytes, rounded up to whole words. */
static inline size_t ring_cursor_size(const struct ring_cursor *c)
{
	return (size_t)(c->next - c->data);
}

struct ring_cpu {
	int fd;			/* trace_pipe_raw, not blocking; -1: the CPU has none */
	struct ring_page *head; /* read and not yet walked; the first is under the cursor */
	struct ring_page **tail;
	struct ring_cursor cursor;
};

/* What takes the events. */
struct ring_sink {
	/*
	 * Takes the event under the cursor and those that follow it in the page, up to the time
	 * limit; leaves the cursor at the first later one or at the page's end.
	 */
	void (*run)(void *data, struct ring_cursor *c, uint64_t limit);
	/* Events of some CPU were lost before ts: what was begun earlier may have ended unseen. */
	void (*gap)(void *data, uint64_t ts);
	void *data;
};

struct ring {
	struct ring_cpu *cpus;
	size_t cpus_count;
	size_t page_size, long_size;
	struct ring_page *spare;
	struct ring_cpu **heap; /* those with an event under the cursor, earliest first */
	size_t heap_count;
	struct ring_sink sink;
};

/* 0 or -ENOMEM. The descriptors are the ring's from then on; see ring_add_cpu(). */
int ring_init(struct ring *r, size_t cpus, size_t page_size, size_t long_size,
	      const struct ring_sink *sink);
void ring_add_cpu(struct ring *r, int fd);
void ring_fini(struct ring *r);

/*
 * Reads what the kernel has gathered, at most pages of each CPU. Returns the largest number of
 * pages that one CPU had, or -errno.
 */
int ring_read(struct ring *r, size_t pages, struct sg_error *e);
/* Hands on all events up to the time horizon. */
void ring_merge(struct ring *r, uint64_t horizon);

#endif
