// SPDX-License-Identifier: GPL-2.0-or-later
#include "samples.h"
#include "unit.h"

#include <errno.h>
#include <math.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "collector/compare.h"
#include "collector/store.h"
#include "collector/student.h"
#include "collector/when.h"

#define SECOND 1000000000ULL
#define START  (1700000000 * SECOND)
#define CALLS  12

/* Tables of any textbook. */
START_TEST(student)
{
	static const struct {
		double t, df, p;
	} rows[] = {
		{ 0, 5, 1 },	      { 12.706, 1, 0.05 },  { 2.571, 5, 0.05 },
		{ 4.032, 5, 0.01 },   { -2.042, 30, 0.05 }, { 3.646, 30, 0.001 },
		{ 1.984, 100, 0.05 }, { 1.96, 1e6, 0.05 },  { 3.2905, 1e6, 0.001 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		ck_assert_double_eq_tol(student_p(rows[i].t, rows[i].df), rows[i].p,
					rows[i].p * 0.003);
	ck_assert_double_eq(student_p(NAN, 5), 1);
	ck_assert_double_eq(student_p(INFINITY, 5), 0);
	ck_assert_double_lt(student_p(40, 60), 1e-30);
}
END_TEST

START_TEST(times)
{
	const struct recording_range extent = { START, START + 3600 * SECOND };
	static const struct {
		const char *text;
		uint64_t want;
	} rows[] = {
		{ "@1700000000", START },
		{ "@1700000000.5", START + SECOND / 2 },
		{ "+10m", START + 600 * SECOND },
		{ "-1h", START },
		{ "-1d", START - 82800 * SECOND },
		{ "2023-11-14 22:13:20", START },
		{ "2023-11-14T22:13:20Z", START },
		{ "2023-11-14 22:14", START + 40 * SECOND },
		{ "23:00:00", START + 2800 * SECOND },
		{ "23:00", START + 2800 * SECOND },
	};
	static const char *const bad[] = { "",	   "x",	    "@",	  "@x",		 "+",
					   "-5y",  "25:00", "2023-13-01", "22:13:20 PM", "@-5",
					   "@1e99" };
	struct sg_error e = { 0 };
	uint64_t ns;

	setenv("TZ", "UTC", 1);
	tzset();
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		ck_assert_msg(!when_parse(rows[i].text, &extent, &ns, &e), "%s", rows[i].text);
		ck_assert_msg(ns == rows[i].want, "%s: %llu", rows[i].text, (unsigned long long)ns);
	}
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		ck_assert_msg(when_parse(bad[i], &extent, &ns, &e) == -EINVAL, "%s", bad[i]);
		ck_assert_ptr_nonnull(strstr(e.hint, "-1h"));
	}
}
END_TEST

/* What one recording is made by: factors on call 3. */
struct making {
	uint32_t seed;
	double speed;	 /* of everything */
	double more;	 /* calls */
	double slower;	 /* times */
	uint64_t errors; /* of all its calls, per 100 */
	bool one_burst;	 /* a call that is made in one interval alone */
	size_t calls;
	bool stalled; /* nothing runs in one interval */
};

static struct snapshot *interval(const struct making *m, uint32_t *seed, size_t at)
{
	struct snapshot *s = snapshot_new();
	double here = m->speed * (0.8 + sample_random(seed) % 400 / 1000.0);

	if (m->stalled && at == 10)
		here = 0;
	for (size_t i = 0; i < m->calls; i++) {
		struct cell c = sample_cell(SYSGATE_ABI_X86_64, SYSGATE_GATE_SYSCALL, (int)i);
		double n = here * (300 + sample_random(seed) % 6) * (i == 3 ? m->more : 1);

		for (size_t k = 0; k < (size_t)n; k++)
			sample_time(&c, (uint64_t)((200 + 50 * (double)i) *
						   (1 + sample_random(seed) % 100 / 400.0) *
						   (i == 3 ? m->slower : 1)));
		c.errors = i == 3 ? c.count * m->errors / 100 : 0;
		snapshot_add_cell(s, &c);
	}
	if (m->one_burst && at == 20) {
		struct cell c = sample_cell(SYSGATE_ABI_X86_64, SYSGATE_GATE_SYSCALL, 100);

		for (int k = 0; k < 5000; k++)
			sample_time(&c, 1000);
		snapshot_add_cell(s, &c);
	}
	snapshot_sort(s);
	return s;
}

static struct recording *made(const struct making *m, const char *path)
{
	const struct store_limits limits = { .bytes = 64 << 20 };
	uint32_t seed = m->seed;
	struct snapshot *head = snapshot_new();
	struct recording *r = NULL;
	struct pack p = { 0 };
	struct sg_error e = { 0 };
	struct store *st;

	sample_head(head);
	ck_assert_msg(!store_open(&st, path, &limits, head, SECOND, &e), "%s", e.text);
	for (size_t i = 0; i < 40; i++) {
		struct snapshot *s = interval(m, &seed, i);
		struct store_delta *d;

		ck_assert_int_eq(pack_snapshot(&p, s), 0);
		d = malloc(sizeof(*d) + p.size);
		*d = (struct store_delta){ START + i * SECOND, SECOND, 1, p.size };
		memcpy(d->packed, p.data, p.size);
		ck_assert_int_eq(store_add(st, d, &e), 0);
		free(d);
		snapshot_free(s);
	}
	store_close(st);
	snapshot_free(head);
	pack_fini(&p);
	ck_assert_int_eq(recording_open(&r, path, &e), 0);
	return r;
}

static void compare(struct compare *out, const struct making *a, const struct making *b)
{
	const struct compare_options o = { .group = GROUP_CALL | GROUP_ABI,
					   .least = { 0.01, 0.01, 0.1, 0.1 } };
	const struct recording_range all = { 0, UINT64_MAX };
	char folder[] = "/tmp/check-compare-XXXXXX", path[2][64];
	struct sg_error e = { 0 };
	struct recording *ra, *rb;

	ck_assert_ptr_nonnull(mkdtemp(folder));
	for (int i = 0; i < 2; i++)
		snprintf(path[i], sizeof(path[i]), "%s/%d", folder, i);
	ra = made(a, path[0]);
	rb = made(b, path[1]);
	ck_assert_msg(!compare_run(out, ra, &all, rb, &all, &o, &e), "%s", e.text);
	recording_close(ra);
	recording_close(rb);
	unlink(path[0]);
	unlink(path[1]);
	rmdir(folder);
}

static const struct making usual = { 1, 1, 1, 1, 5, false, CALLS, false };

START_TEST(nothing)
{
	for (uint32_t seed = 2; seed < 12; seed++) {
		struct making again = usual;
		struct compare c;

		again.seed = seed * 1000;
		compare(&c, &usual, &again);
		ck_assert_msg(!c.changes, "seed %u: %zu", seed, c.changes);
		ck_assert_uint_ge(c.tests, 3 * CALLS);
		ck_assert_double_eq_tol(c.pace[COMPARE_RATE], 1, 0.2);
		compare_fini(&c);
	}
}
END_TEST

/* Exactly this figure of call 3. */
static void must_find(const struct making *b, unsigned int figures, double change)
{
	struct compare c;

	compare(&c, &usual, b);
	ck_assert_uint_eq(c.changes, (unsigned int)__builtin_popcount(figures));
	ck_assert_int_eq(c.rows[0].a.key.nr, 3);
	for (int f = 0; f < COMPARE_FIGURES; f++) {
		const struct compare_result *r = &c.rows[0].results[f];

		ck_assert_int_eq(r->verdict == COMPARE_CHANGED, (figures >> f) & 1);
		if (figures >> f & 1)
			ck_assert_double_eq_tol(r->change, change, fabs(change) / 4);
	}
	compare_fini(&c);
}

START_TEST(more)
{
	struct making b = usual;

	b.seed = 5;
	b.more = 1.05;
	must_find(&b, 1 << COMPARE_RATE, 0.05);
	/* Also when all of B runs at half the speed. */
	b.speed = 0.5;
	must_find(&b, 1 << COMPARE_RATE, 0.05);
	b.stalled = true;
	must_find(&b, 1 << COMPARE_RATE, 0.05);
	b.more = 0.95;
	must_find(&b, 1 << COMPARE_RATE, -0.05);
}
END_TEST

START_TEST(slower)
{
	struct making b = usual;

	b.seed = 5;
	b.slower = 2;
	must_find(&b, 1 << COMPARE_TYPICAL | 1 << COMPARE_MEAN, 1);
}
END_TEST

START_TEST(failing)
{
	struct making b = usual;

	b.seed = 5;
	b.errors = 9;
	must_find(&b, 1 << COMPARE_ERRORS, 0.04);
}
END_TEST

START_TEST(bursts)
{
	struct making b = usual;
	struct compare c;

	b.one_burst = true;
	compare(&c, &usual, &b);
	ck_assert_uint_eq(c.changes, 0);
	compare_fini(&c);
}
END_TEST

START_TEST(new_and_gone)
{
	struct making b = usual;
	struct compare c;

	b.calls = CALLS + 1;
	compare(&c, &usual, &b);
	ck_assert_uint_eq(c.changes, 1);
	ck_assert_int_eq(c.rows[0].results[COMPARE_RATE].verdict, COMPARE_NEW);
	ck_assert_int_eq(c.rows[0].a.key.nr, CALLS);
	compare_fini(&c);
	compare(&c, &b, &usual);
	ck_assert_uint_eq(c.changes, 1);
	ck_assert_int_eq(c.rows[0].results[COMPARE_RATE].verdict, COMPARE_GONE);
	compare_fini(&c);
}
END_TEST

int main(void)
{
	const struct unit_case cases[] = {
		{ "Student's t is that of the tables", student },
		{ "points in time are understood", times },
		{ "the same again, ten times, finds nothing", nothing },
		{ "5 % more of one call finds just that, at any speed", more },
		{ "one call twice as slow finds just that", slower },
		{ "one call that fails more finds just that", failing },
		{ "one burst is noise", bursts },
		{ "a call that is new or gone is found", new_and_gone },
	};

	return unit_main("compare", cases, ARRAY_SIZE(cases));
}
