// SPDX-License-Identifier: GPL-2.0-or-later
#include "unit.h"

#include <math.h>

#include "base/cleanup.h"
#include "samples.h"

static int compare_times(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

/* Against the sorted times themselves, for distributions of several shapes. */
static void check_quantiles(unsigned int shift, uint64_t offset)
{
	static const double wanted[] = { 0, 0.01, 0.5, 0.9, 0.99, 0.999, 1 };
	struct cell c = sample_cell(1, 1, 0);
	uint64_t times[1000];
	uint32_t seed = shift;

	for (size_t i = 0; i < ARRAY_SIZE(times); i++) {
		times[i] = offset + (sample_random(&seed) >> (sample_random(&seed) % (shift + 1)));
		sample_time(&c, times[i]);
	}
	qsort(times, ARRAY_SIZE(times), sizeof(*times), compare_times);
	for (size_t i = 0; i < ARRAY_SIZE(wanted); i++) {
		size_t n = (size_t)ceil(wanted[i] * ARRAY_SIZE(times));
		uint64_t truth = times[n ? n - 1 : 0], told = cell_quantile_ns(&c, wanted[i]);
		unsigned int bucket = sysgate_hist_index(truth);

		ck_assert_uint_ge(told, truth);
		ck_assert_uint_lt(told, sysgate_hist_low(bucket + 1));
		ck_assert_uint_le(told, c.max_ns);
	}
}

START_TEST(quantiles)
{
	check_quantiles(0, 0);
	check_quantiles(20, 0);
	check_quantiles(12, 100);
	check_quantiles(1, 1000000000000);
}
END_TEST

START_TEST(nothing_timed)
{
	struct cell c = sample_cell(1, 1, 231);

	c.count = c.never_returned = 3;
	ck_assert_uint_eq(cell_timed(&c), 0);
	ck_assert_uint_eq(cell_quantile_ns(&c, 0.5), 0);
	ck_assert_double_eq(cell_mean_ns(&c), 0);
	ck_assert_double_eq(cell_deviation_ns(&c), 0);
	ck_assert_uint_eq(c.min_ns, UINT64_MAX);
}
END_TEST

START_TEST(untimed)
{
	struct cell c = sample_cell(1, 1, 0), earlier;

	sample_time(&c, 100);
	sample_time(&c, 300);
	sample_untimed(&c, 6);
	ck_assert_uint_eq(cell_timed(&c), 2);
	ck_assert_double_eq(cell_mean_ns(&c), 200);
	earlier = c;
	sample_untimed(&c, 4);
	cell_sub(&c, &earlier);
	ck_assert_uint_eq(c.count, 4);
	ck_assert_uint_eq(c.untimed, 4);
	ck_assert_uint_eq(cell_timed(&c), 0);
	ck_assert_uint_eq(c.min_ns, UINT64_MAX);
	ck_assert_uint_eq(c.max_ns, 0);
	cell_add(&c, &earlier);
	ck_assert_uint_eq(c.untimed, 10);
}
END_TEST

START_TEST(waiting)
{
	struct cell c = sample_cell(1, 1, 0), earlier;

	sample_time(&c, 100);
	c.wait_ns = 70;
	earlier = c;
	sample_time(&c, 50);
	c.wait_ns += 20;
	cell_sub(&c, &earlier);
	ck_assert_uint_eq(c.wait_ns, 20);
	cell_add(&c, &earlier);
	ck_assert_uint_eq(c.wait_ns, 90);
}
END_TEST

START_TEST(beyond_the_last_bucket)
{
	struct cell c = sample_cell(1, 1, 0);

	sample_time(&c, (uint64_t)1 << 50);
	ck_assert_uint_eq(cell_quantile_ns(&c, 0.5), (uint64_t)1 << 50);
}
END_TEST

START_TEST(moments)
{
	struct cell c = sample_cell(1, 1, 0);

	for (uint64_t ns = 2; ns <= 9; ns++)
		sample_time(&c, ns == 6 ? 5 : ns);
	/* 2 3 4 5 5 7 8 9 */
	ck_assert_double_eq_tol(cell_mean_ns(&c), 5.375, 1e-12);
	ck_assert_double_eq_tol(cell_deviation_ns(&c), 2.445841953, 1e-8);
}
END_TEST

/* Also of sums that no calls can have. */
START_TEST(whole)
{
	struct cell c = sample_cell(SYSGATE_ABI_X86_64, SYSGATE_GATE_SYSCALL, 1);

	ck_assert_uint_eq(cell_whole_ns(0), 0);
	ck_assert_uint_eq(cell_whole_ns(1.4), 1);
	ck_assert_uint_eq(cell_whole_ns(1.5), 2);
	ck_assert_uint_eq(cell_whole_ns(9e18), UINT64_C(9000000000000000000));
	ck_assert_uint_eq(cell_whole_ns(9223372036854775808.0), INT64_MAX);
	c.count = 2;
	c.total_ns = UINT64_MAX;
	c.sumsq_ns = 1e308;
	ck_assert_uint_eq(cell_whole_ns(cell_deviation_ns(&c)), INT64_MAX);
	c.sumsq_ns *= 1e10;
	ck_assert_uint_eq(cell_whole_ns(cell_deviation_ns(&c)), INT64_MAX);
}
END_TEST

START_TEST(add)
{
	struct cell a = sample_cell(1, 1, 0), b = sample_cell(1, 1, 0), both = a;
	uint32_t seed = 5;

	for (int i = 0; i < 500; i++) {
		uint64_t ns = sample_random(&seed);

		sample_exit(i % 3 ? &a : &b, ns, i % SYSGATE_EXITS);
		sample_exit(&both, ns, i % SYSGATE_EXITS);
	}
	cell_add(&a, &b);
	ck_assert_uint_eq(a.count, both.count);
	ck_assert_uint_eq(a.total_ns, both.total_ns);
	ck_assert_uint_eq(a.min_ns, both.min_ns);
	ck_assert_uint_eq(a.max_ns, both.max_ns);
	ck_assert_mem_eq(a.hist, both.hist, sizeof(a.hist));
	ck_assert_mem_eq(a.exits, both.exits, sizeof(a.exits));
	ck_assert_double_eq_tol(cell_deviation_ns(&a), cell_deviation_ns(&both), 1e-3);
}
END_TEST

/* Times before, times after, and what the difference's extremes are known to be. */
static const struct difference {
	uint64_t before[3], after[3]; /* 0 ends */
	uint64_t min, max;
	bool min_estimated, max_estimated;
} differences[] = {
	{ { 100, 1000 }, { 50, 2000 }, 50, 2000, false, false },
	{ { 100, 1000 }, { 500 }, 480, 511, true, true },
	{ { 100, 1000 }, { 50, 60 }, 50, 63, false, true },
	{ { 100, 1000 }, { 1001 }, 960, 1001, true, false },
	{ { 100 }, { 100 }, 100, 100, true, true },
	{ { 0 }, { 70, 80 }, 70, 80, false, false },
};

START_TEST(sub)
{
	const struct difference *d = differences;

	for (size_t i = 0; i < ARRAY_SIZE(differences); i++, d++) {
		struct cell later = sample_cell(1, 1, 0), earlier, truth = later;

		for (int j = 0; j < 3 && d->before[j]; j++)
			sample_time(&later, d->before[j]);
		earlier = later;
		for (int j = 0; j < 3 && d->after[j]; j++) {
			sample_time(&later, d->after[j]);
			sample_time(&truth, d->after[j]);
		}
		cell_sub(&later, &earlier);
		ck_assert_uint_eq(later.count, truth.count);
		ck_assert_uint_eq(later.total_ns, truth.total_ns);
		ck_assert_mem_eq(later.hist, truth.hist, sizeof(truth.hist));
		ck_assert_msg(later.min_ns == d->min && later.max_ns == d->max,
			      "difference %zu: %lu..%lu", i, (unsigned long)later.min_ns,
			      (unsigned long)later.max_ns);
		ck_assert(later.min_ns <= truth.min_ns && later.max_ns >= truth.max_ns);
		ck_assert(later.min_estimated == d->min_estimated);
		ck_assert(later.max_estimated == d->max_estimated);
	}
}
END_TEST

int main(void)
{
	const struct unit_case cases[] = {
		{ "a quantile is never below the truth, and in the truth's bucket", quantiles },
		{ "calls that never returned have no times", nothing_timed },
		{ "calls that nobody timed are no part of the times", untimed },
		{ "waiting adds up and is taken off like the time that it is part of", waiting },
		{ "the last bucket's quantile is the maximum", beyond_the_last_bucket },
		{ "mean and deviation", moments },
		{ "a time in whole nanoseconds has an end", whole },
		{ "a sum is what one cell would have counted", add },
		{ "a difference is exact but for extremes, which are bounds and marked", sub },
	};

	return unit_main("cell", cases, ARRAY_SIZE(cases));
}
