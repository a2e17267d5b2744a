// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One JSON object on one line a view: docs/sysgate.schema.json is its description, the replay
 * engine its reader. Every figure from which others follow is there in full (counts, sums, the
 * histogram), so that what is read back is what was written.
 */
#include "sink/json.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "sink/text.h"

/* An object in the making; what does not fit into memory is noticed once, at the end. */
struct object {
	json_t *json;
	bool failed;
};

static void put(struct object *o, const char *key, json_t *value)
{
	if (json_object_set_new_nocheck(o->json, key, value))
		o->failed = true;
}

static json_t *finish(struct object *o)
{
	if (!o->failed)
		return o->json;
	json_decref(o->json);
	return NULL;
}

static json_t *text(const char *s)
{
	_cleanup_free_ char *valid = text_utf8(s);

	return valid ? json_string_nocheck(valid) : NULL;
}

/* Counters do not reach 2^63; one that did must not come out negative. */
static json_t *number(uint64_t n)
{
	return json_integer(n > INT64_MAX ? INT64_MAX : (json_int_t)n);
}

static json_t *real(double v)
{
	return json_real(isfinite(v) ? v : 0);
}

static void put_key(struct object *o, const struct view *v, const struct key *k,
		    const struct sink_options *opt)
{
	char buf[64];

	if (v->group & (GROUP_CALL | GROUP_ABI))
		put(o, "abi", text(abi_name(k->abi)));
	if (v->group & GROUP_GATE)
		put(o, "gate", text(gate_name(k->gate)));
	if (v->group & GROUP_CALL) {
		put(o, "nr", json_integer(k->nr));
		put(o, "name", text(syscalls_name(opt->names, k->abi, k->nr, buf, sizeof(buf))));
	}
	if (v->group & GROUP_ERRNO)
		put(o, "errno", k->err ? text(sg_errno_name(k->err, buf)) : json_null());
}

static void put_proc(struct object *o, const struct view *v, const struct proc *p)
{
	if (v->group & GROUP_PROCESS)
		put(o, "pid", json_integer(p->tgid));
	if (v->group & GROUP_TASK)
		put(o, "tid", json_integer(p->tid));
	if (v->group & (GROUP_PROCESS | GROUP_TASK | GROUP_COMM))
		put(o, "comm", text(p->comm));
	if (v->group & GROUP_UID)
		put(o, "uid", p->uid == (uid_t)-1 ? json_null() : json_integer(p->uid));
	if (v->group & GROUP_CGROUP)
		put(o, "cgroup", p->cgroup ? text(p->cgroup) : json_null());
}

static json_t *exits(const struct cell *c)
{
	struct object o = { json_object(), false };

	for (int i = 0; i < SYSGATE_EXITS; i++) {
		if (c->exits[i])
			put(&o, exit_name(i), number(c->exits[i]));
	}
	return finish(&o);
}

/* [[shortest time of the bucket in ns, calls], ...], the buckets that have some. */
static json_t *histogram(const struct cell *c)
{
	json_t *list = json_array();
	bool failed = false;

	for (unsigned int i = 0; i < SYSGATE_HIST_BUCKETS; i++) {
		json_t *pair;

		if (!c->hist[i])
			continue;
		pair = json_array();
		failed |= json_array_append_new(pair, number(sysgate_hist_low(i))) ||
			  json_array_append_new(pair, number(c->hist[i]));
		failed |= json_array_append_new(list, pair) != 0;
	}
	if (!failed)
		return list;
	json_decref(list);
	return NULL;
}

static json_t *estimated(const struct cell *c)
{
	json_t *list = json_array();

	if (c->min_estimated)
		json_array_append_new(list, json_string("min_ns"));
	if (c->max_estimated)
		json_array_append_new(list, json_string("max_ns"));
	return list;
}

static void put_figures(struct object *o, const struct view *v, const struct cell *c)
{
	put(o, "count", number(c->count));
	put(o, "errors", number(c->errors));
	put(o, "total_ns", number(c->total_ns));
	if (v->snapshot->wait_known)
		put(o, "wait_ns", number(c->wait_ns));
	put(o, "min_ns", c->min_ns == UINT64_MAX ? json_null() : number(c->min_ns));
	put(o, "avg_ns", number(cell_whole_ns(cell_mean_ns(c))));
	put(o, "p50_ns", number(cell_quantile_ns(c, 0.5)));
	put(o, "p90_ns", number(cell_quantile_ns(c, 0.9)));
	put(o, "p99_ns", number(cell_quantile_ns(c, 0.99)));
	put(o, "max_ns", number(c->max_ns));
	put(o, "exits", exits(c));
	put(o, "restarts", number(c->restarts));
	put(o, "never_returned", number(c->never_returned));
	if (c->untimed)
		put(o, "untimed", number(c->untimed));
	put(o, "deviation_ns", number(cell_whole_ns(cell_deviation_ns(c))));
	put(o, "sumsq_ns2", real(c->sumsq_ns));
	if (c->min_estimated || c->max_estimated)
		put(o, "estimated", estimated(c));
	put(o, "hist", histogram(c));
}

static json_t *row(const struct view *v, const struct row *r, const struct sink_options *opt)
{
	struct object o = { json_object(), false };

	put_key(&o, v, &r->cell.key, opt);
	if (r->proc)
		put_proc(&o, v, r->proc);
	if (v->group & GROUP_EXIT) {
		put(&o, "exit", text(r->exit == ROW_EXIT_NONE ? "none" : exit_name(r->exit)));
		put(&o, "count", number(r->cell.count));
	} else {
		put_figures(&o, v, &r->cell);
	}
	return finish(&o);
}

static json_t *rows(const struct view *v, const struct sink_options *opt)
{
	json_t *list = json_array();

	for (size_t i = 0; i < v->rows_count; i++) {
		if (json_array_append_new(list, row(v, v->rows[i], opt))) {
			json_decref(list);
			return NULL;
		}
	}
	return list;
}

/* The rows that were cut off, as one. */
static json_t *others(const struct view *v)
{
	struct object o = { json_object(), false };

	put(&o, "rows", number(v->others_rows));
	if (v->group & GROUP_EXIT)
		put(&o, "count", number(v->others.count));
	else
		put_figures(&o, v, &v->others);
	return finish(&o);
}

static json_t *in_flight_one(const struct in_flight *f, const struct sink_options *opt)
{
	struct object o = { json_object(), false };
	char buf[64];

	put(&o, "pid", json_integer(f->tgid));
	put(&o, "tid", json_integer(f->tid));
	put(&o, "comm", text(f->comm));
	put(&o, "abi", text(abi_name(f->abi)));
	put(&o, "gate", text(gate_name(f->gate)));
	put(&o, "nr", json_integer(f->nr));
	put(&o, "name", text(syscalls_name(opt->names, f->abi, f->nr, buf, sizeof(buf))));
	put(&o, "age_ns", number(f->age_ns));
	put(&o, "at_least", json_boolean(f->at_least));
	return finish(&o);
}

static json_t *in_flight(const struct view *v, const struct sink_options *opt)
{
	json_t *list = json_array();

	for (size_t i = 0; i < v->in_flight_count; i++) {
		if (json_array_append_new(list, in_flight_one(v->in_flight[i], opt))) {
			json_decref(list);
			return NULL;
		}
	}
	return list;
}

static json_t *conservation(const struct snapshot *s)
{
	const struct conservation *c = &s->conservation;
	struct object o = { json_object(), false };

	put(&o, "entries", number(c->entries));
	put(&o, "in_flight_before", number(c->in_flight_before));
	put(&o, "exits", number(c->exits));
	put(&o, "in_flight", number(c->in_flight));
	put(&o, "never_returned", number(c->never_returned));
	put(&o, "lost", number(c->lost));
	put(&o, "before_attach", number(c->before_attach));
	put(&o, "suppressed", number(c->suppressed));
	put(&o, "holds", json_boolean(snapshot_conserved(s)));
	return finish(&o);
}

static json_t *loss(const struct snapshot *s)
{
	struct object o = { json_object(), false };

	for (size_t i = 0; i < loss_names_count; i++)
		if (!loss_names[i].seldom || snapshot_loss(s, &loss_names[i]))
			put(&o, loss_names[i].name, number(snapshot_loss(s, &loss_names[i])));
	return finish(&o);
}

/* To sixteenths of a nanosecond: exact in binary, and short in decimal. */
static json_t *cost(double ns)
{
	return ns < 0 ? json_null() : real(round(ns * 16) / 16);
}

static json_t *overhead(const struct snapshot *s)
{
	struct object o = { json_object(), false };

	if (s->per_call_ns < 0) {
		json_decref(o.json);
		return json_null();
	}
	put(&o, "per_call_ns", cost(s->per_call_ns));
	put(&o, "inside_latency_ns", cost(s->inside_latency_ns));
	put(&o, "how", text(s->overhead_how));
	return finish(&o);
}

static json_t *notes(const struct snapshot *s)
{
	json_t *list = json_array();

	for (size_t i = 0; i < SNAPSHOT_NOTES && s->notes[i]; i++)
		json_array_append_new(list, text(s->notes[i]));
	return list;
}

static json_t *mark(const struct stream_mark *m)
{
	struct object o = { json_object(), false };

	put(&o, "seq", number(m->seq));
	put(&o, "merged", number(m->merged));
	return finish(&o);
}

static json_t *whole(const struct view *v, const struct sink_options *opt)
{
	const struct snapshot *s = v->snapshot;
	struct object o = { json_object(), false };

	put(&o, "sysgate", json_integer(1));
	if (opt->mark)
		put(&o, "stream", mark(opt->mark));
	put(&o, "host", text(s->host));
	put(&o, "kernel", text(s->kernel));
	put(&o, "machine", text(s->machine));
	put(&o, "engine", text(s->engine));
	put(&o, "attach", text(s->attach));
	put(&o, "start_ns", number(s->start_ns));
	put(&o, "duration_ns", number(s->duration_ns));
	put(&o, "cpus", number(s->cpus));
	put(&o, "calls", rows(v, opt));
	if (v->others_rows)
		put(&o, "others", others(v));
	put(&o, "in_flight", in_flight(v, opt));
	put(&o, "conservation", conservation(s));
	put(&o, "loss", loss(s));
	put(&o, "overhead", overhead(s));
	put(&o, "notes", notes(s));
	return finish(&o);
}

static int write_line(FILE *out, json_t *json)
{
	_cleanup_free_ char *line = NULL;
	int ret;

	/* ASCII alone, so that no text of another's making can speak to a terminal. */
	if (json)
		line = json_dumps(json, JSON_COMPACT | JSON_ENSURE_ASCII | JSON_REAL_PRECISION(17));
	json_decref(json);
	if (!line)
		return -ENOMEM;
	ret = text_write(out, line, strlen(line));
	return ret ? ret : text_write(out, "\n", 1);
}

static int json_write(FILE *out, const struct view *v, const struct sink_options *o)
{
	return write_line(out, whole(v, o));
}

int json_write_in_flight(FILE *out, const struct view *v, const struct sink_options *o)
{
	struct object list = { json_object(), false };

	put(&list, "sysgate", json_integer(1));
	put(&list, "start_ns", number(v->snapshot->start_ns));
	put(&list, "duration_ns", number(v->snapshot->duration_ns));
	put(&list, "in_flight", in_flight(v, o));
	return write_line(out, finish(&list));
}

const struct sink sink_json = {
	.name = "json",
	.help = "one object a line, for programs and to replay",
	.write = json_write,
};
