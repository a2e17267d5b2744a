/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rows of where in user code calls come from, made of a snapshot that was split by site. */
#ifndef SYSGATE_COLLECTOR_SITES_H
#define SYSGATE_COLLECTOR_SITES_H

#include <stdio.h>

#include "sink/sink.h"
#include "stats/snapshot.h"
#include "stats/view.h"
#include "target/source.h"

struct site_row {
	struct cell cell;
	const struct sysgate_site *site;
	int frame; /* of the site: what is shown; those before it are stubs */
	struct source_place place;
};

struct sites_view {
	const struct snapshot *snapshot;
	struct site_row *rows; /* sorted */
	size_t count, shown;
	struct source *source;
	struct source *own; /* the same, where it is not lent */
};

/*
 * Makes rows of the cells that the filter lets through. source is lent, so that files which were
 * opened for one view are open for the next; NULL: one for this view alone. 0 or -ENOMEM. Release
 * with sites_view_fini().
 */
int sites_view_init(struct sites_view *v, const struct snapshot *s, const struct view_options *o,
		    struct source *source);
void sites_view_fini(struct sites_view *v);

/*
 * The module of a frame: its path, or "[vdso]" and the like, and whether a file is behind it. Of
 * the site that stands for calls that were not seen, NULL.
 */
const char *sites_module(const struct snapshot *s, const struct sysgate_site *site, int frame);
/* The frame is a stub's, and who called that is not told. */
bool sites_caller_unknown(const struct snapshot *s, const struct site_row *r);
/* Where the frame is by name. */
void sites_find(const struct sites_view *v, const struct sysgate_site *site, int frame,
		struct source_place *out);
/* "main+0x1f planted.c:23 /tmp/planted", as far as it is known; heap, NULL: no memory. */
char *sites_text(const struct sites_view *v, const struct site_row *r);
/* The object of docs/sites.schema.json. 0 or -errno. */
int sites_write_json(FILE *out, const struct sites_view *v, const struct sink_options *o);

#endif
