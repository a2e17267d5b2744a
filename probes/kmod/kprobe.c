// SPDX-License-Identifier: GPL-2.0-only
/* The other attach: return probes on the dispatchers, or on the handlers of a few calls. */
#include "hot.h"
#include "sysgate.h"

#include <linux/kprobes.h>
#include <linux/ptrace.h>
#include <linux/sched/task_stack.h>
#include <linux/slab.h>

#include <asm/unistd.h>

static struct kretprobe *probes;
static struct kretprobe **list;
static u32 registered;
static u64 missed_before; /* by the probes that are gone */
static sg_enter_fn enter_fn;
static sg_exit_fn exit_fn;

/*
 * exit and exit_group. An instance that waited for their return would be free again only when the
 * task is reaped: zombies would take them all.
 */
static bool never_returns(const struct pt_regs *regs)
{
	u32 nr = regs->orig_ax & ~__X32_SYSCALL_BIT;

	return in_ia32_syscall() ? nr == 1 || nr == 252 : nr == 60 || nr == 231;
}

/* The call's own registers, not those at the probe. Not 0: no return is waited for. */
static int on_call(struct kretprobe_instance *instance, struct pt_regs *at)
{
	struct pt_regs *regs = current_pt_regs();

	/* A handler can be called by the kernel itself too: then no stub is below. */
	enter_fn(NULL, regs, (int)regs->orig_ax);
	return never_returns(regs);
}

static int on_return(struct kretprobe_instance *instance, struct pt_regs *at)
{
	exit_fn(NULL, current_pt_regs(), regs_return_value(at));
	return 0;
}

/*
 * The hot ones, on a dispatcher: it has the call's registers and the number, which is checked, as
 * its arguments, and only one gate leads there. The stamp's place travels with the probe's
 * instance, so that the return need not look for it.
 */
#ifdef CONFIG_64BIT
#define regs_of(at)   ((struct pt_regs *)(at)->di)
#define nr_of(at)     (*(u32 *)&(at)->si) /* one load, which clears the upper half */
#define one_gate(abi) ((abi) == SYSGATE_ABI_X86_64)
#else
#define regs_of(at)   ((struct pt_regs *)(at)->ax)
#define nr_of(at)     ((u32)(at)->dx)
#define one_gate(abi) false
#endif

/* The same by number: one look costs each call two instructions less than two compares. */
static const u8 hot_never_returns[SG_HOT_CALLS] = { [60] = 1, [231] = 1 };

static notrace int on_call_hot(struct kretprobe_instance *instance, struct pt_regs *at)
{
	struct pt_regs *regs = regs_of(at);
	unsigned long *place = (unsigned long *)instance->data;
	u32 nr = nr_of(at);

	if (unlikely(hot_never_returns[nr])) {
		sg_enter_any(NULL, regs, nr);
		return 1;
	}
	*place = sg_hot_at(regs);
	if (unlikely(!sg_hot_stamp(*place, regs, nr, true))) {
		*place = SG_NOT_HOME;
		sg_enter_any(NULL, regs, nr);
	}
	return 0;
}

static __always_inline void return_hot(struct kretprobe_instance *instance, struct pt_regs *at,
				       bool keyed)
{
	unsigned long place = *(unsigned long *)instance->data;
	struct pt_regs *regs = (struct pt_regs *)sg_hot_key(place);
	long ret = regs_return_value(at);
	u64 ns;

	if (likely(sg_hot_exit(place, regs, ret, keyed, true, &ns)))
		return;
	if (place == SG_NOT_HOME)
		sg_exit_any(NULL, current_pt_regs(), ret);
	else
		sg_exit_timed(ns, regs, ret);
}

static notrace int on_return_hot(struct kretprobe_instance *instance, struct pt_regs *at)
{
	return_hot(instance, at, false);
	return 0;
}

static notrace int on_return_keyed(struct kretprobe_instance *instance, struct pt_regs *at)
{
	return_hot(instance, at, true);
	return 0;
}

/* By FRED the dispatcher has another gate. */
static bool has_fred(void)
{
	u32 i;

	for (i = 0; i < sg_config.ranges_count; i++)
		if (sg_config.ranges[i].gate == SYSGATE_GATE_FRED)
			return sg_fred_is_on();
	return false;
}

static void choose(struct kretprobe *p, const struct sysgate_point *point)
{
	enum sg_path path = sg_path();

	p->entry_handler = on_call;
	p->handler = on_return;
	if (!point->dispatcher || !one_gate(point->abi) || has_fred() || sg_setup.filtered ||
	    (path != SG_PATH_TIMED && path != SG_PATH_KEYED))
		return;
	p->data_size = sizeof(unsigned long);
	p->entry_handler = on_call_hot;
	p->handler = path == SG_PATH_KEYED ? on_return_keyed : on_return_hot;
}

int sg_kprobes_register(sg_enter_fn enter, sg_exit_fn exit)
{
	u32 i;
	int ret = 0;

	if (!sg_config.points_count)
		return -ENOENT;
	probes = kcalloc(sg_config.points_count, sizeof(*probes), GFP_KERNEL);
	list = kcalloc(sg_config.points_count, sizeof(*list), GFP_KERNEL);
	if (!probes || !list) {
		sg_kprobes_unregister();
		return -ENOMEM;
	}
	missed_before = 0;
	enter_fn = enter;
	exit_fn = exit;
	for (i = 0; i < sg_config.points_count && !ret; i++) {
		struct kretprobe *p = list[i] = &probes[i];

		p->kp.symbol_name = sg_points[i].symbol;
		p->maxactive = sg_points[i].instances;
		choose(p, &sg_points[i]);
		ret = register_kretprobe(p);
		if (ret)
			pr_warn(SG_NAME ": cannot probe %s: %d\n", sg_points[i].symbol, ret);
		else
			registered++;
	}
	if (ret)
		sg_kprobes_unregister();
	return ret;
}

void sg_kprobes_unregister(void)
{
	if (registered)
		unregister_kretprobes(list, registered);
	missed_before = sg_kprobes_missed();
	registered = 0;
	kfree(probes);
	kfree(list);
	probes = NULL;
	list = NULL;
}

u64 sg_kprobes_missed(void)
{
	u64 missed = missed_before;
	u32 i;

	if (sg_config.attach != SYSGATE_ATTACH_KPROBE)
		return 0;
	for (i = 0; i < registered; i++)
		missed += probes[i].nmissed + probes[i].kp.nmissed;
	return missed;
}
