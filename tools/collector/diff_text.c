// SPDX-License-Identifier: GPL-2.0-or-later
/* What all formats of a comparison say alike, and those for people. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "collector/diff_write.h"
#include "collector/html.h"
#include "collector/when.h"
#include "sink/grid.h"
#include "sink/sink.h"
#include "sink/text.h"

static void call_text(const struct compare_row *r, const struct syscalls *names, char *buf,
		      size_t size)
{
	char number[64];

	snprintf(buf, size, "%s",
		 syscalls_name(names, r->a.key.abi, r->a.key.nr, number, sizeof(number)));
}

static void abi_text(const struct compare_row *r, const struct syscalls *names, char *buf,
		     size_t size)
{
	(void)names;
	snprintf(buf, size, "%s", abi_name(r->a.key.abi));
}

static void gate_text(const struct compare_row *r, const struct syscalls *names, char *buf,
		      size_t size)
{
	(void)names;
	snprintf(buf, size, "%s", gate_name(r->a.key.gate));
}

static void errno_text(const struct compare_row *r, const struct syscalls *names, char *buf,
		       size_t size)
{
	char number[16];

	(void)names;
	snprintf(buf, size, "%s", r->a.key.err ? sg_errno_name(r->a.key.err, number) : "");
}

static void comm_text(const struct compare_row *r, const struct syscalls *names, char *buf,
		      size_t size)
{
	(void)names;
	snprintf(buf, size, "%s", r->proc.comm);
}

static void uid_text(const struct compare_row *r, const struct syscalls *names, char *buf,
		     size_t size)
{
	(void)names;
	buf[0] = '\0';
	if (r->proc.uid != (uid_t)-1)
		snprintf(buf, size, "%u", r->proc.uid);
}

static void cgroup_text(const struct compare_row *r, const struct syscalls *names, char *buf,
			size_t size)
{
	(void)names;
	snprintf(buf, size, "%s", r->proc.cgroup ? r->proc.cgroup : "");
}

const struct diff_key diff_keys[] = {
	{ GROUP_CALL, "call", "CALL", call_text },
	{ GROUP_ABI, "abi", "ABI", abi_text },
	{ GROUP_GATE, "gate", "GATE", gate_text },
	{ GROUP_ERRNO, "errno", "ERRNO", errno_text },
	{ GROUP_COMM, "comm", "COMM", comm_text },
	{ GROUP_UID, "uid", "UID", uid_text },
	{ GROUP_CGROUP, "cgroup", "CGROUP", cgroup_text },
};
const size_t diff_keys_count = ARRAY_SIZE(diff_keys);

bool diff_is_change(const struct compare_result *r)
{
	return r->verdict != COMPARE_SAME && r->verdict != COMPARE_UNKNOWN;
}

bool diff_is_same(const struct compare_result *r, int figure)
{
	return r->verdict == COMPARE_SAME && !(figure == COMPARE_ERRORS && r->a <= 0 && r->b <= 0);
}

const char *diff_caution(const struct compare *c)
{
	const struct snapshot *a = c->a.head, *b = c->b.head;

	if (strcmp(a->engine, b->engine) || strcmp(a->attach, b->attach))
		return "A and B were counted in different ways: what the probes add to each time "
		       "differs";
	if (snapshot_lossy(a) || snapshot_lossy(b))
		return "something was lost in A or B: the report of each says what";
	if (strcmp(a->host, b->host))
		return "A and B are of different machines";
	if (strcmp(a->kernel, b->kernel))
		return "A and B are of different kernels";
	return NULL;
}

const char *diff_figure(char *buf, size_t size, int figure, double v)
{
	if (isnan(v))
		snprintf(buf, size, "-");
	else if (figure == COMPARE_ERRORS)
		snprintf(buf, size, "%.2f %%", 100 * v);
	else if (figure == COMPARE_RATE && v < 999.5)
		snprintf(buf, size, "%.3g", v);
	else if (figure == COMPARE_RATE)
		format_count(buf, size, (uint64_t)(v + 0.5));
	else
		format_time(buf, size, cell_whole_ns(v));
	return buf;
}

const char *diff_change(char *buf, size_t size, int figure, const struct compare_result *r)
{
	if (r->verdict == COMPARE_NEW)
		snprintf(buf, size, "new");
	else if (r->verdict == COMPARE_GONE)
		snprintf(buf, size, "gone");
	else if (isnan(r->change))
		snprintf(buf, size, "-");
	else if (figure == COMPARE_ERRORS)
		snprintf(buf, size, "%+.2f pt", 100 * r->change);
	else if (r->change >= 1)
		snprintf(buf, size, "x%.2f", 1 + r->change);
	else
		snprintf(buf, size, "%+.1f %%", 100 * r->change);
	return buf;
}

const char *diff_noise(char *buf, size_t size, int figure, const struct compare_result *r)
{
	if (isnan(r->noise))
		snprintf(buf, size, "-");
	else
		snprintf(buf, size, "+-%.2f %s", 100 * r->noise,
			 figure == COMPARE_ERRORS ? "pt" : "%");
	return buf;
}

static void write_side(FILE *out, const char *which, const char *path, const struct compare_side *s,
		       size_t width, const struct style *style)
{
	char from[32], time[40], text[1024];
	_cleanup_free_ char *shown = text_escape(path);

	snprintf(text, sizeof(text), "%s: %.500s: %s, %s, engine %s, %s from %s on, %zu intervals",
		 which, shown ? shown : "?", s->head->host, s->head->kernel, s->head->engine,
		 format_time(time, sizeof(time), s->head->duration_ns),
		 when_format(from, sizeof(from), s->head->start_ns), s->intervals);
	wrap_print(out, text, width, "", style);
}

static void write_pace(FILE *out, const struct compare *c, size_t width, const struct style *style)
{
	char text[256], rate[40] = "", time[80] = "";

	if (!isnan(c->pace[COMPARE_RATE]))
		snprintf(rate, sizeof(rate), " x%.2f as many", c->pace[COMPARE_RATE]);
	if (!isnan(c->pace[COMPARE_TYPICAL]))
		snprintf(time, sizeof(time), "%s x%.2f as long", rate[0] ? ", each" : "",
			 c->pace[COMPARE_TYPICAL]);
	if (!rate[0] && !time[0])
		return;
	snprintf(text, sizeof(text),
		 "pace: the calls of B on the whole:%s%s; changes are against that", rate, time);
	wrap_print(out, text, width, "", style);
}

static int add_line(struct grid *g, const struct compare *c, const struct diff_options *o,
		    const struct compare_row *row, int figure)
{
	const struct compare_result *r = &row->results[figure];
	char *texts[16], buf[4200];
	size_t n = 0;

	for (size_t i = 0; i < diff_keys_count; i++) {
		if (!(c->group & diff_keys[i].bit))
			continue;
		diff_keys[i].text(row, o->names, buf, sizeof(buf));
		texts[n++] = buf[0] ? text_escape(buf) : strdup("-");
	}
	texts[n++] = strdup(compare_names[figure].title);
	texts[n++] = strdup(diff_figure(buf, sizeof(buf), figure, r->a));
	texts[n++] = strdup(diff_figure(buf, sizeof(buf), figure, r->b));
	texts[n++] = strdup(diff_change(buf, sizeof(buf), figure, r));
	texts[n++] = strdup(diff_noise(buf, sizeof(buf), figure, r));
	return grid_row(g, texts, NULL);
}

static int write_rows(FILE *out, const struct compare *c, const struct diff_options *o,
		      const struct style *style)
{
	static const struct grid_column figures[] = { { "WHAT", true, GRID_STAYS },
						      { "A", false, GRID_FIGURE },
						      { "B", false, GRID_FIGURE + 1 },
						      { "CHANGE", false, GRID_STAYS },
						      { "NOISE", false, GRID_DETAIL } };
	struct grid_column keys[8];
	const struct grid_column *columns[16];
	size_t n = 0;
	struct grid *g;
	int ret = 0;

	for (size_t i = 0; i < diff_keys_count; i++) {
		if (!(c->group & diff_keys[i].bit))
			continue;
		keys[n] =
			(struct grid_column){ diff_keys[i].title, true, n ? GRID_KEY : GRID_STAYS };
		columns[n] = &keys[n];
		n++;
	}
	for (size_t i = 0; i < ARRAY_SIZE(figures); i++)
		columns[n++] = &figures[i];
	g = grid_new(columns, n);
	if (!g)
		return -ENOMEM;
	for (size_t i = 0; i < c->rows_count && !ret; i++)
		for (int f = 0; f < COMPARE_FIGURES && !ret; f++) {
			const struct compare_result *r = &c->rows[i].results[f];

			if (diff_is_change(r) || (o->all && diff_is_same(r, f)))
				ret = add_line(g, c, o, &c->rows[i], f);
		}
	if (!ret)
		grid_print(out, g, o->width, style);
	grid_free(g);
	return ret;
}

static int write_text(FILE *out, const struct compare *c, const struct diff_options *o)
{
	const struct style *style = style_for(o->colour);
	const char *caution = diff_caution(c);
	char text[128];
	int ret = 0;

	write_side(out, "A", o->path_a, &c->a, o->width, style);
	write_side(out, "B", o->path_b, &c->b, o->width, style);
	write_pace(out, c, o->width, style);
	if (c->changes || o->all) {
		fputc('\n', out);
		ret = write_rows(out, c, o, style);
	}
	fputc('\n', out);
	if (c->changes)
		snprintf(text, sizeof(text), "%zu %s larger than the noise, of %zu comparisons",
			 c->changes, c->changes == 1 ? "change" : "changes", c->tests);
	else
		snprintf(text, sizeof(text), "no change larger than the noise, in %zu comparisons",
			 c->tests);
	wrap_print(out, text, o->width, style->bold, style);
	if (caution) {
		snprintf(text, sizeof(text), "note: %s", caution);
		wrap_print(out, text, o->width, style->dim, style);
	}
	return ret;
}

const struct diff_format diff_table = { "table", write_text };

/* From -100 % to twice as much, the noise as a line through the end of the bar. */
static void draw_bar(FILE *out, const struct compare_result *r)
{
	const double width = 200, zero = 100;
	double to = zero + zero * fmin(fmax(r->change, -1), 1);
	double noise = zero * fmin(r->noise, 1);

	fputs("<td>", out);
	if (!isnan(r->change))
		fprintf(out,
			"<svg viewBox=\"0 0 %.0f 14\" style=\"width:200px\" role=\"img\" "
			"aria-label=\"change\"><line class=\"axis\" x1=\"%.0f\" y1=\"0\" x2=\"%.0f\" "
			"y2=\"14\"/><rect class=\"%s\" x=\"%.1f\" y=\"3\" width=\"%.1f\" "
			"height=\"8\"/><line class=\"axis\" x1=\"%.1f\" y1=\"7\" x2=\"%.1f\" "
			"y2=\"7\" stroke-width=\"2\"/></svg>",
			width, zero, zero, diff_is_change(r) ? "bad" : "area", fmin(zero, to),
			fabs(to - zero), fmax(to - noise, 0), fmin(to + noise, width));
	fputs("</td>", out);
}

static void write_page_row(FILE *out, const struct compare *c, const struct diff_options *o,
			   const struct compare_row *row, int figure)
{
	const struct compare_result *r = &row->results[figure];
	char buf[4200];

	fputs("<tr>", out);
	for (size_t i = 0; i < diff_keys_count; i++) {
		if (!(c->group & diff_keys[i].bit))
			continue;
		diff_keys[i].text(row, o->names, buf, sizeof(buf));
		fputs("<td class=\"t\">", out);
		html_text(out, buf);
		fputs("</td>", out);
	}
	fprintf(out, "<td class=\"t\">%s</td>", compare_names[figure].title);
	fprintf(out, "<td>%s</td>", diff_figure(buf, sizeof(buf), figure, r->a));
	fprintf(out, "<td>%s</td>", diff_figure(buf, sizeof(buf), figure, r->b));
	fprintf(out, "<td%s>%s</td>", diff_is_change(r) ? " class=\"worse\"" : "",
		diff_change(buf, sizeof(buf), figure, r));
	fprintf(out, "<td>%s</td>", diff_noise(buf, sizeof(buf), figure, r));
	draw_bar(out, r);
	fputs("</tr>\n", out);
}

static void write_page_rows(FILE *out, const struct compare *c, const struct diff_options *o,
			    bool changed)
{
	fputs("<div class=\"wide\"><table>\n<tr>", out);
	for (size_t i = 0; i < diff_keys_count; i++)
		if (c->group & diff_keys[i].bit)
			fprintf(out, "<th class=\"t\">%s</th>", diff_keys[i].name);
	fputs("<th class=\"t\">what</th><th>A</th><th>B</th><th>change</th><th>noise</th>"
	      "<th>-100 % to x2</th></tr>\n",
	      out);
	for (size_t i = 0; i < c->rows_count; i++)
		for (int f = 0; f < COMPARE_FIGURES; f++) {
			const struct compare_result *r = &c->rows[i].results[f];

			if (changed ? diff_is_change(r) : diff_is_same(r, f))
				write_page_row(out, c, o, &c->rows[i], f);
		}
	fputs("</table></div>\n", out);
}

static void write_page_side(FILE *out, const char *which, const char *path,
			    const struct compare_side *s)
{
	char from[32], time[40];

	fprintf(out, "<p>%s: ", which);
	html_text(out, path);
	fputs(": ", out);
	html_text(out, s->head->host);
	fputs(", ", out);
	html_text(out, s->head->kernel);
	fputs(", engine ", out);
	html_text(out, s->head->engine);
	fprintf(out, ", %s from %s on, %zu intervals.</p>\n",
		format_time(time, sizeof(time), s->head->duration_ns),
		when_format(from, sizeof(from), s->head->start_ns), s->intervals);
}

static int write_page(FILE *out, const struct compare *c, const struct diff_options *o)
{
	const char *caution = diff_caution(c);

	html_begin(out, "System calls compared");
	write_page_side(out, "A", o->path_a, &c->a);
	write_page_side(out, "B", o->path_b, &c->b);
	if (caution)
		fprintf(out, "<p>Note: %s.</p>\n", caution);
	if (!isnan(c->pace[COMPARE_RATE]))
		fprintf(out,
			"<p>On the whole B made x%.2f as many calls a second. A call that follows "
			"it is no change.</p>\n",
			c->pace[COMPARE_RATE]);
	if (!isnan(c->pace[COMPARE_TYPICAL]))
		fprintf(out,
			"<p>On the whole a call took x%.2f as long. A call that follows "
			"it is no change.</p>\n",
			c->pace[COMPARE_TYPICAL]);
	fprintf(out, "<h2>Larger than the noise: %zu</h2>\n", c->changes);
	if (c->changes)
		write_page_rows(out, c, o, true);
	fputs("<h2>Within the noise</h2>\n", out);
	write_page_rows(out, c, o, false);
	html_end(out);
	return 0;
}

const struct diff_format diff_html = { "html", write_page };
