/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * "uprobes: split uprobe_unregister()" (in v6.12): SystemTap looks for the function by a name that
 * is gone, and does not start without. The scripts have no probes in programs: they do without
 * uprobes.
 */
#ifndef SYSGATE_MEND_UPROBE_UNREGISTER_H
#define SYSGATE_MEND_UPROBE_UNREGISTER_H
#ifndef __ASSEMBLY__
#include <linux/sched.h>
#include <linux/mm.h>
#include <linux/uprobes.h>
#include <linux/module.h>
#include <linux/kprobes.h>

#undef CONFIG_UPROBES
#endif
#endif
