/* SPDX-License-Identifier: GPL-2.0-only */
/* The clock, in ticks: the time stamp counter where the kernel vouches for it. */
#ifndef SYSGATE_KMOD_CLOCK_H
#define SYSGATE_KMOD_CLOCK_H

#include <linux/math64.h>
#include <asm/msr.h>
#include <asm/tsc.h>

#include "sysgate.h"

/* Not ordered: a fence would cost more than the few cycles by which a reading can slip. */
static __always_inline u64 sg_tsc(void)
{
	return rdtsc();
}

static __always_inline u64 sg_clock(void)
{
	return sg_setup.tsc ? sg_tsc() : sg_clock_slow();
}

static __always_inline u64 sg_ticks_ns(u64 ticks)
{
#ifdef CONFIG_64BIT
	return mul_u64_u64_shr(ticks, sg_setup.mult, SG_CLOCK_SHIFT);
#else
	return mul_u64_u32_shr(ticks, sg_setup.mult, SG_CLOCK_SHIFT);
#endif
}

#endif
