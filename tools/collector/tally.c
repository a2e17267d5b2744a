// SPDX-License-Identifier: GPL-2.0-or-later
/* Reads packed snapshots, which may be anything, and adds them up. */
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "collector/pack.h"
#include "collector/pack_internal.h"

#define FIRST_PROCS 64
#define CGROUP_MAX  4096

/* What is read, from where on; the first thing wrong stops it. */
struct reader {
	const unsigned char *at, *end;
	const char *wrong;
};

static void refuse(struct reader *r, const char *what)
{
	if (!r->wrong)
		r->wrong = what;
	r->at = r->end;
}

static uint64_t get(struct reader *r, uint64_t max, const char *what)
{
	uint64_t n = 0;

	for (unsigned int shift = 0; shift < 64 && r->at < r->end; shift += 7) {
		unsigned char byte = *r->at++;

		if (shift == 63 && byte > 1)
			break;
		n |= (uint64_t)(byte & 0x7f) << shift;
		if (byte & 0x80)
			continue;
		if (n <= max)
			return n;
		break;
	}
	refuse(r, what);
	return 0;
}

static uint64_t get_count(struct reader *r)
{
	return get(r, PACK_COUNT_MAX, "a count");
}

/* A counter of the sum: what would overflow in the end is refused in time. */
static void add_count(struct reader *r, uint64_t *sum)
{
	*sum += get_count(r);
	if (*sum > 4 * PACK_COUNT_MAX)
		refuse(r, "a sum");
}

static int64_t get_signed(struct reader *r)
{
	uint64_t n = get(r, UINT64_MAX, "a number");

	return (int64_t)(n >> 1 ^ -(n & 1));
}

static void get_bytes(struct reader *r, void *to, size_t size)
{
	if ((size_t)(r->end - r->at) < size) {
		refuse(r, "a text");
		return;
	}
	memcpy(to, r->at, size);
	r->at += size;
}

int tally_init(struct tally *t)
{
	static const struct proc not_known = { .uid = (uid_t)-1 };

	*t = (struct tally){ .sum = snapshot_new() };
	t->procs = calloc(FIRST_PROCS, sizeof(*t->procs));
	t->procs_mask = FIRST_PROCS - 1;
	if (t->sum && t->procs && snapshot_add_proc(t->sum, &not_known) == 0 &&
	    !cells_init(&t->cells, TALLY_CELLS_MAX))
		return 0;
	tally_fini(t);
	return -ENOMEM;
}

void tally_fini(struct tally *t)
{
	snapshot_free(t->sum);
	free(t->procs);
	if (t->cells.slots)
		cells_fini(&t->cells);
	*t = (struct tally){ 0 };
}

static size_t hash(const struct proc *p)
{
	uint64_t h =
		(uint64_t)(uint32_t)p->tgid << 32 ^ (uint32_t)p->tid ^ (uint64_t)p->birth << 17;

	for (const char *c = p->comm; *c; c++)
		h = h * 31 + (unsigned char)*c;
	h *= 0x9e3779b97f4a7c15ULL;
	return (size_t)(h >> 32);
}

static bool same(const struct proc *a, const struct proc *b)
{
	return a->tgid == b->tgid && a->tid == b->tid && a->birth == b->birth && a->uid == b->uid &&
	       !strcmp(a->comm, b->comm) &&
	       (a->cgroup && b->cgroup ? !strcmp(a->cgroup, b->cgroup) : a->cgroup == b->cgroup);
}

static uint32_t *find(const struct tally *t, const struct proc *p)
{
	size_t i = hash(p) & t->procs_mask;

	while (t->procs[i] && !same(&t->sum->procs[t->procs[i] - 1], p))
		i = (i + 1) & t->procs_mask;
	return &t->procs[i];
}

static int grow(struct tally *t)
{
	size_t n = 2 * (t->procs_mask + 1);
	uint32_t *former = t->procs;

	t->procs = calloc(n, sizeof(*t->procs));
	if (!t->procs) {
		t->procs = former;
		return -ENOMEM;
	}
	t->procs_mask = n - 1;
	free(former);
	for (size_t i = 1; i < t->sum->procs_count; i++)
		*find(t, &t->sum->procs[i]) = (uint32_t)i + 1;
	return 0;
}

/* The sum's index of a process; 0 when memory is out. */
static uint32_t add_proc(struct tally *t, const struct proc *p)
{
	uint32_t *slot;
	ssize_t i;

	if (2 * t->sum->procs_count > t->procs_mask && grow(t))
		return 0;
	slot = find(t, p);
	if (*slot)
		return *slot - 1;
	i = snapshot_add_proc(t->sum, p);
	if (i < 0)
		return 0;
	*slot = (uint32_t)i + 1;
	return (uint32_t)i;
}

static void get_proc(struct reader *r, struct proc *p, char *cgroup)
{
	size_t size;

	p->tgid = (pid_t)get(r, INT_MAX, "a process id");
	p->tid = (pid_t)get(r, INT_MAX, "a task id");
	p->birth = (uint32_t)get(r, UINT32_MAX, "a process");
	p->uid = (uid_t)get(r, UINT32_MAX, "a user") - 1;
	size = get(r, sizeof(p->comm) - 1, "a process's name");
	get_bytes(r, p->comm, size);
	p->comm[size] = '\0';
	size = get(r, CGROUP_MAX, "a control group");
	if (!size)
		return;
	get_bytes(r, cgroup, size - 1);
	cgroup[size - 1] = '\0';
	p->cgroup = cgroup;
}

/* The processes of one packed snapshot, as indices of the sum's. Heap; [0] is not known. */
static uint32_t *get_procs(struct tally *t, struct reader *r, size_t *count)
{
	uint32_t *indices;

	/* Each has seven bytes at least. */
	*count = get(r, (uint64_t)(r->end - r->at) / 7, "the number of processes");
	indices = calloc(*count + 1, sizeof(*indices));
	for (size_t i = 1; indices && i <= *count && !r->wrong; i++) {
		char cgroup[CGROUP_MAX + 1];
		struct proc p = { 0 };

		get_proc(r, &p, cgroup);
		indices[i] = r->wrong ? 0 : add_proc(t, &p);
		if (!r->wrong && !indices[i]) {
			free(indices);
			return NULL;
		}
	}
	return indices;
}

/* One of a later sysgate, which has no name here, cannot be left out: it is a loss. */
static void get_losses(struct reader *r, struct loss *l)
{
	uint64_t count = get(r, 64, "losses");

	for (uint64_t i = 0; i < count; i++) {
		const struct loss_name *name = pack_loss(i);
		uint64_t n = 0;

		add_count(r, name ? (uint64_t *)((char *)l + name->offset) : &n);
		if (n)
			refuse(r, "a loss, which is not known here,");
	}
}

static void get_head(struct tally *t, struct reader *r, bool new_run)
{
	struct conservation *c = &t->sum->conservation;
	uint64_t flags, before, in_flight;

	if (get(r, UINT64_MAX, "its version") != PACK_VERSION)
		refuse(r, "its version");
	flags = get(r, UINT64_MAX, "flags");
	t->sum->gate_known |= (flags & PACK_GATE) != 0;
	t->sum->exit_known |= (flags & PACK_EXIT) != 0;
	t->sum->wait_known = (flags & PACK_WAIT) != 0 && (t->sum->wait_known || !t->begun);
	t->sum->dims |= (uint32_t)get(r, DIM_ERRNO | DIM_PROC | DIM_TASK, "dimensions");
	add_count(r, &c->entries);
	before = get_count(r);
	if (!t->begun || new_run) {
		c->in_flight_before += before;
		t->in_flight_ended = c->in_flight;
	}
	add_count(r, &c->exits);
	in_flight = get_count(r);
	c->in_flight = t->in_flight_ended + in_flight;
	add_count(r, &c->never_returned);
	add_count(r, &c->lost);
	add_count(r, &c->before_attach);
	add_count(r, &c->suppressed);
	get_losses(r, &t->sum->loss);
	t->begun = true;
}

static void get_key(struct reader *r, unsigned int shape, struct key *k, const uint32_t *procs,
		    size_t procs_count)
{
	if (!(shape & PACK_SAME)) {
		unsigned int which = (unsigned int)get(r, 0xff, "an ABI");

		k->abi = which & 0xf;
		k->gate = (uint8_t)(which >> 4);
		k->nr = 0;
		if (k->abi >= SYSGATE_ABIS || k->gate >= SYSGATE_GATES)
			refuse(r, "an ABI or gate");
	}
	k->nr = (int32_t)(uint32_t)((uint64_t)k->nr + (uint64_t)get_signed(r));
	k->err = shape & PACK_ERR ? (uint16_t)get(r, UINT16_MAX, "an errno") : 0;
	k->proc = shape & PACK_PROC ? procs[get(r, procs_count, "a process")] : 0;
}

static void get_exits(struct reader *r, struct cell *c)
{
	unsigned int mask = (unsigned int)get(r, 2 * PACK_EXITS_COUNTED - 1, "exits");
	bool counted = mask & PACK_EXITS_COUNTED;

	mask &= PACK_EXITS_COUNTED - 1;
	if (mask && !(mask & (mask - 1)) && !counted) {
		c->exits[__builtin_ctz(mask)] = c->count - c->never_returned;
		return;
	}
	for (int i = 0; i < SYSGATE_EXITS; i++)
		if (mask & 1U << i)
			c->exits[i] = get_count(r);
}

static void get_buckets(struct reader *r, struct cell *c, unsigned int *first, unsigned int *last)
{
	uint64_t count = get(r, SYSGATE_HIST_BUCKETS, "buckets");
	unsigned int next = 0;

	*first = *last = 0;
	for (uint64_t i = 0; i < count && !r->wrong; i++) {
		uint64_t n = get(r, 2 * SYSGATE_HIST_BUCKETS, "a bucket");
		unsigned int at = next + (unsigned int)(n / 2);

		if (at >= SYSGATE_HIST_BUCKETS) {
			refuse(r, "a bucket");
			return;
		}
		c->hist[at] = n & 1 ? 1 : get_count(r);
		if (!i)
			*first = at;
		*last = at;
		next = at + 1;
	}
}

static void get_times(struct reader *r, struct cell *c)
{
	unsigned int how = (unsigned int)get(r, 2 * PACK_M2 - 1, "times"), first, last;
	uint64_t min = 0, range = 0;
	double total, n;
	float m2 = 0;

	c->total_ns = get(r, INT64_MAX, "a time");
	if (how & PACK_MIN)
		min = get(r, INT64_MAX, "a shortest time");
	if (how & PACK_MAX_GIVEN)
		range = get(r, INT64_MAX, "a longest time");
	if (how & PACK_M2)
		get_bytes(r, &m2, sizeof(m2));
	get_buckets(r, c, &first, &last);
	c->min_ns = how & PACK_MIN ? min : sysgate_hist_low(first);
	c->max_ns = how & PACK_MAX_GIVEN ? c->min_ns + range : pack_high(last);
	c->min_estimated = how & PACK_MIN_ESTIMATED;
	c->max_estimated = how & PACK_MAX_ESTIMATED;
	if (c->max_ns < c->min_ns || c->max_ns > INT64_MAX || !isfinite(m2) || m2 < 0)
		refuse(r, "times");
	total = (double)c->total_ns;
	n = (double)cell_timed(c);
	c->sumsq_ns = (double)m2 + (n > 0 ? total * total / n : 0);
}

static void get_cell(struct reader *r, struct cell *c, const uint32_t *procs, size_t procs_count)
{
	unsigned int shape = (unsigned int)get(r, 2 * PACK_WAITED - 1, "a cell's shape");
	struct key key = c->key;

	get_key(r, shape, &key, procs, procs_count);
	cell_init(c, &key);
	c->count = get_count(r);
	if (shape & PACK_ERRORS)
		c->errors = get_count(r);
	if (shape & PACK_ENDS) {
		c->restarts = get_count(r);
		c->never_returned = get_count(r);
		c->untimed = get_count(r);
	}
	if (c->never_returned > c->count || c->untimed > c->count - c->never_returned)
		refuse(r, "a count");
	if (r->wrong)
		return;
	get_exits(r, c);
	if (shape & PACK_WAITED)
		c->wait_ns = get(r, INT64_MAX, "a time");
	if (shape & PACK_TIMES)
		get_times(r, c);
}

/* Sums stay below what sinks can show. */
static bool sums_fit(const struct cell *a, const struct cell *b)
{
	return a->count <= PACK_COUNT_MAX - b->count && a->total_ns <= INT64_MAX - b->total_ns &&
	       a->wait_ns <= INT64_MAX - b->wait_ns;
}

static int get_cells(struct tally *t, struct reader *r, const uint32_t *procs, size_t procs_count)
{
	uint64_t count = get(r, (uint64_t)(r->end - r->at) / 3, "the number of cells");
	struct cell cell = { 0 };

	for (uint64_t i = 0; i < count; i++) {
		struct cell *c;

		get_cell(r, &cell, procs, procs_count);
		if (r->wrong)
			break;
		c = cells_get(&t->cells, &cell.key);
		if (!c)
			return -ENOMEM;
		if (!sums_fit(c, &cell)) {
			refuse(r, "a sum");
			break;
		}
		cell_add(c, &cell);
	}
	if (r->at != r->end)
		refuse(r, "its end");
	return 0;
}

int tally_add(struct tally *t, const void *data, size_t size, bool new_run, struct sg_error *e)
{
	struct reader r = { data, (const unsigned char *)data + size, NULL };
	_cleanup_free_ uint32_t *procs = NULL;
	size_t procs_count = 0;
	int ret = 0;

	get_head(t, &r, new_run);
	procs = get_procs(t, &r, &procs_count);
	/* What is not split by process has none. */
	if (procs_count && !(t->sum->dims & DIM_PROC))
		refuse(&r, "the number of processes");
	if (procs && !r.wrong)
		ret = get_cells(t, &r, procs, procs_count);
	if (!procs || ret)
		return sg_fail_errno(e, ENOMEM, "recorded interval");
	return r.wrong ? sg_fail(e, EINVAL, "damaged: %s is wrong", r.wrong) : 0;
}

struct snapshot *tally_take(struct tally *t)
{
	struct snapshot *s = t->sum;

	for (size_t i = 0; i < t->cells.chunks_count; i++) {
		size_t n = i + 1 < t->cells.chunks_count ? CELLS_CHUNK
							 : CELLS_CHUNK - t->cells.chunk_free;

		for (size_t j = 0; j < n; j++)
			if (snapshot_add_cell(s, &t->cells.chunks[i][j]))
				return NULL;
	}
	if (!(s->dims & DIM_PROC)) {
		free(s->procs[0].cgroup);
		s->procs_count = 0;
	}
	snapshot_sort(s);
	t->sum = NULL;
	return s;
}

int unpack_snapshot(const void *data, size_t size, struct snapshot **out, struct sg_error *e)
{
	struct tally t;
	int ret = tally_init(&t) ? sg_fail_errno(e, ENOMEM, "packed interval") : 0;

	if (ret)
		return ret;
	ret = tally_add(&t, data, size, false, e);
	*out = ret ? NULL : tally_take(&t);
	tally_fini(&t);
	return ret || *out ? ret : sg_fail_errno(e, ENOMEM, "packed interval");
}
