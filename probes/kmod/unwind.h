/* SPDX-License-Identifier: GPL-2.0-only */
/* Who called the code that a task enters from, as far as that code itself shows it. */
#ifndef SYSGATE_KMOD_UNWIND_H
#define SYSGATE_KMOD_UNWIND_H

#include <linux/types.h>

struct sg_frame {
	unsigned long ip, sp, bp;
	unsigned int word; /* bytes of an address on the stack: 4 or 8 */
};

/*
 * Goes to the caller, when what stands at ip is no more than the end of a stub: it may compare,
 * jump for errors, pop, take its frame off, and returns. Then the return address is known without
 * any table. False: it does something else, or its memory is not there now; f is as it was.
 */
bool sg_unwind(struct sg_frame *f);

#endif
