// SPDX-License-Identifier: GPL-2.0-or-later
/* For programs: one object, docs/check.schema.json describes it. */
#include "budget/report.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <string.h>

#include "base/cleanup.h"
#include "sink/text.h"

static json_t *text(const char *s)
{
	_cleanup_free_ char *valid = s ? text_utf8(s) : NULL;

	return s && valid ? json_string_nocheck(valid) : json_null();
}

/* Not a number, or without bound, is null. */
static json_t *number(double v)
{
	if (!isfinite(v))
		return json_null();
	return v == floor(v) && fabs(v) < 9e15 ? json_integer((json_int_t)v) : json_real(v);
}

static json_t *count(uint64_t n)
{
	return json_integer(n > INT64_MAX ? INT64_MAX : (json_int_t)n);
}

static json_t *culprits(const struct report *r, const struct result *one)
{
	json_t *list = json_array();
	char name[64], err[16];

	for (size_t i = 0; i < one->culprits_count; i++) {
		const struct culprit *c = &one->culprits[i];
		const struct key *k = &c->key;
		json_t *o = json_object();

		json_object_set_new(o, "comm", c->comm[0] ? text(c->comm) : json_null());
		json_object_set_new(
			o, "call",
			text(syscalls_name(r->names, k->abi, k->nr, name, sizeof(name))));
		json_object_set_new(o, "abi", text(abi_name(k->abi)));
		json_object_set_new(o, "gate", text(gate_name(k->gate)));
		json_object_set_new(o, "errno",
				    k->err ? text(sg_errno_name(k->err, err)) : json_null());
		json_object_set_new(o, one->blames_ns ? "ns" : "calls", number(round(c->amount)));
		json_array_append_new(list, o);
	}
	return list;
}

static json_t *result(const struct report *r, const struct result *one)
{
	json_t *o = json_object();

	json_object_set_new(o, "name", text(one->name));
	json_object_set_new(o, "verdict", text(verdict_name(one->verdict)));
	json_object_set_new(o, "kind", text(result_kind_name(one->kind)));
	json_object_set_new(o, "file", text(one->path ? one->path : r->budget));
	json_object_set_new(o, "line", one->at.line ? count(one->at.line) : json_null());
	json_object_set_new(o, "column", one->at.line ? count(one->at.column) : json_null());
	json_object_set_new(o, "expected", text(one->expected));
	json_object_set_new(o, "seen", text(one->seen));
	json_object_set_new(o, "why", text(one->why));
	json_object_set_new(o, "low", number(one->low));
	json_object_set_new(o, "high", number(one->high));
	json_object_set_new(o, "value", number(one->value));
	json_object_set_new(o, "noise", number(one->noise));
	json_object_set_new(o, "processes", culprits(r, one));
	json_object_set_new(o, "more_processes", count(one->culprits_more));
	return o;
}

static json_t *notes(const struct report *r)
{
	json_t *list = json_array();

	for (size_t i = 0; i < r->notes_count; i++)
		json_array_append_new(list, text(r->notes[i]));
	for (size_t i = 0; i < SNAPSHOT_NOTES && r->snapshot->notes[i]; i++)
		json_array_append_new(list, text(r->snapshot->notes[i]));
	return list;
}

static json_t *loss(const struct snapshot *s)
{
	json_t *o = json_object();

	for (size_t i = 0; i < loss_names_count; i++)
		if (!loss_names[i].seldom || snapshot_loss(s, &loss_names[i]))
			json_object_set_new(o, loss_names[i].name,
					    count(snapshot_loss(s, &loss_names[i])));
	return o;
}

static json_t *whole(const struct report *r)
{
	const struct snapshot *s = r->snapshot;
	json_t *o = json_object(), *results = json_array();

	json_object_set_new(o, "sysgate_check", json_integer(1));
	json_object_set_new(o, "verdict", text(verdict_name(report_verdict(r))));
	json_object_set_new(o, "kept", count(r->verdicts[VERDICT_KEPT]));
	json_object_set_new(o, "broken", count(r->verdicts[VERDICT_BROKEN]));
	json_object_set_new(o, "not_known", count(r->verdicts[VERDICT_UNKNOWN]));
	json_object_set_new(o, "budget", text(r->budget));
	json_object_set_new(o, "baseline", text(r->baseline));
	json_object_set_new(o, "command", text(r->command));
	json_object_set_new(o, "version", text(SYSGATE_VERSION));
	json_object_set_new(o, "host", text(s->host));
	json_object_set_new(o, "kernel", text(s->kernel));
	json_object_set_new(o, "machine", text(s->machine));
	json_object_set_new(o, "engine", text(s->engine));
	json_object_set_new(o, "attach", text(s->attach));
	json_object_set_new(o, "start_ns", count(s->start_ns));
	json_object_set_new(o, "duration_ns", count(s->duration_ns));
	json_object_set_new(o, "entries", count(s->conservation.entries));
	json_object_set_new(o, "conserved", json_boolean(snapshot_conserved(s)));
	json_object_set_new(o, "loss", loss(s));
	for (size_t i = 0; i < r->count; i++)
		json_array_append_new(results, result(r, &r->results[i]));
	json_object_set_new(o, "results", results);
	json_object_set_new(o, "notes", notes(r));
	return o;
}

static int write_json(FILE *out, const struct report *r, bool colour)
{
	json_t *o = whole(r);
	_cleanup_free_ char *line =
		json_dumps(o, JSON_COMPACT | JSON_ENSURE_ASCII | JSON_REAL_PRECISION(12));
	int ret;

	(void)colour;
	json_decref(o);
	if (!line)
		return -ENOMEM;
	ret = text_write(out, line, strlen(line));
	return ret ? ret : text_write(out, "\n", 1);
}

const struct report_format report_format_json = {
	.name = "json",
	.write = write_json,
};
