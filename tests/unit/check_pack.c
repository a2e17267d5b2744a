// SPDX-License-Identifier: GPL-2.0-or-later
#include "samples.h"
#include "unit.h"

#include <errno.h>

#include "base/cleanup.h"
#include "collector/pack.h"

static struct snapshot *unpacked(const struct pack *p, int times, bool new_runs)
{
	struct snapshot *s;
	struct sg_error e = { 0 };
	struct tally t;

	ck_assert_int_eq(tally_init(&t), 0);
	for (int i = 0; i < times; i++)
		ck_assert_msg(!tally_add(&t, p->data, p->size, new_runs, &e), "%s", e.text);
	s = tally_take(&t);
	ck_assert_ptr_nonnull(s);
	tally_fini(&t);
	return s;
}

static void must_be_same_proc(const struct snapshot *a, uint32_t i, const struct snapshot *b,
			      uint32_t j)
{
	const struct proc *p = &a->procs[i], *q = &b->procs[j];

	ck_assert(p->tgid == q->tgid && p->tid == q->tid && p->uid == q->uid);
	ck_assert_str_eq(p->comm, q->comm);
	ck_assert_str_eq(p->cgroup ? p->cgroup : "-", q->cgroup ? q->cgroup : "-");
}

static void must_be_same_cell(const struct cell *a, const struct cell *b)
{
	ck_assert(a->key.abi == b->key.abi && a->key.gate == b->key.gate);
	ck_assert(a->key.nr == b->key.nr && a->key.err == b->key.err);
	ck_assert_uint_eq(a->count, b->count);
	ck_assert_uint_eq(a->errors, b->errors);
	ck_assert_uint_eq(a->restarts, b->restarts);
	ck_assert_uint_eq(a->never_returned, b->never_returned);
	ck_assert_uint_eq(a->untimed, b->untimed);
	ck_assert_uint_eq(a->total_ns, b->total_ns);
	ck_assert_uint_eq(a->wait_ns, b->wait_ns);
	ck_assert_uint_eq(a->min_ns, b->min_ns);
	ck_assert_uint_eq(a->max_ns, b->max_ns);
	ck_assert(a->min_estimated == b->min_estimated && a->max_estimated == b->max_estimated);
	ck_assert_mem_eq(a->exits, b->exits, sizeof(a->exits));
	ck_assert_mem_eq(a->hist, b->hist, sizeof(a->hist));
	ck_assert_double_eq_tol(cell_deviation_ns(a), cell_deviation_ns(b),
				cell_deviation_ns(a) * 1e-6 + 1e-3);
}

static void must_be_same(const struct snapshot *a, const struct snapshot *b)
{
	ck_assert_mem_eq(&a->conservation, &b->conservation, sizeof(a->conservation));
	ck_assert_mem_eq(&a->loss, &b->loss, sizeof(a->loss));
	ck_assert_uint_eq(a->dims, b->dims);
	ck_assert(a->gate_known == b->gate_known && a->exit_known == b->exit_known);
	ck_assert(a->wait_known == b->wait_known);
	ck_assert_uint_eq(a->cells_count, b->cells_count);
	for (size_t i = 0; i < a->cells_count; i++) {
		must_be_same_cell(a->cells[i], b->cells[i]);
		if (a->procs_count)
			must_be_same_proc(a, a->cells[i]->key.proc, b, b->cells[i]->key.proc);
	}
}

START_TEST(back)
{
	struct snapshot *s = sample_snapshot(), *again;
	struct pack p = { 0 };

	ck_assert_int_eq(pack_snapshot(&p, s), 0);
	again = unpacked(&p, 1, false);
	must_be_same(s, again);
	snapshot_free(s);
	snapshot_free(again);
	pack_fini(&p);
}
END_TEST

/* Each counter of losses has its place; see pack.c. */
START_TEST(losses)
{
	struct snapshot *s = snapshot_new(), *again;
	struct pack p = { 0 };

	for (size_t i = 0; i < loss_names_count; i++)
		*(uint64_t *)((char *)&s->loss + loss_names[i].offset) = 100 + i;
	ck_assert_int_eq(pack_snapshot(&p, s), 0);
	again = unpacked(&p, 1, false);
	for (size_t i = 0; i < loss_names_count; i++)
		ck_assert_uint_eq(snapshot_loss(again, &loss_names[i]), 100 + i);
	snapshot_free(s);
	snapshot_free(again);
	pack_fini(&p);
}
END_TEST

/* Extremes of times, counts, and what is not there. */
START_TEST(edges)
{
	static const uint64_t times[] = { 0, 15, 16, 1ULL << 43, (1ULL << 43) - 1, 1ULL << 50 };
	struct snapshot *s = snapshot_new(), *again;
	struct pack p = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(times); i++) {
		struct cell c = sample_cell(SYSGATE_ABI_X86_64, SYSGATE_GATE_SYSCALL,
					    i % 2 ? INT32_MAX - (int)i : INT32_MIN + (int)i);

		for (size_t j = 0; j <= i; j++)
			sample_time(&c, times[i]);
		c.min_estimated = i == 1;
		c.max_estimated = i == 2;
		ck_assert_int_eq(snapshot_add_cell(s, &c), 0);
	}
	snapshot_sort(s);
	ck_assert_int_eq(pack_snapshot(&p, s), 0);
	again = unpacked(&p, 1, false);
	must_be_same(s, again);
	snapshot_free(again);
	s->cells[0]->total_ns = UINT64_MAX;
	ck_assert_int_eq(pack_snapshot(&p, s), -EINVAL);
	snapshot_free(s);
	s = snapshot_new();
	ck_assert_int_eq(pack_snapshot(&p, s), 0);
	again = unpacked(&p, 1, false);
	ck_assert_uint_eq(again->cells_count, 0);
	snapshot_free(again);
	snapshot_free(s);
	pack_fini(&p);
}
END_TEST

/* Deltas that follow each other add up, and what is in flight is so at the end. */
START_TEST(sums)
{
	struct snapshot *s = sample_snapshot(), *sum;
	struct pack p = { 0 };

	s->conservation.in_flight_before = 2;
	s->conservation.entries -= 2;
	ck_assert_int_eq(pack_snapshot(&p, s), 0);
	for (int new_runs = 0; new_runs < 2; new_runs++) {
		sum = unpacked(&p, 3, new_runs);
		ck_assert_uint_eq(sum->cells_count, s->cells_count);
		for (size_t i = 0; i < s->cells_count; i++) {
			ck_assert_uint_eq(sum->cells[i]->count, 3 * s->cells[i]->count);
			ck_assert_uint_eq(sum->cells[i]->total_ns, 3 * s->cells[i]->total_ns);
			ck_assert_uint_eq(sum->cells[i]->min_ns, s->cells[i]->min_ns);
		}
		ck_assert_uint_eq(sum->procs_count, 4);
		ck_assert_uint_eq(sum->conservation.in_flight, new_runs ? 6 : 2);
		ck_assert(snapshot_conserved(sum));
		ck_assert_uint_eq(sum->loss.unpaired_exits, 12);
		snapshot_free(sum);
	}
	snapshot_free(s);
	pack_fini(&p);
}
END_TEST

START_TEST(damaged)
{
	struct snapshot *s = sample_snapshot();
	struct pack p = { 0 };
	size_t refused = 0;

	ck_assert_int_eq(pack_snapshot(&p, s), 0);
	/* Any end that comes too early is noticed; any other change is at least no harm. */
	for (size_t i = 0; i < p.size; i++) {
		struct sg_error e = { 0 };
		struct tally t;

		ck_assert_int_eq(tally_init(&t), 0);
		ck_assert_int_eq(tally_add(&t, p.data, i, false, &e), -EINVAL);
		ck_assert_ptr_nonnull(strstr(e.text, "damaged"));
		tally_fini(&t);
		ck_assert_int_eq(tally_init(&t), 0);
		p.data[i] ^= 0xff;
		refused += tally_add(&t, p.data, p.size, false, &e) != 0;
		p.data[i] ^= 0xff;
		tally_fini(&t);
	}
	ck_assert_uint_gt(refused, p.size / 4);
	snapshot_free(s);
	pack_fini(&p);
}
END_TEST

int main(void)
{
	const struct unit_case cases[] = {
		{ "what was packed comes back", back },
		{ "so does each kind of loss", losses },
		{ "so do the shortest, the longest and nothing", edges },
		{ "deltas add up, of one run and of several", sums },
		{ "what is damaged is refused", damaged },
	};

	return unit_main("pack", cases, ARRAY_SIZE(cases));
}
