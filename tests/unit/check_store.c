// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The recording's writer. SYSGATE_DAY=1 CK_TIMEOUT_MULTIPLIER=20 simulates a whole day instead of
 * an hour, which takes a minute or two.
 */
#include "samples.h"
#include "unit.h"

#include <errno.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "collector/store.h"

#define SECOND 1000000000ULL
#define START  (1700000000 * SECOND)

static char path[64];
static const struct store_limits small = { .bytes = 1 << 20 };

static void make_path(void)
{
	char folder[] = "/tmp/check-store-XXXXXX";

	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/db", folder);
}

static void remove_path(void)
{
	char *slash = strrchr(path, '/');

	ck_assert_int_eq(unlink(path), 0);
	*slash = '\0';
	/* Nothing is left beside it. */
	ck_assert_int_eq(rmdir(path), 0);
	*slash = '/';
}

static struct store *open_store(const struct store_limits *limits)
{
	struct snapshot *head = snapshot_new();
	struct sg_error e = { 0 };
	struct store *st = NULL;

	sample_head(head);
	snapshot_note(head, "one note");
	snapshot_note(head, "another");
	ck_assert_msg(!store_open(&st, path, limits, head, SECOND, &e), "%s", e.text);
	snapshot_free(head);
	return st;
}

/* calls cells of so many calls each, second after second the same. */
static struct store_delta *delta_of(size_t calls, uint32_t *seed)
{
	struct snapshot *s = snapshot_new();
	struct pack p = { 0 };
	struct store_delta *d;

	for (size_t i = 0; i < calls; i++) {
		struct cell c = sample_cell(SYSGATE_ABI_X86_64, SYSGATE_GATE_SYSCALL, (int)i);

		/* Around a time of the call's own, with a tail. */
		for (size_t j = 0; j < 20 + i % 80; j++)
			sample_exit(&c,
				    (200 + 37 * i) * (100 + sample_random(seed) % 60) / 100
					    << (sample_random(seed) % 16 ? 0 : 4),
				    SYSGATE_EXIT_SYSRET);
		c.min_estimated = c.max_estimated = true;
		s->conservation.entries += c.count;
		s->conservation.exits += c.count;
		snapshot_add_cell(s, &c);
	}
	snapshot_sort(s);
	ck_assert_int_eq(pack_snapshot(&p, s), 0);
	d = malloc(sizeof(*d) + p.size);
	*d = (struct store_delta){ .duration_ns = SECOND, .intervals = 1, .size = p.size };
	memcpy(d->packed, p.data, p.size);
	pack_fini(&p);
	snapshot_free(s);
	return d;
}

struct seen {
	uint64_t rows, intervals, duration_ns, end_ns, first_ns;
	uint64_t last_duration_ns, longest_ns;
	struct tally tally;
};

static int see(const struct recording_row *row, void *data, struct sg_error *e)
{
	struct seen *seen = data;

	if (!seen->rows++)
		seen->first_ns = row->start_ns;
	else
		ck_assert_uint_eq(row->start_ns, seen->end_ns);
	seen->end_ns = row->start_ns + row->duration_ns;
	seen->intervals += row->intervals;
	seen->duration_ns += row->duration_ns;
	seen->last_duration_ns = row->duration_ns;
	if (row->duration_ns > seen->longest_ns)
		seen->longest_ns = row->duration_ns;
	return tally_add(&seen->tally, row->data, row->size, false, e);
}

static struct snapshot *read_all(struct seen *seen)
{
	const struct recording_range all = { 0, UINT64_MAX };
	struct sg_error e = { 0 };
	struct recording *r;
	struct snapshot *s;

	*seen = (struct seen){ 0 };
	ck_assert_int_eq(tally_init(&seen->tally), 0);
	ck_assert_msg(!recording_open(&r, path, &e), "%s", e.text);
	ck_assert_msg(!recording_each(r, &all, see, seen, &e), "%s", e.text);
	s = tally_take(&seen->tally);
	tally_fini(&seen->tally);
	ck_assert_int_eq(recording_name_run(r, 1, s, &e), 0);
	recording_close(r);
	return s;
}

/* Records n seconds of 400 calls or so. How many calls each delta had. */
static void record(struct store *st, size_t n, size_t calls)
{
	uint32_t seed = 1;
	struct sg_error e = { 0 };
	struct store_delta *some[16];

	for (size_t i = 0; i < ARRAY_SIZE(some); i++)
		some[i] = delta_of(calls, &seed);
	for (size_t i = 0; i < n; i++) {
		struct store_delta *d = some[i % ARRAY_SIZE(some)];

		d->start_ns = START + i * SECOND;
		ck_assert_msg(!store_add(st, d, &e), "%s", e.text);
	}
	for (size_t i = 0; i < ARRAY_SIZE(some); i++)
		free(some[i]);
}

static uint64_t calls_of(const struct snapshot *s)
{
	uint64_t n = 0;

	for (size_t i = 0; i < s->cells_count; i++)
		n += s->cells[i]->count;
	return n;
}

START_TEST(kept)
{
	struct store *st;
	struct snapshot *s;
	struct seen seen;

	make_path();
	st = open_store(&small);
	record(st, 100, 10);
	store_close(st);
	s = read_all(&seen);
	ck_assert_uint_eq(seen.rows, 100);
	ck_assert_uint_eq(seen.intervals, 100);
	ck_assert_uint_eq(calls_of(s), s->conservation.exits);
	ck_assert_str_eq(s->host, "host");
	ck_assert_double_eq(s->per_call_ns, 41.25);
	ck_assert_str_eq(s->notes[1], "another");
	snapshot_free(s);
	remove_path();
}
END_TEST

static uint64_t size_of(const char *suffix)
{
	char name[80];
	struct stat st;

	snprintf(name, sizeof(name), "%s%s", path, suffix);
	return stat(name, &st) ? 0 : (uint64_t)st.st_size;
}

START_TEST(bounded)
{
	struct store *st;
	struct snapshot *s;
	struct seen seen;
	uint64_t want = 0;

	make_path();
	st = open_store(&small);
	record(st, 3000, 40);
	ck_assert_uint_le(size_of("") + size_of("-wal"), small.bytes);
	store_close(st);
	ck_assert_uint_le(size_of(""), small.bytes);
	s = read_all(&seen);
	ck_assert_uint_lt(seen.rows, 1000);
	ck_assert_uint_gt(seen.rows, 100);
	/* Not a call or a second is lost by folding. */
	for (size_t i = 0; i < 40; i++)
		want += 20 + i % 80;
	ck_assert_uint_eq(calls_of(s), 3000 * want);
	ck_assert_uint_eq(s->conservation.exits, 3000 * want);
	ck_assert_uint_eq(seen.intervals, 3000);
	ck_assert_uint_eq(seen.duration_ns, 3000 * SECOND);
	ck_assert_uint_eq(seen.last_duration_ns, SECOND);
	ck_assert_uint_gt(seen.longest_ns, 10 * SECOND);
	ck_assert_uint_lt(seen.longest_ns, 300 * SECOND);
	snapshot_free(s);
	remove_path();
}
END_TEST

START_TEST(aged)
{
	const struct store_limits limits = { .bytes = 1 << 20, .seconds = 60 };
	struct store *st;
	struct snapshot *s;
	struct seen seen;

	make_path();
	st = open_store(&limits);
	record(st, 200, 10);
	store_close(st);
	s = read_all(&seen);
	ck_assert_uint_ge(seen.first_ns, START + 138 * SECOND);
	ck_assert_uint_eq(seen.end_ns, START + 200 * SECOND);
	snapshot_free(s);
	remove_path();
}
END_TEST

START_TEST(continued)
{
	struct snapshot *head = snapshot_new();
	struct sg_error e = { 0 };
	struct store *st, *other;
	struct seen seen;

	make_path();
	st = open_store(&small);
	record(st, 50, 10);
	ck_assert_int_eq(store_open(&other, path, &small, head, SECOND, &e), -EBUSY);
	ck_assert_ptr_nonnull(strstr(e.text, "by another process"));
	store_close(st);
	st = open_store(&small);
	store_close(st);
	snapshot_free(head);
	head = read_all(&seen);
	ck_assert_uint_eq(seen.rows, 50);
	snapshot_free(head);
	remove_path();
}
END_TEST

START_TEST(hostile)
{
	static const char *const statements[] = {
		"CREATE TABLE other(a)",
		"CREATE VIEW v AS SELECT 1",
		"CREATE TRIGGER t AFTER INSERT ON delta BEGIN DELETE FROM run; END",
		"CREATE INDEX i ON delta(run)",
		"DROP TABLE delta; CREATE VIEW delta AS WITH RECURSIVE n(id) AS (SELECT 1 UNION ALL"
		" SELECT id + 1 FROM n) SELECT id, 1 AS run, id AS start_ns, 1 AS duration_ns,"
		" 1 AS intervals, x'01' AS packed FROM n",
		"DROP TABLE run",
		"PRAGMA user_version=2",
		"PRAGMA application_id=0",
	};
	static const char *const rows[] = {
		"INSERT INTO delta VALUES(1, 1, -1, 1, 1, x'00')",
		"INSERT INTO delta VALUES(1, 1, 1, 9223372036854775807, 1, x'00')",
		"INSERT INTO delta VALUES(1, 1, 'x', 1, 1, x'00')",
		"INSERT INTO delta VALUES(1, 1, 1, 1, 1, 'text')",
		"INSERT INTO delta VALUES(1, 1, 1, 1, 1, x'00')",
		"INSERT INTO delta VALUES(1, 1, 1, 1, 1, zeroblob(60000000))",
	};
	struct seen seen;
	struct sg_error e;

	for (size_t i = 0; i < ARRAY_SIZE(statements) + ARRAY_SIZE(rows); i++) {
		const struct recording_range all = { 0, UINT64_MAX };
		bool row = i >= ARRAY_SIZE(statements);
		const char *sql = row ? rows[i - ARRAY_SIZE(statements)] : statements[i];
		struct recording *r = NULL;
		sqlite3 *db;
		int ret;

		make_path();
		store_close(open_store(&small));
		ck_assert_int_eq(sqlite3_open(path, &db), SQLITE_OK);
		ck_assert_int_eq(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
		sqlite3_close(db);
		e = (struct sg_error){ 0 };
		ret = recording_open(&r, path, &e);
		if (row) {
			ck_assert_msg(!ret, "%s", e.text);
			seen = (struct seen){ 0 };
			ck_assert_int_eq(tally_init(&seen.tally), 0);
			ret = recording_each(r, &all, see, &seen, &e);
			tally_fini(&seen.tally);
			recording_close(r);
		}
		ck_assert_msg(ret == -EINVAL, "%s: %d %s", sql, ret, e.text);
		ck_assert_msg(e.text[0], "%s", sql);
		remove_path();
	}
}
END_TEST

static double cpu_seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* 400 calls that are all active, second after second; CPUs are folded before it gets here. */
START_TEST(day)
{
	bool whole = getenv("SYSGATE_DAY");
	/* The hour has less room, so that it is folded as much. */
	const struct store_limits limits = { .bytes = whole ? 64 << 20 : 8 << 20 };
	size_t seconds = whole ? 86400 : 3600;
	struct rusage usage;
	struct snapshot *s;
	struct seen seen;
	struct store *st;
	double began, took;

	make_path();
	st = open_store(&limits);
	began = cpu_seconds();
	record(st, seconds, 400);
	took = cpu_seconds() - began;
	ck_assert_uint_le(size_of("") + size_of("-wal"), limits.bytes);
	getrusage(RUSAGE_SELF, &usage);
	printf("# %zu s: %.1f MB, %ld MB of memory, %.3f %% of a core\n", seconds,
	       (double)(size_of("") + size_of("-wal")) / 1e6, usage.ru_maxrss / 1024,
	       100 * took / (double)seconds);
	fflush(stdout);
	/* Sanitizers and a busy machine take several times that. */
	ck_assert_double_lt(took, 0.005 * (double)seconds);
#ifndef __SANITIZE_ADDRESS__ /* which keeps what was freed */
	ck_assert_int_lt(usage.ru_maxrss / 1024, 40);
#endif
	store_close(st);
	s = read_all(&seen);
	ck_assert_uint_eq(seen.intervals, seconds);
	ck_assert_uint_eq(seen.last_duration_ns, SECOND);
	snapshot_free(s);
	remove_path();
}
END_TEST

int main(void)
{
	const struct unit_case cases[] = {
		{ "what was recorded is read back", kept },
		{ "it stays as large as allowed, and loses no call and no second", bounded },
		{ "what is too old is deleted", aged },
		{ "it is continued, by one at a time", continued },
		{ "what is no recording, or a damaged one, is refused", hostile },
		{ "400 calls a second take little room, memory and time", day },
	};

	return unit_main("store", cases, ARRAY_SIZE(cases));
}
