// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * packed   = version flags dims conservation[8] losses loss* procs proc* cells cell*
 * proc     = tgid tid birth uid+1 length comm length+1 cgroup       (without the "not known")
 * cell     = shape [abi|gate<<4] nr-former [err] [proc] count [errors]
 *            [restarts never_returned untimed] exits [wait] [times]
 * exits    = mask of kinds, then the count of each; of a single kind that has all that returned
 *            the mask alone
 * times    = how total [min-low] [max-min] [m2] buckets (bucket)*
 * bucket   = (index - former - 1) * 2 + (count is 1), [count]
 *
 * Lists end by their count. m2 is the sum of the squared deviations from the mean, as a float: the
 * sum of squares itself would need a double, as the deviation is what is left of a difference.
 */
#include "collector/pack.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "collector/pack_internal.h"

static void put_bytes(struct pack *p, const void *data, size_t size)
{
	if (p->failed)
		return;
	if (p->room - p->size < size) {
		size_t room = p->room ? p->room : 4096;
		unsigned char *grown;

		while (room - p->size < size && room <= PACK_MAX)
			room *= 2;
		grown = room > PACK_MAX ? NULL : realloc(p->data, room);
		if (!grown) {
			p->failed = true;
			return;
		}
		p->data = grown;
		p->room = room;
	}
	memcpy(p->data + p->size, data, size);
	p->size += size;
}

static void put(struct pack *p, uint64_t n)
{
	unsigned char buf[10];
	size_t size = 0;

	do {
		buf[size] = (unsigned char)((n & 0x7f) | (n > 0x7f ? 0x80 : 0));
		n >>= 7;
		size++;
	} while (n);
	put_bytes(p, buf, size);
}

/*
 * The place of each loss in a recording. One that is new goes to the end: what was recorded stays
 * readable whatever counters come and go.
 */
static const char *const losses[PACK_LOSSES] = {
	"pool_full",   "stamp_evicted", "kretprobe_missed", "unpaired_exits", "ring_lost",
	"abi_unknown", "stap_skipped",	"stap_errors",	    "stap_ended",
};

const struct loss_name *pack_loss(size_t i)
{
	for (size_t k = 0; i < PACK_LOSSES && k < loss_names_count; k++)
		if (!strcmp(losses[i], loss_names[k].name))
			return &loss_names[k];
	return NULL;
}

/* What no reader would take. */
static bool is_sane(const struct cell *c)
{
	return c->count <= PACK_COUNT_MAX && c->total_ns <= INT64_MAX && c->wait_ns <= INT64_MAX &&
	       (c->min_ns == UINT64_MAX || (c->min_ns <= c->max_ns && c->max_ns <= INT64_MAX));
}

/* Small numbers of either sign: 0 -1 1 -2 .. */
static void put_signed(struct pack *p, int64_t n)
{
	put(p, (uint64_t)n << 1 ^ (uint64_t)(n >> 63));
}

static void put_head(struct pack *p, const struct snapshot *s)
{
	const struct conservation *c = &s->conservation;

	put(p, PACK_VERSION);
	put(p, (s->gate_known ? PACK_GATE : 0) | (s->exit_known ? PACK_EXIT : 0) |
		       (s->wait_known ? PACK_WAIT : 0));
	put(p, s->dims);
	put(p, c->entries);
	put(p, c->in_flight_before);
	put(p, c->exits);
	put(p, c->in_flight);
	put(p, c->never_returned);
	put(p, c->lost);
	put(p, c->before_attach);
	put(p, c->suppressed);
	put(p, PACK_LOSSES);
	for (size_t i = 0; i < PACK_LOSSES; i++) {
		const struct loss_name *name = pack_loss(i);

		put(p, name ? snapshot_loss(s, name) : 0);
	}
}

static void put_proc(struct pack *p, const struct proc *proc)
{
	size_t comm = strnlen(proc->comm, sizeof(proc->comm));

	put(p, (uint64_t)proc->tgid);
	put(p, (uint64_t)proc->tid);
	put(p, proc->birth);
	put(p, (uint32_t)(proc->uid + 1));
	put(p, comm);
	put_bytes(p, proc->comm, comm);
	put(p, proc->cgroup ? strlen(proc->cgroup) + 1 : 0);
	if (proc->cgroup)
		put_bytes(p, proc->cgroup, strlen(proc->cgroup));
}

/* Those that cells refer to, numbered from 1 in their order. numbers: zeroed, one a process. */
static void put_procs(struct pack *p, const struct snapshot *s, uint32_t *numbers)
{
	uint32_t count = 0;

	for (size_t i = 0; i < s->cells_count; i++) {
		uint32_t proc = s->cells[i]->key.proc;

		if (proc && proc < s->procs_count)
			numbers[proc] = 1;
	}
	for (size_t i = 1; i < s->procs_count; i++)
		if (numbers[i])
			numbers[i] = ++count;
	put(p, count);
	for (size_t i = 1; i < s->procs_count; i++)
		if (numbers[i])
			put_proc(p, &s->procs[i]);
}

static void put_exits(struct pack *p, const struct cell *c)
{
	unsigned int mask = 0;
	bool single, counted;

	for (int i = 0; i < SYSGATE_EXITS; i++)
		mask |= c->exits[i] ? 1U << i : 0;
	single = mask && !(mask & (mask - 1));
	counted = single && c->exits[__builtin_ctz(mask)] != c->count - c->never_returned;
	put(p, mask | (counted ? PACK_EXITS_COUNTED : 0));
	for (int i = 0; i < SYSGATE_EXITS; i++)
		if (c->exits[i] && (!single || counted))
			put(p, c->exits[i]);
}

static void put_buckets(struct pack *p, const struct cell *c, unsigned int first, unsigned int last)
{
	unsigned int count = 0, former = 0;

	for (unsigned int i = first; i <= last; i++)
		count += c->hist[i] != 0;
	put(p, count);
	for (unsigned int i = first; i <= last; i++) {
		if (!c->hist[i])
			continue;
		put(p, (uint64_t)(i - former) * 2 + (c->hist[i] == 1));
		if (c->hist[i] != 1)
			put(p, c->hist[i]);
		former = i + 1;
	}
}

static void put_times(struct pack *p, const struct cell *c)
{
	unsigned int first = 0, last = SYSGATE_HIST_BUCKETS - 1, how;
	double n = (double)cell_timed(c), total = (double)c->total_ns;
	float m2 = (float)(n > 0 ? c->sumsq_ns - total * total / n : 0);

	while (first < last && !c->hist[first])
		first++;
	while (last > first && !c->hist[last])
		last--;
	if (!c->hist[first])
		first = last = 0;
	if (!(m2 > 0) || !isfinite(m2))
		m2 = 0;
	how = (c->min_estimated ? PACK_MIN_ESTIMATED : 0) |
	      (c->max_estimated ? PACK_MAX_ESTIMATED : 0) | (m2 > 0 ? PACK_M2 : 0) |
	      (c->min_ns != sysgate_hist_low(first) ? PACK_MIN : 0) |
	      (c->max_ns != pack_high(last) ? PACK_MAX_GIVEN : 0);
	put(p, how);
	put(p, c->total_ns);
	if (how & PACK_MIN)
		put(p, c->min_ns);
	if (how & PACK_MAX_GIVEN)
		put(p, c->max_ns - c->min_ns);
	if (how & PACK_M2)
		put_bytes(p, &m2, sizeof(m2));
	put_buckets(p, c, first, last);
}

static unsigned int shape_of(const struct cell *c, const struct key *former, bool wait,
			     uint32_t proc)
{
	bool same = former->abi == c->key.abi && former->gate == c->key.gate;

	return (same ? PACK_SAME : 0) | (c->key.err ? PACK_ERR : 0) | (proc ? PACK_PROC : 0) |
	       (c->errors ? PACK_ERRORS : 0) |
	       (c->restarts || c->never_returned || c->untimed ? PACK_ENDS : 0) |
	       (wait && c->wait_ns ? PACK_WAITED : 0) | (c->min_ns != UINT64_MAX ? PACK_TIMES : 0);
}

/* proc: the number of its process among those packed, 0 for none. */
static void put_cell(struct pack *p, const struct cell *c, struct key *former, bool wait,
		     uint32_t proc)
{
	unsigned int shape = shape_of(c, former, wait, proc);

	put(p, shape);
	if (!(shape & PACK_SAME)) {
		put(p, c->key.abi | (unsigned int)c->key.gate << 4);
		former->nr = 0;
	}
	put_signed(p, (int64_t)c->key.nr - former->nr);
	if (shape & PACK_ERR)
		put(p, c->key.err);
	if (shape & PACK_PROC)
		put(p, proc);
	put(p, c->count);
	if (shape & PACK_ERRORS)
		put(p, c->errors);
	if (shape & PACK_ENDS) {
		/* Of a cell that is being counted in they can be ahead of the count. */
		uint64_t never = c->never_returned < c->count ? c->never_returned : c->count;
		uint64_t returned = c->count - never;

		put(p, c->restarts);
		put(p, never);
		put(p, c->untimed < returned ? c->untimed : returned);
	}
	put_exits(p, c);
	if (shape & PACK_WAITED)
		put(p, c->wait_ns);
	if (shape & PACK_TIMES)
		put_times(p, c);
	*former = c->key;
}

int pack_snapshot(struct pack *p, const struct snapshot *s)
{
	_cleanup_free_ uint32_t *numbers = calloc(s->procs_count + 1, sizeof(*numbers));
	struct key former = { 0 };

	p->size = 0;
	p->failed = false;
	if (!numbers)
		return -ENOMEM;
	put_head(p, s);
	put_procs(p, s, numbers);
	put(p, s->cells_count);
	for (size_t i = 0; i < s->cells_count; i++)
		if (!is_sane(s->cells[i]))
			return -EINVAL;
	for (size_t i = 0; i < s->cells_count; i++) {
		uint32_t proc = s->cells[i]->key.proc;

		put_cell(p, s->cells[i], &former, s->wait_known,
			 proc < s->procs_count ? numbers[proc] : 0);
	}
	if (!p->failed)
		return 0;
	return p->room >= PACK_MAX / 2 ? -EFBIG : -ENOMEM;
}

void pack_fini(struct pack *p)
{
	free(p->data);
	*p = (struct pack){ 0 };
}
