/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The clock that the ring buffer stamps with: the cheapest that is right on this machine. */
#ifndef SYSGATE_ENGINE_CLOCK_H
#define SYSGATE_ENGINE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

struct trace_clock {
	const char *name; /* for tracefs's trace_clock */
	/* ns = ticks * mult >> shift; both 0: the ticks are ns. */
	uint32_t mult;
	uint16_t shift;
};

/*
 * The time stamp counter itself where the kernel vouches for it: it keeps time by it, and gives
 * its own factors to user space. Else the kernel's scheduler clock.
 */
struct trace_clock clock_choose(void);

/* The kernel itself keeps time by the time stamp counter, and so watches it. */
bool clock_kernel_uses_tsc(void);

#endif
