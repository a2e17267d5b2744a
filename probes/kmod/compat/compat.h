/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where kernels differ, in one place. What a kernel has is found out by compiling the files in
 * conf/ against its headers; kconf.h then has HAVE_NAME for each that compiled. Scripts of
 * SystemTap, which hang on its own probes, do without it.
 */
#ifndef SYSGATE_KMOD_COMPAT_H
#define SYSGATE_KMOD_COMPAT_H

#include <linux/cgroup.h>
#include <linux/mm.h>
#include <linux/preempt.h>
#include <asm/cpufeature.h>
#include <asm/ptrace.h>
#include <asm/segment.h>

#ifndef SG_NO_KCONF
#include "kconf.h"
#endif

/* Since 6.13 the hooks of calls run with preemption on. */
#ifdef HAVE_FAULTABLE_SYSCALL_TRACEPOINTS
#define sg_begin() preempt_disable_notrace()
#define sg_end()   preempt_enable_notrace()
#else
#define sg_begin() \
	do {       \
	} while (0)
#define sg_end() \
	do {     \
	} while (0)
#endif

/* What these hooks are called with, beyond what all kernels give them. */
#ifdef HAVE_SCHED_SWITCH_PREV_STATE
#define SG_PREV_STATE , unsigned int prev_state
#else
#define SG_PREV_STATE
#endif
#ifdef HAVE_PROCESS_EXIT_GROUP_DEAD
#define SG_GROUP_DEAD , bool group_dead
#else
#define SG_GROUP_DEAD
#endif

/* The CPU can, the kernel can, and it was not turned off. */
static inline bool sg_fred_is_on(void)
{
#ifdef X86_FEATURE_FRED
	return boot_cpu_has(X86_FEATURE_FRED);
#else
	return false;
#endif
}

/* The code that entered: what its stack has of addresses is 4 bytes each. */
static inline bool sg_is_32_bit(const struct pt_regs *regs)
{
#ifdef CONFIG_64BIT
	return regs->cs == __USER32_CS;
#else
	return true;
#endif
}

#ifndef SG_NO_KCONF
static inline void sg_vma_read_only(struct vm_area_struct *vma)
{
#ifdef HAVE_VM_FLAGS_CLEAR
	vm_flags_clear(vma, VM_MAYWRITE);
#else
	vma->vm_flags &= ~VM_MAYWRITE;
#endif
}
#endif

#ifndef PAGE_ALIGN_DOWN
#define PAGE_ALIGN_DOWN(addr) ALIGN_DOWN(addr, PAGE_SIZE)
#endif

#ifdef CONFIG_CGROUPS
/* In the unified hierarchy: the inode of the cgroup's directory. */
static inline u64 sg_cgroup_id(struct task_struct *task)
{
	u64 id;

	rcu_read_lock();
	id = cgroup_id(task_dfl_cgroup(task));
	rcu_read_unlock();
	return id;
}

static inline bool sg_cgroup_below(struct task_struct *task, u64 id)
{
	struct cgroup *cgroup;
	bool below = false;

	rcu_read_lock();
	for (cgroup = task_dfl_cgroup(task); cgroup && !below; cgroup = cgroup_parent(cgroup))
		below = cgroup_id(cgroup) == id;
	rcu_read_unlock();
	return below;
}
#else
static inline u64 sg_cgroup_id(struct task_struct *task)
{
	return 0;
}

static inline bool sg_cgroup_below(struct task_struct *task, u64 id)
{
	return false;
}
#endif

#endif
