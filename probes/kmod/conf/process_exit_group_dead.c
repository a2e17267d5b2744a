// SPDX-License-Identifier: GPL-2.0-only
/* sched_process_exit tells whether the group is dead: in 7.2.13, not in 6.12.118. */
#include <trace/events/sched.h>
void conf(void *data, struct task_struct *task, bool group_dead);
void conf2(void);
void conf2(void)
{
	check_trace_callback_type_sched_process_exit(conf);
}
