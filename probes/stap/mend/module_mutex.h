/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * "module: mark module_mutex static" (in v5.12, and in updates of 5.10): SystemTap up to 4.4 holds it
 * while it looks for symbols. A kernel that has it no more, or does not show it, protects its list of
 * modules by RCU alone, as SystemTap has preemption off meanwhile.
 */
#ifndef SYSGATE_MEND_MODULE_MUTEX_H
#define SYSGATE_MEND_MODULE_MUTEX_H
#ifndef __ASSEMBLY__
#include <linux/module.h>
#include <linux/mutex.h>

static inline struct mutex *sysgate_module_mutex(struct mutex *found)
{
	static DEFINE_MUTEX(instead);

	return found ? found : &instead;
}
#define module_mutex (*sysgate_module_mutex((struct mutex *)kallsyms_lookup_name("module_mutex")))
#endif
#endif
