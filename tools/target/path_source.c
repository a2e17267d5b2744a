// SPDX-License-Identifier: GPL-2.0-or-later
#include "target/path_source.h"

#include <stdio.h>
#include <string.h>

struct locating {
	struct path_way *way;
	const struct path_step *into;
};

/* What a step without a symbol may be called where it was inlined. */
static bool may_be(const struct path_step *s, const char *name)
{
	const char *names = s->row->names;
	size_t n = strlen(name);

	if (s->row->flags & WAY_TRACEPOINT)
		return !strncmp(name, "trace_", 6) && !strcmp(name + 6, s->symbol);
	for (; *names; names += strspn(names, " ")) {
		size_t length = strcspn(names, " ");

		if (length == n && !memcmp(names, name, n))
			return true;
		names += length;
	}
	return false;
}

static void take_inlined(const char *name, const struct place *call, void *data)
{
	const struct locating *l = data;

	for (size_t i = 0; i < l->way->count; i++) {
		struct path_step *s = &l->way->steps[i];
		bool lacks = s->row->flags & WAY_TRACEPOINT ? s->here : !s->here;

		if (!lacks || s->inlined_into[0] || !may_be(s, name))
			continue;
		snprintf(s->inlined_into, sizeof(s->inlined_into), "%s", l->into->symbol);
		s->inlined_at = *call;
		if (!s->here)
			snprintf(s->symbol, sizeof(s->symbol), "%s", name);
	}
}

/* Tables have no lines, handlers nothing of the path inside. */
static bool is_code(const struct path_step *s)
{
	return s->here && s->end > s->address && !(s->row->flags & WAY_TRACEPOINT) &&
	       strcmp(s->probe.why, PATH_TABLE);
}

void path_locate(struct path *p, struct debuginfo *d, uint64_t slide)
{
	for (size_t i = 0; i < p->count; i++) {
		struct path_way *w = &p->ways[i];

		for (size_t j = 0; j < w->count; j++) {
			struct path_step *s = &w->steps[j];
			struct locating l = { w, s };

			if (!is_code(s))
				continue;
			debuginfo_place(d, s->address - slide, &s->place);
			if (s->row->stage != WAY_HANDLER)
				debuginfo_inlined(d, s->address - slide, take_inlined, &l);
		}
	}
}
