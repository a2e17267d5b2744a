// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the tapset's functions stand on: the kernel module's own stamps and cells, inside of a
 * module of SystemTap's. tools/tapset puts this and the files that it includes into one tapset.
 *
 * SystemTap's handlers may not sleep, so memory is taken, and with --fast the kernel's tracepoints
 * are, where its module begins and ends: see sgs_init() and sgs_exit().
 */
#define SG_NO_KCONF
static u8 sgs_learn_gate(unsigned long word);
#define sg_gate_unknown(word) sgs_learn_gate(word)

#include "clock.c"
#include "gate.c"
#include "config.c"
#include "stamp.c"
#include "cells.c"
#include "who.c"
/* No script asks for sites. */
u32 sg_site_get(const struct pt_regs *regs)
{
	return 0;
}
#include "handlers.c"
#include "life.c"

#include <linux/kallsyms.h>
#include <linux/tracepoint.h>

#define SGS_VERSION 1 /* of the lines that sgs_dump() prints */
/* Nothing is started in a script that does not use the functions for it. */
#define SGS_FAST 0
#define SGS_POOL (1U << 20)

bool sg_attached;
u64 sg_attached_at, sg_detached_at, sg_attached_mono;

static struct pid *sgs_collector; /* who reads what is printed; NULL: nobody in particular */
static bool sgs_ready;		  /* what has to be allocated is */
static sg_enter_fn sgs_enter;
static sg_exit_fn sgs_exit_fn;

u64 sg_kprobes_missed(void)
{
	return 0; /* SystemTap tells them itself */
}

/* ---- gates: learnt when a call comes through one, so that no address has to be known ---- */

static const struct {
	const char *symbol;
	u8 gate;
} sgs_stubs[] = { SYSGATE_STUBS };
static DEFINE_RAW_SPINLOCK(sgs_gates_lock);

/* "name+0x76/0xa0": which stub that is; how far in, and how long it is. */
static u8 sgs_parse_symbol(char *text, unsigned long *offset, unsigned long *size)
{
	char *plus = strrchr(text, '+'), *slash = plus ? strchr(plus, '/') : NULL;
	int i;

	if (!slash)
		return SYSGATE_GATE_UNKNOWN;
	*plus = *slash = '\0';
	slash[1 + strcspn(slash + 1, " ")] = '\0'; /* a module's name may follow */
	if (kstrtoul(plus + 1, 16, offset) || kstrtoul(slash + 1, 16, size))
		return SYSGATE_GATE_UNKNOWN;
	for (i = 0; i < ARRAY_SIZE(sgs_stubs); i++)
		if (!strcmp(text, sgs_stubs[i].symbol))
			return sgs_stubs[i].gate;
	return SYSGATE_GATE_UNKNOWN;
}

/* word: an address inside of the stub. What is no stub is kept too, not to be looked up again. */
static u8 sgs_learn_gate(unsigned long word)
{
	static char text[KSYM_SYMBOL_LEN];
	struct sysgate_range *r = &sg_config.ranges[sg_config.ranges_count];
	unsigned long offset = 0, size = 1, flags;
	u8 gate = SYSGATE_GATE_UNKNOWN;
	u32 i;

	raw_spin_lock_irqsave(&sgs_gates_lock, flags);
	for (i = 0; i < sg_config.ranges_count; i++)
		if (word >= sg_config.ranges[i].start && word < sg_config.ranges[i].end)
			break;
	if (i < sg_config.ranges_count) {
		gate = sg_config.ranges[i].gate;
	} else if (i < SYSGATE_RANGES) {
		r = &sg_config.ranges[i];
		sprint_symbol(text, word);
		gate = sgs_parse_symbol(text, &offset, &size);
		r->start = word - offset;
		r->end = r->start + size;
		r->gate = gate;
		smp_store_release(&sg_config.ranges_count, i + 1);
	}
	raw_spin_unlock_irqrestore(&sgs_gates_lock, flags);
	return gate;
}

/* ---- starting and stopping ---- */

static void sgs_apply(void)
{
	pid_t ignored = sg_setup.ignored, helper = sg_setup.helper;

	sg_config_apply();
	sg_setup.ignored = ignored;
	sg_setup.helper = helper;
	if (!sgs_ready)
		return;
	WRITE_ONCE(sgs_exit_fn, sg_exit_choose());
	WRITE_ONCE(sgs_enter, sg_enter_choose());
}

/* The process that reads, whose own calls do not count, nor those of what runs the script for it.
 */
static void sgs_collect(pid_t pid, bool itself)
{
	struct task_struct *task;

	rcu_read_lock();
	sgs_collector = get_pid(find_vpid(pid));
	task = pid_task(sgs_collector, PIDTYPE_PID);
	sg_setup.ignored = task && !itself ? task->tgid : 0;
	sg_setup.helper = current->tgid;
	rcu_read_unlock();
}

static bool sgs_collected(void)
{
	bool alive;

	rcu_read_lock();
	alive = !sgs_collector || pid_task(sgs_collector, PIDTYPE_PID);
	rcu_read_unlock();
	return alive;
}

static void sgs_follow(pid_t tgid)
{
	sg_config.tree = true;
	sgs_apply();
	know_process(tgid);
}

/* "12,345": these processes and what they fork. */
static void sgs_follow_all(const char *list)
{
	char word[16];
	pid_t tgid;

	while (*list) {
		size_t n = strcspn(list, ",");

		if (n < sizeof(word)) {
			memcpy(word, list, n);
			word[n] = '\0';
			if (!kstrtoint(word, 10, &tgid))
				sgs_follow(tgid);
		}
		list += n + (list[n] == ',');
	}
}

static void sgs_start(void)
{
	sgs_apply();
	sg_attached_mono = ktime_get_mono_fast_ns();
	sg_attached_at = sg_clock();
	sg_attached = true;
}

static void sgs_stop(void)
{
	if (!sg_attached)
		return;
	sg_setup.closing = true;
	WRITE_ONCE(sgs_enter, NULL);
	sg_detached_at = sg_clock();
	WRITE_ONCE(sgs_exit_fn, NULL);
	sg_attached = false;
}

/* With hooks of our own: they lie on the kernel's tracepoints, and wait for the start. */
static notrace void sgs_fast_enter(void *data, struct pt_regs *regs, long nr)
{
	sg_enter_fn enter;

	preempt_disable_notrace();
	enter = READ_ONCE(sgs_enter);
	if (likely(enter && sg_attached))
		enter(data, regs, nr);
	preempt_enable_notrace();
}

static notrace void sgs_fast_exit(void *data, struct pt_regs *regs, long ret)
{
	sg_exit_fn leave_fn;

	preempt_disable_notrace();
	leave_fn = READ_ONCE(sgs_exit_fn);
	if (likely(leave_fn && sg_attached))
		leave_fn(data, regs, ret);
	preempt_enable_notrace();
}

static void sgs_forked(void *data, struct task_struct *parent, struct task_struct *child)
{
	if (sg_setup.tree)
		sg_on_fork(data, parent, child);
}

/* Exits before entries; a hook may be given more arguments by some kernels than it has. */
static struct {
	const char *name;
	void *handler;
	struct tracepoint *point;
	bool on;
} sgs_hooks[] = {
	{ "sched_process_exit", sg_on_task_exit },
	{ "sched_process_exec", sg_on_exec },
	{ "sched_process_fork", sgs_forked },
	{ "signal_deliver", sg_on_signal },
	{ "sys_exit", sgs_fast_exit },
	{ "sys_enter", sgs_fast_enter },
};

static void sgs_find(struct tracepoint *point, void *unused)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(sgs_hooks); i++)
		if (!strcmp(point->name, sgs_hooks[i].name))
			sgs_hooks[i].point = point;
}

static void sgs_unhook(void)
{
	int i, off = 0;

	for (i = ARRAY_SIZE(sgs_hooks) - 1; i >= 0; i--) {
		if (!sgs_hooks[i].on)
			continue;
		tracepoint_probe_unregister(sgs_hooks[i].point, sgs_hooks[i].handler, NULL);
		sgs_hooks[i].on = false;
		off++;
	}
	if (off)
		tracepoint_synchronize_unregister();
}

static int sgs_hook(void)
{
	int i, ret = 0;

	for_each_kernel_tracepoint(sgs_find, NULL);
	for (i = 0; i < ARRAY_SIZE(sgs_hooks) && !ret; i++) {
		ret = sgs_hooks[i].point ? tracepoint_probe_register(sgs_hooks[i].point,
								     sgs_hooks[i].handler, NULL)
					 : -ENOENT;
		sgs_hooks[i].on = !ret;
	}
	return ret;
}

static void sgs_exit(void)
{
	sgs_unhook();
	put_pid(sgs_collector);
	sgs_collector = NULL;
	if (sgs_ready) {
		sg_whos_exit();
		sg_cells_exit();
	}
	sgs_ready = false;
}

static int sgs_init(bool fast)
{
	int ret = sg_cells_init(SGS_POOL);

	if (ret)
		return ret;
	ret = sg_whos_init();
	if (ret) {
		sg_whos_exit();
		sg_cells_exit();
		return ret;
	}
	sg_stamps_reset();
	sgs_ready = true;
	sgs_apply();
	return fast ? sgs_hook() : 0;
}

/* ---- the calls of SystemTap's own probes ---- */

static void sgs_entered(void)
{
	struct pt_regs *regs = current_pt_regs();
	sg_enter_fn enter = READ_ONCE(sgs_enter);

	if (likely(enter))
		enter(NULL, regs, (int)regs->orig_ax);
}

static void sgs_left(long ret)
{
	sg_exit_fn leave_fn = READ_ONCE(sgs_exit_fn);

	if (likely(leave_fn))
		leave_fn(NULL, current_pt_regs(), ret);
}

/* The call that the current task is in: nr << 8 | abi << 4 | gate; -1: none that counts. */
static s64 sgs_call(void)
{
	const struct pt_regs *regs = current_pt_regs();
	const struct sg_stamp *s = sg_stamp_find(regs);
	struct sg_origin o;

	if (!s || s->key & SG_TAGS || !sg_is_in_call(s->word))
		return -1;
	o = origin_of_word(s, s->word);
	return (u64)(u32)o.nr << 8 | o.abi << 4 | o.gate;
}

static s64 sgs_latency(void)
{
	const struct sg_stamp *s = sg_stamp_find(current_pt_regs());
	u64 now = sg_clock();

	return s && now > s->time ? sg_ticks_ns(now - s->time) : 0;
}

static u8 sgs_exit_kind(long ret)
{
	const struct pt_regs *regs = current_pt_regs();
	const struct sg_stamp *s = sg_stamp_find(regs);

	return s && sg_is_in_call(s->word)
		       ? sg_leaves(s, regs, origin_of_word(s, s->word).gate, ret)
		       : SYSGATE_EXIT_UNKNOWN;
}

/* A handler is about to run: what sg_on_signal() wants to know of it is that there is one. */
static void sgs_signalled(void)
{
	static struct k_sigaction action = { .sa.sa_handler = (__sighandler_t)2 };

	sg_on_signal(NULL, 0, NULL, &action);
}

/* ---- printing: lines of words, see docs/design.md ---- */

static atomic_t sgs_printing;
static char sgs_line[512];
static unsigned int sgs_lines;

__printf(1, 2) static void sgs_print(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(sgs_line, sizeof(sgs_line), fmt, ap);
	va_end(ap);
	_stp_print(sgs_line);
	sgs_lines++;
}

static void sgs_print_counters(int skipped, int errors)
{
	struct sg_cpu sum = { 0 };
	int cpu;

	for_each_possible_cpu (cpu) {
		const struct sg_cpu *c = per_cpu_ptr(&sg_cpu, cpu);

		sum.entries += c->entries;
		sum.pool_full += c->pool_full;
		sum.stamps_full += c->stamps_full;
		sum.whos_full += c->whos_full;
		sum.suppressed += c->suppressed;
		sum.before_attach += c->before_attach;
		sum.stamps_lost += c->stamps_lost;
		sum.abi_unknown += c->abi_unknown;
	}
	sgs_print("counters %llu %llu %llu %llu %llu %llu %llu %llu %llu %llu %llu %llu %d %d\n",
		  sum.entries, sg_stamps_in_call(), sg_ns(sg_clock()), sg_ns(sg_attached_at),
		  sg_ns(sg_detached_at), sum.pool_full, sum.stamps_full, sum.whos_full,
		  sum.suppressed, sum.before_attach, sum.stamps_lost, sum.abi_unknown, skipped,
		  errors);
}

static void sgs_print_whos(void)
{
	u32 i, count_now = sg_whos_count();

	for (i = 1; i < count_now && sg_setup.by_who; i++) {
		const struct sysgate_who *w = &sg_whos()[i];

		sgs_print("who %u %d %d %u %u %llu %.16s\n", i, w->tgid, w->tid, w->uid, w->birth,
			  w->cgroup, w->comm);
	}
}

static void sgs_print_in_flight(void)
{
	struct sysgate_in_flight call;
	unsigned long i;

	for (i = 0; i < ARRAY_SIZE(sg_stamps); i++)
		if (look(&sg_stamps[i], &call))
			sgs_print("flight %d %d %d %u %u %llu %.16s\n", call.tgid, call.tid,
				  call.nr, call.abi, call.gate, call.since_ns, call.comm);
}

static void sgs_copy_cell(struct sysgate_cell *to, const struct sysgate_cell *from)
{
	int tries = 10000;
	u32 seq;

	/* The writer is on another CPU, and has a few instructions to go. */
	do {
		seq = READ_ONCE(from->seq);
		smp_rmb();
		memcpy(to, from, sizeof(*to));
		smp_rmb();
	} while ((seq & 1 || READ_ONCE(from->seq) != seq) && --tries);
}

/* Eight buckets at a time of those that have any. */
static void sgs_print_buckets(const struct sysgate_cell *cell, const struct sysgate_cell *place)
{
	char text[448];
	unsigned int i, k, used = 0;

	for (i = 0; i < SYSGATE_OCTAVES; i++) {
		const u64 *buckets = (const u64 *)place + cell->octave[i];

		for (k = 0; k < 8 && cell->octave[i]; k++) {
			u64 low = (u64)(8 + k) << i;

			if (!buckets[k])
				continue;
			used += scnprintf(text + used, sizeof(text) - used, " %u %llu",
					  sysgate_hist_index(low), buckets[k]);
			if (used > sizeof(text) - 32) {
				sgs_print("hist%s\n", text);
				used = 0;
			}
		}
	}
	if (used)
		sgs_print("hist%s\n", text);
}

static void sgs_print_cells(const struct sysgate_pool *pool)
{
	static struct sysgate_cell c;
	u32 at = READ_ONCE(pool->first);

	while (at) {
		const struct sysgate_cell *place = (const void *)((const char *)pool + at);

		sgs_copy_cell(&c, place);
		sgs_print(
			"cell %d %u %u %u %u %llu %llu %llu %llu %llu %llu %llu %llu %llu %llu %llu "
			"%llu %llu\n",
			c.nr, c.err, c.gate, c.abi, c.who, c.total_ns, c.min_ns, c.max_ns,
			c.sumsq_low, c.sumsq_high, c.errors, c.exits[0], c.exits[1], c.exits[2],
			c.exits[3], c.exits[4], c.restarts, c.never_returned);
		sgs_print_buckets(&c, place);
		at = c.next;
	}
}

static void sgs_dump(int skipped, int errors)
{
	int cpu;

	if (!sgs_ready || atomic_cmpxchg(&sgs_printing, 0, 1))
		return;
	sgs_lines = 0;
	sgs_print("sysgate %u %u %u\n", SGS_VERSION, sg_setup.count_only, sg_attached);
	sgs_print_counters(skipped, errors);
	for_each_possible_cpu (cpu)
		if (READ_ONCE(per_cpu_ptr(&sg_cpu, cpu)->pool))
			sgs_print_cells(per_cpu_ptr(&sg_cpu, cpu)->pool);
	sgs_print_counters(skipped, errors);
	sgs_print_whos();
	sgs_print_in_flight();
	sgs_print_counters(skipped, errors);
	sgs_print("end %u\n", sgs_lines);
	atomic_set(&sgs_printing, 0);
}
