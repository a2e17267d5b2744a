// SPDX-License-Identifier: GPL-2.0-or-later
/* A comparison for programs: JSON, which docs/diff.schema.json describes, and CSV. */
#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "collector/diff_write.h"
#include "sink/text.h"

static const char *const verdicts[] = {
	[COMPARE_SAME] = "same", [COMPARE_CHANGED] = "changed", [COMPARE_NEW] = "new",
	[COMPARE_GONE] = "gone", [COMPARE_UNKNOWN] = "unknown",
};

static json_t *text(const char *s)
{
	_cleanup_free_ char *valid = text_utf8(s);

	return valid ? json_string_nocheck(valid) : NULL;
}

static json_t *real(double v)
{
	return isfinite(v) ? json_real(v) : json_null();
}

static json_t *side(const char *path, const struct compare_side *s)
{
	const struct snapshot *h = s->head;

	return json_pack("{s:o,s:o,s:o,s:o,s:o,s:o,s:I,s:I,s:I,s:b,s:b}", "file", text(path),
			 "host", text(h->host), "kernel", text(h->kernel), "machine",
			 text(h->machine), "engine", text(h->engine), "attach", text(h->attach),
			 "start_ns", (json_int_t)h->start_ns, "duration_ns",
			 (json_int_t)h->duration_ns, "intervals", (json_int_t)s->intervals, "lossy",
			 snapshot_lossy(h), "conserved", snapshot_conserved(h));
}

static json_t *result(const struct compare_result *r)
{
	return json_pack("{s:o,s:o,s:o,s:o,s:o,s:s}", "a", real(r->a), "b", real(r->b), "change",
			 real(r->change), "noise", real(r->noise), "p", real(r->p), "verdict",
			 verdicts[r->verdict]);
}

static json_t *row(const struct compare *c, const struct compare_row *r,
		   const struct diff_options *o)
{
	json_t *json = json_object();
	char buf[4200];

	for (size_t i = 0; i < diff_keys_count; i++) {
		if (!(c->group & diff_keys[i].bit))
			continue;
		diff_keys[i].text(r, o->names, buf, sizeof(buf));
		json_object_set_new(json, diff_keys[i].name, text(buf));
	}
	json_object_set_new(json, "count_a", json_integer((json_int_t)r->a.count));
	json_object_set_new(json, "count_b", json_integer((json_int_t)r->b.count));
	for (int f = 0; f < COMPARE_FIGURES; f++)
		json_object_set_new(json, compare_names[f].name, result(&r->results[f]));
	return json;
}

static json_t *whole(const struct compare *c, const struct diff_options *o)
{
	json_t *rows = json_array(), *pace = json_object(), *by = json_array();

	for (size_t i = 0; i < c->rows_count; i++)
		json_array_append_new(rows, row(c, &c->rows[i], o));
	for (size_t i = 0; i < diff_keys_count; i++)
		if (c->group & diff_keys[i].bit)
			json_array_append_new(by, json_string(diff_keys[i].name));
	for (int f = 0; f < COMPARE_FIGURES; f++)
		if (f != COMPARE_ERRORS)
			json_object_set_new(pace, compare_names[f].name, real(c->pace[f]));
	return json_pack(
		"{s:i,s:o,s:o,s:o,s:o,s:I,s:I,s:o,s:o}", "sysgate_diff", 1, "a",
		side(o->path_a, &c->a), "b", side(o->path_b, &c->b), "by", by, "pace", pace,
		"comparisons", (json_int_t)c->tests, "changes", (json_int_t)c->changes, "caution",
		diff_caution(c) ? json_string(diff_caution(c)) : json_null(), "rows", rows);
}

static int write_json(FILE *out, const struct compare *c, const struct diff_options *o)
{
	json_t *json = whole(c, o);
	_cleanup_free_ char *line = NULL;
	int ret;

	if (json)
		line = json_dumps(json, JSON_COMPACT | JSON_ENSURE_ASCII | JSON_REAL_PRECISION(6));
	json_decref(json);
	if (!line)
		return -ENOMEM;
	ret = text_write(out, line, strlen(line));
	return ret ? ret : text_write(out, "\n", 1);
}

const struct diff_format diff_json = { "json", write_json };

static void csv_text(FILE *out, const char *s)
{
	_cleanup_free_ char *valid = text_utf8(s);

	if (!valid || !strpbrk(valid, ",\"\r\n")) {
		fputs(valid ? valid : "", out);
		return;
	}
	fputc('"', out);
	for (const char *p = valid; *p; p++)
		fprintf(out, *p == '"' ? "\"%c" : "%c", *p);
	fputc('"', out);
}

static void csv_real(FILE *out, double v)
{
	fputc(',', out);
	if (isfinite(v))
		fprintf(out, "%.6g", v);
}

static void csv_row(FILE *out, const struct compare *c, const struct compare_row *row,
		    const struct diff_options *o, int figure)
{
	const struct compare_result *r = &row->results[figure];
	char buf[4200];

	for (size_t i = 0; i < diff_keys_count; i++) {
		if (!(c->group & diff_keys[i].bit))
			continue;
		diff_keys[i].text(row, o->names, buf, sizeof(buf));
		csv_text(out, buf);
		fputc(',', out);
	}
	fputs(compare_names[figure].name, out);
	csv_real(out, r->a);
	csv_real(out, r->b);
	csv_real(out, r->change);
	csv_real(out, r->noise);
	csv_real(out, r->p);
	fprintf(out, ",%s\n", verdicts[r->verdict]);
}

static int write_csv(FILE *out, const struct compare *c, const struct diff_options *o)
{
	for (size_t i = 0; i < diff_keys_count; i++)
		if (c->group & diff_keys[i].bit)
			fprintf(out, "%s,", diff_keys[i].name);
	fputs("figure,a,b,change,noise,p,verdict\n", out);
	for (size_t i = 0; i < c->rows_count; i++)
		for (int f = 0; f < COMPARE_FIGURES; f++)
			csv_row(out, c, &c->rows[i], o, f);
	return 0;
}

const struct diff_format diff_csv = { "csv", write_csv };
