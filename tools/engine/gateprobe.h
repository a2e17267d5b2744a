/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The probe events by which the events engine learns the gate, best first. */
#ifndef SYSGATE_ENGINE_GATEPROBE_H
#define SYSGATE_ENGINE_GATEPROBE_H

#include <stdbool.h>

#include "engine/decode.h"
#include "engine/tracing.h"

struct gate_point {
	const char *definition; /* for dynamic_events; %s: the group */
	const char *event;	/* its name in the group */
	enum role role;
	int abi;
	bool optional; /* a kernel that refuses it has no such calls */
};

#define GATE_POINTS 5

struct gate_probe {
	const char *name;    /* "tracepoint" */
	const char *machine; /* as uname -m says */
	const char *text;    /* for people: "sys_enter and sys_exit as probe events" */
	struct gate_point points[GATE_POINTS];
	bool raw_enter, raw_exit; /* raw_syscalls is wanted beside them */
	const char *enter_filter; /* of raw sys_enter; NULL: all */
	bool late;		  /* pair_options.gate_late */
};

/* In the order of preference; the last row has no name. */
extern const struct gate_probe gate_probes[];
/* raw_syscalls alone: the gate stays unknown. */
extern const struct gate_probe gate_probe_none;

/*
 * Defines the probe events of the first row that the kernel accepts: of want ("auto" or NULL: any;
 * "none"; a row's name). defined[i] tells which points exist. When the row that it takes is
 * gate_probe_none although another was possible, why says what the kernel answered.
 * -EINVAL: no row of that name, -ENOTSUP: the one that was asked for by name is refused.
 */
int gate_probe_define(struct tracing_instance *t, const char *want, const struct gate_probe **out,
		      bool defined[GATE_POINTS], char *why, size_t why_size, struct sg_error *e);

#endif
