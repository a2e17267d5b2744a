// SPDX-License-Identifier: GPL-2.0-or-later
/* Pools as the module maps them: what the CPUs counted adds up, and nothing leads out of a pool. */
#include "unit.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "base/cleanup.h"
#include "engine/kmod.h"
#include "pools.h"
#include "samples.h"

#define FUZZ_ROUNDS 10000

static int read_pool(struct cells *cells, const struct made *m)
{
	return kmod_read_pool(cells, &m->pool, true);
}

/* What one pool alone gives; the cells are freed. */
static int read_alone(const struct made *m)
{
	struct cells cells;
	int ret;

	ck_assert_int_eq(cells_init(&cells, 1000), 0);
	ret = read_pool(&cells, m);
	cells_fini(&cells);
	return ret;
}

static const struct cell *cell_of(struct cells *cells, int nr, uint16_t err, uint32_t who)
{
	struct key key = { .abi = SYSGATE_ABI_X86_64,
			   .gate = SYSGATE_GATE_SYSCALL,
			   .nr = nr,
			   .err = err,
			   .proc = who };

	return cells_get(cells, &key);
}

static void check_same(const struct cell *got, const struct cell *want)
{
	ck_assert_uint_eq(got->count, want->count);
	ck_assert_uint_eq(got->total_ns, want->total_ns);
	ck_assert_uint_eq(got->min_ns, want->min_ns);
	ck_assert_uint_eq(got->max_ns, want->max_ns);
	ck_assert_int_eq(memcmp(got->exits, want->exits, sizeof(got->exits)), 0);
	ck_assert_int_eq(memcmp(got->hist, want->hist, sizeof(got->hist)), 0);
	ck_assert_double_eq_tol(got->sumsq_ns, want->sumsq_ns, want->sumsq_ns * 1e-12);
}

START_TEST(cpus_add_up)
{
	const int cpus = 7, calls = 5, times = 300;
	struct cell want[5];
	struct cells cells;
	uint32_t seed = 1;

	for (int i = 0; i < calls; i++)
		want[i] = sample_cell(SYSGATE_ABI_X86_64, SYSGATE_GATE_SYSCALL, i);
	ck_assert_int_eq(cells_init(&cells, 100), 0);
	for (int cpu = 0; cpu < cpus; cpu++) {
		struct made m = made_new(1 << 16);

		/* Not every CPU has seen every call, nor in the same order. */
		for (int k = 0; k < calls - 1; k++) {
			int nr = (cpu + k) % calls;
			struct sysgate_cell *c = add_cell(&m, nr);

			for (int i = 0; i < times; i++) {
				/* From 1 ns to 4 s. */
				uint64_t ns = 1 + ((uint64_t)sample_random(&seed) << 8 >>
						   sample_random(&seed) % 32);
				int exit = i % 3 ? SYSGATE_EXIT_SYSRET : SYSGATE_EXIT_IRET;

				count(&m, c, ns, exit);
				sample_exit(&want[nr], ns, exit);
			}
		}
		ck_assert_int_eq(read_pool(&cells, &m), 0);
		made_fini(&m);
	}
	ck_assert_uint_eq(cells.count, (size_t)calls);
	for (int i = 0; i < calls; i++)
		check_same(cell_of(&cells, i, 0, 0), &want[i]);
	cells_fini(&cells);
}
END_TEST

START_TEST(everything_is_kept)
{
	struct made m = made_new(1 << 16);
	struct sysgate_cell *c = add_cell(&m, 1);
	struct cells cells;
	const struct cell *got;

	c->err = 11;
	c->who = 3;
	c->errors = 2;
	c->restarts = 3;
	c->never_returned = 4;
	c->wait_ns = 5;
	count(&m, c, 1000, SYSGATE_EXIT_SYSRET);
	add_cell(&m, 1)->never_returned = 1;
	ck_assert_int_eq(cells_init(&cells, 100), 0);
	ck_assert_int_eq(read_pool(&cells, &m), 0);
	got = cell_of(&cells, 1, 11, 3);
	ck_assert_uint_eq(got->count, 5);
	ck_assert_uint_eq(got->errors, 2);
	ck_assert_uint_eq(got->restarts, 3);
	ck_assert_uint_eq(got->never_returned, 4);
	ck_assert_uint_eq(got->wait_ns, 5);
	ck_assert_uint_eq(cell_timed(got), 1);
	ck_assert_uint_eq(cell_of(&cells, 1, 0, 0)->count, 1);
	ck_assert_uint_eq(cells.count, 2);
	cells_fini(&cells);
	made_fini(&m);
}
END_TEST

/* A signal's correction on another CPU than the call's: there it is below zero. */
START_TEST(corrections_on_another_cpu)
{
	struct made m = made_new(1 << 12), other = made_new(1 << 12);
	struct sysgate_cell *c = add_cell(&m, 1), *correction = add_cell(&other, 1);
	struct cells cells;
	const struct cell *got;

	for (int i = 0; i < 3; i++)
		count(&m, c, 100, SYSGATE_EXIT_SYSRET);
	correction->exits[SYSGATE_EXIT_SYSRET]--;
	correction->exits[SYSGATE_EXIT_IRET]++;
	ck_assert_int_eq(cells_init(&cells, 100), 0);
	ck_assert_int_eq(read_pool(&cells, &other), 0);
	ck_assert_int_eq(read_pool(&cells, &m), 0);
	got = cell_of(&cells, 1, 0, 0);
	ck_assert_uint_eq(got->count, 3);
	ck_assert_uint_eq(got->exits[SYSGATE_EXIT_SYSRET], 2);
	ck_assert_uint_eq(got->exits[SYSGATE_EXIT_IRET], 1);
	cells_fini(&cells);
	made_fini(&m);
	made_fini(&other);
}
END_TEST

START_TEST(untimed)
{
	struct made m = made_new(1 << 12);
	struct sysgate_cell *c = add_cell(&m, 1);
	struct cells cells;

	c->exits[SYSGATE_EXIT_UNKNOWN] = 9;
	ck_assert_int_eq(cells_init(&cells, 100), 0);
	ck_assert_int_eq(kmod_read_pool(&cells, &m.pool, false), 0);
	ck_assert_uint_eq(cell_of(&cells, 1, 0, 0)->count, 9);
	ck_assert_uint_eq(cell_of(&cells, 1, 0, 0)->untimed, 9);
	cells_fini(&cells);
	made_fini(&m);
}
END_TEST

START_TEST(table_full)
{
	struct made m = made_new(1 << 12);
	struct cells cells;

	add_cell(&m, 1);
	add_cell(&m, 2);
	ck_assert_int_eq(cells_init(&cells, 1), 0);
	ck_assert_int_eq(read_pool(&cells, &m), -ENOMEM);
	cells_fini(&cells);
	made_fini(&m);
}
END_TEST

START_TEST(broken_offsets)
{
	const size_t size = 1 << 12;
	struct made m = made_new(size);
	struct sysgate_cell *first = add_cell(&m, 1), *c = add_cell(&m, 2);
	const struct kmod_pool small = { m.head, sizeof(*m.head) - 8 };
	const uint32_t at_first = c->next, at_c = m.head->first;
	const uint32_t bad[] = { at_first + 4,	 1,	     (uint32_t)size - 8,
				 (uint32_t)size, UINT32_MAX, 0x80000000 };
	struct cells cells;

	ck_assert_int_eq(read_alone(&m), 0);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		m.head->first = bad[i];
		ck_assert_int_eq(read_alone(&m), -EPROTO);
		m.head->first = at_c;
		c->next = bad[i];
		ck_assert_int_eq(read_alone(&m), -EPROTO);
		c->next = at_first;
		if (8ULL * bad[i] < size - at_c)
			continue;
		c->octave[5] = bad[i];
		ck_assert_int_eq(read_alone(&m), -EPROTO);
		c->octave[5] = 0;
	}
	/* Rings: of one, of two. */
	c->next = at_c;
	ck_assert_int_eq(read_alone(&m), -EPROTO);
	c->next = at_first;
	first->next = at_c;
	ck_assert_int_eq(read_alone(&m), -EPROTO);
	ck_assert_int_eq(cells_init(&cells, 10), 0);
	ck_assert_int_eq(kmod_read_pool(&cells, &small, true), -EPROTO);
	cells_fini(&cells);
	made_fini(&m);
}
END_TEST

static char *path_of(uint64_t cgroup)
{
	return cgroup ? strdup("/a") : NULL;
}

/* Names without an end, which the kernel makes none of: they are cut where theirs would be. */
START_TEST(endless_names)
{
	struct sysgate_who whos[3] = { [1] = { .tgid = 7, .cgroup = 1 }, [2] = { .tgid = 8 } };
	struct sysgate_in_flight call = { .tgid = 7, .nr = 61, .since_ns = 40 };
	struct snapshot *s = snapshot_new();

	memset(whos[1].comm, 'x', sizeof(whos[1].comm));
	memset(call.comm, 'y', sizeof(call.comm));
	ck_assert_int_eq(kmod_read_whos(s, whos, 3, path_of), 0);
	ck_assert_int_eq(kmod_read_in_flight(s, &call, 1, 100, true), 0);
	ck_assert_uint_eq(s->procs_count, 3);
	ck_assert_str_eq(s->procs[1].comm, "xxxxxxxxxxxxxxx");
	ck_assert_str_eq(s->procs[1].cgroup, "/a");
	ck_assert_ptr_null(s->procs[2].cgroup);
	ck_assert_str_eq(s->in_flight[0].comm, "yyyyyyyyyyyyyyy");
	ck_assert_uint_eq(s->in_flight[0].age_ns, 60);
	ck_assert(!s->in_flight[0].at_least);
	snapshot_free(s);
}
END_TEST

/* Whose writer never comes to its end: it is given up, not waited for. */
START_TEST(never_whole)
{
	struct made m = made_new(1 << 12);

	add_cell(&m, 1)->seq = 7;
	ck_assert_int_eq(read_alone(&m), -EPROTO);
	made_fini(&m);
}
END_TEST

static bool lies_in_seq(const struct made *m, size_t at)
{
	size_t first = sizeof(struct sysgate_pool), step = sizeof(struct sysgate_cell) + 4 * 64;

	(void)m;
	return at >= first && (at - first) % step >= offsetof(struct sysgate_cell, seq) &&
	       (at - first) % step < offsetof(struct sysgate_cell, seq) + sizeof(uint32_t);
}

/* Few bytes of a good pool, or all of a bad one; seq stays, as each odd one takes a second. */
static void damage(struct made *m, uint32_t *seed, bool all)
{
	unsigned char *bytes = (unsigned char *)m->head;
	size_t size = m->pool.size, changes = all ? size : 1 + sample_random(seed) % 12;

	for (size_t i = 0; i < changes; i++) {
		size_t at = all ? i : sample_random(seed) % size;

		if (!lies_in_seq(m, at))
			bytes[at] = (unsigned char)sample_random(seed);
	}
	/* Also such that a cell is found where there may be none. */
	if (all)
		m->head->first = (uint32_t)(sizeof(*m->head) +
					    sample_random(seed) % 8 *
						    (sizeof(struct sysgate_cell) + 4 * 64));
}

START_TEST(random_bytes)
{
	const size_t size = sizeof(struct sysgate_pool) +
			    8 * (sizeof(struct sysgate_cell) + 4 * OCTAVE_WORDS * sizeof(uint64_t));
	struct made good = made_new(size), m = made_new(size);
	unsigned int refused = 0, taken = 0;
	uint32_t seed = 1;

	for (int i = 0; i < 8; i++)
		fill_cell(&good, add_cell(&good, i));
	ck_assert_int_eq(read_alone(&good), 0);
	for (int i = 0; i < FUZZ_ROUNDS; i++) {
		int ret;

		memcpy(m.head, good.head, size);
		damage(&m, &seed, i % 4 == 0);
		ret = read_alone(&m);
		if (ret != 0 && ret != -EPROTO)
			ck_abort_msg("round %d: %d", i, ret);
		refused += ret != 0;
		taken += ret == 0;
	}
	/* Both happen, else the damage is of the wrong size. */
	ck_assert_uint_gt(refused, FUZZ_ROUNDS / 10);
	ck_assert_uint_gt(taken, FUZZ_ROUNDS / 10);
	made_fini(&good);
	made_fini(&m);
}
END_TEST

static double ms_since(const struct timespec *start)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)(now.tv_sec - start->tv_sec) * 1e3 +
	       (double)(now.tv_nsec - start->tv_nsec) / 1e6;
}

/* Reports, and does not judge: the machine may be a slow one. */
START_TEST(many_cpus)
{
	enum {
		CPUS = 256,
		CELLS = 100,
		ROUNDS = 9
	};
	static struct made m[CPUS];
	double least = 1e9, most = 0;

	for (int cpu = 0; cpu < CPUS; cpu++) {
		m[cpu] = made_new(1 << 20);
		for (int i = 0; i < CELLS; i++)
			fill_cell(&m[cpu], add_cell(&m[cpu], i));
	}
	for (int round = 0; round < ROUNDS; round++) {
		struct timespec start;
		struct cells cells;
		double ms;

		clock_gettime(CLOCK_MONOTONIC, &start);
		ck_assert_int_eq(cells_init(&cells, 1 << 20), 0);
		for (int cpu = 0; cpu < CPUS; cpu++)
			ck_assert_int_eq(read_pool(&cells, &m[cpu]), 0);
		ms = ms_since(&start);
		ck_assert_uint_eq(cell_of(&cells, CELLS - 1, 0, 0)->count, 4 * CPUS);
		cells_fini(&cells);
		least = ms < least ? ms : least;
		most = ms > most ? ms : most;
	}
	printf("# %d CPUs of %d cells with 4 octaves: %.1f to %.1f ms in %d rounds\n", CPUS, CELLS,
	       least, most, ROUNDS);
	fflush(stdout);
	for (int cpu = 0; cpu < CPUS; cpu++)
		made_fini(&m[cpu]);
}
END_TEST

int main(void)
{
	const struct unit_case cases[] = {
		{ "what several CPUs counted adds up", cpus_add_up },
		{ "every part of a cell is read", everything_is_kept },
		{ "a correction on another CPU comes right in the sum",
		  corrections_on_another_cpu },
		{ "without times all are untimed", untimed },
		{ "a full table is told", table_full },
		{ "an offset that leads astray is refused", broken_offsets },
		{ "names of processes have an end", endless_names },
		{ "a cell that is never whole is refused", never_whole },
		{ "10,000 damaged pools do no harm", random_bytes },
		{ "256 CPUs are read", many_cpus },
	};

	return unit_main("kmod_read", cases, ARRAY_SIZE(cases));
}
