// SPDX-License-Identifier: GPL-2.0-or-later
#include "collector/recording.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "collector/pack.h"

/* Steps of SQLite's machine that opening may take: a damaged schema can be endless. */
#define OPEN_STEPS   1000
#define STEPS_A_CALL 1000

const char *const recording_schema[] = {
	"CREATE TABLE run (id INTEGER PRIMARY KEY, start_ns INTEGER NOT NULL,"
	" interval_ns INTEGER NOT NULL, host TEXT NOT NULL, kernel TEXT NOT NULL,"
	" machine TEXT NOT NULL, engine TEXT NOT NULL, attach TEXT NOT NULL,"
	" cpus INTEGER NOT NULL, per_call_ns REAL, inside_latency_ns REAL,"
	" overhead_how TEXT NOT NULL, notes TEXT NOT NULL)",
	"CREATE TABLE delta (id INTEGER PRIMARY KEY, run INTEGER NOT NULL,"
	" start_ns INTEGER NOT NULL, duration_ns INTEGER NOT NULL, intervals INTEGER NOT NULL,"
	" packed BLOB NOT NULL)",
	NULL
};

struct recording {
	sqlite3 *db;
	char *path;
	sqlite3_stmt *next; /* of recording_next() */
};

int recording_error(sqlite3 *db, int code, const char *doing, const char *path, struct sg_error *e)
{
	switch (code & 0xff) {
	case SQLITE_FULL:
		return sg_fail_errno(e, ENOSPC, "%s '%.200s'", doing, path);
	case SQLITE_NOMEM:
		return sg_fail_errno(e, ENOMEM, "%s '%.200s'", doing, path);
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return sg_fail(e, EBUSY, "%s '%.200s': another program has it locked", doing, path);
	case SQLITE_NOTADB:
		return sg_fail(e, EINVAL, "'%.200s' is no recording: not an SQLite file", path);
	case SQLITE_CORRUPT:
	case SQLITE_INTERRUPT:
		sg_fail(e, EINVAL, "%s '%.200s': the file is damaged", doing, path);
		sg_hint(e, "sqlite3's '.recover' may save some of it");
		return -EINVAL;
	case SQLITE_CANTOPEN:
	case SQLITE_IOERR:
	case SQLITE_READONLY:
	case SQLITE_PERM: {
		int err = sqlite3_system_errno(db);

		sg_fail_errno(e, err ? err : EACCES, "%s '%.200s'", doing, path);
		if ((code & 0xff) != SQLITE_IOERR)
			sg_hint(e, "one that is being written, or whose writer was killed, is read "
				   "with the -wal and -shm beside it; a copy of all three will do");
		return err ? -err : -EACCES;
	}
	default:
		return sg_fail(e, EIO, "%s '%.200s': %s", doing, path, sqlite3_errmsg(db));
	}
}

static int count_steps(void *left)
{
	return --*(int *)left < 0;
}

/* The file itself: SQLite would say "unable to open" for all of it. */
static int check_file(const char *path, struct sg_error *e)
{
	struct stat st;

	if (stat(path, &st))
		return sg_fail_errno(e, errno, "open '%s'", path);
	if (!S_ISREG(st.st_mode))
		return sg_fail(e, EINVAL, "'%s' is no recording: not a file", path);
	if (!st.st_size)
		return sg_fail(e, EINVAL, "'%s' is empty: nothing was recorded", path);
	return 0;
}

int recording_connect(sqlite3 **db, const char *path, int flags, struct sg_error *e)
{
	_cleanup_free_ char *name = NULL;
	int code;

	/* A name that begins so would mean something else to SQLite. */
	if (asprintf(&name, "%s%s", path[0] == ':' ? "./" : "", path) < 0) {
		name = NULL;
		return sg_fail_errno(e, ENOMEM, "open '%s'", path);
	}
	code = sqlite3_open_v2(name, db, flags | SQLITE_OPEN_NOMUTEX, NULL);
	if (code != SQLITE_OK)
		return recording_error(*db, code, "open", path, e);
	sqlite3_extended_result_codes(*db, 1);
	sqlite3_db_config(*db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(*db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	sqlite3_limit(*db, SQLITE_LIMIT_LENGTH, PACK_MAX + 65536);
	sqlite3_limit(*db, SQLITE_LIMIT_ATTACHED, 0);
	sqlite3_exec(*db, "PRAGMA cell_size_check=ON", NULL, NULL, NULL);
	return 0;
}

static int pragma_number(sqlite3 *db, const char *sql, int64_t *out)
{
	sqlite3_stmt *stmt = NULL;
	int code = sqlite3_prepare_v2(db, sql, -1, &stmt, NULL);

	if (code == SQLITE_OK)
		code = sqlite3_step(stmt);
	*out = code == SQLITE_ROW ? sqlite3_column_int64(stmt, 0) : 0;
	sqlite3_finalize(stmt);
	return code == SQLITE_ROW ? SQLITE_OK : code;
}

/* Each object is one of ours, and each of ours is there. */
static int check_schema(sqlite3 *db, const char *path, struct sg_error *e)
{
	sqlite3_stmt *stmt = NULL;
	unsigned int seen = 0, all = 0;
	int code = sqlite3_prepare_v2(db, "SELECT type, name, sql FROM sqlite_schema", -1, &stmt,
				      NULL);

	for (size_t i = 0; recording_schema[i]; i++)
		all |= 1U << i;
	while (code == SQLITE_OK && (code = sqlite3_step(stmt)) == SQLITE_ROW) {
		const char *type = (const char *)sqlite3_column_text(stmt, 0);
		const char *name = (const char *)sqlite3_column_text(stmt, 1);
		const char *sql = (const char *)sqlite3_column_text(stmt, 2);
		unsigned int which = 0;

		for (size_t i = 0; recording_schema[i]; i++)
			if (type && sql && !strcmp(type, "table") &&
			    !strcmp(sql, recording_schema[i]))
				which = 1U << i;
		if (!which) {
			sg_fail(e, EINVAL,
				"'%.200s' is no recording of this version: it has a %.16s '%.64s'",
				path, type ? type : "thing", name ? name : "");
			sqlite3_finalize(stmt);
			return -EINVAL;
		}
		seen |= which;
		code = SQLITE_OK;
	}
	sqlite3_finalize(stmt);
	if (code != SQLITE_DONE)
		return recording_error(db, code, "read", path, e);
	return seen == all
		       ? 0
		       : sg_fail(e, EINVAL, "'%.200s' is no recording: a table is missing", path);
}

int recording_check(sqlite3 *db, const char *path, struct sg_error *e)
{
	int left = OPEN_STEPS, code, ret = 0;
	int64_t id = 0, version = 0;

	sqlite3_progress_handler(db, STEPS_A_CALL, count_steps, &left);
	code = pragma_number(db, "PRAGMA application_id", &id);
	if (code == SQLITE_OK)
		code = pragma_number(db, "PRAGMA user_version", &version);
	if (code != SQLITE_OK)
		ret = recording_error(db, code, "read", path, e);
	else if (id != RECORDING_ID)
		ret = sg_fail(e, EINVAL, "'%.200s' is no recording: another program's database",
			      path);
	else if (version != RECORDING_VERSION)
		ret = sg_fail(e, EINVAL, "'%.200s' has version %lld, and %d is the one known", path,
			      (long long)version, RECORDING_VERSION);
	else
		ret = check_schema(db, path, e);
	sqlite3_progress_handler(db, 0, NULL, NULL);
	return ret;
}

static int damaged(const char *path, int64_t id, struct sg_error *e)
{
	return sg_fail(e, EINVAL, "'%.200s': row %lld is damaged", path, (long long)id);
}

static uint64_t column_count(sqlite3_stmt *stmt, int i, bool *good)
{
	int64_t n = sqlite3_column_int64(stmt, i);

	*good &= sqlite3_column_type(stmt, i) == SQLITE_INTEGER && n >= 0;
	return (uint64_t)n;
}

/* Fills row from the statement; false when it is none. */
static bool take_row(sqlite3_stmt *stmt, bool packed, struct recording_row *row)
{
	bool good = true;

	row->id = sqlite3_column_int64(stmt, 0);
	row->run = sqlite3_column_int64(stmt, 1);
	row->start_ns = column_count(stmt, 2, &good);
	row->duration_ns = column_count(stmt, 3, &good);
	row->intervals = column_count(stmt, 4, &good);
	good &= row->duration_ns <= PACK_COUNT_MAX && row->start_ns <= INT64_MAX - PACK_COUNT_MAX &&
		row->intervals <= PACK_COUNT_MAX;
	if (packed) {
		good &= sqlite3_column_type(stmt, 5) == SQLITE_BLOB;
		row->data = sqlite3_column_blob(stmt, 5);
		row->size = (size_t)sqlite3_column_bytes(stmt, 5);
	} else {
		row->data = NULL;
		row->size = column_count(stmt, 5, &good);
	}
	return good;
}

int recording_rows(sqlite3 *db, const char *path, bool packed, recording_fn fn, void *data,
		   struct sg_error *e)
{
	const char *sql = packed ? "SELECT id, run, start_ns, duration_ns, intervals, packed"
				   " FROM delta ORDER BY id"
				 : "SELECT id, run, start_ns, duration_ns, intervals,"
				   " length(packed) FROM delta ORDER BY id";
	struct recording_row row;
	sqlite3_stmt *stmt = NULL;
	int64_t last = INT64_MIN, rows = 0;
	int code = sqlite3_prepare_v2(db, sql, -1, &stmt, NULL), ret = 0;

	while (!ret && code == SQLITE_OK && (code = sqlite3_step(stmt)) == SQLITE_ROW) {
		code = SQLITE_OK;
		/* Pages that point to each other are rows without end; their order tells. */
		if (!take_row(stmt, packed, &row) || row.id <= last || rows++ > RECORDING_ROWS)
			ret = damaged(path, row.id, e);
		else
			ret = fn(&row, data, e);
		last = row.id;
	}
	if (!ret && code != SQLITE_DONE)
		ret = recording_error(db, code, "read", path, e);
	sqlite3_finalize(stmt);
	return ret;
}

int recording_open(struct recording **out, const char *path, struct sg_error *e)
{
	struct recording *r = calloc(1, sizeof(*r));
	int ret;

	if (!r || !(r->path = strdup(path))) {
		free(r);
		return sg_fail_errno(e, ENOMEM, "open '%s'", path);
	}
	ret = check_file(path, e);
	if (!ret)
		ret = recording_connect(&r->db, path, SQLITE_OPEN_READONLY, e);
	if (!ret) {
		sqlite3_busy_timeout(r->db, 5000);
		/* One state for all that is read, also while it is being written. */
		sqlite3_exec(r->db, "BEGIN", NULL, NULL, NULL);
		ret = recording_check(r->db, path, e);
	}
	if (ret) {
		recording_close(r);
		return ret;
	}
	*out = r;
	return 0;
}

void recording_close(struct recording *r)
{
	if (!r)
		return;
	sqlite3_finalize(r->next);
	sqlite3_close(r->db);
	free(r->path);
	free(r);
}

const char *recording_path(const struct recording *r)
{
	return r->path;
}

static int widen(const struct recording_row *row, void *data, struct sg_error *e)
{
	struct recording_range *range = data;

	(void)e;
	if (row->start_ns < range->from)
		range->from = row->start_ns;
	if (row->start_ns + row->duration_ns > range->to)
		range->to = row->start_ns + row->duration_ns;
	return 0;
}

int recording_extent(struct recording *r, struct recording_range *out, struct sg_error *e)
{
	int ret;

	*out = (struct recording_range){ UINT64_MAX, 0 };
	ret = recording_rows(r->db, r->path, false, widen, out, e);
	if (ret)
		return ret;
	return out->to ? 0 : sg_fail(e, ENODATA, "'%.200s': nothing was recorded yet", r->path);
}

struct within {
	const struct recording_range *range;
	recording_fn fn;
	void *data;
};

static int hand_on(const struct recording_row *row, void *data, struct sg_error *e)
{
	const struct within *w = data;

	if (row->start_ns < w->range->from || row->start_ns >= w->range->to)
		return 0;
	return w->fn(row, w->data, e);
}

int recording_each(struct recording *r, const struct recording_range *range, recording_fn fn,
		   void *data, struct sg_error *e)
{
	struct within w = { range, fn, data };

	return recording_rows(r->db, r->path, true, hand_on, &w, e);
}

int recording_next(struct recording *r, int64_t after, recording_fn fn, void *data,
		   struct sg_error *e)
{
	struct recording_row row;
	int code = SQLITE_OK, ret = 0;

	if (!r->next) {
		/* No longer one state for all that is read: its writer would be held up. */
		sqlite3_exec(r->db, "COMMIT", NULL, NULL, NULL);
		code = sqlite3_prepare_v2(r->db,
					  "SELECT id, run, start_ns, duration_ns, intervals, packed"
					  " FROM delta WHERE id > ? ORDER BY id LIMIT 1",
					  -1, &r->next, NULL);
	}
	if (code == SQLITE_OK)
		code = sqlite3_bind_int64(r->next, 1, after);
	if (code == SQLITE_OK)
		code = sqlite3_step(r->next);
	if (code == SQLITE_ROW)
		ret = take_row(r->next, true, &row) && row.id > after ? fn(&row, data, e)
								      : damaged(r->path, row.id, e);
	else
		ret = code == SQLITE_DONE ? -ENODATA
					  : recording_error(r->db, code, "read", r->path, e);
	sqlite3_reset(r->next);
	return ret;
}

static void copy_text(sqlite3_stmt *stmt, int i, char *to, size_t size)
{
	const char *text = (const char *)sqlite3_column_text(stmt, i);

	snprintf(to, size, "%s", text ? text : "");
}

/* Notes are lines of one text. */
static void take_notes(sqlite3_stmt *stmt, int i, struct snapshot *s)
{
	const char *text = (const char *)sqlite3_column_text(stmt, i);
	_cleanup_free_ char *lines = text ? strndup(text, 4096) : NULL;
	char *rest = lines, *line;

	while ((line = strsep(&rest, "\n")))
		if (*line)
			snapshot_note(s, line);
}

static void take_run(sqlite3_stmt *stmt, struct snapshot *s)
{
	int64_t cpus = sqlite3_column_int64(stmt, 5);

	copy_text(stmt, 0, s->host, sizeof(s->host));
	copy_text(stmt, 1, s->kernel, sizeof(s->kernel));
	copy_text(stmt, 2, s->machine, sizeof(s->machine));
	copy_text(stmt, 3, s->engine, sizeof(s->engine));
	copy_text(stmt, 4, s->attach, sizeof(s->attach));
	s->cpus = cpus >= 0 && cpus <= 65536 ? (unsigned int)cpus : 0;
	if (sqlite3_column_type(stmt, 6) == SQLITE_FLOAT)
		s->per_call_ns = sqlite3_column_double(stmt, 6);
	if (sqlite3_column_type(stmt, 7) == SQLITE_FLOAT)
		s->inside_latency_ns = sqlite3_column_double(stmt, 7);
	copy_text(stmt, 8, s->overhead_how, sizeof(s->overhead_how));
	take_notes(stmt, 9, s);
}

int recording_name_run(struct recording *r, int64_t run, struct snapshot *s, struct sg_error *e)
{
	sqlite3_stmt *stmt = NULL;
	int code = sqlite3_prepare_v2(r->db,
				      "SELECT host, kernel, machine, engine, attach, cpus,"
				      " per_call_ns, inside_latency_ns, overhead_how, notes"
				      " FROM run WHERE id = ?",
				      -1, &stmt, NULL);

	if (code == SQLITE_OK)
		code = sqlite3_bind_int64(stmt, 1, run);
	if (code == SQLITE_OK)
		code = sqlite3_step(stmt);
	if (code == SQLITE_ROW)
		take_run(stmt, s);
	sqlite3_finalize(stmt);
	if (code == SQLITE_DONE)
		return sg_fail(e, EINVAL, "'%.200s' is damaged: no run %lld", r->path,
			       (long long)run);
	return code == SQLITE_ROW ? 0 : recording_error(r->db, code, "read", r->path, e);
}
