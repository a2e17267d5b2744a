// SPDX-License-Identifier: GPL-2.0-or-later
#include "unit.h"

#include "base/cleanup.h"
#include "sysgate_abi.h"

static const uint64_t highest = (uint64_t)1 << SYSGATE_HIST_LAST_BIT;

START_TEST(edges)
{
	for (unsigned int i = 0; i < SYSGATE_HIST_BUCKETS; i++) {
		uint64_t low = sysgate_hist_low(i);

		ck_assert_uint_eq(sysgate_hist_index(low), i);
		if (i)
			ck_assert_uint_eq(sysgate_hist_index(low - 1), i - 1);
	}
	ck_assert_uint_eq(sysgate_hist_low(SYSGATE_HIST_BUCKETS - 1), highest);
}
END_TEST

START_TEST(widths)
{
	for (unsigned int i = 1; i + 1 < SYSGATE_HIST_BUCKETS; i++) {
		uint64_t low = sysgate_hist_low(i), width = sysgate_hist_low(i + 1) - low;

		ck_assert_msg(8 * width <= low, "bucket %u from %llu is %llu wide", i,
			      (unsigned long long)low, (unsigned long long)width);
	}
	ck_assert_uint_le(sysgate_hist_low(1), 16);
}
END_TEST

START_TEST(every_time)
{
	static const uint64_t times[] = {
		0, 1, 15, 16, 17, 18, 31, 32, 1000, 4095, 4096, 4097, 1000000000, 3600000000000,
	};

	for (size_t i = 0; i < ARRAY_SIZE(times); i++) {
		unsigned int b = sysgate_hist_index(times[i]);

		ck_assert_uint_le(sysgate_hist_low(b), times[i]);
		ck_assert_uint_gt(sysgate_hist_low(b + 1), times[i]);
	}
	ck_assert_uint_eq(sysgate_hist_index(highest - 1), SYSGATE_HIST_BUCKETS - 2);
	ck_assert_uint_eq(sysgate_hist_index(highest), SYSGATE_HIST_BUCKETS - 1);
	ck_assert_uint_eq(sysgate_hist_index(UINT64_MAX), SYSGATE_HIST_BUCKETS - 1);
}
END_TEST

START_TEST(order)
{
	unsigned int before = 0;

	for (uint64_t ns = 0; ns < 100000; ns++) {
		unsigned int b = sysgate_hist_index(ns);

		ck_assert(b == before || b == before + 1);
		before = b;
	}
}
END_TEST

int main(void)
{
	const struct unit_case cases[] = {
		{ "a bucket's lowest time is in it, the one below in the bucket before", edges },
		{ "no bucket is wider than 12.5 %", widths },
		{ "every time has a bucket, those beyond the last edge the last", every_time },
		{ "longer times are never in lower buckets, none is skipped", order },
	};

	return unit_main("hist", cases, ARRAY_SIZE(cases));
}
