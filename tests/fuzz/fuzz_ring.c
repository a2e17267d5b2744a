// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Pages of the kernel's ring buffer, walked and merged. An input is a byte of shape (bit 0: a long
 * of 4 bytes, not 8; bits 1-2: CPUs but one; bits 3-4: size of a page), the horizon of the first of
 * two merges, and the pages, in turn one of each CPU.
 */
#include "fuzz.h"

#include "engine/ring.h"

#define CPUS 4

struct seen {
	size_t events, bytes, gaps;
	uint64_t sum;
};

static void run(void *data, struct ring_cursor *c, uint64_t limit)
{
	struct seen *s = data;

	do {
		fuzz_must(c->data <= c->next && c->next <= c->end && c->ts <= limit);
		s->events++;
		s->bytes += ring_cursor_size(c);
		/* All of the record can be read. */
		for (const uint8_t *p = c->data; p < c->next; p++)
			s->sum += *p;
		ring_cursor_next(c);
	} while (c->data && c->ts <= limit);
}

static void gap(void *data, uint64_t ts)
{
	struct seen *s = data;

	(void)ts;
	s->gaps++;
}

/* Every page that begins in the data, the last filled up with zeros. Returns how many. */
static size_t fill(const int *fds, size_t cpus, const uint8_t *data, size_t size, size_t page)
{
	size_t pages = (size + page - 1) / page;

	for (size_t i = 0; i < pages; i++) {
		size_t n = size - i * page < page ? size - i * page : page;
		off_t at = (off_t)(i / cpus * page);

		fuzz_must(pwrite(fds[i % cpus], data + i * page, n, at) == (ssize_t)n);
		fuzz_must(!ftruncate(fds[i % cpus], at + (off_t)page));
	}
	return pages;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const size_t sizes[] = { 64, 128, 512, 4096 };
	struct seen seen = { 0 };
	const struct ring_sink sink = { run, gap, &seen };
	struct sg_error e = { 0 };
	struct ring ring;
	size_t cpus, page, pages;
	uint64_t horizon;
	int fds[CPUS];

	if (size < 1 + sizeof(horizon))
		return 0;
	cpus = 1 + (data[0] >> 1 & 3);
	page = sizes[data[0] >> 3 & 3];
	memcpy(&horizon, data + 1, sizeof(horizon));
	fuzz_must(!ring_init(&ring, cpus, page, data[0] & 1 ? 4 : 8, &sink));
	for (size_t i = 0; i < cpus; i++) {
		fds[i] = memfd_create("fuzz", MFD_CLOEXEC);
		ring_add_cpu(&ring, fds[i]);
	}
	pages = fill(fds, cpus, data + 1 + sizeof(horizon), size - 1 - sizeof(horizon), page);
	fuzz_must(ring_read(&ring, 1 << 16, &e) == (int)((pages + cpus - 1) / cpus));
	ring_merge(&ring, horizon);
	ring_merge(&ring, UINT64_MAX);
	fuzz_must(seen.gaps <= pages && seen.bytes + 4 * seen.events <= pages * page);
	ring_fini(&ring);
	return 0;
}
