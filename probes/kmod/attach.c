// SPDX-License-Identifier: GPL-2.0-only
/* Puts the hooks on, exits before entries, and takes them off, entries before exits. */
#include "clock.h"
#include "sysgate.h"

#include <linux/timekeeping.h>
#include <linux/tracepoint.h>
#include <trace/events/cgroup.h>
#include <trace/events/sched.h>
#include <trace/events/signal.h>
#include <trace/events/syscalls.h>

bool sg_attached;
u64 sg_attached_at, sg_detached_at;
u64 sg_attached_mono;

static struct hook {
	const char *name;
	void *handler;
	struct tracepoint *point;
	bool on;
} hooks[SG_HOOKS] = {
	[SG_HOOK_ENTER] = { "sys_enter", NULL },
	[SG_HOOK_EXIT] = { "sys_exit", NULL },
	[SG_HOOK_TASK_EXIT] = { "sched_process_exit", sg_on_task_exit },
	[SG_HOOK_EXEC] = { "sched_process_exec", sg_on_exec },
	[SG_HOOK_FORK] = { "sched_process_fork", sg_on_fork },
	[SG_HOOK_SIGNAL] = { "signal_deliver", sg_on_signal },
	[SG_HOOK_CGROUP] = { "cgroup_attach_task", sg_on_cgroup },
	[SG_HOOK_SWITCH] = { "sched_switch", sg_on_switch },
};

/*
 * A tracepoint calls through a pointer of its own type, and a kernel with CFI takes no other. The
 * compiler looks at these; nothing is made of them.
 */
static __maybe_unused void check_types(void)
{
	check_trace_callback_type_sys_enter((sg_enter_fn)NULL);
	check_trace_callback_type_sys_exit((sg_exit_fn)NULL);
	check_trace_callback_type_sched_process_exit(sg_on_task_exit);
	check_trace_callback_type_sched_process_exec(sg_on_exec);
	check_trace_callback_type_sched_process_fork(sg_on_fork);
	check_trace_callback_type_sched_switch(sg_on_switch);
	check_trace_callback_type_signal_deliver(sg_on_signal);
#ifdef CONFIG_CGROUPS
	check_trace_callback_type_cgroup_attach_task(sg_on_cgroup);
#endif
}

/* The two tracepoints of calls are not exported: every one is found by its name. */
static void find(struct tracepoint *point, void *unused)
{
	int i;

	for (i = 0; i < SG_HOOKS; i++)
		if (!strcmp(point->name, hooks[i].name))
			hooks[i].point = point;
}

static int turn_on(enum sg_hook which)
{
	struct hook *h = &hooks[which];
	int ret;

	if (h->on)
		return 0;
	if (!h->point)
		return -ENOENT;
	ret = tracepoint_probe_register(h->point, h->handler, NULL);
	h->on = !ret;
	return ret;
}

static bool turn_off(enum sg_hook which)
{
	struct hook *h = &hooks[which];

	if (!h->on)
		return false;
	tracepoint_probe_unregister(h->point, h->handler, NULL);
	h->on = false;
	return true;
}

static int turn_on_calls(void)
{
	int ret;

	if (sg_config.attach == SYSGATE_ATTACH_KPROBE)
		return sg_kprobes_register(sg_enter_choose(), sg_exit_choose());
	hooks[SG_HOOK_ENTER].handler = sg_enter_choose();
	hooks[SG_HOOK_EXIT].handler = sg_exit_choose();
	ret = turn_on(SG_HOOK_EXIT);
	if (!ret) {
		/* Who is past this has its exit seen. */
		tracepoint_synchronize_unregister();
		ret = turn_on(SG_HOOK_ENTER);
	}
	return ret;
}

int sg_attach(void)
{
	int ret;

	if (sg_attached)
		return -EBUSY;
	for_each_kernel_tracepoint(find, NULL);
	sg_stamps_reset();
	sg_cells_reset();
	sg_whos_reset();
	sg_sites_reset();
	sg_setup.hot_word = 0;
	sg_detached_at = 0;
	sg_setup.closing = false;
	sg_attached_mono = ktime_get_ns();
	sg_attached = true;
	ret = turn_on(SG_HOOK_TASK_EXIT);
	if (!ret)
		ret = turn_on(SG_HOOK_EXEC);
	if (!ret && sg_setup.tree)
		ret = turn_on(SG_HOOK_FORK);
	if (!ret && !sg_setup.count_only)
		ret = turn_on(SG_HOOK_SIGNAL);
	if (!ret && sg_setup.wait)
		ret = turn_on(SG_HOOK_SWITCH);
	/* A kernel without cgroups has no such hook, and no need of it. */
	if (!ret && sg_setup.by_who && hooks[SG_HOOK_CGROUP].point)
		ret = turn_on(SG_HOOK_CGROUP);
	if (!ret)
		ret = sg_config_know_tasks();
	sg_attached_at = sg_clock();
	if (!ret)
		ret = turn_on_calls();
	if (ret)
		sg_detach();
	return ret;
}

void sg_detach(void)
{
	bool off;

	if (!sg_attached)
		return;
	/* What enters from here on has an exit alone, through no fault of its own. */
	sg_setup.closing = true;
	off = turn_off(SG_HOOK_ENTER);
	if (off)
		tracepoint_synchronize_unregister();
	sg_kprobes_unregister();
	sg_detached_at = sg_clock();
	turn_off(SG_HOOK_EXIT);
	turn_off(SG_HOOK_SIGNAL);
	turn_off(SG_HOOK_SWITCH);
	turn_off(SG_HOOK_CGROUP);
	turn_off(SG_HOOK_FORK);
	turn_off(SG_HOOK_EXEC);
	turn_off(SG_HOOK_TASK_EXIT);
	tracepoint_synchronize_unregister();
	sg_attached = false;
}
