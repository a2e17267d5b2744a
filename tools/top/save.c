// SPDX-License-Identifier: GPL-2.0-or-later
/* What is shown, as JSON: of the rows those that the filter leaves, in their order. */
#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "sink/json.h"
#include "top/internal.h"

/* The view of the list's rows alone. */
static int save_rows(struct top *t, FILE *out, const struct sink_options *o)
{
	struct view v = *t->view;
	_cleanup_free_ struct row **rows = calloc(t->rows_count + 1, sizeof(struct row *));

	if (!rows)
		return -ENOMEM;
	v.rows = rows;
	v.rows_count = 0;
	for (size_t i = 0; i < t->rows_count; i++)
		if (t->rows[i].row)
			rows[v.rows_count++] = (struct row *)t->rows[i].row;
	return sink_json.write(out, &v, o);
}

static int save_flights(struct top *t, FILE *out, const struct sink_options *o)
{
	_cleanup_free_ const struct in_flight **list =
		calloc(t->rows_count + 1, sizeof(struct in_flight *));
	struct view v = { .snapshot = t->shown, .in_flight = list };

	if (!list)
		return -ENOMEM;
	for (size_t i = 0; i < t->rows_count; i++)
		list[v.in_flight_count++] = t->rows[i].flight;
	return json_write_in_flight(out, &v, o);
}

static int save_sites(struct top *t, FILE *out, const struct sink_options *o)
{
	struct sites_view v = t->sites;
	_cleanup_free_ struct site_row *rows = calloc(t->rows_count + 1, sizeof(*rows));

	if (!rows)
		return -ENOMEM;
	for (size_t i = 0; i < t->rows_count; i++)
		rows[i] = *t->rows[i].site;
	v.rows = rows;
	v.count = v.shown = t->rows_count;
	return sites_write_json(out, &v, o);
}

/* Losses stand beside the calls. */
static int save_all(struct top *t, FILE *out, const struct sink_options *o)
{
	const struct view_options all = { .group = GROUP_DEFAULT,
					  .sort = t->sort,
					  .filter = t->config.filter,
					  .filter_data = t->config.filter_data };
	struct view *v = view_new(t->shown, &all);
	int ret = v ? sink_json.write(out, v, o) : -ENOMEM;

	view_free(v);
	return ret;
}

int top_save(struct top *t, FILE *out, struct sg_error *e)
{
	const struct sink_options o = { .names = t->config.names };
	int ret;

	if (list_make(t) || !t->shown)
		return sg_fail(e, ENODATA, "there is nothing to save yet");
	if (list_kind(t) == LIST_FLIGHTS)
		ret = save_flights(t, out, &o);
	else if (list_kind(t) == LIST_SITES && t->state)
		ret = save_sites(t, out, &o);
	else if (t->view)
		ret = save_rows(t, out, &o);
	else
		ret = save_all(t, out, &o);
	return ret ? sg_fail_errno(e, -ret, "save") : 0;
}
