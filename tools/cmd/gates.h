/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What 'sysgate gates' measured, and the two forms in which it is written. */
#ifndef SYSGATE_CMD_GATES_H
#define SYSGATE_CMD_GATES_H

#include <stdio.h>

#include "target/gatetime.h"
#include "target/machine.h"

#define MITIGATIONS_MAX 48

struct mitigation {
	char name[48], state[128];
};

struct gates_view {
	struct machine machine;
	struct gatetimes times;
	double mhz;	   /* as the kernel tells it; 0: it does not */
	char governor[32]; /* "": none, as in most virtual machines */
	struct mitigation mitigations[MITIGATIONS_MAX];
	size_t mitigations_count;
	bool boot_off; /* "mitigations=off" on the kernel's command line */
};

/* Was measured, before Linux took SYSENTER into use; see docs/man/sysgate-gates.1. */
struct gates_past {
	const char *what;
	unsigned int sysenter, int80; /* cycles of a 2002 Pentium 4 */
};
extern const struct gates_past gates_past[];
extern const size_t gates_past_count;

/* Can ns be told from cycles: does the counter run alike whatever the CPU's frequency is? */
bool gates_steady(const struct gates_view *v);
/* Can it be compared with the fastest gate? Only when two gates were measured. */
bool gates_compared(const struct gates_view *v, const struct gatetime *g);
/* "syscall", "none" for the vDSO without a gate, "unknown" when it was not learnt. */
const char *gates_name(const struct gatetime *g);

/* 0 or -errno. */
int gates_write_table(FILE *out, const struct gates_view *v);
/* The object of docs/gates.schema.json. */
int gates_write_json(FILE *out, const struct gates_view *v);

#endif
