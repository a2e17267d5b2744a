// SPDX-License-Identifier: GPL-2.0-or-later
#include "cmd/path.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/cleanup.h"
#include "cmd/words.h"
#include "sink/text.h"

#define INDENT 59 /* "  stage  * symbol probe " */
#define NARROW 13 /* where the symbol begins */
#define ROOM   40 /* fewer columns than that are none to read in */

const char *path_probe_word(const struct path_probe *p)
{
	if (p->tracefs == YES)
		return p->how ? p->how : "?";
	if (p->tracefs == NO && p->module == YES)
		return "module";
	return p->tracefs == NO && p->module == NO ? "no" : "?";
}

static void put_fact(FILE *out, const char *name, const char *text, size_t width)
{
	fprintf(out, "%-9s", name);
	words_put(out, text, 9, 9, width);
}

static void put_register(FILE *out, const struct cpu_register *r)
{
	fprintf(out, "%-9s%-18s ", "cpu", r->name);
	if (!r->read)
		fprintf(out, "unknown: this CPU does not have it\n");
	else if (r->from == WAY_FROM_NONE)
		fprintf(out, "%016" PRIx64 "%s\n", r->value,
			r->differs ? ", on other CPUs another" : "");
	else
		fprintf(out, "%016" PRIx64 "  %s%s\n", r->value,
			r->symbol[0] ? r->symbol : "in no symbol",
			r->differs ? ", on other CPUs another" : "");
}

static void put_cpu(FILE *out, const struct path_cpu *c, size_t width)
{
	char text[256];

	for (size_t i = 0; i < c->count && c->cpus; i++)
		put_register(out, &c->registers[i]);
	if (c->why[0]) {
		snprintf(text, sizeof(text), "registers unknown: %s", c->why);
		put_fact(out, "cpu", text, width);
	}
	if (c->idt_read)
		fprintf(out, "%-9s%-18s %016" PRIx64 "  %s\n", "cpu", "IDT vector 0x80", c->idt80,
			c->idt80_symbol[0] ? c->idt80_symbol : "in no symbol");
	else if (c->idt_why[0]) {
		snprintf(text, sizeof(text), "IDT vector 0x80 unknown: %s", c->idt_why);
		put_fact(out, "cpu", text, width);
	}
}

/* What it does, where it is, why no probe is taken, why the plan takes it: "; " between them. */
static void put_step(FILE *out, const struct path_step *s, size_t width)
{
	_cleanup_free_ char *symbol = text_escape(s->symbol);
	char text[1024];
	size_t n = 0;

#define ADD(...) (n += (size_t)snprintf(text + n, sizeof(text) - n, __VA_ARGS__))
	ADD("%s", s->row->what);
	if (s->place.file[0])
		ADD("; %s:%d", s->place.file, s->place.line);
	if (s->inlined_into[0])
		ADD("; inlined into %s", s->inlined_into);
	if (s->inlined_at.file[0])
		ADD(" at %s:%d", s->inlined_at.file, s->inlined_at.line);
	if (s->probe.tracefs != YES && s->probe.why[0] && !s->inlined_into[0])
		ADD("; %s", s->probe.why);
	if (s->plan[0])
		ADD("; planned: %s", s->plan);
#undef ADD
	fprintf(out, "  %-9s%c %-34s %-10s ", way_stage_name(s->row->stage), s->plan[0] ? '*' : ' ',
		symbol ? symbol : "",
		s->here		     ? path_probe_word(&s->probe)
		: s->inlined_into[0] ? "inlined"
				     : "no");
	if (width && width < INDENT + ROOM) {
		fprintf(out, "\n%*s", NARROW, "");
		words_put(out, text, NARROW, NARROW, width);
	} else {
		words_put(out, text, INDENT, INDENT, width);
	}
}

static void put_way(FILE *out, const struct path_way *w, size_t width)
{
	char text[320];

	fprintf(out, "\n%s: %s", gate_name(w->way->gate), w->way->instruction);
	if (w->way->abi != SYSGATE_ABI_UNKNOWN)
		fprintf(out, " (%s)", abi_name(w->way->abi));
	fputc('\n', out);
	for (size_t i = 0; i < w->count; i++)
		if (w->steps[i].here || w->steps[i].inlined_into[0] ||
		    !(w->steps[i].row->flags & WAY_OPTIONAL))
			put_step(out, &w->steps[i], width);
	snprintf(text, sizeof(text), "%s", w->way->back);
	fprintf(out, "  %-9s  ", "back");
	words_put(out, text, 13, 13, width);
}

int path_write_text(FILE *out, const struct path_view *v, size_t width)
{
	const struct path *p = v->path;
	char text[600];

	put_fact(out, "kernel", v->kernel, width);
	snprintf(text, sizeof(text), "%s (Linux %s)", p->era->name, p->era->kernels);
	put_fact(out, "era", text, width);
	if (p->planned)
		snprintf(text, sizeof(text), "%s: %s", plan_attach_name(p->plan.attach),
			 p->plan.why);
	else
		snprintf(text, sizeof(text), "none: %s", p->plan_error.text);
	put_fact(out, "plan", text, width);
	put_cpu(out, &p->cpu, width);
	for (size_t i = 0; i < p->count; i++)
		put_way(out, &p->ways[i], width);
	if (p->notes_count)
		fputc('\n', out);
	for (size_t i = 0; i < p->notes_count; i++)
		put_fact(out, "note", p->notes[i], width);
	return ferror(out) ? -EIO : 0;
}
