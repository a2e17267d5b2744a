// SPDX-License-Identifier: GPL-2.0-or-later
#include "target/plan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

static const char *const attach_names[] = {
	[PLAN_AUTO] = "auto",
	[PLAN_TRACEPOINT] = "tracepoint",
	[PLAN_KPROBE] = "kprobe",
};

const char *plan_attach_name(int attach)
{
	return attach_names[attach];
}

int plan_attach_by_name(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(attach_names); i++)
		if (!strcmp(name, attach_names[i]))
			return (int)i;
	return -1;
}

int plan_make(struct plan *p, const struct plan_ask *ask, struct sg_error *e)
{
	memset(p, 0, sizeof(*p));
	p->attach = PLAN_TRACEPOINT;
	return gates_read(&p->gates, ask->kallsyms, e);
}

void plan_fini(struct plan *p)
{
	free(p->points);
	p->points = NULL;
	p->points_count = 0;
}
