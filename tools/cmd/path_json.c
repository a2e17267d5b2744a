// SPDX-License-Identifier: GPL-2.0-or-later
#include "cmd/path.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>

#include "base/cleanup.h"
#include "sink/text.h"

/* Text of a file's making; null where nothing is known. */
static json_t *text(const char *s)
{
	_cleanup_free_ char *valid = s && s[0] ? text_utf8(s) : NULL;

	return valid ? json_string(valid) : json_null();
}

/* The same, "" where nothing is to be said. */
static json_t *said(const char *s)
{
	_cleanup_free_ char *valid = text_utf8(s);

	return json_string(valid ? valid : "");
}

/* Addresses do not fit into what JSON readers keep exactly. */
static json_t *address(bool known, uint64_t value)
{
	char hex[24];

	if (!known)
		return json_null();
	snprintf(hex, sizeof(hex), "0x%" PRIx64, value);
	return json_string(hex);
}

static json_t *answer(enum answer a)
{
	return a == UNSEEN ? json_null() : json_boolean(a == YES);
}

static json_t *place(const struct place *p)
{
	if (!p->file[0])
		return json_null();
	return json_pack("{s:o,s:i}", "file", text(p->file), "line", p->line);
}

static json_t *inlined(const struct path_step *s)
{
	if (!s->inlined_into[0])
		return json_null();
	return json_pack("{s:o,s:o}", "function", text(s->inlined_into), "at",
			 place(&s->inlined_at));
}

static json_t *step_object(const struct path_step *s)
{
	bool tracepoint = s->row->flags & WAY_TRACEPOINT;

	return json_pack("{s:s,s:s,s:o,s:b,s:o,s:s,s:o,s:o,s:{s:o,s:o,s:o,s:o},s:o}", "stage",
			 way_stage_name(s->row->stage), "kind",
			 tracepoint ? "tracepoint" : "function", "symbol", text(s->symbol), "here",
			 (int)s->here, "address", address(s->here && !tracepoint, s->address),
			 "what", s->row->what, "place", place(&s->place), "inlined", inlined(s),
			 "probe", "tracefs", answer(s->probe.tracefs), "module",
			 answer(s->probe.module), "how", text(s->probe.how), "why",
			 said(s->probe.why), "plan", text(s->plan));
}

static json_t *way_object(const struct path_way *w)
{
	json_t *steps = json_array();

	for (size_t i = 0; i < w->count; i++)
		if (w->steps[i].here || w->steps[i].inlined_into[0] ||
		    !(w->steps[i].row->flags & WAY_OPTIONAL))
			json_array_append_new(steps, step_object(&w->steps[i]));
	return json_pack("{s:s,s:s,s:s,s:o,s:s}", "gate", gate_name(w->way->gate), "abi",
			 abi_name(w->way->abi), "instruction", w->way->instruction, "steps", steps,
			 "back", w->way->back);
}

static json_t *registers_array(const struct path_cpu *c)
{
	json_t *list = json_array();

	for (size_t i = 0; i < c->count && c->cpus; i++) {
		const struct cpu_register *r = &c->registers[i];

		json_array_append_new(list, json_pack("{s:s,s:o,s:o,s:b,s:o,s:I}", "name", r->name,
						      "number", address(true, r->number), "value",
						      address(r->read, r->value), "differs",
						      (int)r->differs, "symbol", text(r->symbol),
						      "offset", (json_int_t)r->offset));
	}
	return list;
}

static json_t *cpu_object(const struct path *p)
{
	const struct path_cpu *c = &p->cpu;

	if (!p->live)
		return json_null();
	return json_pack("{s:I,s:o,s:o,s:{s:o,s:o,s:o}}", "cpus", (json_int_t)c->cpus, "registers",
			 registers_array(c), "why", text(c->why), "int80", "address",
			 address(c->idt_read, c->idt80), "symbol", text(c->idt80_symbol), "why",
			 text(c->idt_why));
}

static json_t *plan_object(const struct path *p)
{
	json_t *points = json_array();

	if (!p->planned) {
		json_decref(points);
		return json_pack("{s:n,s:o,s:[]}", "attach", "why", said(p->plan_error.text),
				 "points");
	}
	for (size_t i = 0; i < p->plan.points_count; i++)
		json_array_append_new(points, json_pack("{s:o,s:s,s:o}", "symbol",
							text(p->plan.points[i].symbol), "abi",
							abi_name(p->plan.points[i].abi), "why",
							said(p->plan.points[i].why)));
	return json_pack("{s:s,s:o,s:o}", "attach", plan_attach_name(p->plan.attach), "why",
			 said(p->plan.why), "points", points);
}

int path_write_json(FILE *out, const struct path_view *v)
{
	const struct path *p = v->path;
	json_t *ways = json_array(), *notes = json_array(), *object;
	int err = 0;

	for (size_t i = 0; i < p->count; i++)
		json_array_append_new(ways, way_object(&p->ways[i]));
	for (size_t i = 0; i < p->notes_count; i++)
		json_array_append_new(notes, text(p->notes[i]));
	object = json_pack("{s:i,s:o,s:b,s:s,s:{s:s,s:s},s:o,s:o,s:o,s:o,s:o}", "sysgate", 1,
			   "kernel", text(v->kernel), "live", (int)p->live, "machine",
			   p->is64 ? "x86_64" : "i386", "era", "name", p->era->name, "kernels",
			   p->era->kernels, "call", said(p->call), "cpu", cpu_object(p), "gates",
			   ways, "plan", plan_object(p), "notes", notes);
	if (!object)
		return -ENOMEM;
	if (json_dumpf(object, out, JSON_COMPACT) || fputc('\n', out) == EOF)
		err = -EIO;
	json_decref(object);
	return err;
}
