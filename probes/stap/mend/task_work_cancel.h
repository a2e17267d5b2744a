/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * "task_work: s/task_work_cancel()/task_work_cancel_func()/" (in v6.11, and in stable updates from
 * 6.1.100 on): what SystemTap calls by the old name has the new one now, and is not exported.
 */
#ifndef SYSGATE_MEND_TASK_WORK_CANCEL_H
#define SYSGATE_MEND_TASK_WORK_CANCEL_H
#ifndef __ASSEMBLY__
#include <linux/sched.h>
#include <linux/task_work.h>

#define STAPCONF_TASK_WORK_CANCEL_EXPORTED 1
#define task_work_cancel(task, func)                                           \
	({                                                                     \
		typeof(&task_work_cancel_func) f_ =                            \
			(void *)kallsyms_lookup_name("task_work_cancel_func"); \
		f_ ? f_(task, func) : NULL;                                    \
	})
#endif
#endif
