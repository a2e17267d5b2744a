// SPDX-License-Identifier: GPL-2.0-only
/* The table of stamps: open addressing, a lock for who changes it, none for who looks. */
#include "sysgate.h"

#include <linux/pid.h>
#include <linux/pid_namespace.h>
#include <linux/sched/signal.h>
#include <linux/spinlock.h>
#include <linux/uaccess.h>

struct sg_stamp sg_stamps[SG_STAMPS + SG_PROBES + 1];
static DEFINE_RAW_SPINLOCK(lock);

/* The names that hot.h has for fields. */
asm(".globl sg_stamp_keys, sg_stamp_words, sg_stamp_times\n\t"
    ".set sg_stamp_keys, sg_stamps\n\t"
    ".set sg_stamp_words, sg_stamps + 8\n\t"
    ".set sg_stamp_times, sg_stamps + 16");
static_assert(offsetof(struct sg_stamp, key) == 0);
static_assert(offsetof(struct sg_stamp, word) == 8);
static_assert(offsetof(struct sg_stamp, time) == 16);

struct sg_stamp *sg_stamp_find(const struct pt_regs *regs)
{
	struct sg_stamp *s = sg_stamp_home(regs);
	int i;

	for (i = 0; i < SG_PROBES; i++, s++) {
		unsigned long key = READ_ONCE(s->key);

		if (!key)
			return NULL;
		if (key != SG_REMOVED && (key & ~SG_TAGS) == (unsigned long)regs)
			return s;
	}
	return NULL;
}

static struct sg_stamp *find_free(const struct pt_regs *regs)
{
	struct sg_stamp *s = sg_stamp_home(regs);
	int i;

	for (i = 0; i < SG_PROBES; i++, s++)
		if (!s->key || s->key == SG_REMOVED)
			return s;
	return NULL;
}

struct sg_stamp *sg_stamp_get(struct task_struct *task, const struct pt_regs *regs,
			      unsigned long tag)
{
	struct sg_stamp *s;
	unsigned long flags;

	raw_spin_lock_irqsave(&lock, flags);
	s = sg_stamp_find(regs);
	if (!s) {
		s = find_free(regs);
		if (s) {
			s->word = SG_IDLE;
			s->last = SG_NO_LAST;
			s->wait = 0;
			s->stopped = 0;
			s->site = 0;
			s->tgid = task->tgid;
			s->tid = task->pid;
			s->who = sg_setup.by_who ? sg_who_get(task, false) : 0;
			smp_store_release(&s->key, (unsigned long)regs | tag);
		}
	}
	raw_spin_unlock_irqrestore(&lock, flags);
	return s;
}

void sg_stamp_remove(struct sg_stamp *s)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&lock, flags);
	if (s[1].key) /* the last one's is 0 */
		WRITE_ONCE(s->key, SG_REMOVED);
	else
		WRITE_ONCE(s->key, 0);
	raw_spin_unlock_irqrestore(&lock, flags);
}

void sg_stamps_reset(void)
{
	memset(sg_stamps, 0, sizeof(sg_stamps));
	sg_stamps[SG_STAMPS + SG_PROBES].time = S64_MAX;
}

static bool in_call(unsigned long key, u64 word)
{
	return key && !(key & SG_TAGS) && sg_is_in_call(word);
}

u64 sg_stamps_in_call(void)
{
	u64 count = 0;
	unsigned long i;

	for (i = 0; i < ARRAY_SIZE(sg_stamps); i++)
		count += in_call(READ_ONCE(sg_stamps[i].key), READ_ONCE(sg_stamps[i].word));
	return count;
}

/* Describes the call that s is in; false: it is in none. */
static bool look(const struct sg_stamp *s, struct sysgate_in_flight *out)
{
	struct task_struct *task;
	struct sg_origin origin;
	u64 word = READ_ONCE(s->word);

	if (!in_call(READ_ONCE(s->key), word))
		return false;
	memset(out, 0, sizeof(*out));
	origin = sg_origin_of_word(word);
	sg_resume(s, &origin);
	out->nr = origin.nr;
	out->gate = origin.gate;
	out->abi = origin.abi;
	out->tgid = READ_ONCE(s->tgid);
	out->tid = READ_ONCE(s->tid);
	out->since_ns = sg_ns(READ_ONCE(s->time));
	rcu_read_lock();
	task = pid_task(find_pid_ns(out->tid, &init_pid_ns), PIDTYPE_PID);
	if (task)
		strscpy(out->comm, task->comm, sizeof(out->comm));
	rcu_read_unlock();
	/* The same call still: then all of this is of it. */
	return READ_ONCE(s->word) == word;
}

int sg_stamps_in_flight(struct sysgate_in_flight_list *list)
{
	struct sysgate_in_flight __user *to = u64_to_user_ptr(list->calls);
	struct sysgate_in_flight call;
	unsigned long i;

	list->count = 0;
	for (i = 0; i < ARRAY_SIZE(sg_stamps); i++) {
		if (!(i & 1023))
			cond_resched();
		if (!look(&sg_stamps[i], &call))
			continue;
		if (list->count < list->max && copy_to_user(to + list->count, &call, sizeof(call)))
			return -EFAULT;
		list->count++;
	}
	return 0;
}
