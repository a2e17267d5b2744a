// SPDX-License-Identifier: GPL-2.0-or-later
#include "engine/saved_object.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "target/syscalls.h"

#define CPUS_MAX 65536

void member_wrong(struct members *m, const char *name, const char *what)
{
	if (m->failed)
		return;
	m->failed = true;
	sg_fail(m->e, EINVAL, "'%.64s' of %s %s", name, m->where, what);
}

bool member_exists(const struct members *m, const char *name)
{
	return json_object_get(m->object, name);
}

const json_t *member_of(struct members *m, const char *name, json_type type)
{
	static const char *const types[] = {
		[JSON_OBJECT] = "is no object",
		[JSON_ARRAY] = "is no list",
		[JSON_STRING] = "is no text",
		[JSON_INTEGER] = "is no whole number",
	};
	const json_t *value = json_object_get(m->object, name);

	if (!value) {
		member_wrong(m, name, "is missing");
		return NULL;
	}
	if (json_typeof(value) == type)
		return value;
	member_wrong(m, name, types[type]);
	return NULL;
}

uint64_t member_number(struct members *m, const char *name, uint64_t max)
{
	const json_t *value = member_of(m, name, JSON_INTEGER);
	json_int_t n = json_integer_value(value);

	if (!value)
		return 0;
	if (n < 0)
		member_wrong(m, name, "is negative");
	else if ((uint64_t)n > max)
		member_wrong(m, name, "is too large");
	else
		return (uint64_t)n;
	return 0;
}

bool member_bool(struct members *m, const char *name)
{
	const json_t *value = json_object_get(m->object, name);

	if (!json_is_boolean(value))
		member_wrong(m, name, value ? "is neither true nor false" : "is missing");
	return json_is_true(value);
}

void member_text(struct members *m, const char *name, char *buf, size_t size)
{
	const json_t *value = member_of(m, name, JSON_STRING);

	if (!value)
		return;
	if (json_string_length(value) >= size) {
		member_wrong(m, name, "is too long");
		return;
	}
	memcpy(buf, json_string_value(value), json_string_length(value) + 1);
}

int member_named(struct members *m, const char *name, int (*by_name)(const char *))
{
	const json_t *value = member_of(m, name, JSON_STRING);
	int n = value ? by_name(json_string_value(value)) : -1;

	if (n >= 0)
		return n;
	member_wrong(m, name, "is not known");
	return 0;
}

static void read_loss(struct members *m, struct snapshot *s)
{
	struct members l = { member_of(m, "loss", JSON_OBJECT), "loss", m->e, m->failed };

	for (size_t i = 0; i < loss_names_count && l.object; i++) {
		uint64_t *at = (uint64_t *)((char *)&s->loss + loss_names[i].offset);

		if (loss_names[i].seldom && !json_object_get(l.object, loss_names[i].name))
			continue;

		*at += member_number(&l, loss_names[i].name, SAVED_COUNT_MAX);
	}
	m->failed |= l.failed;
}

/* What is in flight is so at the end; all else of several deltas adds up. */
static void read_conservation(struct members *m, struct snapshot *s, bool first)
{
	struct members o = { member_of(m, "conservation", JSON_OBJECT), "conservation", m->e,
			     m->failed };
	struct conservation *c = &s->conservation;
	uint64_t before;

	if (!o.object)
		return;
	before = member_number(&o, "in_flight_before", SAVED_COUNT_MAX);
	if (first)
		c->in_flight_before = before;
	c->in_flight = member_number(&o, "in_flight", SAVED_COUNT_MAX);
	c->entries += member_number(&o, "entries", SAVED_COUNT_MAX);
	c->exits += member_number(&o, "exits", SAVED_COUNT_MAX);
	c->never_returned += member_number(&o, "never_returned", SAVED_COUNT_MAX);
	c->lost += member_number(&o, "lost", SAVED_COUNT_MAX);
	c->before_attach += member_number(&o, "before_attach", SAVED_COUNT_MAX);
	c->suppressed += member_number(&o, "suppressed", SAVED_COUNT_MAX);
	m->failed |= o.failed;
}

static void read_overhead(struct members *m, struct snapshot *s)
{
	struct members o = { json_object_get(m->object, "overhead"), "overhead", m->e, m->failed };
	const json_t *call, *inside;

	if (!o.object || json_is_null(o.object))
		return;
	if (!json_is_object(o.object)) {
		member_wrong(m, "overhead", "is neither an object nor null");
		return;
	}
	call = json_object_get(o.object, "per_call_ns");
	inside = json_object_get(o.object, "inside_latency_ns");
	if (!json_is_number(call) || !(json_is_number(inside) || json_is_null(inside)))
		member_wrong(&o, "per_call_ns", "or 'inside_latency_ns' is no number");
	s->per_call_ns = json_number_value(call);
	s->inside_latency_ns = json_is_number(inside) ? json_number_value(inside) : -1;
	member_text(&o, "how", s->overhead_how, sizeof(s->overhead_how));
	m->failed |= o.failed;
}

static int read_in_flight_one(const json_t *json, const char *where, struct snapshot *s,
			      struct sg_error *e)
{
	struct members m = { json, where, e, false };
	struct in_flight f = { 0 };
	json_int_t nr;

	if (!json_is_object(json))
		return sg_fail(e, EINVAL, "%s is no object", where);
	f.tgid = (pid_t)member_number(&m, "pid", INT_MAX);
	f.tid = (pid_t)member_number(&m, "tid", INT_MAX);
	member_text(&m, "comm", f.comm, sizeof(f.comm));
	f.abi = (uint8_t)member_named(&m, "abi", abi_by_name);
	f.gate = (uint8_t)member_named(&m, "gate", gate_by_name);
	nr = json_integer_value(member_of(&m, "nr", JSON_INTEGER));
	if (nr < INT32_MIN || nr > INT32_MAX)
		member_wrong(&m, "nr", "is out of range");
	f.nr = (int32_t)nr;
	f.age_ns = member_number(&m, "age_ns", INT64_MAX);
	f.at_least = member_bool(&m, "at_least");
	s->gate_known |= f.gate != SYSGATE_GATE_UNKNOWN;
	return m.failed ? -EINVAL : snapshot_add_in_flight(s, &f);
}

/* Reads each item of the list `name` of m, where there is one. */
static int read_list(struct members *m, const char *name, struct snapshot *s,
		     int (*one)(const json_t *, const char *, struct snapshot *, struct sg_error *))
{
	const json_t *list = member_of(m, name, JSON_ARRAY), *item;
	char where[64];
	size_t i;
	int ret;

	json_array_foreach(list, i, item)
	{
		snprintf(where, sizeof(where), "%s[%zu]", name, i);
		ret = one(item, where, s, m->e);
		if (ret)
			return ret;
	}
	return 0;
}

static int read_note(const json_t *json, const char *where, struct snapshot *s, struct sg_error *e)
{
	if (!json_is_string(json))
		return sg_fail(e, EINVAL, "%s is no text", where);
	snapshot_note(s, json_string_value(json));
	return 0;
}

/* Where and how it was measured; of several objects, the last one's. */
static void read_head(struct members *m, struct snapshot *s)
{
	member_text(m, "host", s->host, sizeof(s->host));
	member_text(m, "kernel", s->kernel, sizeof(s->kernel));
	member_text(m, "machine", s->machine, sizeof(s->machine));
	member_text(m, "engine", s->engine, sizeof(s->engine));
	if (!s->engine[0])
		member_wrong(m, "engine", "is empty");
	member_text(m, "attach", s->attach, sizeof(s->attach));
	s->cpus = (unsigned int)member_number(m, "cpus", CPUS_MAX);
}

static int check_version(struct members *m)
{
	json_int_t version = json_integer_value(member_of(m, "sysgate", JSON_INTEGER));

	if (m->failed) {
		sg_hint(m->e, "only what 'sysgate ... -o json' writes can be read");
		return -EINVAL;
	}
	if (version != 1)
		return sg_fail(m->e, EINVAL, "it has version %lld, and 1 is the one known",
			       (long long)version);
	return 0;
}

/* Empties s for the later state of the same run. */
static int start_again(struct snapshot *s)
{
	struct snapshot *fresh = snapshot_new(), old = *s;

	if (!fresh)
		return -ENOMEM;
	*s = *fresh;
	*fresh = old;
	snapshot_free(fresh);
	return 0;
}

int saved_object_read(const json_t *json, struct snapshot *s, struct sg_error *e)
{
	struct members m = { json, "the object", e, false };
	uint64_t start;
	bool first;
	int ret;

	if (!json_is_object(json))
		return sg_fail(e, EINVAL, "no object");
	ret = check_version(&m);
	if (ret)
		return ret;
	start = member_number(&m, "start_ns", INT64_MAX);
	/* A snapshot that was read into before has an engine's name. */
	if (s->start_ns == start && s->engine[0] && start_again(s))
		return -ENOMEM;
	first = !s->engine[0];
	read_head(&m, s);
	if (first)
		s->start_ns = start;
	s->duration_ns += member_number(&m, "duration_ns", SAVED_COUNT_MAX);
	read_conservation(&m, s, first);
	read_loss(&m, s);
	read_overhead(&m, s);
	s->in_flight_count = 0;
	if (m.failed)
		return -EINVAL;
	ret = read_list(&m, "calls", s, saved_row_read);
	if (!ret)
		ret = read_list(&m, "in_flight", s, read_in_flight_one);
	if (!ret && member_exists(&m, "others"))
		snapshot_note(s, "rows were cut off when this was saved");
	if (!ret)
		ret = read_list(&m, "notes", s, read_note);
	snapshot_sort(s);
	return ret ? ret : m.failed ? -EINVAL : 0;
}
