// SPDX-License-Identifier: GPL-2.0-or-later
/* The rows of a baseline: made of a run, and taken over into the next one. */
#include "budget/baseline.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "budget/baseline_times.h"
#include "stats/view.h"

int baseline_order(const struct baseline_row *a, const struct baseline_row *b)
{
	int d = strcmp(a->comm, b->comm);

	if (!d)
		d = strcmp(a->call, b->call);
	if (!d)
		d = (int)a->key.abi - (int)b->key.abi;
	if (!d)
		d = (int)a->key.gate - (int)b->key.gate;
	return d ? d : (int)a->key.err - (int)b->key.err;
}

static int compare_rows(const void *a, const void *b)
{
	return baseline_order(a, b);
}

void baseline_sort(struct baseline *b)
{
	if (b->count)
		qsort(b->rows, b->count, sizeof(*b->rows), compare_rows);
}

void baseline_free(struct baseline *b)
{
	if (!b)
		return;
	for (size_t i = 0; i < b->count; i++)
		free(b->rows[i].call);
	free(b->rows);
	free(b->path);
	free(b);
}

/* NULL: no memory. */
static struct baseline_row *add_row(struct baseline *b, const struct report *r,
				    const struct key *key, const char *comm)
{
	struct baseline_row *grown = reallocarray(b->rows, b->count + 1, sizeof(*grown)), *row;
	char buf[64];
	const char *name = "";

	if (!grown)
		return NULL;
	b->rows = grown;
	row = &grown[b->count];
	*row = (struct baseline_row){ .key = *key, .typical = { .value = NAN } };
	snprintf(row->comm, sizeof(row->comm), "%s", comm);
	if (b->by & GROUP_CALL)
		name = syscalls_name(r->names, key->abi, key->nr, buf, sizeof(buf));
	row->call = strdup(name);
	if (!row->call)
		return NULL;
	b->count++;
	return row;
}

static struct baseline_row *find_row(struct baseline *b, const struct key *key, const char *comm)
{
	for (size_t i = 0; i < b->count; i++)
		if (!key_compare(&b->rows[i].key, key) && !strcmp(b->rows[i].comm, comm))
			return &b->rows[i];
	return NULL;
}

/* What entered and did not leave was called too: whether it had left is chance. */
static int add_in_flight(struct baseline *b, const struct report *r)
{
	const struct snapshot *s = r->snapshot;

	for (size_t i = 0; i < s->in_flight_count; i++) {
		const struct in_flight *f = &s->in_flight[i];
		struct key key = { 0 };
		struct baseline_row *row;

		if (f->at_least)
			continue;
		key.abi = b->by & (GROUP_CALL | GROUP_ABI) ? f->abi : 0;
		key.nr = b->by & GROUP_CALL ? f->nr : 0;
		key.gate = b->by & GROUP_GATE ? f->gate : 0;
		row = find_row(b, &key, b->by & GROUP_COMM ? f->comm : "");
		if (!row)
			row = add_row(b, r, &key, b->by & GROUP_COMM ? f->comm : "");
		if (!row)
			return -ENOMEM;
		row->low++;
		row->high++;
	}
	return 0;
}

int baseline_of_run(struct baseline **out, const struct report *r, const struct budget *budget,
		    const struct noise *n)
{
	const struct view_options o = { .group = budget->by };
	struct view *v = view_new(r->snapshot, &o);
	struct baseline *b = calloc(1, sizeof(*b));
	int ret = v && b ? 0 : -ENOMEM;

	if (!ret) {
		b->by = budget->by;
		b->gates = b->by & GROUP_GATE && r->snapshot->gate_known;
		snprintf(b->engine, sizeof(b->engine), "%s", r->snapshot->engine);
	}
	for (size_t i = 0; !ret && i < v->rows_count; i++) {
		const struct row *from = v->rows[i];
		const char *comm = from->proc ? from->proc->comm : "";
		struct baseline_row *row = add_row(b, r, &from->cell.key, comm);

		if (!row) {
			ret = -ENOMEM;
			break;
		}
		row->low = row->high = (double)from->cell.count;
		row->typical = noise_of_row(n, &from->cell.key, comm, &from->cell);
	}
	if (!ret)
		ret = add_in_flight(b, r);
	view_free(v);
	if (ret) {
		baseline_free(b);
		return ret;
	}
	baseline_sort(b);
	*out = b;
	return 0;
}

/* Rows can be followed one by one when they mean the same. */
static bool comparable(const struct baseline *a, const struct baseline *b)
{
	return a->by == b->by && a->gates == b->gates && !strcmp(a->engine, b->engine);
}

static void follow_time(struct baseline_row *row, const struct baseline_row *was,
			const struct baseline_times *t, const struct budget_settings *s, bool widen)
{
	struct estimate *now = &row->typical;
	const struct estimate *old = &was->typical;
	struct baseline_change c;

	if (!old->known)
		return;
	if (!now->known || isnan(t->pace)) {
		*now = *old;
		return;
	}
	c = baseline_change(t, old, now);
	if (!baseline_grew(&c, s) && !baseline_shrank(&c, s)) {
		*now = *old;
	} else if (widen) {
		now->error = fmax(fmax(now->error, old->error), fabs(now->value - old->value) / 2);
		now->value = (now->value + old->value) / 2;
		now->df = fmin(now->df, old->df);
	}
}

static void follow_row(struct baseline_row *row, const struct baseline_row *was, bool widen)
{
	if (row->low >= was->low && row->high <= was->high) {
		row->low = was->low;
		row->high = was->high;
	} else if (widen) {
		row->low = fmin(row->low, was->low);
		row->high = fmax(row->high, was->high);
	}
}

/* What the former runs called and this one did not. */
static int keep_gone(struct baseline *now, const struct baseline *old)
{
	size_t found = now->count;

	for (size_t i = 0, k = 0; i < old->count; i++) {
		struct baseline_row *grown, row = old->rows[i];

		while (k < found && baseline_order(&now->rows[k], &row) < 0)
			k++;
		if (k < found && !baseline_order(&now->rows[k], &row))
			continue;
		grown = reallocarray(now->rows, now->count + 1, sizeof(*grown));
		row.call = strdup(row.call);
		row.low = 0;
		now->rows = grown ? grown : now->rows;
		if (!grown || !row.call) {
			free(row.call);
			return -ENOMEM;
		}
		now->rows[now->count++] = row;
	}
	baseline_sort(now);
	return 0;
}

int baseline_follow(struct baseline *now, const struct baseline *old, const struct budget *b,
		    bool widen)
{
	struct baseline_times t;

	if (!old || !comparable(now, old))
		return 0;
	if (baseline_times(&t, old, now))
		return -ENOMEM;
	for (size_t i = 0, k = 0; i < now->count; i++) {
		struct baseline_row *row = &now->rows[i];
		const struct selected what = { &row->key, row->comm[0] ? row->comm : NULL, true };
		struct budget_settings s = budget_settings(b, &what);

		while (k < old->count && baseline_order(&old->rows[k], row) < 0)
			k++;
		if (k == old->count || baseline_order(&old->rows[k], row) > 0) {
			row->low = widen ? 0 : row->low;
			continue;
		}
		follow_row(row, &old->rows[k], widen);
		follow_time(row, &old->rows[k], &t, &s, widen);
	}
	return widen ? keep_gone(now, old) : 0;
}
