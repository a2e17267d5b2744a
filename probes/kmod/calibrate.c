// SPDX-License-Identifier: GPL-2.0-only
/* What the handlers themselves cost, and how much of that lies between the two readings. */
#include "clock.h"
#include "sysgate.h"

#include <linux/ptrace.h>
#include <linux/sched/task_stack.h>

#define BATCHES 32
#define CALLS	64

/* All times in this CPU's cells. */
static u64 reported_ns(void)
{
	const struct sysgate_pool *pool = this_cpu_ptr(&sg_cpu)->pool;
	u32 at = pool->first;
	u64 ns = 0;

	while (at) {
		const struct sysgate_cell *cell = (const void *)((const char *)pool + at);

		ns += cell->total_ns;
		at = cell->next;
	}
	return ns;
}

noinline long sg_calibrated(struct pt_regs *regs, unsigned int nr)
{
	asm volatile("" ::"r"(regs), "r"(nr)); /* not to be left out */
	return 0;
}

/* One call as the hooks see it, that takes no time. */
static void call_once(sg_enter_fn enter, sg_exit_fn exit)
{
	struct pt_regs *regs = current_pt_regs();

	if (sg_config.attach == SYSGATE_ATTACH_KPROBE) {
		sg_calibrated(regs, regs->orig_ax & (SG_HOT_CALLS - 1));
	} else {
		enter(NULL, regs, regs->orig_ax);
		exit(NULL, regs, 0);
	}
}

static void batch(u64 *inside, u64 *all)
{
	sg_enter_fn enter = sg_enter_choose();
	sg_exit_fn exit = sg_exit_choose();
	u64 before, start;
	int i;

	/* The first ones make the stamp and the cell, and learn the gate. */
	call_once(enter, exit);
	call_once(enter, exit);
	call_once(enter, exit);
	before = reported_ns();
	start = sg_clock();
	for (i = 0; i < CALLS; i++)
		call_once(enter, exit);
	*all = sg_ticks_ns(sg_clock() - start);
	*inside = reported_ns() - before;
}

/* The probes that are asked for, but on a function of our own. */
static int probe_calibrated(void)
{
	static struct sysgate_point point; /* the probe keeps its name */
	struct sysgate_point *asked = sg_points;
	u32 asked_count = sg_config.points_count;
	int ret;

	point = (struct sysgate_point){ .symbol = "sg_calibrated",
					.dispatcher = asked[0].dispatcher,
					.abi = asked[0].abi,
					.instances = 64 };
	sg_points = &point;
	sg_config.points_count = 1;
	ret = sg_kprobes_register(sg_enter_choose(), sg_exit_choose());
	sg_points = asked;
	sg_config.points_count = asked_count;
	return ret;
}

static void clear(void)
{
	sg_stamps_reset();
	sg_cells_reset();
	sg_whos_reset();
}

/* With the hooks off: the handlers are called as the hooks would. */
int sg_calibrate(struct sysgate_calibration *out)
{
	struct sg_setup asked = sg_setup;
	u64 inside, all, least_inside = ~0ULL, least_all = ~0ULL;
	int i, ret = 0;

	if (sg_attached)
		return -EBUSY;
	sg_setup.tree = sg_setup.filtered = false;
	sg_setup.ignored = 0;
	clear();
	if (sg_config.attach == SYSGATE_ATTACH_KPROBE)
		ret = probe_calibrated();
	for (i = 0; i < BATCHES && !ret; i++) {
		preempt_disable();
		batch(&inside, &all);
		preempt_enable();
		least_inside = min(least_inside, inside);
		least_all = min(least_all, all);
	}
	sg_kprobes_unregister();
	sg_setup = asked;
	clear();
	if (ret)
		return ret;
	out->inside_ps = div_u64(least_inside * 1000, CALLS);
	out->outside_ps = div_u64((least_all - min(least_all, least_inside)) * 1000, CALLS);
	return 0;
}
