// SPDX-License-Identifier: GPL-2.0-or-later
#include "collector/blocks.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "collector/series.h"
#include "stats/group.h"

int blocks_order(unsigned int group, const struct blocks_row *a, const struct blocks_row *b)
{
	int d = key_compare(&a->sum.key, &b->sum.key);

	return d || !(group & GROUP_PROC) ? d : group_compare_procs(group, &a->proc, &b->proc);
}

/* Where a row is or would be. */
static size_t place(const struct blocks *b, const struct blocks_row *row, bool *found)
{
	size_t low = 0, high = b->rows_count;

	*found = false;
	while (low < high) {
		size_t mid = (low + high) / 2;
		int d = blocks_order(b->group, b->rows[mid], row);

		if (!d) {
			*found = true;
			return mid;
		}
		if (d < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static void free_row(struct blocks_row *r)
{
	if (!r)
		return;
	free(r->proc.cgroup);
	free(r->blocks);
	free(r);
}

static struct blocks_row *new_row(struct blocks *b, const struct blocks_row *like)
{
	struct blocks_row *r = calloc(1, sizeof(*r));

	if (!r)
		return NULL;
	cell_init(&r->sum, &like->sum.key);
	r->proc = like->proc;
	r->proc.cgroup = like->proc.cgroup ? strdup(like->proc.cgroup) : NULL;
	r->blocks = calloc(b->count, sizeof(*r->blocks));
	if (r->blocks && (r->proc.cgroup || !like->proc.cgroup))
		return r;
	free_row(r);
	return NULL;
}

/* The row of a view's row, made when it is new. NULL: no memory. */
static struct blocks_row *row_of(struct blocks *b, const struct row *r)
{
	struct blocks_row like = { .sum.key = r->cell.key }, *fresh, **grown;
	bool found;
	size_t i;

	if (r->proc)
		like.proc = *r->proc;
	i = place(b, &like, &found);
	if (found)
		return b->rows[i];
	fresh = new_row(b, &like);
	grown = reallocarray(b->rows, b->rows_count + 1, sizeof(*grown));
	if (grown)
		b->rows = grown;
	if (!fresh || !grown) {
		free_row(fresh);
		return NULL;
	}
	memmove(&b->rows[i + 1], &b->rows[i], (b->rows_count - i) * sizeof(*b->rows));
	b->rows[i] = fresh;
	b->rows_count++;
	return fresh;
}

static void fill(struct block *out, const struct cell *c, double seconds)
{
	double timed = (double)cell_timed(c);

	out->num[COMPARE_RATE] = (double)c->count;
	out->den[COMPARE_RATE] = seconds;
	out->num[COMPARE_ERRORS] = (double)c->errors;
	out->den[COMPARE_ERRORS] = (double)c->count;
	out->num[COMPARE_TYPICAL] = timed * cell_even_quantile_ns(c, 0.5);
	out->den[COMPARE_TYPICAL] = timed;
	out->num[COMPARE_MEAN] = (double)c->total_ns;
	out->den[COMPARE_MEAN] = timed;
}

struct reading {
	struct blocks *blocks;
	const struct compare_options *options;
	size_t at;
};

static int add_block(struct snapshot *s, void *data, struct sg_error *e)
{
	struct reading *r = data;
	const struct view_options vo = { .group = r->options->group,
					 .filter = r->options->filter,
					 .filter_data = r->options->filter_data };
	double seconds = (double)s->duration_ns / 1e9;
	struct view *v = view_new(s, &vo);
	int ret = v ? 0 : -ENOMEM;

	/* The first reading has counted them. */
	if (r->at >= r->blocks->count)
		ret = -EIO;
	for (size_t i = 0; !ret && i < v->rows_count; i++) {
		struct blocks_row *row = row_of(r->blocks, v->rows[i]);

		if (!row) {
			ret = -ENOMEM;
			break;
		}
		cell_add(&row->sum, &v->rows[i]->cell);
		fill(&row->blocks[r->at], &v->rows[i]->cell, seconds);
	}
	view_free(v);
	if (ret)
		return sg_fail_errno(e, -ret, "compare");
	r->blocks->seconds[r->at++] = seconds;
	return 0;
}

static int count_block(struct snapshot *s, void *data, struct sg_error *e)
{
	(void)s, (void)e;
	++*(size_t *)data;
	return 0;
}

struct head {
	struct recording *recording;
	unsigned int group;
	struct compare_side *side;
};

static int take_head(struct snapshot *s, void *data, struct sg_error *e)
{
	struct head *h = data;
	struct snapshot shallow = *s;
	int ret = series_check_group(h->recording, s, h->group, e);

	if (ret)
		return ret;
	shallow.cells_count = 0;
	h->side->head = snapshot_copy(&shallow);
	return h->side->head ? 0 : sg_fail_errno(e, ENOMEM, "compare");
}

static int count_row(const struct recording_row *row, void *data, struct sg_error *e)
{
	struct compare_side *side = data;

	(void)e;
	side->intervals++;
	if (row->start_ns < side->range.from)
		side->range.from = row->start_ns;
	if (row->start_ns + row->duration_ns > side->range.to)
		side->range.to = row->start_ns + row->duration_ns;
	return 0;
}

int blocks_read(struct blocks *b, struct recording *r, const struct recording_range *range,
		const struct compare_options *o, struct compare_side *side, struct sg_error *e)
{
	struct reading reading = { b, o, 0 };
	struct head head = { r, o->group, side };
	uint64_t least;
	int ret;

	b->group = o->group;
	b->side = side;
	side->range = (struct recording_range){ UINT64_MAX, 0 };
	ret = series_each(r, range, SERIES_WHOLE, take_head, &head, e);
	if (!ret)
		ret = recording_each(r, range, count_row, side, e);
	if (ret)
		return ret;
	least = side->head->duration_ns / BLOCKS_MOST;
	ret = series_each(r, range, least, count_block, &b->count, e);
	if (ret)
		return ret;
	b->seconds = calloc(b->count, sizeof(*b->seconds));
	if (!b->seconds)
		return sg_fail_errno(e, ENOMEM, "compare");
	ret = series_each(r, range, least, add_block, &reading, e);
	/* A row that a block lacks was called no time in it. */
	for (size_t i = 0; i < b->rows_count; i++)
		for (size_t k = 0; k < b->count; k++)
			b->rows[i]->blocks[k].den[COMPARE_RATE] = b->seconds[k];
	return ret;
}

void blocks_fini(struct blocks *b)
{
	for (size_t i = 0; i < b->rows_count; i++)
		free_row(b->rows[i]);
	free(b->rows);
	free(b->seconds);
	*b = (struct blocks){ 0 };
}
