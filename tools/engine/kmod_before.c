// SPDX-License-Identifier: GPL-2.0-or-later
#include "engine/kmod_before.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "target/process.h"

struct note {
	struct kmod_before *to;
	const struct engine_filter *filter;
	pid_t self; /* 0: to be counted */
	bool failed;
};

static bool is_named(const struct engine_filter *f, const char *comm)
{
	for (size_t i = 0; i < f->comms_count; i++)
		if (!strcmp(f->comms[i], comm))
			return true;
	return !f->comms_count;
}

static bool is_of_user(const struct engine_filter *f, uid_t uid)
{
	for (size_t i = 0; i < f->uids_count; i++)
		if (f->uids[i] == uid)
			return true;
	return !f->uids_count;
}

static bool is_in_cgroup(const struct engine_filter *f, const char *cgroup)
{
	for (size_t i = 0; i < f->cgroups_count; i++) {
		size_t n = strlen(f->cgroups[i]);

		if (cgroup && !strncmp(cgroup, f->cgroups[i], n) &&
		    (!cgroup[n] || cgroup[n] == '/'))
			return true;
	}
	return !f->cgroups_count;
}

static bool is_asked(const struct engine_filter *f, pid_t tgid)
{
	struct process p;
	bool asked;

	if (!f->comms_count && !f->uids_count && !f->cgroups_count)
		return true;
	if (process_read(tgid, &p))
		return false;
	asked = is_named(f, p.comm) && is_of_user(f, p.uid) && is_in_cgroup(f, p.cgroup);
	process_fini(&p);
	return asked;
}

static bool note(pid_t tgid, pid_t tid, void *data)
{
	struct note *n = data;
	struct kmod_before *b = n->to;
	struct kmod_before_call call = { tgid, tid, -1 };

	if (tgid == n->self || process_is_kernel(tgid))
		return true;
	call.nr = process_in_call(tgid, tid);
	if (call.nr < 0 || !is_asked(n->filter, tgid))
		return true;
	if (!(b->count & (b->count - 1))) { /* full at each power of two */
		size_t room = b->count ? 2 * b->count : 1;
		struct kmod_before_call *calls = realloc(b->calls, room * sizeof(*calls));

		n->failed = !calls;
		if (!calls)
			return false;
		b->calls = calls;
	}
	b->calls[b->count++] = call;
	return true;
}

int kmod_before_note(struct kmod_before *b, const struct engine_filter *f, struct sg_error *e)
{
	struct note n = { .to = b, .filter = f, .self = f->self ? 0 : getpid() };

	for (size_t i = 0; i < f->pids_count; i++)
		process_each_task(f->pids[i], note, &n);
	if (!f->pids_count)
		process_each_task(0, note, &n);
	return n.failed ? sg_fail_errno(e, ENOMEM, "calls in flight") : 0;
}

/* What the module itself has seen enter is not from before. */
static bool has(const struct snapshot *s, size_t seen, pid_t tid)
{
	for (size_t i = 0; i < seen; i++)
		if (s->in_flight[i].tid == tid)
			return true;
	return false;
}

int kmod_before_add(const struct kmod_before *b, uint64_t age_ns, struct snapshot *s)
{
	size_t seen = s->in_flight_count;
	int ret = 0;

	for (size_t i = 0; i < b->count && !ret; i++) {
		const struct kmod_before_call *c = &b->calls[i];
		struct in_flight f = { .tgid = c->tgid,
				       .tid = c->tid,
				       .nr = c->nr,
				       .age_ns = age_ns,
				       .at_least = true };
		struct process p;

		if (has(s, seen, c->tid) || process_in_call(c->tgid, c->tid) != c->nr ||
		    process_read(c->tid, &p))
			continue;
		f.abi = (uint8_t)process_abi(c->tid);
		snprintf(f.comm, sizeof(f.comm), "%s", p.comm);
		process_fini(&p);
		ret = snapshot_add_in_flight(s, &f);
	}
	return ret;
}

void kmod_before_fini(struct kmod_before *b)
{
	free(b->calls);
	memset(b, 0, sizeof(*b));
}
