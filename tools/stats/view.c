// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A view is made in three steps: each cell becomes a part with the key that it is grouped by; parts
 * of one key are added up to a row; rows are sorted and the last of them folded.
 *
 * An exit kind is only counted within a cell, so that a row of GROUP_EXIT has a count and nothing
 * else: no errors, no times. The total has them all.
 */
#include "stats/view.h"

#include <stdlib.h>
#include <string.h>

#include "stats/group.h"

/* What one cell adds to one row. */
struct part {
	struct key key;
	uint8_t exit;
	const struct proc *proc;
	const struct cell *cell;
	uint64_t count; /* with GROUP_EXIT */
};

static int compare_parts(const void *a, const void *b, void *group)
{
	const struct part *x = a, *y = b;
	int d = key_compare(&x->key, &y->key);

	if (!d)
		d = (int)x->exit - (int)y->exit;
	if (!d)
		d = group_compare_procs(*(unsigned int *)group, x->proc, y->proc);
	return d;
}

/* The parts of a cell by exit kind, those without a known one and the never-returning included. */
static size_t split_exits(struct part *out, const struct part *whole)
{
	const struct cell *c = whole->cell;
	uint64_t counts[SYSGATE_EXITS + 1], known = c->never_returned;
	size_t n = 0;

	for (int i = 0; i < SYSGATE_EXITS; i++) {
		counts[i] = c->exits[i];
		known += c->exits[i];
	}
	counts[ROW_EXIT_NONE] = c->never_returned;
	if (c->count > known)
		counts[SYSGATE_EXIT_UNKNOWN] += c->count - known;
	for (uint8_t i = 0; i <= SYSGATE_EXITS; i++) {
		if (!counts[i])
			continue;
		out[n] = *whole;
		out[n].exit = i;
		out[n++].count = counts[i];
	}
	return n;
}

static struct part *collect(const struct snapshot *s, const struct view_options *o, struct view *v,
			    size_t *count)
{
	size_t per_cell = v->group & GROUP_EXIT ? SYSGATE_EXITS + 1 : 1, n = 0;
	struct part *parts = calloc(s->cells_count * per_cell + 1, sizeof(*parts));

	if (!parts)
		return NULL;
	for (size_t i = 0; i < s->cells_count; i++) {
		const struct cell *c = s->cells[i];
		struct part whole = { .cell = c };

		if (o->filter && !o->filter(&c->key, o->filter_data))
			continue;
		cell_add(&v->total, c);
		whole.key = group_key(v->group, &c->key);
		whole.proc = group_proc(v->group, s, &c->key);
		if (v->group & GROUP_EXIT)
			n += split_exits(&parts[n], &whole);
		else
			parts[n++] = whole;
	}
	qsort_r(parts, n, sizeof(*parts), compare_parts, &v->group);
	*count = n;
	return parts;
}

static void add_part(struct row *r, const struct part *p, unsigned int group)
{
	if (!(group & GROUP_EXIT)) {
		cell_add(&r->cell, p->cell);
		return;
	}
	r->cell.count += p->count;
	if (p->exit == ROW_EXIT_NONE)
		r->cell.never_returned += p->count;
	else
		r->cell.exits[p->exit] += p->count;
}

static int merge(struct view *v, const struct part *parts, size_t count)
{
	struct row *r = NULL;

	v->rows = calloc(count + 1, sizeof(*v->rows));
	if (!v->rows)
		return -1;
	for (size_t i = 0; i < count; i++) {
		if (!r || compare_parts(&parts[i - 1], &parts[i], &v->group)) {
			r = calloc(1, sizeof(*r));
			if (!r)
				return -1;
			cell_init(&r->cell, &parts[i].key);
			r->proc = parts[i].proc;
			r->exit = parts[i].exit;
			v->rows[v->rows_count++] = r;
		}
		add_part(r, &parts[i], v->group);
	}
	return 0;
}

/*
 * A row with what it is sorted by; where that is equal, the larger total and count come first. So
 * what was counted without times is sorted by count, whatever time was asked for.
 */
struct rank {
	struct row *row;
	double by;
	size_t order; /* before: the last word, so that the order never depends on qsort */
};

double view_sort_value(const struct cell *c, enum sort_key key)
{
	switch (key) {
	case SORT_TOTAL:
		return (double)c->total_ns;
	case SORT_COUNT:
		return (double)c->count;
	case SORT_ERRORS:
		return (double)c->errors;
	case SORT_AVG:
		return cell_mean_ns(c);
	case SORT_P99:
		return (double)cell_quantile_ns(c, 0.99);
	case SORT_MAX:
		return (double)c->max_ns;
	case SORT_WAIT:
		return (double)c->wait_ns;
	case SORT_NAME:
		break;
	}
	return 0;
}

/* By the call's name where that is asked for and known, then by the command's. */
static int compare_names(const struct row *a, const struct row *b, const struct view_options *o)
{
	char x[64], y[64];
	int d = 0;

	if (o->sort != SORT_NAME)
		return 0;
	if (o->name && (!o->group || o->group & GROUP_CALL))
		d = strcmp(o->name(&a->cell.key, x, sizeof(x), o->name_data),
			   o->name(&b->cell.key, y, sizeof(y), o->name_data));
	if (!d && a->proc && b->proc)
		d = strcmp(a->proc->comm, b->proc->comm);
	return d;
}

static int compare_ranks(const void *a, const void *b, void *options)
{
	const struct rank *x = a, *y = b;
	int d = compare_names(x->row, y->row, options);

	if (d)
		return d;
	if (x->by > y->by || x->by < y->by)
		return x->by > y->by ? -1 : 1;
	if (x->row->cell.total_ns != y->row->cell.total_ns)
		return x->row->cell.total_ns > y->row->cell.total_ns ? -1 : 1;
	if (x->row->cell.count != y->row->cell.count)
		return x->row->cell.count > y->row->cell.count ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

static int sort_rows(struct view *v, const struct view_options *o)
{
	struct view_options options = *o;
	struct rank *ranks = calloc(v->rows_count + 1, sizeof(*ranks));

	if (!ranks)
		return -1;
	for (size_t i = 0; i < v->rows_count; i++) {
		ranks[i].row = v->rows[i];
		ranks[i].by = view_sort_value(&v->rows[i]->cell, o->sort);
		ranks[i].order = i;
	}
	qsort_r(ranks, v->rows_count, sizeof(*ranks), compare_ranks, &options);
	for (size_t i = 0; i < v->rows_count; i++)
		v->rows[i] = ranks[i].row;
	free(ranks);
	return 0;
}

static void fold_others(struct view *v, size_t rows)
{
	if (!rows || v->rows_count <= rows)
		return;
	v->others_rows = v->rows_count - rows;
	while (v->rows_count > rows) {
		struct row *r = v->rows[--v->rows_count];

		cell_add(&v->others, &r->cell);
		free(r);
	}
}

static int pick_in_flight(struct view *v, const struct snapshot *s, const struct view_options *o)
{
	v->in_flight = calloc(s->in_flight_count + 1, sizeof(*v->in_flight));
	if (!v->in_flight)
		return -1;
	for (size_t i = 0; i < s->in_flight_count; i++) {
		const struct in_flight *f = &s->in_flight[i];
		const struct key key = { .abi = f->abi, .gate = f->gate, .nr = f->nr };

		if (!o->filter || o->filter(&key, o->filter_data))
			v->in_flight[v->in_flight_count++] = f;
	}
	return 0;
}

struct view *view_new(const struct snapshot *s, const struct view_options *o)
{
	static const struct key none;
	struct view *v = calloc(1, sizeof(*v));
	struct part *parts;
	size_t count;
	int failed;

	if (!v)
		return NULL;
	v->snapshot = s;
	v->group = o->group ? o->group : GROUP_DEFAULT;
	cell_init(&v->total, &none);
	cell_init(&v->others, &none);
	parts = collect(s, o, v, &count);
	failed = !parts || merge(v, parts, count) || sort_rows(v, o) || pick_in_flight(v, s, o);
	free(parts);
	if (failed) {
		view_free(v);
		return NULL;
	}
	fold_others(v, o->rows);
	return v;
}

void view_free(struct view *v)
{
	if (!v)
		return;
	for (size_t i = 0; i < v->rows_count; i++)
		free(v->rows[i]);
	free(v->rows);
	free(v->in_flight);
	free(v);
}
