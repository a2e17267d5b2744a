// SPDX-License-Identifier: GPL-2.0-or-later
#include "engine/pair.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "target/process.h"
#include "target/syscalls.h"

#define CELLS_MAX 32768 /* 90 MB */
#define X32_BIT	  0x40000000

/* Returns that the kernel keeps to itself. */
#define ERESTART_FIRST	      512
#define ERESTART_LAST	      516
#define ERESTART_RESTARTBLOCK 516

/* What set_personality leaves in orig_ax at an exec, and so tells the new image's ABI. */
#define NR_EXECVE_I386	 11
#define NR_EXECVE_X86_64 59
#define NR_EXECVE_X32	 520

int pair_init(struct pair *p, const struct pair_options *o)
{
	int ret;

	memset(p, 0, sizeof(*p));
	p->options = *o;
	ret = cells_init(&p->cells, o->cells_max ? o->cells_max : CELLS_MAX);
	if (ret)
		return ret;
	ret = tasks_init(&p->tasks, &p->options.filter, o->dims & DIM_PROC, o->merge_procs);
	if (ret)
		cells_fini(&p->cells);
	return ret;
}

void pair_fini(struct pair *p)
{
	for (int abi = 0; abi < SYSGATE_ABIS; abi++)
		for (int gate = 0; gate < SYSGATE_GATES; gate++)
			free(p->fast[abi][gate]);
	cells_fini(&p->cells);
	tasks_fini(&p->tasks);
}

struct cell *pair_slow_cell(struct pair *p, const struct task *t, int err)
{
	struct key key = { .abi = t->abi, .gate = t->gate, .nr = t->nr };
	struct cell ***fast = &p->fast[t->abi][t->gate];
	struct cell *c;

	if (p->options.dims & DIM_ERRNO)
		key.err = (uint16_t)(pair_is_restart(err) ? 0 : err);
	if (p->options.dims & DIM_PROC)
		key.proc = t->proc;
	c = key.proc ? cells_find(&p->cells, &key) : NULL;
	/* Who runs for long is full some day: then new processes are counted, and not told apart.
	 */
	if (!c && key.proc && p->cells.count >= p->cells.max - p->cells.max / 4) {
		key.proc = 0;
		p->procs_full = true;
	}
	if (!c)
		c = cells_get(&p->cells, &key);
	if (!c || p->options.dims || (uint32_t)t->nr >= PAIR_FAST_CALLS)
		return c;
	if (!*fast)
		*fast = calloc(PAIR_FAST_CALLS, sizeof(**fast));
	if (*fast)
		(*fast)[t->nr] = c;
	return c;
}

void pair_count_error(struct cell *c, struct task *t, int err)
{
	if (!pair_is_restart(err)) {
		c->errors++;
		return;
	}
	c->restarts++;
	if (err == ERESTART_RESTARTBLOCK) {
		t->flags |= TASK_STOPPED;
		t->stopped_abi = t->abi;
		t->stopped_nr = t->nr;
	}
}

/* setuid, setreuid, setresuid, setfsuid; on i386 those of 16 bits too. */
static bool sets_user(const struct task *t)
{
	if (t->abi == SYSGATE_ABI_I386)
		return t->nr == 23 || t->nr == 70 || t->nr == 138 || t->nr == 164 || t->nr == 203 ||
		       t->nr == 208 || t->nr == 213 || t->nr == 215;
	return t->nr == 105 || t->nr == 113 || t->nr == 117 || t->nr == 122;
}

void pair_note_user(struct pair *p, struct task *t, pid_t tid)
{
	if (sets_user(t))
		tasks_user_changed(&p->tasks, t, tid);
}

/* The task went on although its call was not yet settled: its gate did not come. */
static inline void settle(struct pair *p, struct task *t)
{
	if (__builtin_expect(t->state == TASK_RETURNED, 0))
		pair_fold(p, t, t->end, t->ret);
}

/* The task, looked up when it is new; NULL when it is not to be counted. */
static inline struct task *task_of(struct pair *p, pid_t tid)
{
	struct task *t = tasks_get(&p->tasks, tid);

	if (__builtin_expect(!t, 0)) {
		p->loss.stamp_evicted++;
		return NULL;
	}
	if (__builtin_expect(!(t->flags & TASK_KNOWN), 0))
		tasks_learn(&p->tasks, t, tid);
	return t->flags & TASK_UNSELECTED ? NULL : t;
}

static uint8_t classify(struct pair *p, uint64_t address)
{
	if (address != p->gate_address) {
		p->gate = (uint8_t)gates_classify(p->options.gates, address);
		p->gate_address = address;
	}
	return p->gate;
}

static inline void set_gate(struct pair *p, struct task *t, uint64_t address)
{
	int abi;

	t->gate = classify(p, address);
	abi = gate_abi(t->gate);
	/* x32 comes through the same gate as x86_64: the number has told it already. */
	if (abi && !(abi == SYSGATE_ABI_X86_64 && t->abi == SYSGATE_ABI_X32))
		t->abi = (uint8_t)abi;
}

/* restart_syscall goes on with the call that the task was stopped in. */
static void resume(struct task *t)
{
	int nr = t->abi == SYSGATE_ABI_I386 ? 0 : 219;

	if (t->nr == nr && t->stopped_abi == t->abi)
		t->nr = t->stopped_nr;
	t->flags = (uint8_t)(t->flags & ~TASK_STOPPED);
}

static void stamp(struct pair *p, struct task *t, uint64_t ts, int64_t nr, uint64_t address,
		  int abi)
{
	if (__builtin_expect(t->state == TASK_IN, 0))
		p->conservation.lost++; /* its exit was never seen */
	settle(p, t);
	t->ts = ts;
	t->state = TASK_IN;
	t->flags = (uint8_t)((t->flags | TASK_ENTERED) & ~TASK_NEWBORN);
	t->abi = (uint8_t)(abi ? abi : t->image_abi);
	if (!abi && p->options.abi_by_dispatch && t->abi != SYSGATE_ABI_I386)
		t->abi = SYSGATE_ABI_UNKNOWN;
	t->nr = (int32_t)nr;
	t->gate = SYSGATE_GATE_UNKNOWN;
	if (__builtin_expect(nr & X32_BIT && nr > 0, 0) && t->abi == SYSGATE_ABI_X86_64) {
		t->abi = SYSGATE_ABI_X32;
		t->nr = (int32_t)(nr & ~X32_BIT);
	}
	if (address)
		set_gate(p, t, address);
	if (t->flags & TASK_STOPPED)
		resume(t);
	p->conservation.entries++;
}

void pair_slow_enter(struct pair *p, pid_t tid, uint64_t ts, int64_t nr, uint64_t address)
{
	struct task *t = task_of(p, tid);

	if (t)
		stamp(p, t, ts, nr, address, SYSGATE_ABI_UNKNOWN);
}

void pair_dispatch(struct pair *p, pid_t tid, uint64_t ts, int64_t nr, uint64_t address, int abi)
{
	struct task *t = task_of(p, tid);

	if (!t)
		return;
	if (t->state != TASK_IN || t->ts < p->lost_before) {
		stamp(p, t, ts, nr, address, abi);
		return;
	}
	/* sys_enter came first; the dispatcher knows which table the number was looked up in. */
	if (abi) {
		t->abi = (uint8_t)abi;
		t->nr = (int32_t)nr;
	}
	if (address)
		set_gate(p, t, address);
}

/* The exit of an exec: its number is that of the new image's table. */
static void image_changed(struct task *t, int64_t nr)
{
	t->flags = (uint8_t)(t->flags & ~TASK_EXECED);
	if (nr == NR_EXECVE_I386)
		t->image_abi = SYSGATE_ABI_I386;
	else if (nr == NR_EXECVE_X86_64)
		t->image_abi = SYSGATE_ABI_X86_64;
	else if (nr == (NR_EXECVE_X32 | X32_BIT))
		t->image_abi = SYSGATE_ABI_X32;
}

/* An exit without an entry: of a child, of a call from before the attach, or a loss. */
static void unpaired(struct pair *p, struct task *t)
{
	if (t->flags & TASK_NEWBORN) {
		t->flags = (uint8_t)(t->flags & ~TASK_NEWBORN);
	} else if (!(t->flags & TASK_ENTERED)) {
		/* Exits are on before entries are: until its first entry all are of older calls. */
		p->conservation.before_attach++;
	} else if (!p->lost_before) {
		/* Nothing was lost: the entry was never made. */
		p->conservation.suppressed++;
	} else {
		p->loss.unpaired_exits++;
	}
	t->state = TASK_OUT;
}

void pair_slow_exit(struct pair *p, pid_t tid, uint64_t ts, int64_t nr, int64_t ret,
		    uint64_t address)
{
	struct task *t = task_of(p, tid);

	if (!t)
		return;
	settle(p, t);
	if (__builtin_expect(t->flags & TASK_EXECED, 0))
		image_changed(t, nr);
	if (__builtin_expect(t->state != TASK_IN, 0)) {
		unpaired(p, t);
		return;
	}
	if (__builtin_expect(t->ts < p->lost_before, 0)) {
		p->conservation.lost++;
		t->state = TASK_OUT;
		return;
	}
	if (address)
		set_gate(p, t, address);
	/* What sigreturn restores for a 32-bit program is not sign-extended in a 64-bit register.
	 */
	if (t->abi == SYSGATE_ABI_I386)
		ret = (int32_t)ret;
	if (p->options.gate_late) {
		t->state = TASK_RETURNED;
		t->end = ts;
		t->ret = ret;
		if (p->tasks.track && !ret)
			pair_note_user(p, t, tid);
		return;
	}
	pair_fold(p, t, ts, ret);
	if (p->tasks.track && !ret)
		pair_note_user(p, t, tid);
}

void pair_gate(struct pair *p, pid_t tid, uint64_t address)
{
	struct task *t = tasks_get(&p->tasks, tid);

	/* Interrupts return through the same function, from stubs that are no gates. */
	if (!t || t->state != TASK_RETURNED || classify(p, address) == SYSGATE_GATE_UNKNOWN)
		return;
	set_gate(p, t, address);
	settle(p, t);
}

/* The task's end was lost: what it was in cannot be told any more. */
static void drop_stamp(struct pair *p, struct task *t)
{
	settle(p, t);
	if (t->state == TASK_IN && !(t->flags & TASK_UNSELECTED))
		p->conservation.lost++;
	t->state = TASK_OUT;
}

void pair_fork(struct pair *p, pid_t parent, pid_t child, bool thread)
{
	struct task *from = tasks_get(&p->tasks, parent);
	struct task *to = tasks_get(&p->tasks, child);

	if (!from || !to)
		return;
	if (!(from->flags & TASK_KNOWN))
		tasks_learn(&p->tasks, from, parent);
	drop_stamp(p, to);
	tasks_fork(&p->tasks, from, to, child, thread);
}

void pair_exec(struct pair *p, pid_t old_tid, pid_t tid, const char *path)
{
	struct task *t = tasks_get(&p->tasks, tid);
	bool was_unselected;

	if (!t)
		return;
	if (old_tid != tid) {
		/* A thread that execs takes over the leader's id, in the midst of its call. */
		struct task *old = tasks_get(&p->tasks, old_tid);

		if (old) {
			drop_stamp(p, t);
			*t = *old;
			memset(old, 0, sizeof(*old));
		}
	}
	settle(p, t);
	was_unselected = t->flags & TASK_UNSELECTED;
	t->flags |= TASK_EXECED;
	tasks_exec(&p->tasks, t, tid, path);
	if (was_unselected && !(t->flags & TASK_UNSELECTED))
		t->flags |= TASK_NEWBORN; /* the exec that it is in was not stamped */
	if (t->state == TASK_IN && t->flags & TASK_UNSELECTED) {
		/* The filter left it with its new name: so does the call that it is in. */
		t->state = TASK_OUT;
		p->conservation.entries--;
	}
}

/*
 * Only exit and exit_group do not return: a call that is killed does, before its task ends. So the
 * number tells the table that it is of, where no gate does.
 */
static void tell_abi_of_exit(struct task *t)
{
	if (t->gate != SYSGATE_GATE_UNKNOWN)
		return;
	if (t->nr == 60 || t->nr == 231)
		t->abi = t->abi == SYSGATE_ABI_X32 ? SYSGATE_ABI_X32 : SYSGATE_ABI_X86_64;
	else if (t->nr == 1 || t->nr == 252)
		t->abi = SYSGATE_ABI_I386;
}

static void count_never_returned(struct pair *p, struct task *t)
{
	struct cell *c;

	p->conservation.never_returned++;
	tell_abi_of_exit(t);
	c = pair_cell(p, t, 0);
	if (!c) {
		p->loss.pool_full++;
		return;
	}
	c->count++;
	c->never_returned++;
}

void pair_task_exit(struct pair *p, pid_t tid, uint64_t ts)
{
	struct task *t = tasks_get(&p->tasks, tid);

	(void)ts;
	if (!t)
		return;
	settle(p, t);
	if (t->state == TASK_IN && !(t->flags & TASK_UNSELECTED)) {
		if (t->ts < p->lost_before)
			p->conservation.lost++;
		else
			count_never_returned(p, t);
	}
	memset(t, 0, sizeof(*t));
}

void pair_gap(struct pair *p, uint64_t ts)
{
	if (ts > p->lost_before)
		p->lost_before = ts;
}

void pair_ignore(struct pair *p, pid_t tid)
{
	struct task *t = tasks_get(&p->tasks, tid);

	if (t)
		t->flags |= TASK_KNOWN | TASK_UNSELECTED;
}

void pair_before(struct pair *p, pid_t tid, int32_t nr, uint64_t ts)
{
	struct task *t = task_of(p, tid);

	if (!t || t->flags & (TASK_ENTERED | TASK_NEWBORN) || nr < 0)
		return;
	t->state = TASK_BEFORE;
	t->ts = ts;
	t->nr = nr;
	t->abi = t->image_abi;
	t->gate = SYSGATE_GATE_UNKNOWN;
	if (nr & X32_BIT && t->abi == SYSGATE_ABI_X32)
		t->nr = nr & ~X32_BIT;
}

struct listing {
	struct pair *pair;
	struct snapshot *snapshot;
	uint64_t now;
	int error;
};

static void list_in_flight(pid_t tid, struct task *t, void *data)
{
	struct listing *l = data;
	struct conservation *sum = &l->snapshot->conservation;
	struct in_flight f = { .tgid = tid,
			       .tid = tid,
			       .abi = t->abi,
			       .gate = t->gate,
			       .nr = t->nr,
			       .at_least = t->state == TASK_BEFORE };
	struct process p;

	if (t->flags & TASK_UNSELECTED)
		return;
	if (t->state != TASK_BEFORE && t->ts < l->pair->lost_before) {
		sum->lost++; /* it may have ended in the gap */
		return;
	}
	if (t->state != TASK_BEFORE)
		sum->in_flight++;
	if (!process_read(tid, &p)) {
		f.tgid = p.tgid;
		memcpy(f.comm, p.comm, sizeof(f.comm));
	}
	process_fini(&p);
	f.age_ns = pair_ns(l->pair, l->now > t->ts ? l->now - t->ts : 0);
	if (snapshot_add_in_flight(l->snapshot, &f))
		l->error = -ENOMEM;
}

int pair_snapshot(struct pair *p, uint64_t now, struct snapshot *s)
{
	struct listing l = { .pair = p, .snapshot = s, .now = now };

	s->conservation = p->conservation;
	s->loss = p->loss;
	s->dims = p->options.dims;
	for (size_t i = 0; i <= p->cells.mask; i++) {
		struct cell *c = p->cells.slots[i];

		if (!c)
			continue;
		/* What can be derived is not counted at every event. */
		c->exits[SYSGATE_EXIT_UNKNOWN] = cell_timed(c);
		if (!c->key.abi)
			s->loss.abi_unknown += c->count;
		if (snapshot_add_cell(s, c))
			return -ENOMEM;
	}
	for (size_t i = 0; p->options.dims & DIM_PROC && i < p->tasks.procs_count; i++)
		if (snapshot_add_proc(s, &p->tasks.procs[i]) < 0)
			return -ENOMEM;
	tasks_each_in_call(&p->tasks, list_in_flight, &l);
	return l.error;
}
