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

static void batch(sg_enter_fn enter, sg_exit_fn exit, u64 *inside, u64 *all)
{
	struct pt_regs *regs = current_pt_regs();
	u64 before, start;
	int i;

	/* The first one makes the stamp and the cell, and learns the gate. */
	enter(NULL, regs, regs->orig_ax);
	exit(NULL, regs, 0);
	before = reported_ns();
	start = sg_clock();
	for (i = 0; i < CALLS; i++) {
		enter(NULL, regs, regs->orig_ax);
		exit(NULL, regs, 0);
	}
	*all = sg_ticks_ns(sg_clock() - start);
	*inside = reported_ns() - before;
}

/* With the hooks off: the handlers are called as the hooks would. */
int sg_calibrate(struct sysgate_calibration *out)
{
	struct sg_setup asked = sg_setup;
	u64 inside, all, least_inside = ~0ULL, least_all = ~0ULL;
	int i;

	if (sg_attached)
		return -EBUSY;
	sg_setup.tree = sg_setup.filtered = false;
	sg_setup.ignored = 0;
	sg_stamps_reset();
	sg_cells_reset();
	sg_whos_reset();
	for (i = 0; i < BATCHES; i++) {
		preempt_disable();
		batch(sg_enter_choose(), sg_exit_choose(), &inside, &all);
		preempt_enable();
		least_inside = min(least_inside, inside);
		least_all = min(least_all, all);
	}
	sg_setup = asked;
	sg_stamps_reset();
	sg_cells_reset();
	sg_whos_reset();
	out->inside_ps = div_u64(least_inside * 1000, CALLS);
	out->outside_ps = div_u64((least_all - min(least_all, least_inside)) * 1000, CALLS);
	return 0;
}
