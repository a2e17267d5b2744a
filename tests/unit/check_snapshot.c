// SPDX-License-Identifier: GPL-2.0-or-later
#include "unit.h"

#include "base/cleanup.h"
#include "samples.h"

START_TEST(sorting)
{
	struct snapshot *s = snapshot_new();
	struct cell c = sample_cell(1, 1, 5);
	struct in_flight f = { .tid = 1 };

	for (int i = 0; i < 100; i++) {
		c.key.nr = i * 37 % 50;
		c.count = 1;
		ck_assert_int_eq(snapshot_add_cell(s, &c), 0);
		f.age_ns = (uint64_t)(i * 13 % 100);
		ck_assert_int_eq(snapshot_add_in_flight(s, &f), 0);
	}
	snapshot_sort(s);
	ck_assert_uint_eq(s->cells_count, 50);
	for (size_t i = 0; i < 50; i++) {
		ck_assert_int_eq(s->cells[i]->key.nr, i);
		ck_assert_uint_eq(s->cells[i]->count, 2);
	}
	for (size_t i = 1; i < 100; i++)
		ck_assert_uint_ge(s->in_flight[i - 1].age_ns, s->in_flight[i].age_ns);
	ck_assert_int_eq(snapshot_add_cell(s, &c), 0);
	snapshot_free(s);
}
END_TEST

START_TEST(processes)
{
	struct snapshot *s = snapshot_new();
	char path[] = "/a";
	struct proc nobody = { .uid = (uid_t)-1 };
	struct proc p = { .tgid = 7, .comm = "x", .cgroup = path };

	ck_assert_int_eq(snapshot_add_proc(s, &nobody), 0);
	ck_assert_int_eq(snapshot_add_proc(s, &p), 1);
	path[1] = 'b';
	ck_assert_int_eq(snapshot_add_proc(s, &p), 2);
	ck_assert_uint_eq(s->procs_count, 3);
	ck_assert_str_eq(s->procs[1].cgroup, "/a");
	ck_assert_str_eq(s->procs[0].comm, "");
	ck_assert(s->procs[0].uid == (uid_t)-1);
	snapshot_free(s);
}
END_TEST

START_TEST(notes)
{
	struct snapshot *s = snapshot_new();
	char text[24];

	for (int i = 0; i < 2 * SNAPSHOT_NOTES; i++) {
		snprintf(text, sizeof(text), "note %d", i / 2);
		snapshot_note(s, text);
	}
	snapshot_note(s, "one too many");
	for (int i = 0; i < SNAPSHOT_NOTES; i++) {
		snprintf(text, sizeof(text), "note %d", i);
		ck_assert_str_eq(s->notes[i], text);
	}
	snapshot_free(s);
}
END_TEST

START_TEST(copying)
{
	struct snapshot *s = sample_snapshot(), *c;

	s->sites.list = calloc(1, sizeof(*s->sites.list));
	s->sites.count = 1;
	c = snapshot_copy(s);
	ck_assert_uint_eq(c->cells_count, s->cells_count);
	for (size_t i = 0; i < s->cells_count; i++) {
		ck_assert_ptr_ne(c->cells[i], s->cells[i]);
		ck_assert_uint_eq(c->cells[i]->total_ns, s->cells[i]->total_ns);
	}
	ck_assert_str_eq(c->procs[1].cgroup, s->procs[1].cgroup);
	ck_assert_str_eq(c->notes[0], s->notes[0]);
	ck_assert_mem_eq(&c->conservation, &s->conservation, sizeof(s->conservation));
	/* A copy has no sites, rather than another's. */
	ck_assert_ptr_null(c->sites.list);
	ck_assert_uint_eq(c->sites.count, 0);
	snapshot_free(s);
	snapshot_free(c);
	snapshot_free(NULL);
}
END_TEST

/* A run in which cell 3 stands still, cell 5 goes on and cell 9 is new. */
static struct snapshot *later_than(const struct snapshot *s)
{
	struct snapshot *later = snapshot_copy(s);
	struct cell c = sample_cell(1, 1, 9);

	for (size_t i = 0; i < later->cells_count; i++) {
		if (later->cells[i]->key.nr == 5)
			sample_time(later->cells[i], 400);
	}
	sample_time(&c, 77);
	snapshot_add_cell(later, &c);
	snapshot_sort(later);
	later->duration_ns += 1000;
	later->loss.pool_full += 2;
	later->conservation.entries += 10;
	later->conservation.exits += 8;
	later->conservation.in_flight += 2;
	return later;
}

static struct snapshot *two_cells(void)
{
	struct snapshot *s = snapshot_new();
	struct cell three = sample_cell(1, 1, 3), five = sample_cell(1, 1, 5);

	sample_time(&three, 10);
	sample_time(&five, 100);
	sample_time(&five, 1000);
	snapshot_add_cell(s, &five);
	snapshot_add_cell(s, &three);
	snapshot_sort(s);
	s->start_ns = 5000;
	s->duration_ns = 500;
	s->conservation.entries = 6;
	s->conservation.exits = 3;
	s->conservation.in_flight = 3;
	return s;
}

START_TEST(deltas)
{
	struct snapshot *s = two_cells(), *later = later_than(s), *d = snapshot_delta(later, s);

	ck_assert_uint_eq(d->start_ns, 5500);
	ck_assert_uint_eq(d->duration_ns, 1000);
	ck_assert_uint_eq(d->cells_count, 2);
	ck_assert_int_eq(d->cells[0]->key.nr, 5);
	ck_assert_uint_eq(d->cells[0]->count, 1);
	ck_assert_uint_eq(d->cells[0]->total_ns, 400);
	ck_assert(d->cells[0]->min_estimated && d->cells[0]->max_estimated);
	ck_assert_int_eq(d->cells[1]->key.nr, 9);
	ck_assert(!d->cells[1]->min_estimated);
	ck_assert_uint_eq(d->loss.pool_full, 2);
	ck_assert_uint_eq(d->conservation.entries, 10);
	ck_assert_uint_eq(d->conservation.in_flight_before, 3);
	ck_assert_uint_eq(d->conservation.in_flight, 5);
	snapshot_free(d);
	d = snapshot_delta(s, s);
	ck_assert_uint_eq(d->cells_count, 0);
	snapshot_free(d);
	snapshot_free(later);
	snapshot_free(s);
}
END_TEST

START_TEST(conserving)
{
	struct snapshot *s = two_cells(), *later = later_than(s), *d = snapshot_delta(later, s);

	ck_assert(snapshot_conserved(s) && snapshot_conserved(later) && snapshot_conserved(d));
	d->conservation.exits++;
	ck_assert(!snapshot_conserved(d));
	d->conservation.exits--;
	d->conservation.lost++;
	d->conservation.entries++;
	ck_assert(snapshot_conserved(d));
	ck_assert(!snapshot_lossy(s));
	s->loss.ring_lost = 1;
	ck_assert(snapshot_lossy(s));
	ck_assert(!snapshot_conserved(s));
	snapshot_free(d);
	snapshot_free(later);
	snapshot_free(s);
}
END_TEST

START_TEST(losses)
{
	struct snapshot *s = snapshot_new();

	/* Every counter of struct loss has its name. */
	ck_assert_uint_eq(loss_names_count, sizeof(struct loss) / sizeof(uint64_t));
	memset(&s->loss, 1, sizeof(s->loss));
	for (size_t i = 0; i < loss_names_count; i++)
		ck_assert_uint_eq(snapshot_loss(s, &loss_names[i]), 0x0101010101010101);
	snapshot_free(s);
}
END_TEST

int main(void)
{
	const struct unit_case cases[] = {
		{ "sorted by key, equal keys added up; in flight by age", sorting },
		{ "processes are copied, index 0 is nobody", processes },
		{ "notes are kept once each, and not without end", notes },
		{ "a copy is whole and independent", copying },
		{ "a delta has what changed, and nothing else", deltas },
		{ "conservation closes in snapshots and deltas, and tells when not", conserving },
		{ "every loss has a name", losses },
	};

	return unit_main("snapshot", cases, ARRAY_SIZE(cases));
}
