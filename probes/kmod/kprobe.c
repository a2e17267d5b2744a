// SPDX-License-Identifier: GPL-2.0-only
/* The other attach: return probes on the dispatchers, or on the handlers of a few calls. */
#include "hot.h"
#include "sysgate.h"

#include <linux/kprobes.h>
#include <linux/ptrace.h>
#include <linux/sched/task_stack.h>
#include <linux/slab.h>

static struct kretprobe *probes;
static struct kretprobe **list;
static u32 registered;
static u64 missed_before; /* by the probes that are gone */
static sg_enter_fn enter_fn;
static sg_exit_fn exit_fn;

/* The call's own registers, not those at the probe. */
static int on_call(struct kretprobe_instance *instance, struct pt_regs *at)
{
	struct pt_regs *regs = current_pt_regs();

	/* A handler can be called by the kernel itself too: then no stub is below. */
	enter_fn(NULL, regs, (int)regs->orig_ax);
	return 0;
}

/* Where dispatchers may have been before: unknown numbers come by one or without. */
static int on_nested_call(struct kretprobe_instance *instance, struct pt_regs *at)
{
	const struct sg_stamp *s = sg_stamp_find(current_pt_regs());

	if (s && !(s->key & SG_TAGS) && sg_is_in_call(s->word))
		return 1; /* no return probe */
	return on_call(instance, at);
}

static int on_return(struct kretprobe_instance *instance, struct pt_regs *at)
{
	exit_fn(NULL, current_pt_regs(), regs_return_value(at));
	return 0;
}

/*
 * The hot ones. What is probed takes the call's registers as its first argument. The stamp's place
 * travels with the probe's instance, so that the return need not look for it.
 */
#ifdef CONFIG_64BIT
#define first_argument(at) ((at)->di)
#else
#define first_argument(at) ((at)->ax)
#endif

static int on_call_hot(struct kretprobe_instance *instance, struct pt_regs *at)
{
	struct pt_regs *regs = (struct pt_regs *)first_argument(at);

	*(unsigned long *)instance->data = sg_hot_at(regs);
	if (unlikely(!sg_hot_enter(regs, (int)regs->orig_ax, true)))
		sg_enter_any(NULL, regs, (int)regs->orig_ax);
	return 0;
}

static __always_inline void return_hot(struct kretprobe_instance *instance, struct pt_regs *at,
				       bool keyed)
{
	unsigned long place = *(unsigned long *)instance->data;
	struct pt_regs *regs = (struct pt_regs *)sg_hot_key(place);

	/* At home lies another's, or a tagged one: then it is somewhere else. */
	if (unlikely(regs != current_pt_regs()))
		sg_exit_any(NULL, current_pt_regs(), regs_return_value(at));
	else
		sg_hot_exit(place, regs, regs_return_value(at), keyed);
}

static int on_return_hot(struct kretprobe_instance *instance, struct pt_regs *at)
{
	return_hot(instance, at, false);
	return 0;
}

static int on_return_keyed(struct kretprobe_instance *instance, struct pt_regs *at)
{
	return_hot(instance, at, true);
	return 0;
}

static void choose(struct kretprobe *p, bool nested)
{
	enum sg_path path = sg_path();

	p->entry_handler = nested ? on_nested_call : on_call;
	p->handler = on_return;
	if (nested || (path != SG_PATH_TIMED && path != SG_PATH_KEYED))
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
		choose(p, sg_points[i].nested);
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

	for (i = 0; i < registered; i++)
		missed += probes[i].nmissed + probes[i].kp.nmissed;
	return missed;
}
