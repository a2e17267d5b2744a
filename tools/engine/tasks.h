/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tasks that made calls, by thread id, and the processes that cells refer to. */
#ifndef SYSGATE_ENGINE_TASKS_H
#define SYSGATE_ENGINE_TASKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "engine/engine.h"
#include "stats/snapshot.h"

enum task_state {
	TASK_OUT,      /* not in a call, as far as is known */
	TASK_IN,       /* entered since the attach: the stamp is valid */
	TASK_RETURNED, /* left, but its gate is yet to come (gate probes at the exit) */
	TASK_BEFORE,   /* in a call since before the attach; nr and abi are /proc's */
};

enum {
	TASK_KNOWN = 1 << 0,	  /* its image's ABI and its process were looked up or inherited */
	TASK_ENTERED = 1 << 1,	  /* an entry of it was seen: since then all are */
	TASK_NEWBORN = 1 << 2,	  /* its next exit has no entry: a child's first return */
	TASK_EXECED = 1 << 3,	  /* in the exec that made its image: the exit tells the ABI */
	TASK_STOPPED = 1 << 4,	  /* its last call returned ERESTART_RESTARTBLOCK */
	TASK_UNSELECTED = 1 << 5, /* the filter leaves it out */
};
/* The flags of a task of which nothing is to be asked. */
#define TASK_PLAIN (TASK_KNOWN | TASK_ENTERED)

/* One cache line. All zero: nothing known. Times are in the trace clock's ticks. */
struct task {
	uint64_t ts;  /* the stamp: when the call was entered */
	uint64_t end; /* TASK_RETURNED: when it was left */
	int64_t ret;  /* TASK_RETURNED: what it returned */
	int32_t nr;
	uint8_t state; /* enum task_state */
	uint8_t flags;
	uint8_t abi, gate;   /* of the call */
	uint8_t image_abi;   /* of the program that it runs */
	uint8_t stopped_abi; /* TASK_STOPPED: the call that was stopped */
	int32_t stopped_nr;
	uint32_t proc; /* index into procs; 0: not tracked */
} __attribute__((aligned(64)));

#define TASKS_CHUNK_BITS 6
#define TASKS_CHUNK	 (1U << TASKS_CHUNK_BITS)
#define TASKS_CHUNKS	 (1U << 16) /* pid_max is 2^22 at most */

struct tasks {
	struct task *chunks[TASKS_CHUNKS]; /* by tid >> TASKS_CHUNK_BITS, made when first needed */
	bool split;			   /* processes are told apart */
	bool track; /* ... or their name, user or cgroup matters to the filter */
	const struct engine_filter *filter;
	struct proc *procs; /* [0]: not known */
	bool *unselected;   /* by process */
	size_t procs_count, procs_room;
	/* Processes that differ by their ids alone are one: a hash table of indices, else NULL. */
	uint32_t *merged;
};

/* More are shown as "not known": names and cgroups of a busy day would fill the memory. */
#define TASKS_PROCS_MAX 65536

/* merge: processes that differ by their ids alone are one. 0 or -ENOMEM. */
int tasks_init(struct tasks *t, const struct engine_filter *filter, bool split, bool merge);
void tasks_fini(struct tasks *t);

/* Makes the chunk of tid. NULL: memory is out, or tid is no thread id. */
struct task *tasks_add(struct tasks *t, pid_t tid);

static inline struct task *tasks_get(struct tasks *t, pid_t tid)
{
	uint32_t i = (uint32_t)tid >> TASKS_CHUNK_BITS;

	if (__builtin_expect(i >= TASKS_CHUNKS || !t->chunks[i], 0))
		return tasks_add(t, tid);
	return &t->chunks[i][(uint32_t)tid & (TASKS_CHUNK - 1)];
}

/* Looks a task up in /proc: one that was there before the attach. */
void tasks_learn(struct tasks *t, struct task *task, pid_t tid);
/* A child of parent: what it inherits. thread: of the same process. */
void tasks_fork(struct tasks *t, const struct task *parent, struct task *child, pid_t tid,
		bool thread);
/* The task runs another program of that path (may be NULL) from now on. */
void tasks_exec(struct tasks *t, struct task *task, pid_t tid, const char *path);

/* The task called setuid or one of its kin with success. */
void tasks_user_changed(struct tasks *t, struct task *task, pid_t tid);

/* Calls visit for every task that is in a call. */
void tasks_each_in_call(struct tasks *t, void (*visit)(pid_t tid, struct task *task, void *data),
			void *data);

#endif
