// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How it is kept small: when the file is full, the two neighbours are folded into one whose length,
 * for its age, is the shortest. So what is new stays as fine as it was recorded, and what is old is
 * as coarse as a fixed part of its age.
 *
 * The log (WAL) is not synced at each transaction: a killed program loses nothing that was
 * committed, a power failure may lose the last seconds, neither damages the file.
 */
#include "collector/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "collector/index.h"

#define PAGE	    4096
#define LOG_BYTES   (4UL << 20)
#define BUSY_MS	    50
#define FOLDS_A_ADD 8

struct store {
	sqlite3 *db;
	char *path;
	int lock; /* flock on the file; closed after db, whose own locks would go with it */
	bool made;
	struct store_limits limits;
	int64_t run;
	struct index index;
	struct pack packed; /* of what is folded */
	sqlite3_stmt *insert, *fetch, *update, *remove, *pages, *free_pages;
};

static int fail(struct store *st, int code, const char *doing, struct sg_error *e)
{
	return recording_error(st->db, code, doing, st->path, e);
}

static int exec(struct store *st, const char *sql, const char *doing, struct sg_error *e)
{
	int code = sqlite3_exec(st->db, sql, NULL, NULL, NULL);

	return code == SQLITE_OK ? 0 : fail(st, code, doing, e);
}

/* One recorder a file. The lock is on a descriptor of its own, since SQLite's are per process. */
static int lock(struct store *st, struct sg_error *e)
{
	st->lock = open(st->path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOCTTY, 0666);
	st->made = st->lock >= 0;
	if (!st->made)
		st->lock = open(st->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOCTTY, 0666);
	if (st->lock < 0)
		return sg_fail_errno(e, errno, "open '%s'", st->path);
	if (!flock(st->lock, LOCK_EX | LOCK_NB) || errno != EWOULDBLOCK)
		return 0;
	return sg_fail(e, EBUSY, "'%.200s' is being recorded into by another process", st->path);
}

/* A part of the room is the log's. */
static uint64_t log_bytes(const struct store *st)
{
	uint64_t part = st->limits.bytes / 8;

	return part < LOG_BYTES ? part : LOG_BYTES;
}

static int configure(struct store *st, struct sg_error *e)
{
	char sql[512];

	snprintf(sql, sizeof(sql),
		 "PRAGMA page_size=%d; PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"
		 "PRAGMA wal_autocheckpoint=%llu; PRAGMA journal_size_limit=%llu;"
		 "PRAGMA cache_size=-1024; PRAGMA temp_store=MEMORY",
		 PAGE, (unsigned long long)log_bytes(st) / PAGE, (unsigned long long)log_bytes(st));
	return exec(st, sql, "open", e);
}

/* All in one transaction: a file with a part of it would be none. */
static int make_tables(struct store *st, struct sg_error *e)
{
	char sql[128];
	int ret = exec(st, "BEGIN IMMEDIATE", "create", e);

	for (size_t i = 0; !ret && recording_schema[i]; i++)
		ret = exec(st, recording_schema[i], "create", e);
	snprintf(sql, sizeof(sql), "PRAGMA application_id=%d; PRAGMA user_version=%d; COMMIT",
		 RECORDING_ID, RECORDING_VERSION);
	return ret ? ret : exec(st, sql, "create", e);
}

static int begin_tables(struct store *st, struct sg_error *e)
{
	sqlite3_stmt *stmt = NULL;
	int code =
		sqlite3_prepare_v2(st->db, "SELECT 1 FROM sqlite_schema LIMIT 1", -1, &stmt, NULL);

	if (code == SQLITE_OK)
		code = sqlite3_step(stmt);
	sqlite3_finalize(stmt);
	/* Also one that was killed before its first transaction. */
	if (code == SQLITE_DONE)
		return configure(st, e) ?: make_tables(st, e);
	if (code != SQLITE_ROW)
		return fail(st, code, "open", e);
	return recording_check(st->db, st->path, e) ?: configure(st, e);
}

static int prepare(struct store *st, struct sg_error *e)
{
	const struct {
		sqlite3_stmt **stmt;
		const char *sql;
	} all[] = {
		{ &st->insert, "INSERT INTO delta(run, start_ns, duration_ns, intervals, packed)"
			       " VALUES(?,?,?,?,?)" },
		{ &st->fetch, "SELECT packed FROM delta WHERE id = ?" },
		{ &st->update, "UPDATE delta SET duration_ns = ?, intervals = ?, packed = ?"
			       " WHERE id = ?" },
		{ &st->remove, "DELETE FROM delta WHERE id = ?" },
		{ &st->pages, "PRAGMA page_count" },
		{ &st->free_pages, "PRAGMA freelist_count" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		int code = sqlite3_prepare_v3(st->db, all[i].sql, -1, SQLITE_PREPARE_PERSISTENT,
					      all[i].stmt, NULL);

		if (code != SQLITE_OK)
			return fail(st, code, "open", e);
	}
	return 0;
}

static char *join_notes(const struct snapshot *s)
{
	char *text = strdup("");

	for (size_t i = 0; text && i < SNAPSHOT_NOTES && s->notes[i]; i++) {
		char *more = NULL;

		if (asprintf(&more, "%s%s%s", text, i ? "\n" : "", s->notes[i]) < 0)
			more = NULL;
		free(text);
		text = more;
	}
	return text;
}

static void bind_text(sqlite3_stmt *stmt, int i, const char *text)
{
	sqlite3_bind_text(stmt, i, text, -1, SQLITE_TRANSIENT);
}

static void bind_run(sqlite3_stmt *stmt, const struct snapshot *head, uint64_t interval_ns,
		     const char *notes)
{
	sqlite3_bind_int64(stmt, 1, (int64_t)head->start_ns);
	sqlite3_bind_int64(stmt, 2, (int64_t)interval_ns);
	bind_text(stmt, 3, head->host);
	bind_text(stmt, 4, head->kernel);
	bind_text(stmt, 5, head->machine);
	bind_text(stmt, 6, head->engine);
	bind_text(stmt, 7, head->attach);
	sqlite3_bind_int64(stmt, 8, head->cpus);
	if (head->per_call_ns >= 0)
		sqlite3_bind_double(stmt, 9, head->per_call_ns);
	if (head->inside_latency_ns >= 0)
		sqlite3_bind_double(stmt, 10, head->inside_latency_ns);
	bind_text(stmt, 11, head->overhead_how);
	bind_text(stmt, 12, notes);
}

static int add_run(struct store *st, const struct snapshot *head, uint64_t interval_ns,
		   struct sg_error *e)
{
	_cleanup_free_ char *notes = join_notes(head);
	sqlite3_stmt *stmt = NULL;
	int code;

	if (!notes)
		return sg_fail_errno(e, ENOMEM, "record");
	code = sqlite3_prepare_v2(st->db, "INSERT INTO run VALUES(NULL,?,?,?,?,?,?,?,?,?,?,?,?)",
				  -1, &stmt, NULL);
	if (code == SQLITE_OK) {
		bind_run(stmt, head, interval_ns, notes);
		code = sqlite3_step(stmt);
	}
	sqlite3_finalize(stmt);
	st->run = sqlite3_last_insert_rowid(st->db);
	return code == SQLITE_DONE ? 0 : fail(st, code, "write", e);
}

static int to_index(const struct recording_row *row, void *data, struct sg_error *e)
{
	const struct index_row r = { row->id, row->run, row->start_ns, row->duration_ns,
				     row->intervals };

	return index_add(data, &r) ? sg_fail_errno(e, ENOMEM, "index of a recording") : 0;
}

static int load_index(struct store *st, struct sg_error *e)
{
	st->index.count = 0;
	return recording_rows(st->db, st->path, false, to_index, &st->index, e);
}

static int open_store(struct store *st, const struct snapshot *head, uint64_t interval_ns,
		      struct sg_error *e)
{
	int ret = lock(st, e);

	if (!ret)
		ret = recording_connect(&st->db, st->path, SQLITE_OPEN_READWRITE, e);
	if (!ret) {
		sqlite3_busy_timeout(st->db, BUSY_MS);
		ret = begin_tables(st, e);
	}
	if (!ret)
		ret = load_index(st, e);
	if (!ret)
		ret = prepare(st, e);
	return ret ? ret : add_run(st, head, interval_ns, e);
}

int store_open(struct store **out, const char *path, const struct store_limits *limits,
	       const struct snapshot *head, uint64_t interval_ns, struct sg_error *e)
{
	struct store *st = calloc(1, sizeof(*st));
	int ret;

	if (!st || !(st->path = strdup(path))) {
		free(st);
		return sg_fail_errno(e, ENOMEM, "open '%s'", path);
	}
	st->lock = -1;
	st->limits = *limits;
	ret = open_store(st, head, interval_ns, e);
	if (ret) {
		bool made = st->made;

		store_close(st);
		if (made)
			unlink(path);
		return ret;
	}
	*out = st;
	return 0;
}

/* Steps a statement that gives no rows, and makes it ready for the next time. */
static int done(struct store *st, sqlite3_stmt *stmt, struct sg_error *e)
{
	int code = sqlite3_step(stmt);

	sqlite3_reset(stmt);
	sqlite3_clear_bindings(stmt);
	return code == SQLITE_DONE ? 0 : fail(st, code, "write", e);
}

static uint64_t number(sqlite3_stmt *stmt)
{
	uint64_t n = sqlite3_step(stmt) == SQLITE_ROW ? (uint64_t)sqlite3_column_int64(stmt, 0) : 0;

	sqlite3_reset(stmt);
	return n;
}

static bool is_full(struct store *st)
{
	uint64_t used = (number(st->pages) - number(st->free_pages)) * PAGE;

	/* The log is cut when it has got longer than it should be: by one transaction at most. */
	return used + 2 * log_bytes(st) > st->limits.bytes || st->index.count > RECORDING_ROWS / 2;
}

static int insert(struct store *st, const struct store_delta *d, struct sg_error *e)
{
	struct index_row row = { 0, st->run, d->start_ns, d->duration_ns, d->intervals };
	int ret;

	sqlite3_bind_int64(st->insert, 1, st->run);
	sqlite3_bind_int64(st->insert, 2, (int64_t)d->start_ns);
	sqlite3_bind_int64(st->insert, 3, (int64_t)d->duration_ns);
	sqlite3_bind_int64(st->insert, 4, (int64_t)d->intervals);
	sqlite3_bind_blob64(st->insert, 5, d->packed, d->size, SQLITE_STATIC);
	ret = done(st, st->insert, e);
	row.id = sqlite3_last_insert_rowid(st->db);
	if (!ret && index_add(&st->index, &row))
		ret = sg_fail_errno(e, ENOMEM, "record");
	return ret;
}

static int fetch(struct store *st, struct tally *t, int64_t id, struct sg_error *e)
{
	int code, ret;

	sqlite3_bind_int64(st->fetch, 1, id);
	code = sqlite3_step(st->fetch);
	if (code == SQLITE_ROW)
		ret = tally_add(t, sqlite3_column_blob(st->fetch, 0),
				(size_t)sqlite3_column_bytes(st->fetch, 0), false, e);
	else
		ret = fail(st, code == SQLITE_DONE ? SQLITE_CORRUPT : code, "read", e);
	sqlite3_reset(st->fetch);
	return ret;
}

/* Packs the sum of two rows. */
static int pack_two(struct store *st, int64_t a, int64_t b, struct sg_error *e)
{
	struct snapshot *sum = NULL;
	struct tally t;
	int ret = tally_init(&t);

	if (ret)
		return sg_fail_errno(e, ENOMEM, "record");
	ret = fetch(st, &t, a, e);
	if (!ret)
		ret = fetch(st, &t, b, e);
	if (!ret) {
		sum = tally_take(&t);
		ret = sum ? pack_snapshot(&st->packed, sum) : -ENOMEM;
		if (ret)
			sg_fail_errno(e, -ret, "fold '%.200s'", st->path);
	}
	snapshot_free(sum);
	tally_fini(&t);
	return ret;
}

static int drop(struct store *st, size_t i, struct sg_error *e)
{
	int ret;

	sqlite3_bind_int64(st->remove, 1, st->index.rows[i].id);
	ret = done(st, st->remove, e);
	if (!ret)
		index_remove(&st->index, i);
	return ret;
}

/* Folds row i + 1 into row i. */
static int fold(struct store *st, size_t i, struct sg_error *e)
{
	struct index_row *a = &st->index.rows[i], *b = a + 1;
	int ret = pack_two(st, a->id, b->id, e);

	if (ret)
		return ret;
	a->duration_ns = index_end(b) - a->start_ns;
	a->intervals += b->intervals;
	sqlite3_bind_int64(st->update, 1, (int64_t)a->duration_ns);
	sqlite3_bind_int64(st->update, 2, (int64_t)a->intervals);
	sqlite3_bind_blob64(st->update, 3, st->packed.data, st->packed.size, SQLITE_STATIC);
	sqlite3_bind_int64(st->update, 4, a->id);
	ret = done(st, st->update, e);
	return ret ? ret : drop(st, i + 1, e);
}

/* What is over the limits: the too old is deleted, the too much folded, the oldest last of all. */
static int shrink(struct store *st, uint64_t now, struct sg_error *e)
{
	uint64_t age = (uint64_t)(st->limits.seconds * 1e9);
	size_t i;
	int ret = 0;

	while (!ret && age && st->index.count > 1 && now > age &&
	       index_end(&st->index.rows[0]) < now - age)
		ret = drop(st, 0, e);
	for (int n = 0; !ret && n < FOLDS_A_ADD && is_full(st) && st->index.count > 1; n++)
		ret = index_finest(&st->index, now, &i) ? fold(st, i, e) : drop(st, 0, e);
	/* More than one row can hold: the oldest goes. */
	return ret == -EFBIG ? drop(st, 0, e) : ret;
}

int store_add(struct store *st, const struct store_delta *d, struct sg_error *e)
{
	struct sg_error ignored;
	int ret = exec(st, "BEGIN IMMEDIATE", "write", e);

	if (ret)
		return ret;
	ret = insert(st, d, e);
	if (!ret)
		ret = shrink(st, d->start_ns + d->duration_ns, e);
	if (!ret)
		ret = exec(st, "COMMIT", "write", e);
	if (!ret)
		return 0;
	sqlite3_exec(st->db, "ROLLBACK", NULL, NULL, NULL);
	/* What was rolled back is rolled back in the index too. */
	load_index(st, &ignored);
	return ret;
}

void store_close(struct store *st)
{
	sqlite3_stmt *const all[] = { st->insert, st->fetch, st->update,
				      st->remove, st->pages, st->free_pages };

	for (size_t i = 0; i < ARRAY_SIZE(all); i++)
		sqlite3_finalize(all[i]);
	/* No log beside it: whoever may only read the file can open it then. */
	if (st->run)
		sqlite3_exec(st->db, "PRAGMA journal_mode=DELETE", NULL, NULL, NULL);
	sqlite3_close(st->db);
	if (st->lock >= 0)
		close(st->lock);
	index_fini(&st->index);
	pack_fini(&st->packed);
	free(st->path);
	free(st);
}
