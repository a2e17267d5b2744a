// SPDX-License-Identifier: GPL-2.0-only
/* "sched/tracing: Append prev_state to tp args instead" (in v5.18). */
#include <trace/events/sched.h>
void conf(void *data, bool preempt, struct task_struct *prev, struct task_struct *next,
	  unsigned int prev_state);
void conf2(void);
void conf2(void)
{
	check_trace_callback_type_sched_switch(conf);
}
