// SPDX-License-Identifier: GPL-2.0-or-later
/* The file of a baseline. What is read is distrusted: it is committed, and merged by hand. */
#include "budget/baseline.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "budget/value.h"
#include "sink/sink.h"
#include "sink/text.h"
#include "stats/view.h"

#define VERSION	  1
#define LINE_MOST 4096
#define ROWS_MOST (1U << 20)
#define NAME_MOST 64

/* The words of "by", in the order in which they are written. */
static const struct {
	const char *name;
	unsigned int bit;
} by_names[] = {
	{ "process", GROUP_COMM }, { "call", GROUP_CALL },   { "abi", GROUP_ABI },
	{ "gate", GROUP_GATE },	   { "errno", GROUP_ERRNO },
};

/* ---- writing ---- */

static json_t *head_of(const struct baseline *b)
{
	json_t *by = json_array();

	for (size_t i = 0; i < ARRAY_SIZE(by_names); i++)
		if (b->by & by_names[i].bit)
			json_array_append_new(by, json_string(by_names[i].name));
	return json_pack("{s:i, s:o, s:b, s:s}", "sysgate_baseline", VERSION, "by", by, "gates",
			 b->gates, "engine", b->engine);
}

static int put_text(json_t *o, const char *key, const char *text)
{
	_cleanup_free_ char *valid = text_utf8(text);

	return !valid || json_object_set_new(o, key, json_string(valid));
}

static int put_time(json_t *o, const struct estimate *t)
{
	return json_object_set_new(o, "typical_ns", json_integer((json_int_t)round(t->value))) ||
	       json_object_set_new(o, "noise_ns", json_integer((json_int_t)ceil(t->error))) ||
	       json_object_set_new(o, "df", json_integer((json_int_t)fmin(t->df, 1000)));
}

static json_t *row_of(const struct baseline *b, const struct baseline_row *row)
{
	json_t *o = json_object();
	char err[16];
	int bad = !o;

	if (b->by & GROUP_COMM)
		bad |= put_text(o, "process", row->comm);
	if (b->by & GROUP_CALL)
		bad |= put_text(o, "call", row->call);
	if (b->by & (GROUP_CALL | GROUP_ABI))
		bad |= put_text(o, "abi", abi_name(row->key.abi));
	if (b->gates)
		bad |= put_text(o, "gate", gate_name(row->key.gate));
	if (b->by & GROUP_ERRNO && row->key.err)
		bad |= put_text(o, "errno", sg_errno_name(row->key.err, err));
	if (row->low == row->high)
		bad |= json_object_set_new(o, "count", json_integer((json_int_t)row->high));
	else
		bad |= json_object_set_new(
			o, "count",
			json_pack("[I, I]", (json_int_t)row->low, (json_int_t)row->high));
	if (row->typical.known)
		bad |= put_time(o, &row->typical);
	if (!bad)
		return o;
	json_decref(o);
	return NULL;
}

static int write_line(FILE *out, json_t *o)
{
	_cleanup_free_ char *line = o ? json_dumps(o, JSON_COMPACT | JSON_ENSURE_ASCII) : NULL;

	json_decref(o);
	if (!line)
		return -ENOMEM;
	return text_write(out, line, strlen(line)) || text_write(out, "\n", 1) ? -EIO : 0;
}

int baseline_write(const struct baseline *b, const char *path, struct sg_error *e)
{
	struct output o;
	int ret = output_open(&o, path, e), wrote;

	if (ret)
		return ret;
	wrote = write_line(o.file, head_of(b));
	for (size_t i = 0; !wrote && i < b->count; i++)
		wrote = write_line(o.file, row_of(b, &b->rows[i]));
	if (wrote == -ENOMEM)
		ret = sg_fail_errno(e, ENOMEM, "baseline '%.200s'", path);
	/* Of the disk's errors it knows the reason. */
	if (!ret)
		ret = output_commit(&o, e);
	output_close(&o);
	return ret;
}

/* ---- reading ---- */

struct reading {
	struct baseline *b;
	const struct syscalls *names;
	struct sg_error *e;
	unsigned int line;
};

static int fail(const struct reading *r, int column, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static int fail(const struct reading *r, int column, const char *fmt, ...)
{
	char why[200], safe[200];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
	sg_fail(r->e, EINVAL, "%.200s:%u:%d: %s", r->b->path, r->line, column,
		text_clip(safe, sizeof(safe), why));
	sg_hint(r->e, "'--update' writes it anew");
	return -EINVAL;
}

/* A text of the object that is to be there; NULL: it is not, which was said. */
static const char *text_of(const struct reading *r, const json_t *o, const char *key)
{
	const char *text = json_string_value(json_object_get(o, key));

	if (!text || strlen(text) > NAME_MOST) {
		fail(r, 1, "no '%s', or one that cannot be", key);
		return NULL;
	}
	return text;
}

static int read_head(struct reading *r, const json_t *o)
{
	const json_t *by = json_object_get(o, "by"), *gates = json_object_get(o, "gates");
	const char *engine, *name;
	size_t i;

	if (json_integer_value(json_object_get(o, "sysgate_baseline")) != VERSION)
		return fail(r, 1, "no baseline of sysgate's, or of another version");
	for (i = 0; i < json_array_size(by); i++) {
		size_t k = 0;

		name = json_string_value(json_array_get(by, i));
		while (k < ARRAY_SIZE(by_names) && (!name || strcmp(by_names[k].name, name) != 0))
			k++;
		if (k == ARRAY_SIZE(by_names))
			return fail(r, 1, "'by' has a word that is not known");
		r->b->by |= by_names[k].bit;
	}
	if (!r->b->by || !json_is_boolean(gates))
		return fail(r, 1, "no 'by' or no 'gates'");
	r->b->gates = json_is_true(gates);
	engine = text_of(r, o, "engine");
	if (!engine)
		return -EINVAL;
	snprintf(r->b->engine, sizeof(r->b->engine), "%.15s", engine);
	return 0;
}

static int read_names(const struct reading *r, struct baseline_row *row, const json_t *o)
{
	unsigned int by = r->b->by;
	const char *text = NULL;
	int n = 0;

	if (by & GROUP_COMM && (text = text_of(r, o, "process")))
		snprintf(row->comm, sizeof(row->comm), "%.15s", text);
	if (by & GROUP_COMM && !text)
		return -EINVAL;
	if (by & (GROUP_CALL | GROUP_ABI)) {
		text = text_of(r, o, "abi");
		n = text ? abi_by_name(text) : -1;
		if (n < 0)
			return text ? fail(r, 1, "no ABI '%.32s'", text) : -EINVAL;
		row->key.abi = (uint8_t)n;
	}
	if (r->b->gates) {
		text = text_of(r, o, "gate");
		n = text ? gate_by_name(text) : -1;
		if (n < 0)
			return text ? fail(r, 1, "no gate '%.32s'", text) : -EINVAL;
		row->key.gate = (uint8_t)n;
	}
	text = by & GROUP_CALL ? text_of(r, o, "call") : "";
	if (!text)
		return -EINVAL;
	if (by & GROUP_CALL)
		row->key.nr = syscalls_number(r->names, row->key.abi, text);
	row->call = strdup(text);
	return row->call ? 0 : sg_fail_errno(r->e, ENOMEM, "read '%.200s'", r->b->path);
}

static bool is_count(const json_t *n)
{
	return json_is_integer(n) && json_integer_value(n) >= 0 &&
	       (double)json_integer_value(n) <= BUDGET_COUNT_MAX;
}

static int read_count(const struct reading *r, struct baseline_row *row, const json_t *count)
{
	const json_t *low = json_is_array(count) ? json_array_get(count, 0) : count;
	const json_t *high = json_is_array(count) ? json_array_get(count, 1) : count;

	if (!is_count(low) || !is_count(high) ||
	    (json_is_array(count) && json_array_size(count) != 2))
		return fail(r, 1, "'count' is neither a number nor two");
	row->low = (double)json_integer_value(low);
	row->high = (double)json_integer_value(high);
	return row->low <= row->high ? 0 : fail(r, 1, "'count' ends before it begins");
}

static int read_time(const struct reading *r, struct estimate *t, const json_t *o)
{
	const json_t *typical = json_object_get(o, "typical_ns");
	const json_t *noise = json_object_get(o, "noise_ns"), *df = json_object_get(o, "df");

	if (!typical)
		return 0;
	if (!is_count(typical) || !is_count(noise) || !is_count(df) || !json_integer_value(df) ||
	    !json_integer_value(typical))
		return fail(r, 1, "'typical_ns', 'noise_ns' and 'df' do not fit");
	*t = (struct estimate){ .value = (double)json_integer_value(typical),
				.error = fmax((double)json_integer_value(noise), 1),
				.df = (double)json_integer_value(df),
				.known = true };
	return 0;
}

static int read_row(struct reading *r, const json_t *o)
{
	struct baseline *b = r->b;
	struct baseline_row row = { .typical = { .value = NAN }, .line = r->line }, *grown;
	const char *err = json_string_value(json_object_get(o, "errno"));
	int ret = read_names(r, &row, o);

	if (!ret && b->by & GROUP_ERRNO && err) {
		row.key.err = value_errno(err);
		if (!row.key.err)
			ret = fail(r, 1, "no error '%.32s'", err);
	}
	if (!ret)
		ret = read_count(r, &row, json_object_get(o, "count"));
	if (!ret)
		ret = read_time(r, &row.typical, o);
	if (!ret && b->count == ROWS_MOST)
		ret = fail(r, 1, "more than %u rows", ROWS_MOST);
	grown = ret ? NULL : reallocarray(b->rows, b->count + 1, sizeof(*grown));
	if (!grown) {
		free(row.call);
		return ret ? ret : sg_fail_errno(r->e, ENOMEM, "read '%.200s'", b->path);
	}
	b->rows = grown;
	b->rows[b->count++] = row;
	return 0;
}

static int read_line(struct reading *r, const char *line, size_t n)
{
	json_error_t error;
	json_t *o = json_loadb(line, n, JSON_REJECT_DUPLICATES, &error);
	int ret;

	if (!o)
		return fail(r, error.column > 0 ? error.column : 1, "no JSON: %.120s", error.text);
	if (!json_is_object(o))
		ret = fail(r, 1, "no object");
	else
		ret = r->b->by ? read_row(r, o) : read_head(r, o);
	json_decref(o);
	return ret;
}

static int read_lines(struct reading *r, FILE *f)
{
	_cleanup_free_ char *line = malloc(LINE_MOST + 2);
	int ret = 0;

	if (!line)
		return sg_fail_errno(r->e, ENOMEM, "read '%.200s'", r->b->path);
	while (!ret) {
		size_t n = 0;
		int c;

		r->line++;
		while ((c = getc_unlocked(f)) != EOF && c != '\n' && n < LINE_MOST)
			line[n++] = (char)c;
		if (c == EOF && ferror(f))
			return sg_fail_errno(r->e, errno, "read '%.200s'", r->b->path);
		if (c != EOF && c != '\n')
			return fail(r, LINE_MOST + 1, "a line of more than %d bytes", LINE_MOST);
		if (n)
			ret = read_line(r, line, n);
		if (c == EOF)
			break;
	}
	if (!ret && !r->b->by)
		return fail(r, 1, "empty: no baseline in it");
	return ret;
}

/* A row that is there twice comes of a merge; which one is meant is not known. */
static int check_order(struct reading *r)
{
	baseline_sort(r->b);
	for (size_t i = 1; i < r->b->count; i++) {
		const struct baseline_row *a = &r->b->rows[i - 1], *b = &r->b->rows[i];

		if (baseline_order(a, b))
			continue;
		r->line = b->line > a->line ? b->line : a->line;
		return fail(r, 1, "the same row as on line %u",
			    b->line > a->line ? a->line : b->line);
	}
	return 0;
}

int baseline_read(struct baseline **out, const char *path, const struct syscalls *names,
		  struct sg_error *e)
{
	_cleanup_fclose_ FILE *f = fopen(path, "re");
	struct reading r = { .names = names, .e = e };
	int ret;

	if (!f) {
		ret = sg_fail_errno(e, errno, "open '%.200s'", path);
		if (ret == -ENOENT)
			sg_hint(e, "'--update' writes the baseline");
		return ret;
	}
	r.b = calloc(1, sizeof(*r.b));
	if (r.b)
		r.b->path = strdup(path);
	ret = r.b && r.b->path ? read_lines(&r, f)
			       : sg_fail_errno(e, ENOMEM, "read '%.200s'", path);
	if (!ret)
		ret = check_order(&r);
	if (ret)
		baseline_free(r.b);
	else
		*out = r.b;
	return ret;
}
