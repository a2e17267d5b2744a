// SPDX-License-Identifier: GPL-2.0-or-later
/* One row of "calls": a cell, and the process that it belongs to. */
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <string.h>

#include "engine/saved_object.h"
#include "target/syscalls.h"

/* A row that is not split by call: no call has that number. */
#define NR_NONE (-1)

static const struct proc not_known = { .uid = (uid_t)-1 };

static int errno_by_name(const char *name)
{
	char buf[16];

	for (int i = 1; i < 4096; i++) {
		if (!strcmp(sg_errno_name(i, buf), name))
			return i;
	}
	return -1;
}

static int exit_by_name(const char *name)
{
	for (int i = 0; i < SYSGATE_EXITS; i++) {
		if (!strcmp(exit_name(i), name))
			return i;
	}
	return -1;
}

static void read_key(struct members *m, struct key *k, struct snapshot *s)
{
	static const struct key none;

	*k = none;
	if (member_exists(m, "abi"))
		k->abi = (uint8_t)member_named(m, "abi", abi_by_name);
	if (member_exists(m, "gate"))
		k->gate = (uint8_t)member_named(m, "gate", gate_by_name);
	if (member_exists(m, "nr")) {
		json_int_t nr = json_integer_value(member_of(m, "nr", JSON_INTEGER));

		if (nr < INT32_MIN || nr > INT32_MAX)
			member_wrong(m, "nr", "is out of range");
		k->nr = (int32_t)nr;
	} else {
		k->nr = NR_NONE;
		snapshot_note(s, "the saved rows are not split by call");
	}
	if (member_exists(m, "errno")) {
		s->dims |= DIM_ERRNO;
		if (!json_is_null(json_object_get(m->object, "errno")))
			k->err = (uint16_t)member_named(m, "errno", errno_by_name);
	}
	s->gate_known |= k->gate != SYSGATE_GATE_UNKNOWN;
}

static bool same_text(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

static bool same_proc(const struct proc *a, const struct proc *b)
{
	return a->tgid == b->tgid && a->tid == b->tid && a->uid == b->uid &&
	       !strcmp(a->comm, b->comm) && same_text(a->cgroup, b->cgroup);
}

/* The index of a process, which is added when it is new. */
static ssize_t find_proc(struct snapshot *s, struct proc *p)
{
	ssize_t i;

	/* The last is the likeliest: rows come by process or by call. */
	for (size_t j = s->procs_count; j-- > 0;) {
		if (same_proc(&s->procs[j], p))
			return (ssize_t)j;
	}
	if (!s->procs_count && snapshot_add_proc(s, &not_known) < 0)
		return -ENOMEM;
	i = snapshot_add_proc(s, p);
	if (i > 0)
		s->procs[i].birth = (uint32_t)i;
	for (ssize_t j = 1; j < i; j++) {
		if (s->procs[j].tgid == p->tgid) {
			s->procs[i].birth = s->procs[j].birth;
			break;
		}
	}
	return i;
}

static int read_proc(struct members *m, struct snapshot *s, uint32_t *index)
{
	struct proc p = not_known;
	const json_t *uid = json_object_get(m->object, "uid");
	const json_t *cgroup = json_object_get(m->object, "cgroup");
	ssize_t i;

	if (!member_exists(m, "pid") && !member_exists(m, "tid") && !member_exists(m, "comm") &&
	    !uid && !cgroup)
		return 0;
	s->dims |= DIM_PROC;
	if (member_exists(m, "pid"))
		p.tgid = (pid_t)member_number(m, "pid", INT_MAX);
	if (member_exists(m, "tid")) {
		s->dims |= DIM_TASK;
		p.tid = (pid_t)member_number(m, "tid", INT_MAX);
	}
	if (member_exists(m, "comm"))
		member_text(m, "comm", p.comm, sizeof(p.comm));
	if (uid && !json_is_null(uid))
		p.uid = (uid_t)member_number(m, "uid", UINT32_MAX - 1);
	if (cgroup && !json_is_null(cgroup))
		p.cgroup = (char *)json_string_value(member_of(m, "cgroup", JSON_STRING));
	if (m->failed || same_proc(&p, &not_known))
		return 0;
	i = find_proc(s, &p);
	if (i < 0)
		return (int)i;
	*index = (uint32_t)i;
	return 0;
}

static void read_histogram(struct members *m, struct cell *c)
{
	const json_t *list = member_of(m, "hist", JSON_ARRAY), *pair;
	size_t i;

	json_array_foreach(list, i, pair)
	{
		const json_t *low = json_array_get(pair, 0), *count = json_array_get(pair, 1);
		json_int_t ns = json_integer_value(low), n = json_integer_value(count);
		unsigned int bucket = sysgate_hist_index((uint64_t)ns);

		if (json_array_size(pair) != 2 || !json_is_integer(low) ||
		    !json_is_integer(count) || n < 1 || (uint64_t)n > SAVED_COUNT_MAX)
			member_wrong(m, "hist", "holds something else than [ns, count]");
		else if (ns < 0 || sysgate_hist_low(bucket) != (uint64_t)ns)
			member_wrong(m, "hist", "has a time that begins no bucket");
		else
			c->hist[bucket] += (uint64_t)n;
	}
}

static void read_exits(struct members *m, struct cell *c, struct snapshot *s)
{
	struct members kinds = { member_of(m, "exits", JSON_OBJECT), "exits", m->e, m->failed };
	const char *name;
	const json_t *value;

	json_object_foreach((json_t *)kinds.object, name, value)
	{
		int kind = exit_by_name(name);

		if (kind < 0) {
			member_wrong(m, "exits", "has an unknown kind");
			break;
		}
		c->exits[kind] = member_number(&kinds, name, SAVED_COUNT_MAX);
		s->exit_known |= kind != SYSGATE_EXIT_UNKNOWN;
	}
	m->failed |= kinds.failed;
}

static void read_estimated(struct members *m, struct cell *c)
{
	const json_t *list, *item;
	size_t i;

	if (!member_exists(m, "estimated"))
		return;
	list = member_of(m, "estimated", JSON_ARRAY);
	json_array_foreach(list, i, item)
	{
		const char *name = json_string_value(item);

		if (same_text(name, "min_ns"))
			c->min_estimated = true;
		else if (same_text(name, "max_ns"))
			c->max_estimated = true;
		else
			member_wrong(m, "estimated", "names something else than min_ns, max_ns");
	}
}

/* What is not in every file; waiting is known when it is of all rows. */
static void read_options(struct members *m, struct cell *c, struct snapshot *s)
{
	bool wait = member_exists(m, "wait_ns");

	if (member_exists(m, "untimed"))
		c->untimed = member_number(m, "untimed", SAVED_COUNT_MAX);
	if (wait)
		c->wait_ns = member_number(m, "wait_ns", INT64_MAX);
	s->wait_known = wait && (s->wait_known || !s->cells_count);
}

static void read_figures(struct members *m, struct cell *c, struct snapshot *s)
{
	const json_t *min = json_object_get(m->object, "min_ns");
	const json_t *sumsq = json_object_get(m->object, "sumsq_ns2");

	c->count = member_number(m, "count", SAVED_COUNT_MAX);
	c->errors = member_number(m, "errors", SAVED_COUNT_MAX);
	c->restarts = member_number(m, "restarts", SAVED_COUNT_MAX);
	c->never_returned = member_number(m, "never_returned", SAVED_COUNT_MAX);
	c->total_ns = member_number(m, "total_ns", INT64_MAX);
	c->max_ns = member_number(m, "max_ns", INT64_MAX);
	if (!min || !json_is_null(min))
		c->min_ns = member_number(m, "min_ns", INT64_MAX);
	if (!json_is_number(sumsq) || !(json_number_value(sumsq) >= 0))
		member_wrong(m, "sumsq_ns2", "is missing or no positive number");
	else
		c->sumsq_ns = json_number_value(sumsq);
	read_options(m, c, s);
	read_exits(m, c, s);
	read_estimated(m, c);
	read_histogram(m, c);
	if (c->never_returned > c->count)
		member_wrong(m, "never_returned", "is more than count");
	else if (c->untimed > c->count - c->never_returned)
		member_wrong(m, "untimed", "is more than what returned");
	if (c->min_ns != UINT64_MAX && c->min_ns > c->max_ns)
		member_wrong(m, "min_ns", "is more than max_ns");
}

int saved_row_read(const json_t *json, const char *where, struct snapshot *s, struct sg_error *e)
{
	struct members m = { json, where, e, false };
	struct cell c;
	struct key key;
	int ret;

	if (!json_is_object(json))
		return sg_fail(e, EINVAL, "%s is no object", where);
	if (member_exists(&m, "exit")) {
		sg_fail(e, EINVAL, "%s is grouped by exit, which keeps counts alone", where);
		sg_hint(e, "save it grouped otherwise: the exits are in every row");
		return -EINVAL;
	}
	read_key(&m, &key, s);
	cell_init(&c, &key);
	read_figures(&m, &c, s);
	ret = read_proc(&m, s, &c.key.proc);
	if (ret)
		return ret;
	return m.failed ? -EINVAL : snapshot_add_cell(s, &c);
}
