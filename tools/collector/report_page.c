// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Pictures have the recording's own rows as columns, put together to some 200: what was folded is
 * drawn as wide as it is long, and a time without a recording stays empty.
 */
#include "collector/report_page.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "collector/html.h"
#include "collector/when.h"
#include "sink/sink.h"

#define COLUMNS	 200
#define PICTURES 8 /* calls with a heat map of their own */
#define ROWS	 60
#define WIDTH	 1000.0
#define LEFT	 70.0 /* room of the axis */
#define HALF	 4    /* buckets a heat map's row is high: half an octave */
#define HEAT	 (SYSGATE_HIST_BUCKETS / HALF + 1)

/* One call, or all of them together, in one column. */
struct spot {
	uint64_t count, errors;
	uint32_t heat[HEAT];
};

struct column {
	uint64_t start_ns, duration_ns;
	struct spot spots[PICTURES + 1]; /* the last is all calls */
};

struct page {
	const struct report_page *p;
	struct snapshot *whole;
	struct view *view;
	struct key pictured[PICTURES]; /* by call alone */
	size_t pictures;
	struct column *columns;
	size_t count;
	uint64_t from, to;
};

static double x_of(const struct page *g, uint64_t ns)
{
	double length = (double)(g->to - g->from);

	return LEFT + (WIDTH - LEFT) * (double)(ns - g->from) / (length > 0 ? length : 1);
}

static bool same_call(const struct key *a, const struct key *b)
{
	return a->abi == b->abi && a->nr == b->nr;
}

static void add_spot(struct spot *s, const struct cell *c)
{
	s->count += c->count;
	s->errors += c->errors;
	for (unsigned int i = 0; i < SYSGATE_HIST_BUCKETS; i++) {
		uint64_t sum = s->heat[i / HALF] + c->hist[i];

		s->heat[i / HALF] = sum > UINT32_MAX ? UINT32_MAX : (uint32_t)sum;
	}
}

static int add_column(struct snapshot *s, void *data, struct sg_error *e)
{
	struct page *g = data;
	const struct view_options *v = g->p->view;
	struct column *c, *grown;

	grown = reallocarray(g->columns, g->count + 1, sizeof(*grown));
	if (!grown)
		return sg_fail_errno(e, ENOMEM, "page");
	g->columns = grown;
	c = &g->columns[g->count++];
	memset(c, 0, sizeof(*c));
	c->start_ns = s->start_ns;
	c->duration_ns = s->duration_ns;
	for (size_t i = 0; i < s->cells_count; i++) {
		const struct cell *cell = s->cells[i];

		if (v->filter && !v->filter(&cell->key, v->filter_data))
			continue;
		add_spot(&c->spots[PICTURES], cell);
		for (size_t k = 0; k < g->pictures; k++)
			if (same_call(&g->pictured[k], &cell->key))
				add_spot(&c->spots[k], cell);
	}
	if (s->start_ns < g->from)
		g->from = s->start_ns;
	if (s->start_ns + s->duration_ns > g->to)
		g->to = s->start_ns + s->duration_ns;
	return 0;
}

static int take_whole(struct snapshot *s, void *data, struct sg_error *e)
{
	struct page *g = data;

	g->whole = snapshot_copy(s);
	return g->whole ? 0 : sg_fail_errno(e, ENOMEM, "page");
}

static const char *call_name(const struct page *g, const struct key *k, char *buf, size_t size)
{
	return syscalls_name(g->p->names, k->abi, k->nr, buf, size);
}

/* The calls that take the most time, of those that the view has. */
static int choose(struct page *g, struct sg_error *e)
{
	struct view_options o = *g->p->view;
	struct view *v;

	o.group = GROUP_CALL | GROUP_ABI;
	o.rows = PICTURES;
	v = view_new(g->whole, &o);
	if (!v)
		return sg_fail_errno(e, ENOMEM, "page");
	g->pictures = v->rows_count;
	for (size_t i = 0; i < v->rows_count; i++)
		g->pictured[i] = v->rows[i]->cell.key;
	view_free(v);
	o = *g->p->view;
	if (!o.rows)
		o.rows = ROWS;
	g->view = view_new(g->whole, &o);
	return g->view ? 0 : sg_fail_errno(e, ENOMEM, "page");
}

static void time_axis(FILE *out, const struct page *g, double height)
{
	char from[32], to[32];

	fprintf(out,
		"<line class=\"axis\" x1=\"%.0f\" y1=\"%.1f\" x2=\"%.0f\" y2=\"%.1f\"/>"
		"<text x=\"%.0f\" y=\"%.0f\">%s</text>"
		"<text x=\"%.0f\" y=\"%.0f\" text-anchor=\"end\">%s</text>\n",
		LEFT, height, WIDTH, height, LEFT, height + 14,
		when_format(from, sizeof(from), g->from), WIDTH, height + 14,
		when_format(to, sizeof(to), g->to));
}

static double rate(uint64_t n, const struct column *c)
{
	return c->duration_ns ? (double)n * 1e9 / (double)c->duration_ns : 0;
}

static void begin_picture(FILE *out, double height, const char *label)
{
	fprintf(out, "<figure><svg viewBox=\"0 0 %.0f %.0f\" role=\"img\" aria-label=\"", WIDTH,
		height + 18);
	html_text(out, label);
	fputs("\">\n", out);
}

static void draw_rates(FILE *out, const struct page *g)
{
	const double height = 160;
	double most = 1;
	char buf[40];

	for (size_t i = 0; i < g->count; i++)
		most = fmax(most, rate(g->columns[i].spots[PICTURES].count, &g->columns[i]));
	begin_picture(out, height, "calls a second over the time");
	for (size_t i = 0; i < g->count; i++) {
		const struct column *c = &g->columns[i];
		const struct spot *all = &c->spots[PICTURES];
		double x = x_of(g, c->start_ns), w = x_of(g, c->start_ns + c->duration_ns) - x;
		double h = height * rate(all->count, c) / most;
		double bad = height * rate(all->errors, c) / most;

		fprintf(out,
			"<rect class=\"area\" x=\"%.2f\" y=\"%.2f\" width=\"%.2f\" height=\"%.2f\"/>",
			x, height - h, w, h);
		if (bad > 0.2)
			fprintf(out,
				"<rect class=\"bad\" x=\"%.2f\" y=\"%.2f\" width=\"%.2f\" "
				"height=\"%.2f\"/>",
				x, height - bad, w, bad);
	}
	fprintf(out, "\n<text x=\"%.0f\" y=\"11\" text-anchor=\"end\">%s/s</text>", LEFT - 6,
		format_count(buf, sizeof(buf), (uint64_t)(most + 0.5)));
	fprintf(out, "<text x=\"%.0f\" y=\"%.0f\" text-anchor=\"end\">0</text>\n", LEFT - 6,
		height);
	time_axis(out, g, height);
	fputs("</svg><figcaption>All calls, a second; those that failed in red.</figcaption>"
	      "</figure>\n",
	      out);
}

/* The first and last row that any column has something in; false when none has. */
static bool heat_extent(const struct page *g, size_t which, size_t *first, size_t *last)
{
	*first = HEAT;
	*last = 0;
	for (size_t i = 0; i < g->count; i++)
		for (size_t k = 0; k < HEAT; k++) {
			if (!g->columns[i].spots[which].heat[k])
				continue;
			*first = k < *first ? k : *first;
			*last = k > *last ? k : *last;
		}
	return *first <= *last;
}

static double most_heat(const struct page *g, size_t which)
{
	double most = 1;

	for (size_t i = 0; i < g->count; i++)
		for (size_t k = 0; k < HEAT; k++)
			most = fmax(most, rate(g->columns[i].spots[which].heat[k], &g->columns[i]));
	return most;
}

static void heat_axis(FILE *out, size_t first, size_t last, double step)
{
	char buf[40];

	/* A label each 18 pixels at most. */
	size_t every = (size_t)ceil(18 / step);

	for (size_t k = first; k <= last; k += every) {
		unsigned int bucket = (unsigned int)(k * HALF);

		fprintf(out, "<text x=\"%.0f\" y=\"%.1f\" text-anchor=\"end\">%s</text>", LEFT - 6,
			(double)(last - k + 1) * step,
			format_time(buf, sizeof(buf),
				    bucket < SYSGATE_HIST_BUCKETS ? sysgate_hist_low(bucket) : 0));
	}
}

/* Darker is more calls a second, by the logarithm. */
static void draw_heat(FILE *out, const struct page *g, size_t which, const char *name)
{
	size_t first, last;
	double most, step, height;

	if (!heat_extent(g, which, &first, &last))
		return;
	most = most_heat(g, which);
	step = 9;
	height = (double)(last - first + 1) * step;
	begin_picture(out, height, name);
	for (size_t i = 0; i < g->count; i++) {
		const struct column *c = &g->columns[i];
		double x = x_of(g, c->start_ns), w = x_of(g, c->start_ns + c->duration_ns) - x;

		for (size_t k = first; k <= last; k++) {
			double r = rate(c->spots[which].heat[k], c);

			if (r > 0)
				fprintf(out,
					"<rect class=\"heat\" x=\"%.2f\" y=\"%.1f\" width=\"%.2f\" "
					"height=\"%.1f\" opacity=\"%.2f\"/>",
					x, (double)(last - k) * step, w, step,
					0.08 + 0.92 * log1p(r) / log1p(most));
		}
	}
	fputc('\n', out);
	heat_axis(out, first, last, step);
	time_axis(out, g, height);
	fputs("</svg><figcaption>", out);
	html_text(out, name);
	fputs(": how long the calls took. The darker, the more of them.</figcaption></figure>\n",
	      out);
}

static void write_key(FILE *out, const struct page *g, const struct row *r)
{
	unsigned int group = g->view->group;
	char buf[64];

	if (group & GROUP_CALL) {
		fputs("<td>", out);
		html_text(out, call_name(g, &r->cell.key, buf, sizeof(buf)));
		fputs("</td>", out);
	}
	if (group & GROUP_ABI)
		fprintf(out, "<td class=\"t\">%s</td>", abi_name(r->cell.key.abi));
	if (group & GROUP_GATE)
		fprintf(out, "<td class=\"t\">%s</td>", gate_name(r->cell.key.gate));
	if (group & GROUP_ERRNO)
		fprintf(out, "<td class=\"t\">%s</td>",
			r->cell.key.err ? sg_errno_name(r->cell.key.err, buf) : "");
	if (group & (GROUP_PROCESS | GROUP_TASK))
		fprintf(out, "<td>%d</td>",
			r->proc ? (group & GROUP_TASK ? r->proc->tid : r->proc->tgid) : 0);
	if (group & (GROUP_PROCESS | GROUP_TASK | GROUP_COMM)) {
		fputs("<td class=\"t\">", out);
		html_text(out, r->proc ? r->proc->comm : "");
		fputs("</td>", out);
	}
	if (group & GROUP_UID)
		fprintf(out, "<td>%lld</td>",
			r->proc && r->proc->uid != (uid_t)-1 ? (long long)r->proc->uid : -1LL);
	if (group & GROUP_CGROUP) {
		fputs("<td class=\"t\">", out);
		html_text(out, r->proc && r->proc->cgroup ? r->proc->cgroup : "");
		fputs("</td>", out);
	}
}

static void write_figures(FILE *out, const struct cell *c)
{
	html_count(out, c->count);
	html_count(out, c->errors);
	if (!cell_timed(c)) {
		fputs("<td></td><td></td><td></td><td></td><td></td><td></td></tr>\n", out);
		return;
	}
	html_time(out, c->total_ns);
	html_time(out, cell_whole_ns(cell_mean_ns(c)));
	html_time(out, cell_quantile_ns(c, 0.5));
	html_time(out, cell_quantile_ns(c, 0.9));
	html_time(out, cell_quantile_ns(c, 0.99));
	html_time(out, c->max_ns);
	fputs("</tr>\n", out);
}

static void write_table(FILE *out, const struct page *g)
{
	static const struct {
		unsigned int bits;
		const char *title;
	} keys[] = { { GROUP_CALL, "call" },
		     { GROUP_ABI, "ABI" },
		     { GROUP_GATE, "gate" },
		     { GROUP_ERRNO, "errno" },
		     { GROUP_PROCESS | GROUP_TASK, "id" },
		     { GROUP_PROCESS | GROUP_TASK | GROUP_COMM, "comm" },
		     { GROUP_UID, "uid" },
		     { GROUP_CGROUP, "cgroup" } };
	size_t count = 0;

	fputs("<h2>Calls</h2>\n<div class=\"wide\"><table>\n<tr>", out);
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		if (g->view->group & keys[i].bits) {
			fprintf(out, "<th class=\"t\">%s</th>", keys[i].title);
			count++;
		}
	fputs("<th>count</th><th>errors</th><th>total</th><th>mean</th><th>p50</th><th>p90</th>"
	      "<th>p99</th><th>longest</th></tr>\n",
	      out);
	for (size_t i = 0; i < g->view->rows_count; i++) {
		fputs("<tr>", out);
		write_key(out, g, g->view->rows[i]);
		write_figures(out, &g->view->rows[i]->cell);
	}
	if (g->view->others_rows) {
		fprintf(out, "<tr><td colspan=\"%zu\">%zu others</td>", count,
			g->view->others_rows);
		write_figures(out, &g->view->others);
	}
	fprintf(out, "<tr><td colspan=\"%zu\">all</td>", count);
	write_figures(out, &g->view->total);
	fputs("</table></div>\n", out);
}

static void write_head(FILE *out, const struct page *g)
{
	const struct snapshot *s = g->whole;
	char from[32], time[40], count[40];

	fputs("<p>", out);
	html_text(out, s->host);
	fputs(", ", out);
	html_text(out, s->kernel);
	fputs(", engine ", out);
	html_text(out, s->engine);
	fprintf(out, ", %u CPUs. From %s on, %s recorded, %s calls. Conservation %s.</p>\n",
		s->cpus, when_format(from, sizeof(from), s->start_ns),
		format_time(time, sizeof(time), s->duration_ns),
		format_count(count, sizeof(count), g->view->total.count),
		snapshot_conserved(s) ? "holds" : "does not hold: the counts are not complete");
	for (size_t i = 0; i < loss_names_count; i++)
		if (snapshot_loss(s, &loss_names[i]))
			fprintf(out, "<p class=\"worse\">Lost: %s %s.</p>\n",
				format_count(count, sizeof(count),
					     snapshot_loss(s, &loss_names[i])),
				loss_names[i].text);
	for (size_t i = 0; i < SNAPSHOT_NOTES && s->notes[i]; i++) {
		fputs("<p>Note: ", out);
		html_text(out, s->notes[i]);
		fputs(".</p>\n", out);
	}
}

static void write_page(FILE *out, const struct page *g)
{
	char buf[64], name[128];

	html_begin(out, "System calls");
	write_head(out, g);
	fputs("<h2>Over the time</h2>\n", out);
	draw_rates(out, g);
	draw_heat(out, g, PICTURES, "All calls");
	for (size_t i = 0; i < g->pictures; i++) {
		snprintf(name, sizeof(name), "%s (%s)",
			 call_name(g, &g->pictured[i], buf, sizeof(buf)),
			 abi_name(g->pictured[i].abi));
		draw_heat(out, g, i, name);
	}
	write_table(out, g);
	html_end(out);
}

int report_page_write(FILE *out, const struct report_page *p, struct sg_error *e)
{
	struct page g = { .p = p, .from = UINT64_MAX };
	int ret = series_each(p->recording, &p->range, SERIES_WHOLE, take_whole, &g, e);

	if (!ret)
		ret = choose(&g, e);
	if (!ret)
		ret = series_each(p->recording, &p->range, g.whole->duration_ns / COLUMNS,
				  add_column, &g, e);
	if (!ret)
		write_page(out, &g);
	view_free(g.view);
	snapshot_free(g.whole);
	free(g.columns);
	return ret;
}
