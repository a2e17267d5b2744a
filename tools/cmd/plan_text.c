// SPDX-License-Identifier: GPL-2.0-or-later
#include "cmd/plan_text.h"

#include <inttypes.h>

static void write_gates(FILE *out, const struct gates *g)
{
	fprintf(out, "\ngates: a call came through the one whose text holds its return address\n");
	for (size_t i = 0; i < g->count; i++) {
		const struct gate_range *r = &g->ranges[i];

		fprintf(out, "  %-10s %016" PRIx64 "-%016" PRIx64 "  %s\n", gate_name(r->gate),
			r->start, r->end, r->symbol);
	}
}

static void write_points(FILE *out, const struct plan *p)
{
	fprintf(out, "\npoints: where probes are put\n");
	if (p->attach == PLAN_TRACEPOINT)
		fprintf(out, "  %-36s %-8s %s\n  %-36s %-8s %s\n", "sys_exit", "all",
			"the tracepoint at each call's exit", "sys_enter", "all",
			"the tracepoint at each call's entry");
	for (size_t i = 0; i < p->points_count; i++) {
		const struct plan_point *point = &p->points[i];

		fprintf(out, "  %-36s %-8s %s\n", point->symbol,
			point->abi == SYSGATE_ABI_UNKNOWN ? "several" : abi_name(point->abi),
			point->why);
	}
}

void plan_write(FILE *out, const struct plan *p)
{
	fprintf(out, "attach  %s\nwhy     %s\n", plan_attach_name(p->attach), p->why);
	write_gates(out, &p->gates);
	write_points(out, p);
}
