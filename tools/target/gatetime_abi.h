/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What tools/helper/gatetime.c, which is built for each width, writes to sysgate gates. */
#ifndef SYSGATE_TARGET_GATETIME_ABI_H
#define SYSGATE_TARGET_GATETIME_ABI_H

#include <stdint.h>

#define GATETIME_MAGIC	     0x54475347U
#define GATETIME_SAMPLES_MAX 100000U

/* Followed by samples pairs of uint32_t: the clock read twice, then with the call between. */
struct gatetime_head {
	uint32_t magic;
	uint32_t width; /* bits of the code */
	uint32_t samples;
	int32_t returned; /* by each call; "mixed" tells when one returned another value */
	uint32_t mixed;
	uint32_t padding;
};

#endif
