/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a gate costs on this CPU: helper programs time it, a call alone at a time. */
#ifndef SYSGATE_TARGET_GATETIME_H
#define SYSGATE_TARGET_GATETIME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

#define GATETIME_WAYS 6

/* In cycles of the time stamp counter, with the clock's own cost, which is its shortest, off. */
struct gatetime {
	unsigned int width; /* of the code that enters: 32 or 64 */
	int gate;	    /* SYSGATE_GATE_UNKNOWN: not measured and not known, or "without" */
	bool without;	    /* a function of the vDSO that enters by no gate */
	bool measured;
	char why[160]; /* why not */
	uint32_t samples;
	uint32_t clock; /* the clock's own cost */
	uint32_t min, p50, p90, p99, max;
};

struct gatetimes {
	struct gatetime ways[GATETIME_WAYS];
	size_t count;
	int cpu;	  /* on which all of them ran */
	double cycles_ns; /* cycles of the counter in a ns */
	/* The fastest gate that was measured; NULL: none was. */
	const struct gatetime *fastest;
	size_t gates; /* that were measured, "without" not among them */
};

/* Runs the helpers on one CPU. 0, or -errno when nothing at all can be timed here. */
int gatetime_run(struct gatetimes *t, uint32_t samples, struct sg_error *e);

/* One helper's output. 0; -EPROTO: it is not what the helper writes, why then has the reason. */
int gatetime_parse(struct gatetime *g, const void *data, size_t size, int32_t expected);

#endif
