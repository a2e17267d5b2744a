// SPDX-License-Identifier: GPL-2.0-or-later
#include "collector/sites.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "sink/text.h"

static const struct sysgate_module *file_of(const struct snapshot *s, uint32_t module)
{
	uint32_t i = module - SYSGATE_MODULE_FILES;

	return module >= SYSGATE_MODULE_FILES && i < s->sites.modules_count ? &s->sites.modules[i]
									    : NULL;
}

const char *sites_module(const struct snapshot *s, const struct sysgate_site *site, int frame)
{
	static const char *const kinds[] = {
		[SYSGATE_MODULE_UNKNOWN] = "[unknown]",
		[SYSGATE_MODULE_VDSO] = "[vdso]",
		[SYSGATE_MODULE_VDSO32] = "[vdso32]",
		[SYSGATE_MODULE_ANONYMOUS] = "[anonymous]",
	};
	const struct sysgate_module *file = file_of(s, site->module[frame]);

	if (file)
		return file->path[0] ? file->path : "[path too long]";
	return site->module[frame] < ARRAY_SIZE(kinds) ? kinds[site->module[frame]] : "[unknown]";
}

/* What stands between programs and the kernel, and is asked about for its callers. */
static bool is_stub(const struct snapshot *s, const struct sysgate_site *site, int frame)
{
	static const char *const names[] = { "libc.so",	 "libc-",   "libpthread",
					     "ld-linux", "ld-musl", "libc.musl" };
	const struct sysgate_module *file = file_of(s, site->module[frame]);
	const char *base;

	if (!file)
		return site->module[frame] == SYSGATE_MODULE_VDSO ||
		       site->module[frame] == SYSGATE_MODULE_VDSO32;
	base = strrchr(file->path, '/');
	base = base ? base + 1 : file->path;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (!strncmp(base, names[i], strlen(names[i])))
			return true;
	return false;
}

static bool has_frame(const struct sysgate_site *site, int frame)
{
	return frame < SYSGATE_FRAMES && site->offset[frame];
}

static int shown_frame(const struct snapshot *s, const struct sysgate_site *site)
{
	int frame = 0;

	while (has_frame(site, frame + 1) && is_stub(s, site, frame))
		frame++;
	return frame;
}

bool sites_caller_unknown(const struct snapshot *s, const struct site_row *r)
{
	return is_stub(s, r->site, r->frame);
}

void sites_find(const struct sites_view *v, const struct sysgate_site *site, int frame,
		struct source_place *out)
{
	const struct sysgate_module *m = file_of(v->snapshot, site->module[frame]);
	struct source_file f = { 0 };

	*out = (struct source_place){ 0 };
	if (!m || !m->path[0])
		return;
	f.path = m->path;
	f.inode = m->inode;
	f.size = m->size;
	f.since_ns = v->snapshot->start_ns;
	source_find(v->source, &f, site->offset[frame], out);
}

/* Same gate, call and shown place: 0. */
static int by_place(const void *a, const void *b)
{
	const struct site_row *x = a, *y = b;
	uint32_t m = x->site->module[x->frame], n = y->site->module[y->frame];
	uint64_t o = x->site->offset[x->frame], p = y->site->offset[y->frame];
	int ret = key_compare(&x->cell.key, &y->cell.key);

	if (ret)
		return ret;
	if (m != n)
		return m < n ? -1 : 1;
	return o < p ? -1 : o > p;
}

static void add_up(struct sites_view *v)
{
	size_t kept = 0;

	if (!v->count)
		return;
	qsort(v->rows, v->count, sizeof(*v->rows), by_place);
	for (size_t i = 1; i < v->count; i++) {
		if (!by_place(&v->rows[kept], &v->rows[i]))
			cell_add(&v->rows[kept].cell, &v->rows[i].cell);
		else
			v->rows[++kept] = v->rows[i];
	}
	v->count = kept + 1;
}

static int by_weight(const void *a, const void *b, void *key)
{
	const struct site_row *x = a, *y = b;
	double m = view_sort_value(&x->cell, *(enum sort_key *)key),
	       n = view_sort_value(&y->cell, *(enum sort_key *)key);

	if (m != n)
		return m < n ? 1 : -1;
	return by_place(a, b);
}

int sites_view_init(struct sites_view *v, const struct snapshot *s, const struct view_options *o,
		    struct source *source)
{
	enum sort_key key = o->sort;

	*v = (struct sites_view){ .snapshot = s, .own = source ? NULL : source_new() };
	v->source = source ? source : v->own;
	v->rows = calloc(s->cells_count + 1, sizeof(*v->rows));
	if (!v->rows || !v->source)
		return -ENOMEM;
	for (size_t i = 0; i < s->cells_count; i++) {
		const struct cell *c = s->cells[i];
		struct site_row *r = &v->rows[v->count];
		size_t site = c->key.proc < s->sites.count ? c->key.proc : 0;

		if (o->filter && !o->filter(&c->key, o->filter_data))
			continue;
		r->cell = *c;
		r->cell.key.proc = 0;
		r->site = &s->sites.list[site];
		r->frame = shown_frame(s, r->site);
		v->count++;
	}
	add_up(v);
	if (v->count)
		qsort_r(v->rows, v->count, sizeof(*v->rows), by_weight, &key);
	v->shown = o->rows && o->rows < v->count ? o->rows : v->count;
	for (size_t i = 0; i < v->shown; i++)
		sites_find(v, v->rows[i].site, v->rows[i].frame, &v->rows[i].place);
	return 0;
}

void sites_view_fini(struct sites_view *v)
{
	free(v->rows);
	source_free(v->own);
	*v = (struct sites_view){ 0 };
}

char *sites_text(const struct sites_view *v, const struct site_row *r)
{
	const struct source_place *p = &r->place;
	char symbol[320] = "", line[320] = "";
	_cleanup_free_ char *text = NULL;

	if (!r->site->offset[r->frame])
		return strdup("(not seen)");
	if (p->symbol)
		snprintf(symbol, sizeof(symbol), "%.256s+0x%" PRIx64 " ", p->symbol,
			 p->symbol_offset);
	if (p->file)
		snprintf(line, sizeof(line), "%.256s:%d ", p->file, p->line);
	if (asprintf(&text, "%s%s%s+0x%" PRIx64 "%s%s%s%s", symbol, line,
		     sites_module(v->snapshot, r->site, r->frame), r->site->offset[r->frame],
		     p->why ? " (" : "", p->why ? p->why : "", p->why ? ")" : "",
		     sites_caller_unknown(v->snapshot, r) ? " (caller not told)" : "") < 0)
		return NULL;
	return text_escape(text);
}
