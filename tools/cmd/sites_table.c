// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "cmd/sites.h"
#include "sink/grid.h"
#include "sink/text.h"

static const struct grid_column gate = { "GATE", true, GRID_STAYS };
static const struct grid_column call = { "CALL", true, GRID_STAYS };
static const struct grid_column site = { "SITE", true, GRID_STAYS };
static const struct grid_column count = { "COUNT", false, GRID_STAYS };
static const struct grid_column errors = { "ERRORS", false, GRID_DETAIL };
static const struct grid_column total = { "TOTAL", false, GRID_FIGURE };
static const struct grid_column avg = { "AVG", false, GRID_FIGURE + 1 };
static const struct grid_column longest = { "MAX", false, GRID_DETAIL + 1 };
static const struct grid_column *const heads[] = { &gate,   &call,  &site, &count,
						   &errors, &total, &avg,  &longest };

static char *time_or_dash(const struct cell *c, uint64_t ns)
{
	char buf[32];

	return strdup(cell_timed(c) ? format_time(buf, sizeof(buf), ns) : "-");
}

static int add_row(struct grid *g, const struct sites_view *v, const struct site_row *r,
		   const struct sink_options *o)
{
	const struct cell *c = &r->cell;
	char name[32], n[32], *texts[ARRAY_SIZE(heads)];

	texts[0] = strdup(gate_name(c->key.gate));
	texts[1] = text_escape(syscalls_name(o->names, c->key.abi, c->key.nr, name, sizeof(name)));
	texts[2] = sites_text(v, r);
	texts[3] = strdup(format_count(n, sizeof(n), c->count));
	texts[4] = strdup(format_count(n, sizeof(n), c->errors));
	texts[5] = time_or_dash(c, c->total_ns);
	texts[6] = time_or_dash(c, cell_whole_ns(cell_mean_ns(c)));
	texts[7] = time_or_dash(c, c->max_ns);
	return grid_row(g, texts, NULL);
}

static void write_losses(FILE *out, const struct sites_view *v)
{
	const struct snapshot_sites *s = &v->snapshot->sites;
	char n[32];

	if (v->shown < v->count)
		fprintf(out, "and %s more\n", format_count(n, sizeof(n), v->count - v->shown));
	if (s->full)
		fprintf(out, "sites_full: %s calls: the table of sites or files is full\n",
			format_count(n, sizeof(n), s->full));
	if (s->unseen)
		fprintf(out, "sites_unseen: %s calls: their process was changing its memory\n",
			format_count(n, sizeof(n), s->unseen));
}

int sites_write_table(FILE *out, const struct sites_view *v, const struct sink_options *o)
{
	const struct style *style = style_for(o->colour);
	struct grid *g = grid_new(heads, ARRAY_SIZE(heads));
	char t[32];
	int ret = 0;

	if (!g)
		return -ENOMEM;
	for (size_t i = 0; i < v->shown && !ret; i++)
		ret = add_row(g, v, &v->rows[i], o);
	if (!ret) {
		fprintf(out, "Linux %s %s, %s\n\n", v->snapshot->kernel, v->snapshot->machine,
			format_time(t, sizeof(t), v->snapshot->duration_ns));
		grid_print(out, g, o->width, style);
		write_losses(out, v);
	}
	grid_free(g);
	return ret ? ret : ferror(out) ? -EIO : 0;
}
