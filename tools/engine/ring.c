// SPDX-License-Identifier: GPL-2.0-or-later
#include "engine/ring.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#define MISSED_EVENTS (1U << 31)
#define COMMIT_MASK   ((1U << 27) - 1)
#define TIME_SHIFT    27
/* An absolute time stamp has 59 bits; the rest is the former one's. */
#define ABSOLUTE_MASK ((1ULL << 59) - 1)

enum {
	TYPE_PADDING = 29,
	TYPE_TIME_EXTEND = 30,
	TYPE_TIME_STAMP = 31
};

struct ring_page {
	struct ring_page *next;
	uint8_t data[];
};

static inline uint32_t load32(const uint8_t *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static inline uint64_t load64(const uint8_t *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

bool ring_cursor_init(struct ring_cursor *c, const void *page, size_t size, size_t long_size)
{
	const uint8_t *p = page;
	uint32_t commit = load32(p + 8);
	size_t bytes = commit & COMMIT_MASK;

	c->ts = load64(p);
	c->next = p + 8 + long_size;
	if (bytes > size - 8 - long_size)
		bytes = size - 8 - long_size;
	c->end = c->next + bytes;
	ring_cursor_next(c);
	return !(commit & MISSED_EVENTS);
}

/* The page's end, or something that cannot be: nothing more is to be had from it. */
static void finish(struct ring_cursor *c)
{
	c->next = c->end;
	c->data = NULL;
}

/*
 * Everything but a short record: returns false when an event was found or the page is at its end,
 * true to go on.
 */
static bool next_special(struct ring_cursor *c, unsigned int type, uint64_t delta)
{
	const uint8_t *p = c->next;
	uint32_t word;

	if (c->end - p < 8 || (type == TYPE_PADDING && !delta)) {
		finish(c);
		return false;
	}
	word = load32(p + 4);
	switch (type) {
	case TYPE_TIME_EXTEND:
		c->ts += delta + ((uint64_t)word << TIME_SHIFT);
		c->next = p + 8;
		return true;
	case TYPE_TIME_STAMP:
		c->ts = (c->ts & ~ABSOLUTE_MASK) |
			((delta + ((uint64_t)word << TIME_SHIFT)) & ABSOLUTE_MASK);
		c->next = p + 8;
		return true;
	}
	/* A record with its length in a word, or one that was taken back. */
	if (word < 4 || word > (size_t)(c->end - p) - 4) {
		finish(c);
		return false;
	}
	c->ts += delta;
	c->next = p + 4 + ((word + 3) & ~3U);
	if (c->next > c->end)
		c->next = c->end;
	if (type == TYPE_PADDING)
		return true;
	c->data = p + 8;
	return false;
}

struct ring_cursor ring_cursor_special(struct ring_cursor c)
{
	do {
		const uint8_t *p = c.next;
		unsigned int type;
		uint32_t head;

		if (c.end - p < 4)
			break;
		head = load32(p);
		type = head & 31;
		if (type - 1 < 28) {
			if (c.end - p < 4 + 4 * (long)type)
				break;
			ring_cursor_next(&c);
			return c;
		}
		if (!next_special(&c, type, head >> 5))
			return c;
	} while (true);
	finish(&c);
	return c;
}

int ring_init(struct ring *r, size_t cpus, size_t page_size, size_t long_size,
	      const struct ring_sink *sink)
{
	memset(r, 0, sizeof(*r));
	r->cpus = calloc(cpus, sizeof(*r->cpus));
	r->heap = calloc(cpus, sizeof(*r->heap));
	r->page_size = page_size;
	r->long_size = long_size;
	r->sink = *sink;
	if (r->cpus && r->heap)
		return 0;
	ring_fini(r);
	return -ENOMEM;
}

void ring_add_cpu(struct ring *r, int fd)
{
	struct ring_cpu *c = &r->cpus[r->cpus_count++];

	c->fd = fd;
	c->head = NULL;
	c->tail = &c->head;
}

static void free_pages(struct ring_page *page)
{
	while (page) {
		struct ring_page *next = page->next;

		free(page);
		page = next;
	}
}

void ring_fini(struct ring *r)
{
	for (size_t i = 0; i < r->cpus_count; i++) {
		free_pages(r->cpus[i].head);
		if (r->cpus[i].fd >= 0)
			close(r->cpus[i].fd);
	}
	free_pages(r->spare);
	free(r->cpus);
	free(r->heap);
	memset(r, 0, sizeof(*r));
}

static struct ring_page *take_page(struct ring *r)
{
	struct ring_page *page = r->spare;

	if (page) {
		r->spare = page->next;
		return page;
	}
	page = malloc(sizeof(*page) + r->page_size + RING_PAGE_SLACK);
	/* What is read there is not used, but it shall be the same each time. */
	if (page)
		memset(page->data + r->page_size, 0, RING_PAGE_SLACK);
	return page;
}

static void give_page(struct ring *r, struct ring_page *page)
{
	page->next = r->spare;
	r->spare = page;
}

/* Begins the CPU's first page that has an event; tells the sink of gaps on the way. */
static bool load_page(struct ring *r, struct ring_cpu *c)
{
	while (c->head) {
		struct ring_page *page = c->head;

		if (!ring_cursor_init(&c->cursor, page->data, r->page_size, r->long_size))
			r->sink.gap(r->sink.data, load64(page->data));
		if (c->cursor.data)
			return true;
		c->head = page->next;
		if (!c->head)
			c->tail = &c->head;
		give_page(r, page);
	}
	return false;
}

/* Moves on from the end of the page under the cursor. */
static bool next_page(struct ring *r, struct ring_cpu *c)
{
	struct ring_page *page = c->head;

	c->head = page->next;
	if (!c->head)
		c->tail = &c->head;
	give_page(r, page);
	return load_page(r, c);
}

/* So many pages with one call: each is a read of its own to the kernel's side. */
#define BATCH 32

/* Reads at most want pages; appends them. Returns how many there were, or -errno. */
static int read_batch(struct ring *r, struct ring_cpu *c, size_t want, struct sg_error *e)
{
	struct ring_page *pages[BATCH];
	struct iovec iov[BATCH];
	size_t got = 0;
	ssize_t n;
	int err;

	if (want > BATCH)
		want = BATCH;
	for (size_t i = 0; i < want; i++) {
		pages[i] = take_page(r);
		if (!pages[i])
			want = i;
		else
			iov[i] = (struct iovec){ pages[i]->data, r->page_size };
	}
	if (!want)
		return sg_fail_errno(e, ENOMEM, "pages of the trace buffer");
	do
		n = readv(c->fd, iov, (int)want);
	while (n < 0 && errno == EINTR);
	err = n < 0 ? errno : 0;
	for (; (ssize_t)((got + 1) * r->page_size) <= n; got++) {
		pages[got]->next = NULL;
		*c->tail = pages[got];
		c->tail = &pages[got]->next;
	}
	for (size_t i = got; i < want; i++)
		give_page(r, pages[i]);
	if (err && err != EAGAIN)
		return sg_fail_errno(e, err, "cannot read the trace buffer");
	return (int)got;
}

static int read_cpu(struct ring *r, struct ring_cpu *c, size_t pages, struct sg_error *e)
{
	size_t n = 0;

	while (n < pages) {
		size_t want = pages - n < BATCH ? pages - n : BATCH;
		int got = read_batch(r, c, want, e);

		if (got < 0)
			return got;
		n += (size_t)got;
		if ((size_t)got < want)
			break;
	}
	return (int)n;
}

int ring_read(struct ring *r, size_t pages, struct sg_error *e)
{
	int most = 0;

	for (size_t i = 0; i < r->cpus_count; i++) {
		int n = r->cpus[i].fd < 0 ? 0 : read_cpu(r, &r->cpus[i], pages, e);

		if (n < 0)
			return n;
		if (n > most)
			most = n;
	}
	return most;
}

/* Puts the heap in order again after its member i has become later. */
static void sift_down(struct ring *r, size_t i)
{
	struct ring_cpu *c = r->heap[i];

	while (true) {
		size_t child = 2 * i + 1;

		if (child >= r->heap_count)
			break;
		if (child + 1 < r->heap_count &&
		    r->heap[child + 1]->cursor.ts < r->heap[child]->cursor.ts)
			child++;
		if (c->cursor.ts <= r->heap[child]->cursor.ts)
			break;
		r->heap[i] = r->heap[child];
		i = child;
	}
	r->heap[i] = c;
}

/* The earliest event of all but the heap's first, at most horizon. */
static uint64_t limit_of(const struct ring *r, uint64_t horizon)
{
	uint64_t limit = horizon;

	for (size_t i = 1; i < r->heap_count && i < 3; i++)
		if (r->heap[i]->cursor.ts < limit)
			limit = r->heap[i]->cursor.ts;
	return limit;
}

static void fill_heap(struct ring *r)
{
	r->heap_count = 0;
	for (size_t i = 0; i < r->cpus_count; i++) {
		struct ring_cpu *c = &r->cpus[i];

		/* One whose events are later than the former horizon is still at its place. */
		if (c->cursor.data || load_page(r, c))
			r->heap[r->heap_count++] = c;
	}
	for (size_t i = r->heap_count / 2; i-- > 0;)
		sift_down(r, i);
}

void ring_merge(struct ring *r, uint64_t horizon)
{
	fill_heap(r);
	while (r->heap_count && r->heap[0]->cursor.ts <= horizon) {
		struct ring_cpu *c = r->heap[0];
		uint64_t limit = limit_of(r, horizon);
		bool more = true;

		/* As long as no other CPU has something earlier, without asking the heap. */
		do {
			r->sink.run(r->sink.data, &c->cursor, limit);
			if (!c->cursor.data)
				more = next_page(r, c);
		} while (more && c->cursor.ts <= limit);
		if (!more)
			r->heap[0] = r->heap[--r->heap_count];
		if (r->heap_count)
			sift_down(r, 0);
	}
}
