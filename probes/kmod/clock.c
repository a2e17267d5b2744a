// SPDX-License-Identifier: GPL-2.0-only
#include "clock.h"

#include <linux/timekeeping.h>
#include <asm/cpufeature.h>

u64 sg_clock_slow(void)
{
	return ktime_get_mono_fast_ns();
}

u64 sg_ns(u64 ticks)
{
	return sg_ticks_ns(ticks);
}

/* The counter is right where it runs at one rate, also in idle, and nobody found it wrong. */
void sg_clock_init(void)
{
	bool steady =
		boot_cpu_has(X86_FEATURE_CONSTANT_TSC) && boot_cpu_has(X86_FEATURE_NONSTOP_TSC);

	/* A kernel that keeps time by the counter has watched it: its watchdog ends that else. */
	sg_setup.tsc = boot_cpu_has(X86_FEATURE_TSC) && tsc_khz && !check_tsc_unstable() &&
		       (steady || sg_config.kernel_tsc);
	sg_setup.mult = 1ULL << SG_CLOCK_SHIFT;
	if (sg_setup.tsc)
		sg_setup.mult = div_u64((1000000ULL << SG_CLOCK_SHIFT) + tsc_khz / 2, tsc_khz);
}
