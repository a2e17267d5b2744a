// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>

#include "base/cleanup.h"
#include "collector/sites.h"
#include "sink/text.h"

static json_t *text(const char *s)
{
	_cleanup_free_ char *valid = s && s[0] ? text_utf8(s) : NULL;

	return valid ? json_string(valid) : json_null();
}

static json_t *number(uint64_t n)
{
	return json_integer(n > INT64_MAX ? INT64_MAX : (json_int_t)n);
}

static json_t *time_or_null(const struct cell *c, uint64_t ns)
{
	return cell_timed(c) ? number(ns) : json_null();
}

/* An address of memory without a file does not fit a number that every reader keeps. */
static json_t *place_object(const struct sites_view *v, const struct sysgate_site *site, int frame,
			    const struct source_place *p)
{
	char offset[24];

	snprintf(offset, sizeof(offset), "0x%" PRIx64, (uint64_t)site->offset[frame]);
	return json_pack("{s:o,s:s,s:o,s:o,s:o,s:o,s:o}", "module",
			 text(sites_module(v->snapshot, site, frame)), "offset", offset, "symbol",
			 text(p->symbol), "symbol_offset",
			 p->symbol ? number(p->symbol_offset) : json_null(), "file", text(p->file),
			 "line", p->file ? json_integer(p->line) : json_null(), "why",
			 text(p->why));
}

static json_t *stubs_array(const struct sites_view *v, const struct site_row *r)
{
	json_t *list = json_array();
	struct source_place p;

	for (int i = 0; i < r->frame; i++) {
		sites_find(v, r->site, i, &p);
		json_array_append_new(list, place_object(v, r->site, i, &p));
	}
	return list;
}

static json_t *row_object(const struct sites_view *v, const struct site_row *r,
			  const struct sink_options *o)
{
	const struct cell *c = &r->cell;
	bool seen = r->site->offset[r->frame];
	char name[32];

	return json_pack(
		"{s:s,s:s,s:i,s:s,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:i,s:o,s:o,s:b}", "gate",
		gate_name(c->key.gate), "abi", abi_name(c->key.abi), "nr", (int)c->key.nr, "name",
		syscalls_name(o->names, c->key.abi, c->key.nr, name, sizeof(name)), "count",
		number(c->count), "errors", number(c->errors), "total_ns", number(c->total_ns),
		"min_ns", time_or_null(c, c->min_ns), "avg_ns",
		time_or_null(c, cell_whole_ns(cell_mean_ns(c))), "p99_ns",
		time_or_null(c, cell_quantile_ns(c, 0.99)), "max_ns", time_or_null(c, c->max_ns),
		"never_returned", number(c->never_returned), "width",
		r->site->flags & SYSGATE_SITE_32 ? 32 : 64, "site",
		seen ? place_object(v, r->site, r->frame, &r->place) : json_null(), "stubs",
		stubs_array(v, r), "caller_unknown", (int)sites_caller_unknown(v->snapshot, r));
}

static json_t *loss_object(const struct snapshot *s)
{
	json_t *object = json_object();

	for (size_t i = 0; i < loss_names_count; i++)
		json_object_set_new(object, loss_names[i].name,
				    number(snapshot_loss(s, &loss_names[i])));
	json_object_set_new(object, "sites_full", number(s->sites.full));
	json_object_set_new(object, "sites_unseen", number(s->sites.unseen));
	return object;
}

int sites_write_json(FILE *out, const struct sites_view *v, const struct sink_options *o)
{
	const struct snapshot *s = v->snapshot;
	json_t *rows = json_array(), *object;
	int err = 0;

	for (size_t i = 0; i < v->shown; i++)
		json_array_append_new(rows, row_object(v, &v->rows[i], o));
	object = json_pack("{s:i,s:o,s:s,s:s,s:o,s:o,s:o,s:o,s:o,s:b}", "sysgate", 1, "host",
			   text(s->host), "kernel", s->kernel, "machine", s->machine, "start_ns",
			   number(s->start_ns), "duration_ns", number(s->duration_ns), "sites",
			   rows, "others", number(v->count - v->shown), "loss", loss_object(s),
			   "conserved", (int)snapshot_conserved(s));
	if (!object)
		return -ENOMEM;
	if (json_dumpf(object, out, JSON_COMPACT) || fputc('\n', out) == EOF)
		err = -EIO;
	json_decref(object);
	return err;
}
