// SPDX-License-Identifier: GPL-2.0-or-later
/* The table for people: what was asked for first, and what a reader must know below it. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "sink/columns.h"
#include "sink/grid.h"
#include "sink/sink.h"
#include "sink/text.h"

/* Narrower than that no line says anything. */
#define WIDTH_MIN 40

static int add_line(struct grid *g, const struct columns *c, const struct row *r,
		    const struct cell *cell, const char *label)
{
	char *texts[COLUMNS_MAX];

	for (size_t i = 0; i < c->count; i++)
		texts[i] = c->list[i]->value(c, label ? NULL : r, cell);
	return grid_row(g, texts, label);
}

static int write_calls(FILE *out, const struct columns *c, size_t width, const struct style *style)
{
	const struct view *v = c->view;
	const struct grid_column *heads[COLUMNS_MAX];
	struct grid *g;
	char rest[64], n[32];
	int ret = 0;

	for (size_t i = 0; i < c->count; i++)
		heads[i] = &c->list[i]->head;
	g = grid_new(heads, c->count);
	if (!g)
		return -ENOMEM;
	for (size_t i = 0; i < v->rows_count && !ret; i++)
		ret = add_line(g, c, v->rows[i], &v->rows[i]->cell, NULL);
	snprintf(rest, sizeof(rest), "and %s more", format_count(n, sizeof(n), v->others_rows));
	if (!ret && v->others_rows)
		ret = add_line(g, c, NULL, &v->others, rest);
	if (!ret)
		ret = add_line(g, c, NULL, &v->total, "total");
	if (!ret)
		grid_print(out, g, width, style);
	grid_free(g);
	return ret;
}

static int add_in_flight(struct grid *g, const struct in_flight *f, const struct syscalls *names)
{
	char *texts[5] = { NULL }, buf[32];

	if (asprintf(&texts[0], "%d", f->tgid) < 0)
		texts[0] = NULL;
	if (asprintf(&texts[1], "%d", f->tid) < 0)
		texts[1] = NULL;
	texts[2] = text_escape(f->comm);
	texts[3] = text_escape(syscalls_name(names, f->abi, f->nr, buf, sizeof(buf)));
	if (asprintf(&texts[4], "%s%s", f->at_least ? ">= " : "",
		     format_time(buf, sizeof(buf), f->age_ns)) < 0)
		texts[4] = NULL;
	return grid_row(g, texts, NULL);
}

static int write_in_flight(FILE *out, const struct view *v, const struct syscalls *names,
			   size_t width, const struct style *style)
{
	static const struct grid_column pid = { "PID", true, GRID_KEY + 1 };
	static const struct grid_column tid = { "TID", true, GRID_KEY + 2 };
	static const struct grid_column comm = { "COMM", true, GRID_STAYS };
	static const struct grid_column call = { "CALL", true, GRID_STAYS };
	static const struct grid_column age = { "AGE", false, GRID_STAYS };
	static const struct grid_column *const heads[] = { &pid, &tid, &comm, &call, &age };
	struct grid *g;
	int ret = 0;

	if (!v->in_flight_count) {
		wrap_print(out, "no call in flight", width, style->dim, style);
		return 0;
	}
	g = grid_new(heads, ARRAY_SIZE(heads));
	if (!g)
		return -ENOMEM;
	for (size_t i = 0; i < v->in_flight_count && !ret; i++)
		ret = add_in_flight(g, v->in_flight[i], names);
	if (!ret) {
		wrap_print(out, "in flight:", width, style->bold, style);
		grid_print(out, g, width, style);
	}
	grid_free(g);
	return ret;
}

static void write_head(FILE *out, const struct snapshot *s, size_t width, const struct style *style)
{
	char text[512], t[32];

	snprintf(text, sizeof(text), "%s, Linux %s %s, engine %s%s%s%s, %s",
		 s->host[0] ? s->host : "(no host name)", s->kernel, s->machine, s->engine,
		 s->attach[0] ? " (" : "", s->attach, s->attach[0] ? ")" : "",
		 format_time(t, sizeof(t), s->duration_ns));
	wrap_print(out, text, width, style->bold, style);
	fputc('\n', out);
}

static void write_conservation(FILE *out, const struct snapshot *s, size_t width,
			       const struct style *style)
{
	const struct conservation *c = &s->conservation;
	bool holds = snapshot_conserved(s);
	char text[512], before[64] = "", n[6][32];

	if (c->in_flight_before)
		snprintf(before, sizeof(before), " + %s in flight before",
			 format_count(n[0], sizeof(n[0]), c->in_flight_before));
	snprintf(text, sizeof(text),
		 "%s: %s entries%s %s %s exits + %s in flight + %s never returned + %s lost",
		 holds		     ? "conserved"
		 : s->loss.ring_lost ? "conservation not known, events were lost"
				     : "NOT conserved",
		 format_count(n[1], sizeof(n[1]), c->entries), before, holds ? "=" : "against",
		 format_count(n[2], sizeof(n[2]), c->exits),
		 format_count(n[3], sizeof(n[3]), c->in_flight),
		 format_count(n[4], sizeof(n[4]), c->never_returned),
		 format_count(n[5], sizeof(n[5]), c->lost));
	wrap_print(out, text, width, holds ? style->dim : style->red, style);
	if (c->suppressed) {
		snprintf(text, sizeof(text),
			 "outside of that: calls that seccomp or ptrace suppressed: %s",
			 format_count(n[0], sizeof(n[0]), c->suppressed));
		wrap_print(out, text, width, style->dim, style);
	}
	if (!c->before_attach)
		return;
	snprintf(text, sizeof(text),
		 "outside of that: exits of calls entered before the attach: %s",
		 format_count(n[0], sizeof(n[0]), c->before_attach));
	wrap_print(out, text, width, style->dim, style);
}

static void write_losses(FILE *out, const struct snapshot *s, size_t width,
			 const struct style *style)
{
	char text[256], n[32];

	for (size_t i = 0; i < loss_names_count; i++) {
		uint64_t lost = snapshot_loss(s, &loss_names[i]);

		if (!lost)
			continue;
		snprintf(text, sizeof(text), "loss: %s: %s %s", loss_names[i].name,
			 format_count(n, sizeof(n), lost), loss_names[i].text);
		wrap_print(out, text, width, style->red, style);
	}
}

static void write_overhead(FILE *out, const struct snapshot *s, size_t width,
			   const struct style *style)
{
	char text[256];

	if (s->per_call_ns < 0)
		return;
	if (s->inside_latency_ns < 0)
		snprintf(text, sizeof(text), "overhead: %.0f ns a call (%s)", s->per_call_ns,
			 s->overhead_how);
	else
		snprintf(text, sizeof(text),
			 "overhead: %.0f ns a call, %.0f ns of it inside the times (%s)",
			 s->per_call_ns, s->inside_latency_ns, s->overhead_how);
	wrap_print(out, text, width, style->dim, style);
}

static void write_foot(FILE *out, const struct columns *c, size_t width, const struct style *style)
{
	const struct snapshot *s = c->view->snapshot;

	fputc('\n', out);
	if (c->estimated)
		wrap_print(out, "~ estimated: the bound of a histogram bucket, at most 12.5 % off",
			   width, style->dim, style);
	write_conservation(out, s, width, style);
	write_losses(out, s, width, style);
	write_overhead(out, s, width, style);
	for (size_t i = 0; i < SNAPSHOT_NOTES && s->notes[i]; i++) {
		_cleanup_free_ char *note = NULL;

		if (asprintf(&note, "note: %s", s->notes[i]) < 0)
			note = NULL;
		wrap_print(out, note ? note : "note: (out of memory)", width, style->dim, style);
	}
}

static int render(FILE *out, const struct view *v, const struct sink_options *o)
{
	const struct style *style = style_for(o->colour);
	size_t width = o->width && o->width < WIDTH_MIN ? WIDTH_MIN : o->width;
	struct columns c;
	int ret;

	columns_choose(&c, v, o->names);
	write_head(out, v->snapshot, width, style);
	ret = write_calls(out, &c, width, style);
	if (!ret && o->in_flight) {
		fputc('\n', out);
		ret = write_in_flight(out, v, o->names, width, style);
	}
	if (!ret)
		write_foot(out, &c, width, style);
	return ret;
}

static int table_write(FILE *out, const struct view *v, const struct sink_options *o)
{
	_cleanup_free_ char *text = NULL;
	size_t size = 0;
	FILE *memory = open_memstream(&text, &size);
	int ret;

	if (!memory)
		return -ENOMEM;
	ret = render(memory, v, o);
	if (ferror(memory))
		ret = -ENOMEM;
	if (fclose(memory))
		ret = -ENOMEM;
	return ret ? ret : text_write(out, text, size);
}

const struct sink sink_table = {
	.name = "table",
	.help = "for people, fitted to the terminal's width",
	.write = table_write,
};
