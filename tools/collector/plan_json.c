// SPDX-License-Identifier: GPL-2.0-or-later
#include "collector/plan_json.h"

#include <jansson.h>
#include <string.h>

#include "target/plan.h"

static json_t *points(const struct plan *p)
{
	json_t *list = json_array();

	for (size_t i = 0; i < p->points_count; i++) {
		const struct plan_point *point = &p->points[i];

		json_array_append_new(list, json_pack("{ssssss}", "symbol", point->symbol, "abi",
						      point->abi == SYSGATE_ABI_UNKNOWN
							      ? "several"
							      : abi_name(point->abi),
						      "why", point->why));
	}
	return list;
}

/* The module's plan follows from what is asked and from the kernel: made again, it is the same. */
static void add_plan(json_t *to, const struct engine_config *c)
{
	const struct plan_ask ask = { .attach = c->attach, .calls = c->calls, .names = c->names };
	struct sg_error e = { 0 };
	struct plan p = { 0 };

	if (!plan_make(&p, &ask, &e)) {
		json_object_set_new(to, "attach_why", json_string(p.why));
		json_object_set_new(to, "points", points(&p));
	}
	plan_fini(&p);
}

char *plan_json(const struct snapshot *s, const struct engine_config *c, const char *why,
		double interval)
{
	json_t *plan = json_pack("{sisssssssssssssf}", "sysgate", 1, "version", SYSGATE_VERSION,
				 "host", s->host, "kernel", s->kernel, "machine", s->machine,
				 "engine", s->engine, "attach", s->attach, "interval_s", interval);
	char *text;

	if (!plan)
		return NULL;
	json_object_set_new(plan, "gate_known", json_boolean(s->gate_known));
	if (*why)
		json_object_set_new(plan, "why", json_string(why));
	if (!strcmp(s->engine, "kmod"))
		add_plan(plan, c);
	text = json_dumps(plan, JSON_COMPACT | JSON_ENSURE_ASCII);
	json_decref(plan);
	return text;
}
