/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What check_top.c shows: snapshots that are made up, a top of them, and its frame as text. */
#ifndef SYSGATE_UNIT_MADE_TOP_H
#define SYSGATE_UNIT_MADE_TOP_H

#include "samples.h"
#include "unit.h"

#include <jansson.h>
#include <malloc.h>

#include "base/cleanup.h"
#include "top/internal.h"

#define SECOND 1000000000ULL

static struct syscalls *names;
static const struct top_config config = {
	.dims = DIM_ERRNO,
	.sort = SORT_TOTAL,
	.history = { 64 << 20, 900 * SECOND },
};

/* What calls read, write and openat (0, 1, 257) have in interval i: by process and errno. */
struct made {
	uint64_t i;
	uint32_t dims;
	uint64_t counts[3], ns[3], failed[3];
};

static const int32_t numbers[] = { 0, 1, 257 };
static const char *const comms[] = { "", "make", "日本語", "a\033b" };

static void add_cells(struct snapshot *s, const struct made *m, size_t call, uint32_t proc)
{
	struct cell good = sample_cell(SYSGATE_ABI_X86_64, SYSGATE_GATE_SYSCALL, numbers[call]);
	struct cell bad = good;

	good.key.proc = bad.key.proc = proc;
	bad.key.err = m->dims & DIM_ERRNO ? 11 : 0;
	for (uint64_t n = 0; n < m->counts[call]; n++)
		sample_exit(n < m->failed[call] ? &bad : &good, m->ns[call], SYSGATE_EXIT_SYSRET);
	bad.errors = bad.count;
	s->conservation.entries += good.count + bad.count;
	s->conservation.exits += good.count + bad.count;
	snapshot_add_cell(s, &good);
	if (bad.count)
		snapshot_add_cell(s, &bad);
}

static struct snapshot *make(const struct made *m)
{
	const struct in_flight f[] = { { .tgid = 10,
					 .tid = 11,
					 .comm = "old",
					 .abi = 1,
					 .gate = 1,
					 .nr = 202,
					 .age_ns = 5 * SECOND,
					 .at_least = true },
				       { .tgid = 20,
					 .tid = 20,
					 .comm = "new",
					 .abi = 1,
					 .gate = 1,
					 .nr = 7,
					 .age_ns = 1000 } };
	struct snapshot *s = snapshot_new();

	sample_head(s);
	s->dims = m->dims;
	s->start_ns = (100000 + m->i) * SECOND;
	s->duration_ns = SECOND;
	for (uint32_t p = 0; m->dims & DIM_PROC && p < ARRAY_SIZE(comms); p++) {
		struct proc proc = { .tgid = (pid_t)(100 * p), .uid = 0 };

		strcpy(proc.comm, comms[p]);
		snapshot_add_proc(s, &proc);
	}
	for (size_t call = 0; call < ARRAY_SIZE(numbers); call++)
		for (uint32_t p = 1; p < (m->dims & DIM_PROC ? ARRAY_SIZE(comms) : 2); p++)
			add_cells(s, m, call, m->dims & DIM_PROC ? p : 0);
	s->conservation.in_flight_before = m->i ? 1 : 0;
	s->conservation.in_flight = 1;
	s->conservation.entries += m->i ? 0 : 1;
	for (size_t i = 0; i < ARRAY_SIZE(f); i++)
		snapshot_add_in_flight(s, &f[i]);
	snapshot_sort(s);
	return s;
}

/* read takes the most time, write is called the most, openat fails the most. */
static const struct made usual = {
	0, DIM_ERRNO, { 10, 50, 20 }, { 9000, 100, 1000 }, { 1, 0, 15 }
};

static void add(struct top *t, const struct made *m)
{
	struct snapshot *s = make(m);
	struct sg_error e = { 0 };

	ck_assert_msg(!top_add(t, s, s, &e), "%s", e.text);
	snapshot_free(s);
}

static struct top *new_top(void)
{
	struct top_config c = config;
	struct top *t;

	if (!names)
		names = syscalls_new(NULL);
	c.names = names;
	t = top_new(&c);
	ck_assert_ptr_nonnull(t);
	top_resize(t, 120, 30);
	return t;
}

static struct top *usual_top(void)
{
	struct top *t = new_top();

	add(t, &usual);
	return t;
}

/* The frame's text; lent until the next one. */
static const char *shown(struct top *t)
{
	static char *text;
	size_t size;
	FILE *out;
	const struct frame *f = top_compose(t);

	ck_assert_ptr_nonnull(f);
	free(text);
	out = open_memstream(&text, &size);
	frame_print(f, out);
	fclose(out);
	return text;
}

#define shows(t, text)	   ck_assert_msg(strstr(shown(t), text), "no '%s' in\n%s", text, shown(t))
#define shows_not(t, text) ck_assert_msg(!strstr(shown(t), text), "'%s' in\n%s", text, shown(t))

static void keys(struct top *t, const char *typed)
{
	for (; *typed; typed++) {
		top_compose(t);
		ck_assert_int_eq(top_key(t, *typed), TOP_ASK_NOTHING);
	}
}

static void key(struct top *t, int code)
{
	top_compose(t);
	ck_assert_int_eq(top_key(t, code), TOP_ASK_NOTHING);
}

/* The texts of the rows' first column, parted by blanks. */
static const char *rows(struct top *t)
{
	static char text[1024];
	struct column_at columns[COLUMNS_AT_MAX];
	size_t used = 0;

	top_compose(t);
	columns_fit(t, t->width, columns);
	text[0] = '\0';
	for (size_t i = 0; i < t->rows_count && used < sizeof(text); i++) {
		char buf[256];

		used += (size_t)snprintf(
			text + used, sizeof(text) - used, "%s%s", i ? " " : "",
			column_text(t, &columns[0], &t->rows[i], buf, sizeof(buf)));
	}
	return text;
}

#endif
