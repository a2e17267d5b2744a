// SPDX-License-Identifier: GPL-2.0-only
/* What happens to tasks beside their calls: they fork, exec, end, sleep, and get signals. */
#include "clock.h"
#include "sysgate.h"

#include <linux/sched/signal.h>
#include <linux/ptrace.h>
#include <linux/sched/task_stack.h>

void sg_on_task_exit(void *data, struct task_struct *task SG_GROUP_DEAD)
{
	struct sg_stamp *s;

	preempt_disable();
	s = sg_stamp_find(task_pt_regs(task));
	if (s) {
		if (!(s->key & SG_TAGS) && sg_is_in_call(s->word))
			sg_never_returned(s);
		sg_stamp_remove(s);
	}
	if (sg_setup.by_who && !atomic_read(&task->signal->live))
		sg_who_gone(task);
	preempt_enable();
}

void sg_on_exec(void *data, struct task_struct *task, pid_t old_pid, struct linux_binprm *bprm)
{
	struct sg_stamp *s;

	preempt_disable();
	s = sg_stamp_find(task_pt_regs(task));
	if (s) {
		/* A thread that execs has taken its leader's id. */
		s->tgid = task->tgid;
		s->tid = task->pid;
		if (sg_setup.by_who)
			s->who = sg_who_get(task, true);
	}
	preempt_enable();
}

/* Only with asked tasks: what they fork is asked for too. */
void sg_on_fork(void *data, struct task_struct *parent, struct task_struct *child)
{
	const struct sg_stamp *s;

	preempt_disable();
	s = sg_stamp_find(task_pt_regs(parent));
	if (s && !(s->key & SG_IGNORED) && !sg_stamp_get(child, task_pt_regs(child), SG_KNOWN))
		raw_cpu_inc(sg_cpu.stamps_full);
	preempt_enable();
}

/* The cell of fast exits that the task's last call was counted in; false: it was in none. */
static bool came_out_of(const struct sg_stamp *s, struct sg_key *key)
{
	u32 last = s->last;

	key->who = sg_setup.by_who ? s->who : 0;
	if (s->word >> 32 == SG_IDLE_HOT) {
		key->gate = sg_setup.hot_gate;
		key->abi = sg_setup.hot_abi;
		key->nr = (s32)s->word;
		return true;
	}
	if (last == SG_NO_LAST)
		return false;
	key->gate = last >> 28 & 7;
	key->abi = last >> 27 & 1		       ? SYSGATE_ABI_X32
		   : key->gate == SYSGATE_GATE_SYSCALL ? SYSGATE_ABI_X86_64
						       : SYSGATE_ABI_I386;
	key->err = last >> 14 & 0xfff;
	key->nr = last & 0x3fff;
	return true;
}

/*
 * A handler will run before the task is back: the call that it comes out of goes by iret, though
 * its registers did not show it at the exit hook.
 */
void sg_on_signal(void *data, int sig, struct kernel_siginfo *info, struct k_sigaction *action)
{
	struct pt_regs *regs = current_pt_regs();
	struct sysgate_cell *cell;
	struct sg_key key = { 0 };
	struct sg_stamp *s;
	u8 exit;

	if (action->sa.sa_handler == SIG_DFL || action->sa.sa_handler == SIG_IGN)
		return;
	/* Not out of a call: an interrupt, or the signal before this one has seen to it. */
	if ((int)regs->orig_ax == -1)
		return;
	preempt_disable();
	s = sg_stamp_find(regs);
	if (!s || s->key & SG_TAGS || !sg_is_idle(s->word) || !came_out_of(s, &key))
		goto out;
	s->last = SG_NO_LAST;
	s->word = SG_IDLE;
	exit = IS_ENABLED(CONFIG_64BIT) ? SYSGATE_EXIT_SYSRET : SYSGATE_EXIT_SYSEXIT;
	/* This CPU's cell may not be the one it was folded into: the sum over all comes right. */
	cell = sg_cell_get(&key);
	if (!cell) {
		raw_cpu_dec(sg_cpu.pool_full); /* no call is lost by that */
		goto out;
	}
	cell->seq += !IS_ENABLED(CONFIG_64BIT);
	barrier();
	cell->exits[exit]--;
	cell->exits[SYSGATE_EXIT_IRET]++;
	barrier();
	cell->seq += !IS_ENABLED(CONFIG_64BIT);
out:
	preempt_enable();
}

static void look_again(struct task_struct *task)
{
	struct sg_stamp *s = sg_stamp_find(task_pt_regs(task));

	if (s)
		WRITE_ONCE(s->who, sg_who_get(task, false));
}

/* By process: from here on it is another who. */
void sg_on_cgroup(void *data, struct cgroup *to, const char *path, struct task_struct *leader,
		  bool threads)
{
	struct task_struct *task = leader;

	preempt_disable();
	rcu_read_lock();
	do {
		look_again(task);
	} while (threads && (task = next_thread(task)) != leader);
	rcu_read_unlock();
	preempt_enable();
}

static bool is_timed(const struct sg_stamp *s)
{
	return s && !(s->key & SG_TAGS) && sg_is_in_call(s->word);
}

/* A task that is stamped is on its CPU; so going off and coming on alternate from there. */
void sg_on_switch(void *data, bool preempt, struct task_struct *prev,
		  struct task_struct *next SG_PREV_STATE)
{
	u64 now = sg_clock();
	struct sg_stamp *s;

	s = prev->mm ? sg_stamp_find(task_pt_regs(prev)) : NULL;
	if (is_timed(s))
		s->wait -= now;
	s = next->mm ? sg_stamp_find(task_pt_regs(next)) : NULL;
	if (is_timed(s))
		s->wait += now;
}
