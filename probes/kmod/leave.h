/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How the kernel will go back to user space, predicted from pt_regs by the conditions that its own
 * exit code applies. What a signal does to them later is put right by its hook.
 */
#ifndef SYSGATE_KMOD_LEAVE_H
#define SYSGATE_KMOD_LEAVE_H

#include <asm/processor.h>
#include <asm/segment.h>

#include "sysgate.h"

#define SG_NO_FAST_FLAGS (X86_EFLAGS_RF | X86_EFLAGS_TF)

#ifdef CONFIG_64BIT
/* SYSRETQ, but for an address at the end of what users have: false, though it may be. */
static __always_inline bool sg_leaves_by_sysret(const struct pt_regs *regs)
{
	unsigned long ip = regs->ip, flags = regs->flags;

	return likely(ip == regs->cx) && likely(flags == regs->r11) &&
	       likely(regs->cs == __USER_CS) && likely(regs->ss == __USER_DS) &&
	       likely(!(flags & SG_NO_FAST_FLAGS)) && likely(!(ip >> 47));
}

static inline u8 sg_leaves(const struct sg_stamp *s, const struct pt_regs *regs, u8 gate, long ret)
{
	if (gate == SYSGATE_GATE_FRED)
		return SYSGATE_EXIT_FRED;
	if (gate == SYSGATE_GATE_UNKNOWN)
		return SYSGATE_EXIT_UNKNOWN;
	if (gate == SYSGATE_GATE_INT80 || sg_setup.no_sysret || (ret <= -512 && ret >= -516))
		return SYSGATE_EXIT_IRET;
	if (gate == SYSGATE_GATE_SYSCALL) {
		bool high = regs->ip >> 47 && regs->ip < TASK_SIZE_MAX && regs->ip == regs->cx &&
			    regs->flags == regs->r11 && regs->cs == __USER_CS &&
			    regs->ss == __USER_DS && !(regs->flags & SG_NO_FAST_FLAGS);

		return sg_leaves_by_sysret(regs) || high ? SYSGATE_EXIT_SYSRET : SYSGATE_EXIT_IRET;
	}
	/* SYSRETL, of both gates; the kernel compares with the vDSO's landing pad, where it began.
	 */
	return regs->cs == __USER32_CS && regs->ss == __USER_DS && regs->ip == s->ip &&
			       !(regs->flags & SG_NO_FAST_FLAGS)
		       ? SYSGATE_EXIT_SYSRET
		       : SYSGATE_EXIT_IRET;
}
#define SG_HOT_EXIT SYSGATE_EXIT_SYSRET
#else
static inline u8 sg_leaves(const struct sg_stamp *s, const struct pt_regs *regs, u8 gate, long ret)
{
	if (gate == SYSGATE_GATE_UNKNOWN)
		return SYSGATE_EXIT_UNKNOWN;
	if (gate != SYSGATE_GATE_SYSENTER || (ret <= -512 && ret >= -516))
		return SYSGATE_EXIT_IRET;
	return regs->cs == __USER_CS && regs->ss == __USER_DS && regs->ip == s->ip &&
			       !(regs->flags & (SG_NO_FAST_FLAGS | X86_EFLAGS_VM))
		       ? SYSGATE_EXIT_SYSEXIT
		       : SYSGATE_EXIT_IRET;
}
#define SG_HOT_EXIT SYSGATE_EXIT_SYSEXIT
#endif

#endif
