// SPDX-License-Identifier: GPL-2.0-or-later
#include "unit.h"

#include "base/cleanup.h"
#include "samples.h"
#include "stats/view.h"

static struct view *view_of(const struct snapshot *s, unsigned int group, enum sort_key sort,
			    size_t rows)
{
	struct view_options o = { .group = group, .sort = sort, .rows = rows };
	struct view *v = view_new(s, &o);

	ck_assert_ptr_nonnull(v);
	return v;
}

static struct cell sum(const struct view *v)
{
	static const struct key none;
	struct cell c;

	cell_init(&c, &none);
	for (size_t i = 0; i < v->rows_count; i++)
		cell_add(&c, &v->rows[i]->cell);
	cell_add(&c, &v->others);
	return c;
}

START_TEST(totals)
{
	struct snapshot *s = sample_snapshot();

	for (unsigned int group = 1; group < 1U << group_names_count; group++) {
		struct view *v = view_of(s, group, SORT_TOTAL, group % 7);
		struct cell c = sum(v);

		ck_assert_uint_eq(c.count, v->total.count);
		ck_assert_uint_eq(c.never_returned, v->total.never_returned);
		ck_assert_mem_eq(c.exits, v->total.exits, sizeof(c.exits));
		if (!(group & GROUP_EXIT)) {
			ck_assert_uint_eq(c.errors, v->total.errors);
			ck_assert_uint_eq(c.restarts, v->total.restarts);
			ck_assert_uint_eq(c.untimed, v->total.untimed);
			ck_assert_uint_eq(c.total_ns, v->total.total_ns);
			ck_assert_uint_eq(c.wait_ns, v->total.wait_ns);
			ck_assert_uint_eq(c.min_ns, v->total.min_ns);
			ck_assert_uint_eq(c.max_ns, v->total.max_ns);
			ck_assert_mem_eq(c.hist, v->total.hist, sizeof(c.hist));
		}
		view_free(v);
	}
	snapshot_free(s);
}
END_TEST

/* How many rows sample_snapshot() has in each grouping, counted by hand. */
static const struct grouping {
	const char *text;
	size_t rows;
} groupings[] = {
	{ "abi", 2 },  { "gate", 2 },	  { "errno", 2 },     { "comm", 3 },
	{ "uid", 3 },  { "cgroup", 2 },	  { "process", 4 },   { "comm,uid", 4 },
	{ "exit", 3 }, { "abi,gate", 2 }, { "errno,abi", 4 }, { "task", 4 },
};

START_TEST(grouping)
{
	struct snapshot *s = sample_snapshot();
	struct sg_error e;

	for (size_t i = 0; i < ARRAY_SIZE(groupings); i++) {
		unsigned int group;
		struct view *v;

		ck_assert_int_eq(group_parse(groupings[i].text, &group, &e), 0);
		v = view_of(s, group, SORT_TOTAL, 0);
		ck_assert_msg(v->rows_count == groupings[i].rows, "%s: %zu rows, not %zu",
			      groupings[i].text, v->rows_count, groupings[i].rows);
		view_free(v);
	}
	snapshot_free(s);
}
END_TEST

/* Two threads of one name in a process, and the id of one of them in another process's life. */
START_TEST(tasks)
{
	static const struct proc procs[] = {
		{ .uid = (uid_t)-1 },
		{ .tgid = 7, .tid = 7, .comm = "pool" },
		{ .tgid = 7, .tid = 8, .comm = "pool" },
		{ .tgid = 9, .tid = 8, .comm = "sh" },
	};
	static const struct {
		unsigned int group;
		size_t rows;
		pid_t first;
	} cases[] = {
		{ GROUP_TASK, 3, 8 },
		{ GROUP_PROCESS, 2, 0 },
		{ GROUP_PROCESS | GROUP_TASK, 3, 8 },
		{ GROUP_COMM, 2, 0 },
	};
	struct snapshot *s = snapshot_new();
	struct view *v;

	for (uint32_t i = 0; i < ARRAY_SIZE(procs); i++) {
		struct cell c = sample_cell(SYSGATE_ABI_X86_64, SYSGATE_GATE_SYSCALL, 1);

		snapshot_add_proc(s, &procs[i]);
		c.key.proc = i;
		sample_time(&c, i == 2 ? 1000 : 10);
		if (i)
			snapshot_add_cell(s, &c);
	}
	snapshot_sort(s);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		v = view_of(s, cases[i].group, SORT_TOTAL, 0);
		ck_assert_uint_eq(v->rows_count, cases[i].rows);
		if (cases[i].first)
			ck_assert_int_eq(v->rows[0]->proc->tid, cases[i].first);
		view_free(v);
	}
	snapshot_free(s);
}
END_TEST

START_TEST(numbers_by_abi)
{
	struct snapshot *s = snapshot_new();
	struct cell c = sample_cell(SYSGATE_ABI_X86_64, SYSGATE_GATE_SYSCALL, 64);
	struct view *v;

	sample_time(&c, 10);
	snapshot_add_cell(s, &c);
	c.key.abi = SYSGATE_ABI_I386;
	snapshot_add_cell(s, &c);
	snapshot_sort(s);
	/* 64 is semget here and getppid there: never one row. */
	v = view_of(s, GROUP_CALL, SORT_COUNT, 0);
	ck_assert_uint_eq(v->rows_count, 2);
	view_free(v);
	snapshot_free(s);
}
END_TEST

static double value(enum sort_key key, const struct cell *c)
{
	switch (key) {
	case SORT_TOTAL:
		return (double)c->total_ns;
	case SORT_COUNT:
		return (double)c->count;
	case SORT_ERRORS:
		return (double)c->errors;
	case SORT_AVG:
		return cell_mean_ns(c);
	case SORT_P99:
		return (double)cell_quantile_ns(c, 0.99);
	case SORT_MAX:
		return (double)c->max_ns;
	case SORT_WAIT:
		return (double)c->wait_ns;
	case SORT_NAME:
		break;
	}
	return 0;
}

START_TEST(sorting)
{
	static const char *const names[] = {
		"total", "count", "errors", "avg", "p99", "max", "wait"
	};
	struct snapshot *s = sample_snapshot();
	struct sg_error e;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		enum sort_key key;
		struct view *v;

		ck_assert_int_eq(sort_parse(names[i], &key, &e), 0);
		v = view_of(s, GROUP_CALL | GROUP_PROCESS, key, 0);
		for (size_t j = 1; j < v->rows_count; j++)
			ck_assert_double_ge(value(key, &v->rows[j - 1]->cell),
					    value(key, &v->rows[j]->cell));
		view_free(v);
	}
	snapshot_free(s);
}
END_TEST

static const char *name_of(const struct key *key, char *buf, size_t size, void *data)
{
	(void)data;
	snprintf(buf, size, "%c", 'z' - key->nr);
	return buf;
}

START_TEST(by_name)
{
	struct view_options o = { .sort = SORT_NAME, .name = name_of };
	struct snapshot *s = snapshot_new();
	struct view *v;

	for (int i = 0; i < 20; i++) {
		struct cell c = sample_cell(1, 1, i);

		c.count = 1;
		snapshot_add_cell(s, &c);
	}
	snapshot_sort(s);
	v = view_new(s, &o);
	for (int i = 0; i < 20; i++)
		ck_assert_int_eq(v->rows[i]->cell.key.nr, 19 - i);
	view_free(v);
	snapshot_free(s);
}
END_TEST

START_TEST(equal_rows)
{
	struct snapshot *s = snapshot_new();
	struct view *v;

	for (int i = 0; i < 50; i++) {
		struct cell c = sample_cell(1, 1, i);

		sample_time(&c, 100);
		snapshot_add_cell(s, &c);
	}
	snapshot_sort(s);
	for (int key = SORT_TOTAL; key <= SORT_NAME; key++) {
		v = view_of(s, 0, (enum sort_key)key, 0);
		for (int i = 0; i < 50; i++)
			ck_assert_int_eq(v->rows[i]->cell.key.nr, i);
		view_free(v);
	}
	snapshot_free(s);
}
END_TEST

/* Without times every order by them is one by count. */
START_TEST(without_times)
{
	struct snapshot *s = snapshot_new();

	for (int i = 0; i < 20; i++) {
		struct cell c = sample_cell(1, 1, i);

		sample_untimed(&c, (uint64_t)(1 + i * 7 % 20));
		snapshot_add_cell(s, &c);
	}
	snapshot_sort(s);
	for (int key = SORT_TOTAL; key < SORT_NAME; key++) {
		struct view *v = view_of(s, GROUP_CALL, (enum sort_key)key, 0);

		for (size_t i = 0; i < 20; i++)
			ck_assert_uint_eq(v->rows[i]->cell.count, 20 - i);
		view_free(v);
	}
	snapshot_free(s);
}
END_TEST

START_TEST(cutting)
{
	struct snapshot *s = sample_snapshot();
	struct view *all = view_of(s, GROUP_CALL, SORT_COUNT, 0);
	struct view *few = view_of(s, GROUP_CALL, SORT_COUNT, 3);

	ck_assert_uint_eq(few->rows_count, 3);
	ck_assert_uint_eq(few->others_rows, all->rows_count - 3);
	ck_assert_uint_eq(few->total.count, all->total.count);
	view_free(few);
	few = view_of(s, GROUP_CALL, SORT_COUNT, all->rows_count);
	ck_assert_uint_eq(few->others_rows, 0);
	view_free(few);
	view_free(all);
	snapshot_free(s);
}
END_TEST

static bool is_i386(const struct key *key, void *data)
{
	++*(int *)data;
	return key->abi == SYSGATE_ABI_I386;
}

START_TEST(filtering)
{
	struct snapshot *s = sample_snapshot();
	int asked = 0;
	struct view_options o = { .group = GROUP_ABI, .filter = is_i386, .filter_data = &asked };
	struct view *v = view_new(s, &o);

	ck_assert_int_eq(asked, (int)(s->cells_count + s->in_flight_count));
	ck_assert_uint_eq(v->rows_count, 1);
	ck_assert_uint_eq(v->total.count, v->rows[0]->cell.count);
	ck_assert_uint_eq(s->in_flight_count, 2);
	ck_assert_uint_eq(v->in_flight_count, 0);
	view_free(v);
	snapshot_free(s);
}
END_TEST

START_TEST(unknown_exits)
{
	struct snapshot *s = snapshot_new();
	struct cell c = sample_cell(1, 1, 0);
	struct view *v;

	for (int i = 0; i < 10; i++)
		sample_time(&c, 10);
	c.exits[SYSGATE_EXIT_SYSRET] = 4;
	c.count += 2;
	c.never_returned = 2;
	snapshot_add_cell(s, &c);
	v = view_of(s, GROUP_EXIT, SORT_COUNT, 0);
	ck_assert_uint_eq(v->rows_count, 3);
	ck_assert_int_eq(v->rows[0]->exit, SYSGATE_EXIT_UNKNOWN);
	ck_assert_uint_eq(v->rows[0]->cell.count, 6);
	ck_assert_int_eq(v->rows[1]->exit, SYSGATE_EXIT_SYSRET);
	ck_assert_int_eq(v->rows[2]->exit, ROW_EXIT_NONE);
	ck_assert_uint_eq(v->rows[2]->cell.count, 2);
	view_free(v);
	snapshot_free(s);
}
END_TEST

START_TEST(words)
{
	struct sg_error e = { "", "" };
	enum sort_key sort;
	unsigned int group;

	ck_assert_int_eq(group_parse("call,errno,process", &group, &e), 0);
	ck_assert_uint_eq(group, GROUP_CALL | GROUP_ERRNO | GROUP_PROCESS);
	ck_assert_uint_eq(group_dims(group), DIM_ERRNO | DIM_PROC);
	ck_assert_uint_eq(group_dims(GROUP_DEFAULT | GROUP_EXIT), 0);
	ck_assert_uint_eq(group_dims(GROUP_TASK), DIM_PROC | DIM_TASK);
	ck_assert_int_lt(group_parse("call,,errno", &group, &e), 0);
	ck_assert_int_lt(group_parse("", &group, &e), 0);
	ck_assert_int_lt(group_parse("calls", &group, &e), 0);
	ck_assert_ptr_nonnull(strstr(e.text, "calls"));
	ck_assert_ptr_nonnull(strstr(e.hint, "cgroup"));
	ck_assert_int_lt(sort_parse("size", &sort, &e), 0);
	ck_assert_ptr_nonnull(strstr(e.hint, "p99"));
}
END_TEST

START_TEST(empty)
{
	struct snapshot *s = snapshot_new();
	struct view *v = view_of(s, 0, SORT_TOTAL, 10);

	ck_assert_uint_eq(v->group, GROUP_DEFAULT);
	ck_assert_uint_eq(v->rows_count, 0);
	ck_assert_uint_eq(v->total.count, 0);
	view_free(v);
	view_free(NULL);
	snapshot_free(s);
}
END_TEST

int main(void)
{
	const struct unit_case cases[] = {
		{ "rows and rest add up to the total, however grouped", totals },
		{ "one row for each value of what is grouped by", grouping },
		{ "a process's tasks are rows of their own", tasks },
		{ "calls of one number in two ABIs are two rows", numbers_by_abi },
		{ "rows come in the order asked for", sorting },
		{ "rows come by name", by_name },
		{ "rows without times come by count", without_times },
		{ "equal rows keep the order of their keys", equal_rows },
		{ "rows beyond the number asked for are folded", cutting },
		{ "a filter sees every cell and call in flight once, and narrows", filtering },
		{ "exits that are not known and calls without one have rows", unknown_exits },
		{ "names of groupings and orders, and what to say of others", words },
		{ "nothing counted is a view too", empty },
	};

	return unit_main("view", cases, ARRAY_SIZE(cases));
}
