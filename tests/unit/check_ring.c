// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Pages of the ring buffer are walked as libtraceevent's kbuffer walks them, never beyond their
 * end, and merged in the order of time.
 */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <kbuffer.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "engine/ring.h"
#include "samples.h"

#define PAGE	     4096
#define MISSED	     (1U << 31)
#define STORED	     (1U << 30)
#define PADDING	     29
#define TIME_EXTEND  30
#define TIME_STAMP   31
#define VALID_PAGES  3000
#define BROKEN_PAGES 20000

/* A page under construction, whose readable slack ends where no memory is. */
struct paper {
	uint8_t *page;
	size_t size, long_size, at;
};

static uint32_t seed = 1;

static uint32_t below(uint32_t n)
{
	return sample_random(&seed) % n;
}

static void paper_init(struct paper *p, size_t size, size_t long_size)
{
	size_t room = 2 * PAGE;
	uint8_t *map =
		mmap(NULL, room + PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	ck_assert_ptr_ne(map, MAP_FAILED);
	ck_assert_int_eq(mprotect(map + room, PAGE, PROT_NONE), 0);
	p->page = map + room - RING_PAGE_SLACK - size;
	p->size = size;
	p->long_size = long_size;
}

static void put32(struct paper *p, size_t at, uint32_t v)
{
	memcpy(p->page + at, &v, sizeof(v));
}

static void set_commit(struct paper *p, uint32_t flags)
{
	put32(p, 8, (uint32_t)(p->at - 8 - p->long_size) | flags);
}

static void begin(struct paper *p, uint64_t ts)
{
	memset(p->page, 0, p->size);
	memcpy(p->page, &ts, sizeof(ts));
	p->at = 8 + p->long_size;
	set_commit(p, 0);
}

static size_t room(const struct paper *p)
{
	return p->size - p->at;
}

static void word(struct paper *p, uint32_t v)
{
	put32(p, p->at, v);
	p->at += 4;
}

/* A record of so many words with tag as its first, by a long header or a short one. */
static bool record(struct paper *p, uint32_t delta, size_t words, uint32_t tag, bool longer)
{
	size_t need = 4 + 4 * words + (longer ? 4 : 0);

	if (need > room(p))
		return false;
	if (longer) {
		word(p, delta << 5);
		word(p, (uint32_t)(4 + 4 * words));
	} else {
		word(p, delta << 5 | (uint32_t)words);
	}
	for (size_t i = 0; i < words; i++)
		word(p, tag + (uint32_t)i);
	set_commit(p, 0);
	return true;
}

/* A time extend, an absolute time or one event that was taken back. */
static bool pair_of_words(struct paper *p, uint32_t type, uint32_t low, uint32_t second)
{
	if (room(p) < 8)
		return false;
	word(p, low << 5 | type);
	word(p, second);
	set_commit(p, 0);
	return true;
}

static bool taken_back(struct paper *p, uint32_t delta, size_t words)
{
	if (room(p) < 8 + 4 * words)
		return false;
	pair_of_words(p, PADDING, delta, (uint32_t)(4 + 4 * words));
	p->at += 4 * words;
	set_commit(p, 0);
	return true;
}

static bool random_record(struct paper *p)
{
	switch (below(12)) {
	case 0:
		return record(p, below(1 << 27), 1 + below(60), below(1000), true);
	case 1:
		return pair_of_words(p, TIME_EXTEND, below(1 << 27), below(1 << 20));
	case 2:
		return pair_of_words(p, TIME_STAMP, below(1 << 27), below(1U << 24) << 6);
	case 3:
		return taken_back(p, 1 + below(1000), below(30));
	case 4:
		return record(p, (1 << 27) - 1, 1 + below(28), 7, false);
	default:
		return record(p, below(5000), 1 + below(28), below(1000), false);
	}
}

static void random_page(struct paper *p)
{
	uint32_t records = below(400);

	begin(p, (uint64_t)below(1 << 24) << 16 | below(1 << 16));
	for (uint32_t i = 0; i < records; i++)
		random_record(p);
	if (!below(4)) {
		/* The kernel pads what no event fits into. */
		if (room(p) >= 8)
			taken_back(p, 1, room(p) / 4 - 2);
		else if (room(p))
			word(p, PADDING);
		set_commit(p, 0);
	}
}

/* Both walk the page; every event must be the same. Returns how many there were. */
static size_t compare(const struct paper *p, struct kbuffer *oracle)
{
	struct ring_cursor c;
	unsigned long long ts;
	uint8_t *data;
	size_t n = 0;

	ring_cursor_init(&c, p->page, p->size, p->long_size);
	kbuffer_load_subbuffer(oracle, p->page);
	for (data = kbuffer_read_event(oracle, &ts); data; data = kbuffer_next_event(oracle, &ts)) {
		if (c.data != data || c.ts != ts ||
		    ring_cursor_size(&c) != (size_t)kbuffer_event_size(oracle))
			ck_abort_msg("event %zu differs", n);
		ring_cursor_next(&c);
		n++;
	}
	ck_assert_ptr_null(c.data);
	return n;
}

static struct kbuffer *oracle_of(size_t long_size)
{
	return kbuffer_alloc(long_size == 8 ? KBUFFER_LSIZE_8 : KBUFFER_LSIZE_4,
			     KBUFFER_ENDIAN_SAME_AS_HOST);
}

static void check_lengths(struct paper *p, struct kbuffer *oracle)
{
	for (size_t words = 1; words <= 28; words++) {
		begin(p, 1000);
		ck_assert(record(p, 5, words, 1, false) && record(p, 6, words, 1, false));
		ck_assert_uint_eq(compare(p, oracle), 2);
	}
	for (size_t words = 1; words < 1000; words++) {
		begin(p, 1000);
		ck_assert(record(p, 5, words, 1, true));
		ck_assert_uint_eq(compare(p, oracle), 1);
	}
}

/* Of every length to the end of the page, to the last word. */
static void check_full(struct paper *p, struct kbuffer *oracle)
{
	for (size_t words = 1; words <= 28; words++) {
		size_t n = 0;

		begin(p, 1);
		while (record(p, 1, words, 1, false))
			n++;
		while (room(p) >= 8) {
			ck_assert(record(p, 1, 1, 1, false));
			n++;
		}
		ck_assert_uint_eq(compare(p, oracle), n);
	}
}

static void check_times(struct paper *p, struct kbuffer *oracle)
{
	struct ring_cursor c;

	begin(p, 1ULL << 40);
	ck_assert(pair_of_words(p, TIME_EXTEND, 3, 2) && record(p, 4, 1, 1, false));
	ck_assert_uint_eq(compare(p, oracle), 1);
	ring_cursor_init(&c, p->page, p->size, p->long_size);
	ck_assert_uint_eq(c.ts, (1ULL << 40) + 3 + (2ULL << 27) + 4);

	begin(p, (1ULL << 60) + 5);
	ck_assert(pair_of_words(p, TIME_STAMP, 9, 3) && record(p, 1, 1, 1, false));
	ring_cursor_init(&c, p->page, p->size, p->long_size);
	ck_assert_uint_eq(c.ts, (1ULL << 60) + 9 + (3ULL << 27) + 1);
}

static void check_nothing(struct paper *p, struct kbuffer *oracle)
{
	begin(p, 1);
	ck_assert_uint_eq(compare(p, oracle), 0);
	ck_assert(pair_of_words(p, TIME_EXTEND, 3, 2));
	ck_assert_uint_eq(compare(p, oracle), 0);
	ck_assert(taken_back(p, 1, 3) && taken_back(p, 1, 0));
	ck_assert_uint_eq(compare(p, oracle), 0);
	ck_assert(record(p, 1, 2, 1, false));
	ck_assert_uint_eq(compare(p, oracle), 1);
}

static void for_both_longs(void (*check)(struct paper *p, struct kbuffer *oracle))
{
	for (size_t long_size = 4; long_size <= 8; long_size += 4) {
		struct kbuffer *oracle = oracle_of(long_size);
		struct paper p;

		paper_init(&p, PAGE, long_size);
		check(&p, oracle);
		kbuffer_free(oracle);
	}
}

START_TEST(kinds)
{
	for_both_longs(check_lengths);
	for_both_longs(check_full);
	for_both_longs(check_times);
	for_both_longs(check_nothing);
}
END_TEST

static void check_random(struct paper *p, struct kbuffer *oracle)
{
	size_t n = 0;

	for (int i = 0; i < VALID_PAGES; i++) {
		random_page(p);
		n += compare(p, oracle);
	}
	ck_assert_uint_gt(n, 10 * VALID_PAGES);
}

START_TEST(random_pages)
{
	for_both_longs(check_random);
}
END_TEST

START_TEST(missed_events)
{
	struct ring_cursor c;
	struct paper p;

	paper_init(&p, PAGE, 8);
	begin(&p, 1);
	ck_assert(ring_cursor_init(&c, p.page, PAGE, 8));
	ck_assert(record(&p, 2, 1, 1, false));
	ck_assert(ring_cursor_init(&c, p.page, PAGE, 8));
	set_commit(&p, MISSED);
	ck_assert(!ring_cursor_init(&c, p.page, PAGE, 8));
	ck_assert_uint_eq(c.ts, 3);
	/* With their number behind the data. */
	set_commit(&p, MISSED | STORED);
	ck_assert(!ring_cursor_init(&c, p.page, PAGE, 8));
	ck_assert_ptr_nonnull(c.data);
	ring_cursor_next(&c);
	ck_assert_ptr_null(c.data);
}
END_TEST

/* Whatever the page says: it ends, and no event reaches beyond it. */
static void walk(const struct paper *p)
{
	const uint8_t *former = p->page;
	struct ring_cursor c;
	size_t n = 0;

	ring_cursor_init(&c, p->page, p->size, p->long_size);
	while (c.data) {
		/* Not ck_assert(), which would write to a file each time. */
		if (former >= c.data || c.data > c.next || c.next > p->page + p->size ||
		    ++n > p->size / 4)
			ck_abort_msg("event %zu is none", n);
		former = c.data;
		ring_cursor_next(&c);
	}
	/* Once at its end it stays there. */
	ring_cursor_next(&c);
	if (c.data)
		ck_abort_msg("an event after the last one");
}

static void check_broken(struct paper *p, struct kbuffer *oracle)
{
	(void)oracle;
	for (int i = 0; i < BROKEN_PAGES; i++) {
		uint32_t harm = 1 + below(8);

		if (i % 4) {
			random_page(p);
		} else {
			for (size_t k = 0; k < p->size; k++)
				p->page[k] = (uint8_t)below(256);
		}
		for (uint32_t k = 0; k < harm && i % 4 != 1; k++)
			put32(p, below((uint32_t)p->size / 4) * 4, below(1 << 24) << below(9));
		if (i % 2)
			put32(p, 8, below(2) ? (uint32_t)below(2 * PAGE) : UINT32_MAX);
		walk(p);
	}
}

START_TEST(broken_pages)
{
	static const size_t sizes[] = { 16, 20, 32, 64, 100, 256 };

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		struct paper p;

		paper_init(&p, sizes[i], i % 2 ? 4 : 8);
		check_broken(&p, NULL);
	}
}
END_TEST

/* Each length that a header can claim, in the last words of a page. */
START_TEST(lengths_beyond_the_end)
{
	struct paper p;

	paper_init(&p, PAGE, 8);
	for (size_t left = 4; left <= 64; left += 4) {
		for (uint32_t type = 0; type < 32; type++) {
			for (uint32_t length = 0; length < 80; length++) {
				begin(&p, 1);
				p.at = PAGE - left;
				put32(&p, 16, 1 << 5 | TIME_EXTEND);
				/* One taken back fills the page up to there. */
				put32(&p, 24, 1 << 5 | PADDING);
				put32(&p, 28, (uint32_t)(PAGE - left - 28));
				word(&p, 1 << 5 | type);
				if (left > 4)
					word(&p, length == 79 ? UINT32_MAX : length);
				p.at = PAGE;
				set_commit(&p, 0);
				walk(&p);
			}
		}
	}
}
END_TEST

/* ---- merging ---- */

#define CPUS_MAX 9
#define TAGS_MAX 65536

static struct {
	uint64_t ts; /* of the last event */
	size_t count, gaps;
	uint64_t last_gap;
	uint64_t expected[TAGS_MAX]; /* by tag: its time; 0: seen */
	uint32_t tags;
	size_t disorder;
} seen;

static void take_events(void *data, struct ring_cursor *c, uint64_t limit)
{
	(void)data;
	do {
		uint32_t tag;

		memcpy(&tag, c->data, sizeof(tag));
		ck_assert_uint_lt(tag, seen.tags);
		ck_assert_uint_eq(seen.expected[tag], c->ts);
		seen.expected[tag] = 0;
		seen.disorder += c->ts < seen.ts;
		seen.ts = c->ts;
		seen.count++;
		ring_cursor_next(c);
	} while (c->data && c->ts <= limit);
}

static void take_gap(void *data, uint64_t ts)
{
	(void)data;
	seen.gaps++;
	seen.last_gap = ts;
}

static const struct ring_sink sink = { take_events, take_gap, NULL };

/* A page of n events from *ts on, written to fd. */
static void write_page(struct paper *p, int fd, uint64_t *ts, size_t n, uint32_t flags)
{
	*ts += 1;
	begin(p, *ts);
	for (size_t i = 0; i < n; i++) {
		uint32_t delta = below(100);

		ck_assert(record(p, delta, 1 + below(3), seen.tags, false));
		*ts += delta;
		seen.expected[seen.tags++] = *ts;
	}
	set_commit(p, flags);
	ck_assert_int_eq(write(fd, p->page, PAGE), PAGE);
}

static size_t due(uint64_t horizon)
{
	size_t n = 0;

	for (uint32_t i = 0; i < seen.tags; i++)
		n += seen.expected[i] && seen.expected[i] <= horizon;
	return n;
}

struct machine {
	struct ring ring;
	struct paper paper;
	int pipes[CPUS_MAX][2];
	uint64_t now[CPUS_MAX];
	size_t cpus, flagged;
};

static void machine_init(struct machine *m, size_t cpus)
{
	memset(&seen, 0, sizeof(seen));
	memset(m, 0, sizeof(*m));
	m->cpus = cpus;
	paper_init(&m->paper, PAGE, sizeof(long));
	ck_assert_int_eq(ring_init(&m->ring, cpus + 1, PAGE, sizeof(long), &sink), 0);
	for (size_t i = 0; i < cpus; i++) {
		ck_assert_int_eq(pipe2(m->pipes[i], O_NONBLOCK | O_CLOEXEC), 0);
		ring_add_cpu(&m->ring, m->pipes[i][0]);
	}
	ring_add_cpu(&m->ring, -1); /* one that has no buffer */
}

static void machine_fini(struct machine *m)
{
	for (size_t i = 0; i < m->cpus; i++)
		close(m->pipes[i][1]);
	ring_fini(&m->ring);
}

/* What every CPU writes, then a merge up to the time that all have reached. */
static void one_round(struct machine *m)
{
	struct sg_error e = { 0 };
	uint64_t horizon = UINT64_MAX;
	size_t want, before = seen.count;
	uint32_t most = 0;

	for (size_t i = 0; i < m->cpus; i++) {
		uint32_t pages = below(5);

		most = pages > most ? pages : most;
		for (uint32_t k = 0; k < pages; k++) {
			bool missed = !below(10);

			m->flagged += missed;
			write_page(&m->paper, m->pipes[i][1], &m->now[i], below(40),
				   missed ? MISSED : 0);
		}
		if (!pages)
			m->now[i] += below(4000);
		horizon = m->now[i] < horizon ? m->now[i] : horizon;
	}
	ck_assert_int_eq(ring_read(&m->ring, 100, &e), (int)most);
	want = due(horizon);
	ring_merge(&m->ring, horizon);
	ck_assert_uint_eq(seen.count - before, want);
	ck_assert_uint_le(seen.ts, horizon);
}

START_TEST(merging)
{
	for (int run = 0; run < 200; run++) {
		struct machine m;
		size_t rounds = 1 + below(8);

		machine_init(&m, 1 + below(CPUS_MAX));
		for (size_t i = 0; i < rounds; i++)
			one_round(&m);
		ring_merge(&m.ring, UINT64_MAX);
		ck_assert_uint_eq(seen.count, seen.tags);
		ck_assert_uint_eq(seen.disorder, 0);
		ck_assert_uint_eq(seen.gaps, m.flagged);
		machine_fini(&m);
	}
}
END_TEST

START_TEST(horizon)
{
	struct sg_error e = { 0 };
	struct machine m;

	machine_init(&m, 2);
	for (int i = 0; i < 3; i++)
		write_page(&m.paper, m.pipes[0][1], &m.now[0], 10, 0);
	ck_assert_int_eq(ring_read(&m.ring, 2, &e), 2);
	ck_assert_int_eq(ring_read(&m.ring, 2, &e), 1);
	ck_assert_int_eq(ring_read(&m.ring, 2, &e), 0);
	/* Not a tick too far, and nothing twice. */
	for (uint64_t now = 0; now <= m.now[0]; now++) {
		size_t want = seen.count + due(now);

		ring_merge(&m.ring, now);
		ck_assert_uint_eq(seen.count, want);
	}
	ck_assert_uint_eq(seen.count, 30);
	ring_merge(&m.ring, UINT64_MAX);
	ck_assert_uint_eq(seen.count, 30);
	machine_fini(&m);
}
END_TEST

START_TEST(gaps)
{
	struct sg_error e = { 0 };
	struct machine m;
	uint64_t begun;

	machine_init(&m, 1);
	write_page(&m.paper, m.pipes[0][1], &m.now[0], 5, 0);
	begun = m.now[0] + 1;
	write_page(&m.paper, m.pipes[0][1], &m.now[0], 0, MISSED);
	ck_assert_int_eq(ring_read(&m.ring, 9, &e), 2);
	ring_merge(&m.ring, UINT64_MAX);
	ck_assert_uint_eq(seen.gaps, 1);
	ck_assert_uint_eq(seen.last_gap, begun);
	ring_merge(&m.ring, UINT64_MAX);
	ck_assert_uint_eq(seen.gaps, 1);
	machine_fini(&m);
}
END_TEST

/* More than one call's worth, from a file that ends; then a descriptor that cannot be read. */
START_TEST(many_pages)
{
	int fd = memfd_create("pages", MFD_CLOEXEC), bad = open("/dev/null", O_WRONLY | O_CLOEXEC);
	struct sg_error e = { 0 };
	struct paper p;
	struct ring r;
	uint64_t ts = 0;

	memset(&seen, 0, sizeof(seen));
	paper_init(&p, PAGE, 8);
	for (int i = 0; i < 100; i++)
		write_page(&p, fd, &ts, 3, 0);
	lseek(fd, 0, SEEK_SET);
	ck_assert_int_eq(ring_init(&r, 2, PAGE, 8, &sink), 0);
	ring_add_cpu(&r, fd);
	ck_assert_int_eq(ring_read(&r, 70, &e), 70);
	ring_merge(&r, UINT64_MAX);
	ck_assert_uint_eq(seen.count, 210);
	ck_assert_int_eq(ring_read(&r, 70, &e), 30);
	ring_add_cpu(&r, bad);
	ck_assert_int_eq(ring_read(&r, 70, &e), -EBADF);
	ck_assert_str_ne(e.text, "");
	ring_fini(&r); /* with pages that no one took */
}
END_TEST

int main(void)
{
	const struct unit_case cases[] = {
		{ "every kind and length of record is found as libtraceevent finds it", kinds },
		{ "random pages are walked as libtraceevent walks them", random_pages },
		{ "a page tells that events were lost before it", missed_events },
		{ "broken pages end and are not left", broken_pages },
		{ "no length leads beyond the end", lengths_beyond_the_end },
		{ "events of several CPUs come once and in the order of time", merging },
		{ "nothing later than the horizon is handed on", horizon },
		{ "a gap is told once, even on an empty page", gaps },
		{ "pages are read up to the asked number; errors are told", many_pages },
	};

	return unit_main("ring", cases, ARRAY_SIZE(cases));
}
