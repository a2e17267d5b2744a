// SPDX-License-Identifier: GPL-2.0-only
/* The table of whos: images of processes, each with what -b can ask for. Written under a lock. */
#include "sysgate.h"

#include <linux/cred.h>
#include <linux/hash.h>
#include <linux/sched/signal.h>
#include <linux/spinlock.h>
#include <linux/vmalloc.h>

#define HEADS_BITS 12

static struct sysgate_who *whos;
static u16 *after; /* the next one of the same head; 0: none */
static u16 heads[1 << HEADS_BITS];
static DECLARE_BITMAP(by_exec, SG_WHOS); /* the first of an image; those after it are of it too */
static u32 count;
static DEFINE_RAW_SPINLOCK(whos_lock);

int sg_whos_init(void)
{
	whos = vmalloc_user(PAGE_ALIGN(SG_WHOS * sizeof(*whos)));
	after = vzalloc(SG_WHOS * sizeof(*after));
	if (!whos || !after)
		return -ENOMEM;
	sg_whos_reset();
	return 0;
}

void sg_whos_exit(void)
{
	vfree(whos);
	vfree(after);
}

void sg_whos_reset(void)
{
	memset(heads, 0, sizeof(heads));
	bitmap_zero(by_exec, SG_WHOS);
	count = 1;
}

u32 sg_whos_count(void)
{
	return READ_ONCE(count);
}

struct sysgate_who *sg_whos(void)
{
	return whos;
}

static pid_t tid_of(const struct task_struct *task)
{
	return sg_setup.by_task ? task->pid : 0;
}

/* The newest image of a process, or of a task; 0: none. */
static u32 newest(const struct task_struct *task)
{
	u32 i = heads[hash_32(task->tgid, HEADS_BITS)];

	while (i && (whos[i].tgid != task->tgid || whos[i].tid != tid_of(task)))
		i = after[i];
	return i;
}

static bool is_now(u32 i, struct task_struct *task)
{
	return whos[i].uid == from_kuid(&init_user_ns, task_euid(task)) &&
	       whos[i].cgroup == sg_cgroup_id(task);
}

static u32 add(struct task_struct *task, u32 before)
{
	unsigned int head = hash_32(task->tgid, HEADS_BITS);
	struct sysgate_who *w;
	u32 i = count;

	if (i == SG_WHOS) {
		raw_cpu_inc(sg_cpu.whos_full);
		return 0;
	}
	w = &whos[i];
	memset(w, 0, sizeof(*w));
	w->tgid = task->tgid;
	w->tid = tid_of(task);
	w->uid = from_kuid(&init_user_ns, task_euid(task));
	w->cgroup = sg_cgroup_id(task);
	w->birth = before ? whos[before].birth : i;
	strscpy(w->comm, sg_setup.by_task ? task->comm : task->group_leader->comm, sizeof(w->comm));
	after[i] = heads[head];
	heads[head] = i;
	smp_store_release(&count, i + 1);
	return i;
}

/* What the image was before it became another user or moved, and is again; 0: never. */
static u32 former(u32 i, struct task_struct *task)
{
	pid_t tid = tid_of(task);

	for (; i; i = after[i]) {
		if (whos[i].tgid != task->tgid || whos[i].tid != tid)
			continue;
		if (is_now(i, task))
			return i;
		if (test_bit(i, by_exec))
			return 0;
	}
	return 0;
}

u32 sg_who_get(struct task_struct *task, bool exec)
{
	unsigned long flags;
	u32 last, i;

	raw_spin_lock_irqsave(&whos_lock, flags);
	last = newest(task);
	i = exec ? 0 : former(last, task);
	if (!i) {
		i = add(task, last);
		if (i && exec)
			__set_bit(i, by_exec);
	}
	raw_spin_unlock_irqrestore(&whos_lock, flags);
	return i;
}

void sg_who_gone(struct task_struct *task)
{
	unsigned long flags;
	u16 *link;

	raw_spin_lock_irqsave(&whos_lock, flags);
	link = &heads[hash_32(task->tgid, HEADS_BITS)];
	while (*link) {
		if (whos[*link].tgid == task->tgid)
			*link = after[*link];
		else
			link = &after[*link];
	}
	raw_spin_unlock_irqrestore(&whos_lock, flags);
}
