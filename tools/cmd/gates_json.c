// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <string.h>

#include "base/cleanup.h"
#include "cmd/gates.h"
#include "sink/text.h"

static json_t *text(const char *s)
{
	_cleanup_free_ char *valid = NULL;

	if (!s[0])
		return json_null();
	valid = text_utf8(s);
	return valid ? json_string(valid) : NULL;
}

static json_t *cycles_object(const struct gatetime *g)
{
	if (!g->measured)
		return json_null();
	return json_pack("{s:I,s:I,s:I,s:I,s:I,s:I}", "min", (json_int_t)g->min, "p50",
			 (json_int_t)g->p50, "p90", (json_int_t)g->p90, "p99", (json_int_t)g->p99,
			 "max", (json_int_t)g->max, "clock", (json_int_t)g->clock);
}

static json_t *min_ns(const struct gates_view *v, const struct gatetime *g)
{
	if (!g->measured || !gates_steady(v))
		return json_null();
	return json_real(round(10 * (double)g->min / v->times.cycles_ns) / 10);
}

static json_t *gates_array(const struct gates_view *v)
{
	json_t *list = json_array();

	for (size_t i = 0; i < v->times.count; i++) {
		const struct gatetime *g = &v->times.ways[i];
		json_t *ratio = gates_compared(v, g)
					? json_real((double)g->min / v->times.fastest->min)
					: json_null();

		json_array_append_new(
			list, json_pack("{s:s,s:i,s:b,s:o,s:I,s:o,s:o,s:o}", "gate", gates_name(g),
					"width", (int)g->width, "measured", (int)g->measured, "why",
					text(g->why), "samples", (json_int_t)g->samples, "cycles",
					cycles_object(g), "min_ns", min_ns(v, g), "ratio", ratio));
	}
	return list;
}

static json_t *mitigations_object(const struct gates_view *v)
{
	json_t *object = json_object();

	for (size_t i = 0; i < v->mitigations_count; i++) {
		_cleanup_free_ char *name = text_utf8(v->mitigations[i].name);

		if (name)
			json_object_set_new(object, name, text(v->mitigations[i].state));
	}
	return object;
}

static json_t *past_array(void)
{
	json_t *list = json_array();

	for (size_t i = 0; i < gates_past_count; i++)
		json_array_append_new(list, json_pack("{s:s,s:i,s:i}", "call", gates_past[i].what,
						      "sysenter", (int)gates_past[i].sysenter,
						      "int80", (int)gates_past[i].int80));
	return list;
}

int gates_write_json(FILE *out, const struct gates_view *v)
{
	const struct cpu *cpu = &v->machine.cpu;
	json_t *object = json_pack(
		"{s:i,s:s,s:o,s:i,s:f,s:b,s:b,s:o,s:o,s:b,s:o,s:b,s:o,s:o}", "sysgate", 1, "kernel",
		v->machine.release, "model", text(cpu->model), "cpu", v->times.cpu, "counter_mhz",
		v->times.cycles_ns * 1000, "constant_tsc", (int)cpu->constant_tsc, "hypervisor",
		(int)cpu->hypervisor, "mhz", v->mhz > 0 ? json_real(v->mhz) : json_null(),
		"governor", text(v->governor), "mitigations_off", (int)v->boot_off, "mitigations",
		mitigations_object(v), "compared", v->times.gates > 1 && v->times.fastest->min,
		"gates", gates_array(v), "pentium4_2002", past_array());
	int err = 0;

	if (!object)
		return -ENOMEM;
	if (json_dumpf(object, out, JSON_COMPACT | JSON_REAL_PRECISION(9)) ||
	    fputc('\n', out) == EOF)
		err = -EIO;
	json_decref(object);
	return err;
}
