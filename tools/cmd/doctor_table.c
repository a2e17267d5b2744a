// SPDX-License-Identifier: GPL-2.0-or-later
#include "cmd/doctor.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "cmd/words.h"
#include "target/syscalls.h"

#define WIDTH_OF_FILE 80
#define WIDTH_LEAST   24 /* below, words stick out */
#define WIDTH_NARROW  64 /* below, reasons go below the names */
#define NAME_WIDTH    17
#define INDENT_WIDE   25 /* "  works  " and the name before it */
#define INDENT_NARROW 4

struct page {
	FILE *out;
	size_t width, indent;
	const char *good, *bad, *dim, *bold, *off;
};

static void put_words(const struct page *p, const char *text, size_t at, size_t indent)
{
	words_put(p->out, text, at, indent, p->width);
}

static void put_title(const struct page *p, const char *title)
{
	fprintf(p->out, "\n%s%s%s\n", p->bold, title, p->off);
}

static void put_fact(const struct page *p, const char *name, const char *text)
{
	fprintf(p->out, "%-9s", name);
	put_words(p, text, 9, p->indent == INDENT_WIDE ? 9 : INDENT_NARROW);
}

/* A line "works  NAME  why", and below it what would enable it. */
static void put_row(const struct page *p, enum answer works, const char *name, const char *why,
		    const char *enable)
{
	static const char *const marks[] = { [UNSEEN] = "?", [NO] = "no", [YES] = "yes" };
	const char *colour = works == YES ? p->good : works == NO ? p->bad : p->dim;

	fprintf(p->out, "  %s%-4s%s ", colour, marks[works], p->off);
	if (p->indent == INDENT_WIDE)
		fprintf(p->out, "%-*s ", NAME_WIDTH, name);
	else
		fprintf(p->out, "%s\n%*s", name, (int)p->indent, "");
	put_words(p, why[0] ? why : "-", p->indent, p->indent);
	if (enable[0]) {
		fprintf(p->out, "%*s%s", (int)p->indent, "", p->bold);
		fprintf(p->out, "-> %s", p->off);
		put_words(p, enable, p->indent + 3, p->indent + 3);
	}
}

static const char *has(bool it)
{
	return it ? "yes" : "no";
}

static void put_machine(const struct page *p, const struct machine *m)
{
	const struct cpu *c = &m->cpu;
	char text[512];

	snprintf(text, sizeof(text), "%s, %s%s%s", m->release, m->arch, m->os_name[0] ? ", " : "",
		 m->os_name);
	put_fact(p, "kernel", text);
	snprintf(text, sizeof(text), "%ld x %s (%s)%s", c->count, c->model, c->vendor,
		 c->hypervisor ? ", virtual" : "");
	put_fact(p, "cpu", text);
	snprintf(text, sizeof(text), "SYSCALL %s, SYSENTER (sep) %s, FRED %s; 32-bit code: %s",
		 has(c->syscall), has(c->sep), has(c->fred),
		 m->i386.runs == NO ? "refused" : gate_name(c->gate32));
	put_fact(p, "gates", text);
	snprintf(text, sizeof(text), "%s; constant_tsc %s, nonstop_tsc %s",
		 c->clocksource[0] ? c->clocksource : "unknown", has(c->constant_tsc),
		 has(c->nonstop_tsc));
	put_fact(p, "clock", text);
}

static void put_choice(const struct page *p, const struct diagnosis *d)
{
	char text[128];

	for (size_t i = 0; i < d->engines_count; i++) {
		if (!d->checks[i].works || d->checks[i].slow)
			continue;
		snprintf(text, sizeof(text), "--engine auto takes '%s' here.", d->engines[i]->name);
		fputc('\n', p->out);
		put_words(p, text, 0, 0);
		return;
	}
	fputc('\n', p->out);
	put_words(p, "No engine works here.", 0, 0);
}

int doctor_write_table(FILE *out, const struct diagnosis *d, unsigned int width, bool colour)
{
	struct page p = { .out = out, .width = width ? width : WIDTH_OF_FILE };

	if (p.width < WIDTH_LEAST)
		p.width = WIDTH_LEAST;
	p.indent = p.width < WIDTH_NARROW ? INDENT_NARROW : INDENT_WIDE;
	p.good = colour ? "\033[32m" : "";
	p.bad = colour ? "\033[31m" : "";
	p.dim = colour ? "\033[2m" : "";
	p.bold = colour ? "\033[1m" : "";
	p.off = colour ? "\033[0m" : "";
	put_machine(&p, &d->machine);
	put_title(&p, "engines");
	for (size_t i = 0; i < d->engines_count; i++)
		put_row(&p, d->checks[i].works ? YES : NO, d->engines[i]->name, d->checks[i].why,
			d->checks[i].enable);
	put_title(&p, "features");
	for (size_t i = 0; i < d->features_count; i++)
		put_row(&p, d->features[i].works, d->features[i].name, d->features[i].why,
			d->features[i].enable);
	put_choice(&p, d);
	return ferror(out) ? -EIO : 0;
}
