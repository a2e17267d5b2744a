// SPDX-License-Identifier: GPL-2.0-or-later
#include "engine/tasks.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "target/process.h"
#include "target/syscalls.h"

/* At most half of them are taken. */
#define MERGED_SLOTS (2 * TASKS_PROCS_MAX)

int tasks_init(struct tasks *t, const struct engine_filter *filter, bool split, bool merge)
{
	memset(t, 0, sizeof(*t));
	t->filter = filter;
	t->split = split;
	t->track = split || filter->comms_count || filter->uids_count || filter->cgroups_count;
	t->procs_room = 64;
	t->procs = calloc(t->procs_room, sizeof(*t->procs));
	t->unselected = calloc(t->procs_room, sizeof(*t->unselected));
	/* The filter alone does not care for ids; and what is not tracked has no processes. */
	merge |= !split;
	if (t->track && merge)
		t->merged = calloc(MERGED_SLOTS, sizeof(*t->merged));
	if (!t->procs || !t->unselected || (t->track && merge && !t->merged)) {
		tasks_fini(t);
		return -ENOMEM;
	}
	t->procs[0].uid = (uid_t)-1;
	t->unselected[0] =
		t->track && (filter->comms_count || filter->uids_count || filter->cgroups_count);
	t->procs_count = 1;
	return 0;
}

void tasks_fini(struct tasks *t)
{
	for (size_t i = 0; i < TASKS_CHUNKS; i++)
		free(t->chunks[i]);
	for (size_t i = 0; i < t->procs_count; i++)
		free(t->procs[i].cgroup);
	free(t->procs);
	free(t->unselected);
	free(t->merged);
	memset(t, 0, sizeof(*t));
}

struct task *tasks_add(struct tasks *t, pid_t tid)
{
	uint32_t i = (uint32_t)tid >> TASKS_CHUNK_BITS;

	if (i >= TASKS_CHUNKS)
		return NULL;
	if (!t->chunks[i]) {
		t->chunks[i] = aligned_alloc(64, TASKS_CHUNK * sizeof(struct task));
		if (!t->chunks[i])
			return NULL;
		memset(t->chunks[i], 0, TASKS_CHUNK * sizeof(struct task));
	}
	return &t->chunks[i][(uint32_t)tid & (TASKS_CHUNK - 1)];
}

/* A path in the hierarchy holds itself and all below it. */
static bool below(const char *path, const char *group)
{
	size_t n = strlen(group);

	while (n > 1 && group[n - 1] == '/')
		n--;
	return !strncmp(path, group, n) && (n == 1 || path[n] == '/' || !path[n]);
}

static bool selected(const struct engine_filter *f, const struct proc *p)
{
	bool ok = !f->comms_count;

	for (size_t i = 0; i < f->comms_count && !ok; i++)
		ok = !strncmp(f->comms[i], p->comm, sizeof(p->comm) - 1);
	if (!ok)
		return false;
	ok = !f->uids_count;
	for (size_t i = 0; i < f->uids_count && !ok; i++)
		ok = f->uids[i] == p->uid;
	if (!ok)
		return false;
	ok = !f->cgroups_count;
	for (size_t i = 0; i < f->cgroups_count && !ok; i++)
		ok = p->cgroup && below(p->cgroup, f->cgroups[i]);
	return ok;
}

static bool alike(const struct proc *a, const struct proc *b)
{
	return a->uid == b->uid && !strncmp(a->comm, b->comm, sizeof(a->comm)) &&
	       (a->cgroup && b->cgroup ? !strcmp(a->cgroup, b->cgroup) : a->cgroup == b->cgroup);
}

static uint32_t hash_text(uint32_t hash, const char *text, size_t max)
{
	for (size_t i = 0; i < max && text[i]; i++)
		hash = (hash ^ (unsigned char)text[i]) * 16777619;
	return hash;
}

/* Where the index of a process like p is, or is to be written. */
static uint32_t *merged_slot(const struct tasks *t, const struct proc *p)
{
	uint32_t hash = hash_text(2166136261U ^ p->uid, p->comm, sizeof(p->comm));
	size_t i;

	hash = hash_text(hash, p->cgroup ? p->cgroup : "", SIZE_MAX);
	for (i = hash % MERGED_SLOTS; t->merged[i]; i = (i + 1) % MERGED_SLOTS)
		if (alike(&t->procs[t->merged[i]], p))
			break;
	return &t->merged[i];
}

/* Takes p->cgroup over. Returns its index; 0 ("not known") when memory is out. */
static uint32_t add_proc(struct tasks *t, const struct proc *p)
{
	uint32_t *slot = t->merged ? merged_slot(t, p) : NULL;

	if (slot && *slot) {
		free(p->cgroup);
		return *slot;
	}
	if (t->procs_count == TASKS_PROCS_MAX) {
		free(p->cgroup);
		return 0;
	}
	if (t->procs_count == t->procs_room) {
		size_t room = 2 * t->procs_room;
		struct proc *procs = realloc(t->procs, room * sizeof(*procs));
		bool *unselected = realloc(t->unselected, room * sizeof(*unselected));

		t->procs = procs ? procs : t->procs;
		t->unselected = unselected ? unselected : t->unselected;
		if (!procs || !unselected) {
			free(p->cgroup);
			return 0;
		}
		t->procs_room = room;
	}
	t->procs[t->procs_count] = *p;
	t->unselected[t->procs_count] = !selected(t->filter, p);
	if (slot) {
		*slot = (uint32_t)t->procs_count;
		t->procs[t->procs_count].tgid = 0;
	}
	return (uint32_t)t->procs_count++;
}

static void set_proc(const struct tasks *t, struct task *task, uint32_t proc)
{
	task->proc = proc;
	task->flags = (uint8_t)((task->flags & ~TASK_UNSELECTED) |
				(t->unselected[proc] ? TASK_UNSELECTED : 0));
}

/* The process of another known task of tgid, so that its threads share one. */
static uint32_t find_proc(struct tasks *t, pid_t tgid)
{
	const struct task *leader = tasks_get(t, tgid);

	return leader && leader->flags & TASK_KNOWN && t->procs[leader->proc].tgid == tgid
		       ? leader->proc
		       : 0;
}

static uint32_t read_proc(struct tasks *t, pid_t tid)
{
	struct process p;
	struct proc proc = { 0 };
	uint32_t found;

	if (process_read(tid, &p)) {
		process_fini(&p);
		return 0;
	}
	found = find_proc(t, p.tgid);
	if (found) {
		process_fini(&p);
		return found;
	}
	if (p.tgid != tid) { /* the process's name is its leader's */
		process_fini(&p);
		if (process_read(p.tgid, &p))
			return 0;
	}
	proc.tgid = p.tgid;
	proc.uid = p.uid;
	memcpy(proc.comm, p.comm, sizeof(proc.comm));
	proc.cgroup = p.cgroup;
	proc.birth = (uint32_t)t->procs_count;
	return add_proc(t, &proc);
}

void tasks_learn(struct tasks *t, struct task *task, pid_t tid)
{
	task->flags |= TASK_KNOWN;
	task->image_abi = (uint8_t)process_abi(tid);
	set_proc(t, task, t->track ? read_proc(t, tid) : 0);
}

void tasks_fork(struct tasks *t, const struct task *parent, struct task *child, pid_t tid,
		bool thread)
{
	uint32_t index = parent->proc;

	memset(child, 0, sizeof(*child));
	child->flags = TASK_KNOWN | TASK_NEWBORN;
	child->image_abi = parent->image_abi;
	/* For the filter alone a child is as its parent was. */
	if (t->split && !thread) {
		struct proc proc = t->procs[parent->proc];

		proc.cgroup = proc.cgroup ? strdup(proc.cgroup) : NULL;
		proc.tgid = tid;
		proc.birth = (uint32_t)t->procs_count;
		index = add_proc(t, &proc);
	}
	set_proc(t, child, index);
}

/*
 * The user that a program runs as, where the process is no longer there to be asked: its owner when
 * it is set-uid, else whom it was before.
 */
static uid_t user_of_program(const char *path, uid_t before)
{
	struct stat st;

	if (!path || path[0] != '/' || stat(path, &st))
		return before;
	return st.st_mode & S_ISUID ? st.st_uid : before;
}

void tasks_exec(struct tasks *t, struct task *task, pid_t tid, const char *path)
{
	struct process p = { .uid = (uid_t)-1 };
	struct proc proc;
	const char *name;

	if (!t->track)
		return;
	proc = t->procs[task->proc];
	if (!task->proc)
		proc.birth = (uint32_t)t->procs_count;
	proc.tgid = tid;
	if (!process_read(tid, &p)) {
		proc.uid = p.uid;
		proc.cgroup = p.cgroup;
	} else {
		process_fini(&p);
		proc.uid = user_of_program(path, proc.uid);
		proc.cgroup = proc.cgroup ? strdup(proc.cgroup) : NULL;
	}
	/* As the kernel does it: the last part of the path, cut to 15 bytes. */
	name = path ? strrchr(path, '/') : NULL;
	name = name ? name + 1 : path;
	if (name) {
		memset(proc.comm, 0, sizeof(proc.comm));
		memcpy(proc.comm, name, strnlen(name, sizeof(proc.comm) - 1));
	}
	set_proc(t, task, add_proc(t, &proc));
}

void tasks_user_changed(struct tasks *t, struct task *task, pid_t tid)
{
	struct process p;
	struct proc proc = t->procs[task->proc];

	/* Afterwards nobody knows whom it became. */
	proc.uid = process_read(tid, &p) ? (uid_t)-1 : p.uid;
	process_fini(&p);
	if (proc.uid == t->procs[task->proc].uid)
		return;
	proc.cgroup = proc.cgroup ? strdup(proc.cgroup) : NULL;
	set_proc(t, task, add_proc(t, &proc));
}

void tasks_each_in_call(struct tasks *t, void (*visit)(pid_t tid, struct task *task, void *data),
			void *data)
{
	for (uint32_t i = 0; i < TASKS_CHUNKS; i++)
		for (uint32_t j = 0; t->chunks[i] && j < TASKS_CHUNK; j++)
			if (t->chunks[i][j].state != TASK_OUT)
				visit((pid_t)(i << TASKS_CHUNK_BITS | j), &t->chunks[i][j], data);
}
