// SPDX-License-Identifier: GPL-2.0-or-later
/* What a script of SystemTap's prints: only whole answers count, and nothing in them is guessed. */
#include "unit.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "engine/stap.h"

#define COUNTERS "counters 9 1 3000 1000 0 0 0 0 2 3 0 0 4 5\n"
#define CELL	 "cell 39 0 1 1 0 300 100 200 50000 0 0 0 2 0 0 0 0 0\n"

struct fed {
	struct stap_reader reader;
	char other[256];
};

static void keep_other(const char *line, void *data)
{
	struct fed *f = data;

	strncat(f->other, line, sizeof(f->other) - strlen(f->other) - 2);
	strcat(f->other, ";");
}

/* Feeds text in pieces of step bytes. */
static struct fed *feed(const char *text, size_t step)
{
	struct fed *f = calloc(1, sizeof(*f));
	size_t size = strlen(text);

	ck_assert_ptr_nonnull(f);
	f->reader.other = keep_other;
	f->reader.data = f;
	for (size_t at = 0; at < size; at += step)
		ck_assert_int_eq(stap_reader_feed(&f->reader, text + at,
						  step < size - at ? step : size - at),
				 0);
	return f;
}

static void fed_free(struct fed *f)
{
	stap_reader_fini(&f->reader);
	free(f);
}

static const char whole[] = "sysgate 1 0 1\n" COUNTERS CELL "hist 47 1 55 1\n"
			    "cell 39 0 1 1 0 100 100 100 10000 0 0 0 1 0 0 0 0 0\n" COUNTERS
			    "flight 10 11 0 1 1 2000 a name of words\n" COUNTERS "end 8\n";

START_TEST(one)
{
	/* Wherever it is cut. */
	for (size_t step = 1; step < sizeof(whole); step += 7) {
		struct fed *f = feed(whole, step);
		const struct stap_dump *d = f->reader.last;
		const struct key key = { .abi = 1, .gate = 1, .nr = 39 };
		const struct cell *c;

		ck_assert_ptr_nonnull(d);
		ck_assert_uint_eq(d->cells.count, 1);
		c = cells_get((struct cells *)&d->cells, &key);
		ck_assert_uint_eq(c->count, 3);
		ck_assert_uint_eq(c->total_ns, 400);
		ck_assert_uint_eq(c->min_ns, 100);
		ck_assert_uint_eq(c->max_ns, 200);
		ck_assert_uint_eq(c->hist[47], 1);
		ck_assert_uint_eq(d->counters[1].kernel.entries, 9);
		ck_assert_uint_eq(d->counters[1].skipped, 4);
		ck_assert_uint_eq(d->counters[1].errors, 5);
		ck_assert_uint_eq(d->calls_count, 1);
		ck_assert_str_eq(d->calls[0].comm, "a name of words");
		ck_assert_int_eq(d->calls[0].tid, 11);
		fed_free(f);
	}
}
END_TEST

START_TEST(processes)
{
	struct fed *f = feed("sysgate 1 0 1\n" COUNTERS
			     "cell 39 0 1 1 1 100 100 100 10000 0 0 0 1 0 0 0 0 0\n"
			     "cell 39 0 1 1 9 100 100 100 10000 0 0 0 1 0 0 0 0 0\n" COUNTERS
			     "who 1 10 0 0 1 77 sh -c x\n" COUNTERS "end 7\n",
			     1000);
	const struct stap_dump *d = f->reader.last;
	uint64_t nobody = 0;

	ck_assert_ptr_nonnull(d);
	ck_assert_uint_eq(d->whos_count, 2);
	ck_assert_str_eq(d->whos[1].comm, "sh -c x");
	ck_assert_uint_eq(d->whos[1].cgroup, 77);
	/* A process that the answer does not have is not known. */
	for (size_t i = 0; i <= d->cells.mask; i++)
		if (d->cells.slots[i] && !d->cells.slots[i]->key.proc)
			nobody += d->cells.slots[i]->count;
	ck_assert_uint_eq(nobody, 1);
	fed_free(f);
}
END_TEST

START_TEST(negative)
{
	struct fed *f =
		feed("sysgate 1 0 1\n" COUNTERS
		     "cell -1 38 1 1 0 100 100 100 10000 0 1 0 1 0 0 0 0 0\n" COUNTERS COUNTERS
		     "end 5\n",
		     1000);
	const struct key key = { .abi = 1, .gate = 1, .nr = -1, .err = 38 };

	ck_assert_ptr_nonnull(f->reader.last);
	ck_assert_uint_eq(cells_get(&f->reader.last->cells, &key)->count, 1);
	fed_free(f);
}
END_TEST

START_TEST(broken)
{
	static const char *const texts[] = {
		"sysgate 2 0 1\n" COUNTERS COUNTERS COUNTERS "end 4\n", /* another version */
		"sysgate 1 0 1\n" COUNTERS COUNTERS "end 3\n",
		"sysgate 1 0 1\n" COUNTERS COUNTERS COUNTERS COUNTERS "end 5\n",
		"sysgate 1 0 1\n" COUNTERS COUNTERS COUNTERS "end 5\n", /* a line was lost */
		"sysgate 1 0 1\n" COUNTERS "hist 1 1\n" COUNTERS COUNTERS "end 5\n",
		"sysgate 1 0 1\n" COUNTERS CELL "hist 1\n" COUNTERS COUNTERS "end 6\n",
		"sysgate 1 0 1\n" COUNTERS CELL "hist 999 1\n" COUNTERS COUNTERS "end 6\n",
		"sysgate 1 0 1\n" COUNTERS
		"cell 39 0 9 1 0 3 1 2 5 0 0 0 2 0 0 0 0 0\n" COUNTERS COUNTERS
		"end 5\n", /* no gate */
		"sysgate 1 0 1\n" COUNTERS
		"cell 39 0 1 1 0 3 1 2 5 0 0 0 2 0 0 0 0\n" COUNTERS COUNTERS "end 5\n",
		"sysgate 1 0 1\n" COUNTERS
		"cell 39 0 1 1 0 3x 1 2 5 0 0 0 2 0 0 0 0 0\n" COUNTERS COUNTERS "end 5\n",
		"sysgate 1 0 1\n" COUNTERS "cell 39 0 1 1 0 99999999999999999999 1 2 5 0 0 0 2 0 0 "
		"0 0 0\n" COUNTERS COUNTERS "end 5\n",
		"sysgate 1 0 1\n" COUNTERS "who 2 1 1 0 1 0 x\n" COUNTERS COUNTERS "end 5\n",
		"sysgate 1 0 1\n" COUNTERS "flight 1 1 1 1 99 0 x\n" COUNTERS COUNTERS "end 5\n",
		"sysgate 1 0 1\nsysgate 1 0 1\n" COUNTERS COUNTERS COUNTERS "end 5\n",
	};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct fed *f = feed(texts[i], 1000);

		ck_assert_msg(!f->reader.last && f->reader.lost, "taken: %s", texts[i]);
		fed_free(f);
	}
}
END_TEST

START_TEST(again)
{
	char text[2 * sizeof(whole) + 128];
	struct fed *f;

	/* What a broken one leaves is not in the next one; the last whole one stays. */
	snprintf(text, sizeof(text), "%ssysgate 1 0 1\n%send 4\n", whole, CELL);
	f = feed(text, 13);
	ck_assert_uint_eq(f->reader.whole, 1);
	ck_assert_uint_eq(f->reader.lost, 1);
	ck_assert_uint_eq(f->reader.last->cells.count, 1);
	fed_free(f);
	snprintf(text, sizeof(text), "sysgate 1 0 1\n%s%s", CELL, whole);
	f = feed(text, 13);
	ck_assert_uint_eq(f->reader.whole, 1);
	ck_assert_uint_eq(f->reader.last->counters_count, 3);
	fed_free(f);
}
END_TEST

START_TEST(others)
{
	struct fed *f = feed("hello\n\ncell 1\n", 1000);

	/* A script may print what it likes, between the answers. */
	ck_assert_str_eq(f->other, "hello;cell 1;");
	fed_free(f);
	f = feed("sysgate 1 0 1\n" COUNTERS "mine\n" COUNTERS COUNTERS "end 4\n", 1000);
	ck_assert_str_eq(f->other, "mine;");
	ck_assert_ptr_nonnull(f->reader.last);
	fed_free(f);
}
END_TEST

START_TEST(endless)
{
	char *text = malloc(100000);
	struct fed *f;

	memset(text, 'x', 99999);
	text[99998] = '\n';
	text[99999] = '\0';
	f = feed(text, 4096);
	ck_assert_ptr_null(f->reader.last);
	fed_free(f);
	memcpy(text, "sysgate 1 0 1\n", 14);
	f = feed(text, 4096);
	ck_assert(f->reader.broken);
	fed_free(f);
	free(text);
}
END_TEST

START_TEST(words)
{
	struct stap_run r = { .pid = 0 };
	char text[400];

	stap_run_words(&r, text, sizeof(text));
	ck_assert_str_eq(text, "");
	stap_run_heard(&r, "something else");
	stap_run_heard(&r, "ERROR: one");
	stap_run_heard(&r, "WARNING: two");
	stap_run_heard(&r, "WARNING: three");
	stap_run_heard(&r, "ERROR: four");
	/* The last ones tell what it came to. */
	stap_run_words(&r, text, sizeof(text));
	ck_assert_str_eq(text, "WARNING: two; WARNING: three; ERROR: four");
}
END_TEST

int main(void)
{
	const struct unit_case cases[] = {
		{ "a whole answer is read, wherever it is cut", one },
		{ "cells belong to the processes that the answer has", processes },
		{ "numbers below 0 are taken", negative },
		{ "an answer with a wrong or a lost line is not taken", broken },
		{ "and spoils neither the last one nor the next", again },
		{ "what a script prints of its own is handed on", others },
		{ "an endless line is passed over", endless },
		{ "SystemTap's last words are kept", words },
	};

	return unit_main("stap_read", cases, ARRAY_SIZE(cases));
}
