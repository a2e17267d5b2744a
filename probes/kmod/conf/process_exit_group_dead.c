// SPDX-License-Identifier: GPL-2.0-only
/* "sched/tracing: sched_process_exit tells whether the group is dead" (in v6.16). */
#include <trace/events/sched.h>
void conf(void *data, struct task_struct *task, bool group_dead);
void conf2(void);
void conf2(void)
{
	check_trace_callback_type_sched_process_exit(conf);
}
