// SPDX-License-Identifier: GPL-2.0-or-later
#include "stats/snapshot.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

#define LOSS(field, text)                                         \
	{                                                         \
#field, offsetof(struct loss, field), text, false \
	}
#define LOSS_SELDOM(field, text)                                 \
	{                                                        \
#field, offsetof(struct loss, field), text, true \
	}

const struct loss_name loss_names[] = {
	LOSS(pool_full, "calls that found no cell"),
	LOSS(stamp_evicted, "entries whose stamp had to be given up"),
	LOSS(kretprobe_missed, "returns that no kretprobe instance was free for"),
	LOSS(unpaired_exits, "exits without their entry"),
	LOSS(ring_lost, "events that the ring buffer lost"),
	LOSS(abi_unknown, "calls whose ABI could not be told"),
	LOSS_SELDOM(stap_skipped, "probes that SystemTap did not run"),
	LOSS_SELDOM(stap_errors, "errors of SystemTap's script"),
	LOSS_SELDOM(stap_ended, "scripts that SystemTap ended too early"),
};
const size_t loss_names_count = ARRAY_SIZE(loss_names);

struct snapshot *snapshot_new(void)
{
	struct snapshot *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->per_call_ns = -1;
	s->inside_latency_ns = -1;
	return s;
}

void snapshot_free(struct snapshot *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->cells_count; i++)
		free(s->cells[i]);
	for (size_t i = 0; i < s->procs_count; i++)
		free(s->procs[i].cgroup);
	for (size_t i = 0; i < SNAPSHOT_NOTES; i++)
		free(s->notes[i]);
	free(s->cells);
	free(s->procs);
	free(s->in_flight);
	free(s->sites.list);
	free(s->sites.modules);
	free(s);
}

/*
 * Makes room for one more item of an array of count. The array's size is the power of two from
 * count on, so that it need not be kept.
 */
static int grow(void *array, size_t count, size_t size)
{
	void **p = array, *grown;

	if (count & (count - 1))
		return 0;
	grown = reallocarray(*p, count ? 2 * count : 1, size);
	if (!grown)
		return -ENOMEM;
	*p = grown;
	return 0;
}

int snapshot_add_cell(struct snapshot *s, const struct cell *c)
{
	struct cell *copy;

	if (grow(&s->cells, s->cells_count, sizeof(*s->cells)))
		return -ENOMEM;
	copy = malloc(sizeof(*copy));
	if (!copy)
		return -ENOMEM;
	*copy = *c;
	s->cells[s->cells_count++] = copy;
	return 0;
}

ssize_t snapshot_add_proc(struct snapshot *s, const struct proc *p)
{
	struct proc copy = *p;

	if (grow(&s->procs, s->procs_count, sizeof(*s->procs)))
		return -ENOMEM;
	copy.comm[sizeof(copy.comm) - 1] = '\0';
	if (p->cgroup) {
		copy.cgroup = strdup(p->cgroup);
		if (!copy.cgroup)
			return -ENOMEM;
	}
	s->procs[s->procs_count] = copy;
	return (ssize_t)s->procs_count++;
}

int snapshot_add_in_flight(struct snapshot *s, const struct in_flight *f)
{
	if (grow(&s->in_flight, s->in_flight_count, sizeof(*s->in_flight)))
		return -ENOMEM;
	s->in_flight[s->in_flight_count++] = *f;
	return 0;
}

void snapshot_note(struct snapshot *s, const char *text)
{
	for (size_t i = 0; i < SNAPSHOT_NOTES; i++) {
		if (!s->notes[i]) {
			s->notes[i] = strdup(text);
			return;
		}
		if (!strcmp(s->notes[i], text))
			return;
	}
}

static int compare_cells(const void *a, const void *b)
{
	return key_compare(&(*(struct cell *const *)a)->key, &(*(struct cell *const *)b)->key);
}

/* Oldest first; those of one age by thread, so that the order is always the same. */
static int compare_in_flight(const void *a, const void *b)
{
	const struct in_flight *x = a, *y = b;

	if (x->age_ns != y->age_ns)
		return x->age_ns > y->age_ns ? -1 : 1;
	if (x->tid != y->tid)
		return x->tid < y->tid ? -1 : 1;
	return 0;
}

void snapshot_sort(struct snapshot *s)
{
	size_t kept = 0;

	if (s->cells_count)
		qsort(s->cells, s->cells_count, sizeof(*s->cells), compare_cells);
	for (size_t i = 0; i < s->cells_count; i++) {
		struct cell *c = s->cells[i];

		if (kept && !key_compare(&s->cells[kept - 1]->key, &c->key)) {
			cell_add(s->cells[kept - 1], c);
			free(c);
		} else {
			s->cells[kept++] = c;
		}
	}
	/* The array may now be larger than grow() believes: it then is made smaller, no harm. */
	s->cells_count = kept;
	if (s->in_flight_count)
		qsort(s->in_flight, s->in_flight_count, sizeof(*s->in_flight), compare_in_flight);
}

static int copy_lists(struct snapshot *to, const struct snapshot *s)
{
	for (size_t i = 0; i < s->cells_count; i++) {
		if (snapshot_add_cell(to, s->cells[i]))
			return -ENOMEM;
	}
	for (size_t i = 0; i < s->procs_count; i++) {
		if (snapshot_add_proc(to, &s->procs[i]) < 0)
			return -ENOMEM;
	}
	for (size_t i = 0; i < s->in_flight_count; i++) {
		if (snapshot_add_in_flight(to, &s->in_flight[i]))
			return -ENOMEM;
	}
	for (size_t i = 0; i < SNAPSHOT_NOTES && s->notes[i]; i++) {
		to->notes[i] = strdup(s->notes[i]);
		if (!to->notes[i])
			return -ENOMEM;
	}
	return 0;
}

struct snapshot *snapshot_copy(const struct snapshot *s)
{
	struct snapshot *to = malloc(sizeof(*to));

	if (!to)
		return NULL;
	*to = *s;
	to->cells = NULL;
	to->procs = NULL;
	to->in_flight = NULL;
	to->cells_count = to->procs_count = to->in_flight_count = 0;
	memset(to->notes, 0, sizeof(to->notes));
	memset(&to->sites, 0, sizeof(to->sites));
	if (copy_lists(to, s)) {
		snapshot_free(to);
		return NULL;
	}
	return to;
}

static uint64_t *loss_at(struct loss *l, const struct loss_name *name)
{
	return (uint64_t *)((char *)l + name->offset);
}

uint64_t snapshot_loss(const struct snapshot *s, const struct loss_name *name)
{
	return *(const uint64_t *)((const char *)&s->loss + name->offset);
}

static void sub_counters(struct snapshot *s, const struct snapshot *earlier)
{
	struct conservation *c = &s->conservation;
	const struct conservation *e = &earlier->conservation;

	c->entries -= e->entries;
	c->exits -= e->exits;
	c->never_returned -= e->never_returned;
	c->lost -= e->lost;
	c->before_attach -= e->before_attach;
	c->suppressed -= e->suppressed;
	c->in_flight_before = e->in_flight;
	for (size_t i = 0; i < loss_names_count; i++)
		*loss_at(&s->loss, &loss_names[i]) -= snapshot_loss(earlier, &loss_names[i]);
}

/* Both are sorted. Every change of a cell is one of its count. */
static void sub_cells(struct snapshot *s, const struct snapshot *earlier)
{
	size_t kept = 0, j = 0;

	for (size_t i = 0; i < s->cells_count; i++) {
		struct cell *c = s->cells[i];
		const struct cell *old = NULL;

		while (j < earlier->cells_count &&
		       key_compare(&earlier->cells[j]->key, &c->key) < 0)
			j++;
		if (j < earlier->cells_count && !key_compare(&earlier->cells[j]->key, &c->key))
			old = earlier->cells[j];
		if (c->count == (old ? old->count : 0)) {
			free(c);
			continue;
		}
		if (old)
			cell_sub(c, old);
		s->cells[kept++] = c;
	}
	s->cells_count = kept;
}

struct snapshot *snapshot_delta(const struct snapshot *later, const struct snapshot *earlier)
{
	struct snapshot *s = snapshot_copy(later);

	if (!s)
		return NULL;
	s->start_ns = earlier->start_ns + earlier->duration_ns;
	s->duration_ns = later->duration_ns - earlier->duration_ns;
	sub_cells(s, earlier);
	sub_counters(s, earlier);
	return s;
}

bool snapshot_conserved(const struct snapshot *s)
{
	const struct conservation *c = &s->conservation;

	/* What the ring buffer lost may have been entries: nobody knows their number then. */
	return !s->loss.ring_lost && !s->loss.stap_ended &&
	       c->entries + c->in_flight_before ==
		       c->exits + c->in_flight + c->never_returned + c->lost;
}

bool snapshot_lossy(const struct snapshot *s)
{
	for (size_t i = 0; i < loss_names_count; i++) {
		if (snapshot_loss(s, &loss_names[i]))
			return true;
	}
	return false;
}
