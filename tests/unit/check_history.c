// SPDX-License-Identifier: GPL-2.0-or-later
/* The last minutes: they come back as they were, and their memory is bounded. */
#include "samples.h"
#include "unit.h"

#include <errno.h>
#include <malloc.h>

#include "base/cleanup.h"
#include "top/history.h"

#define SECOND 1000000000ULL

static const struct history_limits roomy = { 64 << 20, 900 * SECOND };

/* Interval i, a second long, with so many calls of read; the caller frees it. */
static struct snapshot *interval(uint64_t i, uint64_t count)
{
	struct snapshot *s = snapshot_new();
	struct cell c = sample_cell(SYSGATE_ABI_X86_64, SYSGATE_GATE_SYSCALL, 0);

	sample_head(s);
	s->start_ns = (1000 + i) * SECOND;
	s->duration_ns = SECOND;
	for (uint64_t n = 0; n < count; n++)
		sample_exit(&c, 1000, SYSGATE_EXIT_SYSRET);
	snapshot_add_cell(s, &c);
	return s;
}

static void add(struct history *h, uint64_t i, uint64_t count, const struct key *only)
{
	struct snapshot *s = interval(i, count);

	ck_assert_int_eq(history_add(h, s, only), 0);
	snapshot_free(s);
}

START_TEST(whole)
{
	struct snapshot *s = sample_snapshot(), *back = NULL;
	struct history *h = history_new(&roomy);
	struct sg_error e = { 0 };

	ck_assert_int_eq(history_add(h, s, NULL), 0);
	ck_assert_msg(!history_get(h, 0, &back, &e), "%s", e.text);
	ck_assert_str_eq(back->kernel, s->kernel);
	ck_assert_str_eq(back->notes[0], s->notes[0]);
	ck_assert_uint_eq(back->start_ns, s->start_ns);
	ck_assert_uint_eq(back->cells_count, s->cells_count);
	ck_assert_uint_eq(back->conservation.entries, s->conservation.entries);
	ck_assert_uint_eq(back->loss.unpaired_exits, 4);
	ck_assert_uint_eq(back->in_flight_count, 2);
	ck_assert_str_eq(back->in_flight[0].comm, "sh");
	ck_assert(back->gate_known && back->exit_known && back->wait_known);
	for (size_t i = 0; i < s->cells_count; i++) {
		ck_assert_uint_eq(back->cells[i]->total_ns, s->cells[i]->total_ns);
		ck_assert_mem_eq(back->cells[i]->hist, s->cells[i]->hist,
				 sizeof(s->cells[i]->hist));
	}
	snapshot_free(back);
	snapshot_free(s);
	ck_assert_int_eq(history_get(h, 1, &back, &e), -ENOENT);
	history_free(h);
	history_free(NULL);
}
END_TEST

START_TEST(by_time)
{
	const struct history_limits limits = { 64 << 20, 10 * SECOND };
	struct history *h = history_new(&limits);

	for (uint64_t i = 0; i < 1000; i++)
		add(h, i, 1 + i % 7, NULL);
	ck_assert_uint_eq(history_end(h), 1000);
	ck_assert_uint_eq(history_first(h), 989);
	ck_assert_uint_eq(history_end_ns(h, 999), 2000 * SECOND);
	ck_assert_uint_eq(history_end_ns(h, 988), 0);
	history_free(h);
}
END_TEST

START_TEST(by_bytes)
{
	const struct history_limits limits = { 20000, 900 * SECOND };
	struct history *h = history_new(&limits);
	size_t before = 0;

	for (uint64_t i = 0; i < 20000; i++) {
		add(h, i, 1, NULL);
		ck_assert_uint_gt(history_end(h), history_first(h));
		if (i == 10000)
			before = mallinfo2().uordblks;
	}
	ck_assert_uint_lt(history_bytes(h), 200000);
	/* Nothing grows any more. */
	ck_assert_uint_le(mallinfo2().uordblks, before + 1000);
	history_free(h);
}
END_TEST

START_TEST(too_large)
{
	/* The newest one is kept whatever it takes. */
	const struct history_limits limits = { 1, 1 };
	struct history *h = history_new(&limits);

	add(h, 0, 1, NULL);
	add(h, 1, 1, NULL);
	ck_assert_uint_eq(history_first(h), 1);
	ck_assert_uint_eq(history_end(h), 2);
	history_free(h);
}
END_TEST

START_TEST(rates)
{
	const struct key read = { .abi = SYSGATE_ABI_X86_64,
				  .gate = SYSGATE_GATE_SYSCALL,
				  .nr = 0 };
	const struct key write = { .abi = SYSGATE_ABI_X86_64,
				   .gate = SYSGATE_GATE_SYSCALL,
				   .nr = 1 };
	struct history *h = history_new(&roomy);

	add(h, 0, 250, NULL);
	add(h, 1, 10, &read);
	ck_assert_double_eq(history_rate(h, 0, GROUP_DEFAULT, &read, HISTORY_COUNT), 250);
	ck_assert_double_eq(history_rate(h, 0, GROUP_DEFAULT, &read, HISTORY_TOTAL), 250000);
	ck_assert_double_eq(history_rate(h, 0, GROUP_DEFAULT, &read, HISTORY_ERRORS), 0);
	ck_assert_double_eq(history_rate(h, 0, 0, NULL, HISTORY_COUNT), 250);
	ck_assert_double_eq(history_rate(h, 0, GROUP_DEFAULT, &write, HISTORY_COUNT), 0);
	/* Where one call alone was counted, of the others nothing is known. */
	ck_assert_double_eq(history_rate(h, 1, GROUP_DEFAULT, &read, HISTORY_COUNT), 10);
	ck_assert_double_eq(history_rate(h, 1, GROUP_DEFAULT, &write, HISTORY_COUNT),
			    HISTORY_UNKNOWN);
	ck_assert_double_eq(history_rate(h, 1, 0, NULL, HISTORY_COUNT), HISTORY_UNKNOWN);
	ck_assert_double_eq(history_rate(h, 2, 0, NULL, HISTORY_COUNT), HISTORY_UNKNOWN);
	ck_assert_ptr_null(history_only(h, 0));
	ck_assert_int_eq(history_only(h, 1)->nr, 0);
	history_free(h);
}
END_TEST

int main(void)
{
	const struct unit_case cases[] = {
		{ "an interval comes back as it was", whole },
		{ "the oldest go by time", by_time },
		{ "the oldest go by bytes, and memory does not grow", by_bytes },
		{ "the newest stays", too_large },
		{ "rates of a call, and what is not known", rates },
	};

	return unit_main("history", cases, ARRAY_SIZE(cases));
}
