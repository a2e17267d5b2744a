// SPDX-License-Identifier: GPL-2.0-only
/* Handlers that do nothing on the two tracepoints of calls: what no handler there can go below. */
#include <linux/module.h>
#include <linux/tracepoint.h>
#include <trace/events/syscalls.h>

static struct tracepoint *enter, *leave;

static void on_enter(void *data, struct pt_regs *regs, long nr)
{
}

static void on_exit(void *data, struct pt_regs *regs, long ret)
{
}

/* They are not exported: every one is found by its name. */
static void find(struct tracepoint *point, void *unused)
{
	if (!strcmp(point->name, "sys_enter"))
		enter = point;
	if (!strcmp(point->name, "sys_exit"))
		leave = point;
}

static int __init floor_init(void)
{
	int ret;

	for_each_kernel_tracepoint(find, NULL);
	if (!enter || !leave)
		return -ENOENT;
	ret = tracepoint_probe_register(leave, on_exit, NULL);
	if (ret)
		return ret;
	ret = tracepoint_probe_register(enter, on_enter, NULL);
	if (ret)
		tracepoint_probe_unregister(leave, on_exit, NULL);
	return ret;
}

static void __exit floor_exit(void)
{
	tracepoint_probe_unregister(enter, on_enter, NULL);
	tracepoint_probe_unregister(leave, on_exit, NULL);
	tracepoint_synchronize_unregister();
}

module_init(floor_init);
module_exit(floor_exit);
MODULE_DESCRIPTION("Empty handlers on the tracepoints of system calls");
MODULE_LICENSE("GPL");
