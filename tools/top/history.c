// SPDX-License-Identifier: GPL-2.0-or-later
#include "top/history.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "collector/pack.h"
#include "stats/group.h"

/* The calls in flight are kept oldest first, and not more than that many. */
#define FLIGHTS_MAX 1024
#define FIRST_ROOM  256

/* What a call had, for its line over time: not to be unpacked for each look. */
struct point {
	struct key key; /* ABI, gate, number */
	uint64_t count, errors, total_ns;
};

/* What hardly ever changes: where and how it is counted. Shared by the items that have the same. */
struct head {
	size_t users;
	struct snapshot snapshot; /* no lists but its notes */
};

struct item {
	uint64_t start_ns, duration_ns;
	struct head *head;
	unsigned char *packed;
	size_t packed_size;
	struct in_flight *flights;
	size_t flights_count;
	struct point *points;
	size_t points_count;
	bool narrow;
	struct key only;
};

struct history {
	struct history_limits limits;
	struct item *items; /* a ring: id lies at id % room */
	size_t room;
	uint64_t first, end;
	size_t bytes;
	struct pack pack;
};

struct history *history_new(const struct history_limits *limits)
{
	struct history *h = calloc(1, sizeof(*h));

	if (h)
		h->limits = *limits;
	return h;
}

static void head_put(struct head *head)
{
	if (!head || --head->users)
		return;
	for (size_t i = 0; i < SNAPSHOT_NOTES; i++)
		free(head->snapshot.notes[i]);
	free(head);
}

static size_t item_bytes(const struct item *i)
{
	return sizeof(*i) + i->packed_size + i->flights_count * sizeof(*i->flights) +
	       i->points_count * sizeof(*i->points);
}

static void item_fini(struct item *i)
{
	head_put(i->head);
	free(i->packed);
	free(i->flights);
	free(i->points);
	*i = (struct item){ 0 };
}

static struct item *item_at(const struct history *h, uint64_t id)
{
	return id >= h->first && id < h->end ? &h->items[id % h->room] : NULL;
}

static void drop_first(struct history *h)
{
	struct item *i = item_at(h, h->first);

	h->bytes -= item_bytes(i);
	item_fini(i);
	h->first++;
}

void history_free(struct history *h)
{
	if (!h)
		return;
	while (h->first < h->end)
		drop_first(h);
	free(h->items);
	pack_fini(&h->pack);
	free(h);
}

static bool same_notes(const struct snapshot *a, const struct snapshot *b)
{
	for (size_t i = 0; i < SNAPSHOT_NOTES; i++)
		if (!a->notes[i] != !b->notes[i] ||
		    (a->notes[i] && strcmp(a->notes[i], b->notes[i])))
			return false;
	return true;
}

static bool same_head(const struct snapshot *a, const struct snapshot *b)
{
	return !strcmp(a->host, b->host) && !strcmp(a->kernel, b->kernel) &&
	       !strcmp(a->machine, b->machine) && !strcmp(a->engine, b->engine) &&
	       !strcmp(a->attach, b->attach) && !strcmp(a->overhead_how, b->overhead_how) &&
	       a->cpus == b->cpus &&
	       memcmp(&a->per_call_ns, &b->per_call_ns, sizeof(double)) == 0 &&
	       memcmp(&a->inside_latency_ns, &b->inside_latency_ns, sizeof(double)) == 0 &&
	       same_notes(a, b);
}

static void copy_head(struct snapshot *to, const struct snapshot *from)
{
	memcpy(to->host, from->host, sizeof(to->host));
	memcpy(to->kernel, from->kernel, sizeof(to->kernel));
	memcpy(to->machine, from->machine, sizeof(to->machine));
	memcpy(to->engine, from->engine, sizeof(to->engine));
	memcpy(to->attach, from->attach, sizeof(to->attach));
	memcpy(to->overhead_how, from->overhead_how, sizeof(to->overhead_how));
	to->cpus = from->cpus;
	to->per_call_ns = from->per_call_ns;
	to->inside_latency_ns = from->inside_latency_ns;
	for (size_t i = 0; i < SNAPSHOT_NOTES && from->notes[i]; i++)
		snapshot_note(to, from->notes[i]);
}

/* The newest item's when it is the same, else a new one. NULL: no memory. */
static struct head *head_get(const struct history *h, const struct snapshot *s)
{
	struct item *last = item_at(h, h->end - 1);
	struct head *head = last ? last->head : NULL;

	if (!head || !same_head(&head->snapshot, s)) {
		head = calloc(1, sizeof(*head));
		if (head)
			copy_head(&head->snapshot, s);
	}
	if (head)
		head->users++;
	return head;
}

static int add_points(struct item *item, const struct snapshot *s)
{
	struct point *p = calloc(s->cells_count + 1, sizeof(*p)), *last = NULL, *fitted;
	size_t count = 0;

	if (!p)
		return -ENOMEM;
	for (size_t i = 0; i < s->cells_count; i++) {
		const struct cell *c = s->cells[i];
		struct key key = { .abi = c->key.abi, .gate = c->key.gate, .nr = c->key.nr };

		/* Cells are sorted by what the key begins with. */
		if (!last || key_compare(&last->key, &key)) {
			last = &p[count++];
			last->key = key;
		}
		last->count += c->count;
		last->errors += c->errors;
		last->total_ns += c->total_ns;
	}
	fitted = realloc(p, (count + 1) * sizeof(*p));
	item->points = fitted ? fitted : p;
	item->points_count = count;
	return 0;
}

static int fill(struct history *h, struct item *item, const struct snapshot *delta)
{
	size_t flights =
		delta->in_flight_count < FLIGHTS_MAX ? delta->in_flight_count : FLIGHTS_MAX;
	int ret = pack_snapshot(&h->pack, delta);

	if (ret)
		return ret;
	item->start_ns = delta->start_ns;
	item->duration_ns = delta->duration_ns;
	item->head = head_get(h, delta);
	item->packed = malloc(h->pack.size + 1);
	item->flights = calloc(flights + 1, sizeof(*item->flights));
	if (!item->head || !item->packed || !item->flights)
		return -ENOMEM;
	memcpy(item->packed, h->pack.data, h->pack.size);
	item->packed_size = h->pack.size;
	if (flights)
		memcpy(item->flights, delta->in_flight, flights * sizeof(*item->flights));
	item->flights_count = flights;
	return add_points(item, delta);
}

static int make_room(struct history *h)
{
	size_t room = h->room ? 2 * h->room : FIRST_ROOM;
	struct item *items;

	if (h->end - h->first < h->room)
		return 0;
	items = calloc(room, sizeof(*items));
	if (!items)
		return -ENOMEM;
	for (uint64_t id = h->first; id < h->end; id++)
		items[id % room] = h->items[id % h->room];
	free(h->items);
	h->items = items;
	h->room = room;
	return 0;
}

static bool over_limits(const struct history *h)
{
	const struct item *first = item_at(h, h->first), *last = item_at(h, h->end - 1);
	uint64_t oldest = first->start_ns + first->duration_ns;
	uint64_t newest = last->start_ns + last->duration_ns;

	return h->bytes > h->limits.bytes || (newest > oldest && newest - oldest > h->limits.ns);
}

int history_add(struct history *h, const struct snapshot *delta, const struct key *only)
{
	struct item item = { 0 };
	int ret = make_room(h);

	if (!ret)
		ret = fill(h, &item, delta);
	if (ret) {
		item_fini(&item);
		return ret;
	}
	item.narrow = only != NULL;
	if (only)
		item.only = *only;
	h->items[h->end++ % h->room] = item;
	h->bytes += item_bytes(&item);
	while (h->end - h->first > 1 && over_limits(h))
		drop_first(h);
	return 0;
}

uint64_t history_first(const struct history *h)
{
	return h->first;
}

uint64_t history_end(const struct history *h)
{
	return h->end;
}

int history_get(const struct history *h, uint64_t id, struct snapshot **out, struct sg_error *e)
{
	const struct item *item = item_at(h, id);
	struct snapshot *s = NULL;
	int ret;

	if (!item)
		return sg_fail(e, ENOENT, "that interval is not kept any more");
	ret = unpack_snapshot(item->packed, item->packed_size, &s, e);
	if (ret)
		return ret;
	copy_head(s, &item->head->snapshot);
	s->start_ns = item->start_ns;
	s->duration_ns = item->duration_ns;
	for (size_t i = 0; i < item->flights_count && !ret; i++)
		ret = snapshot_add_in_flight(s, &item->flights[i]);
	if (ret) {
		snapshot_free(s);
		return sg_fail_errno(e, ENOMEM, "interval");
	}
	*out = s;
	return 0;
}

const struct key *history_only(const struct history *h, uint64_t id)
{
	const struct item *item = item_at(h, id);

	return item && item->narrow ? &item->only : NULL;
}

uint64_t history_end_ns(const struct history *h, uint64_t id)
{
	const struct item *item = item_at(h, id);

	return item ? item->start_ns + item->duration_ns : 0;
}

static double metric_of(const struct point *p, enum history_metric metric)
{
	return (double)(metric == HISTORY_COUNT	   ? p->count
			: metric == HISTORY_ERRORS ? p->errors
						   : p->total_ns);
}

static bool counted(const struct item *item, unsigned int group, const struct key *key)
{
	if (!item->narrow)
		return true;
	return group & GROUP_CALL && key->abi == item->only.abi && key->nr == item->only.nr;
}

double history_rate(const struct history *h, uint64_t id, unsigned int group, const struct key *key,
		    enum history_metric metric)
{
	static const struct key none;
	const struct key want = group_key(group, key ? key : &none);
	const struct item *item = item_at(h, id);
	double sum = 0;

	if (!item || !item->duration_ns || !counted(item, group, &want))
		return HISTORY_UNKNOWN;
	for (size_t i = 0; i < item->points_count; i++) {
		struct key is = group_key(group, &item->points[i].key);

		if (!key_compare(&is, &want))
			sum += metric_of(&item->points[i], metric);
	}
	return sum * 1e9 / (double)item->duration_ns;
}

size_t history_bytes(const struct history *h)
{
	return h->bytes + h->room * sizeof(*h->items) + h->pack.room;
}
