// SPDX-License-Identifier: GPL-2.0-or-later
/* Reads the cells that the module keeps for each CPU, while it goes on counting. */
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "engine/kmod.h"

#define OCTAVE_BUCKETS 8

/* How a writer is waited for: that many bare looks, then that many with a nap: a second. */
#define LOOKS  1000
#define NAPS   1000
#define NAP_NS 1000000

/* What lies at offset, of size bytes; NULL when the pool ends before. */
static const void *at(const struct kmod_pool *pool, uint64_t offset, size_t size)
{
	if (offset > pool->size || size > pool->size - offset || offset % sizeof(uint64_t))
		return NULL;
	return (const char *)pool->base + offset;
}

/* Until no writer is in the cell: not long, unless its CPU is a VM's that waits. */
static bool wait_for_writer(const volatile __sg_u32 *seq)
{
	const struct timespec nap = { 0, NAP_NS };

	for (unsigned int i = 0; *seq & 1; i++) {
		if (i == LOOKS + NAPS)
			return false;
		if (i >= LOOKS)
			nanosleep(&nap, NULL);
	}
	return true;
}

/*
 * A copy that no writer changed half-way: only 32-bit kernels count seq. -EPROTO: its writer never
 * comes to an end.
 */
static int copy_cell(struct sysgate_cell *to, const struct sysgate_cell *from)
{
	const volatile __sg_u32 *seq = &from->seq;
	__sg_u32 before;

	do {
		if (!wait_for_writer(seq))
			return -EPROTO;
		before = *seq;
		atomic_thread_fence(memory_order_acquire);
		memcpy(to, from, sizeof(*to));
		atomic_thread_fence(memory_order_acquire);
	} while (before & 1 || *seq != before);
	return 0;
}

static int read_octaves(struct cell *c, const struct sysgate_cell *cell,
			const struct kmod_pool *pool, uint64_t offset)
{
	for (unsigned int bit = SYSGATE_OCTAVE_LOW; bit < 64; bit++) {
		uint32_t octave = cell->octave[bit - SYSGATE_OCTAVE_LOW];
		bool spread = bit >= SYSGATE_HIST_FIRST_BIT && bit < SYSGATE_HIST_LAST_BIT;
		const uint64_t *buckets;
		uint64_t *to;

		if (!octave)
			continue;
		buckets = at(pool, offset + 8ULL * octave, OCTAVE_BUCKETS * sizeof(*buckets));
		if (!buckets)
			return -EPROTO;
		/* An octave of the histogram's is as many buckets of it; the first and the last
		 * hold whole ones. */
		to = &c->hist[sysgate_hist_index(1ULL << bit)];
		for (unsigned int k = 0; k < OCTAVE_BUCKETS; k++)
			to[spread ? k : 0] += buckets[k];
	}
	return 0;
}

static int read_cell(struct cells *cells, const struct kmod_pool *pool, uint64_t offset,
		     const struct sysgate_cell *cell, bool timed)
{
	struct key key = { .abi = cell->abi,
			   .gate = cell->gate,
			   .err = cell->err,
			   .nr = cell->nr,
			   .proc = cell->who };
	struct cell *c = cells_get(cells, &key);

	if (!c)
		return -ENOMEM;
	/* A signal's correction may lie on another CPU than the call: only the sum is right. */
	for (int i = 0; i < SYSGATE_EXITS; i++) {
		c->exits[i] += cell->exits[i];
		c->count += cell->exits[i];
		c->untimed += timed ? 0 : cell->exits[i];
	}
	c->count += cell->never_returned;
	c->never_returned += cell->never_returned;
	c->errors += cell->errors;
	c->restarts += cell->restarts;
	c->total_ns += cell->total_ns;
	c->wait_ns += cell->wait_ns;
	c->sumsq_ns += (double)cell->sumsq_high * 18446744073709551616.0 + (double)cell->sumsq_low;
	if (cell->min_ns < c->min_ns)
		c->min_ns = cell->min_ns;
	if (cell->max_ns > c->max_ns)
		c->max_ns = cell->max_ns;
	return read_octaves(c, cell, pool, offset);
}

int kmod_read_pool(struct cells *cells, const struct kmod_pool *pool, bool timed)
{
	const struct sysgate_pool *head = at(pool, 0, sizeof(*head));
	struct sysgate_cell copy;
	uint64_t offset, last = UINT64_MAX;
	int ret = 0;

	if (!head)
		return -EPROTO;
	offset = *(const volatile __sg_u32 *)&head->first;
	while (offset && !ret) {
		const struct sysgate_cell *cell = at(pool, offset, sizeof(*cell));

		/* Each is older than the one before, so that no ring of them can hold us. */
		if (!cell || offset >= last)
			return -EPROTO;
		ret = copy_cell(&copy, cell);
		if (!ret)
			ret = read_cell(cells, pool, offset, &copy, timed);
		last = offset;
		offset = copy.next;
	}
	return ret;
}

int kmod_read_whos(struct snapshot *s, const struct sysgate_who *whos, uint64_t count,
		   char *(*path_of)(uint64_t cgroup))
{
	static const struct proc not_known = { .uid = (uid_t)-1 };
	char *path = NULL;
	ssize_t index = snapshot_add_proc(s, &not_known);

	for (uint64_t i = 1; index >= 0 && i < count; i++) {
		const struct sysgate_who *w = &whos[i];
		struct proc p = {
			.tgid = w->tgid, .tid = w->tid, .birth = w->birth, .uid = w->uid
		};

		/* Neighbours mostly share theirs. The name's end is ours, whatever the module says.
		 */
		if (i == 1 || w->cgroup != w[-1].cgroup) {
			free(path);
			path = path_of(w->cgroup);
		}
		p.cgroup = path;
		memcpy(p.comm, w->comm, sizeof(p.comm) - 1);
		index = snapshot_add_proc(s, &p);
	}
	free(path);
	return index < 0 ? (int)index : 0;
}

int kmod_read_in_flight(struct snapshot *s, const struct sysgate_in_flight *calls, size_t count,
			uint64_t now_ns, bool timed)
{
	int ret = 0;

	for (size_t i = 0; i < count && !ret; i++) {
		struct in_flight f = { .tgid = calls[i].tgid,
				       .tid = calls[i].tid,
				       .abi = calls[i].abi,
				       .gate = calls[i].gate,
				       .nr = calls[i].nr };

		/* Without times nobody knows when; what is known is that it was after the attach.
		 */
		if (timed && now_ns > calls[i].since_ns)
			f.age_ns = now_ns - calls[i].since_ns;
		f.at_least = !timed;
		memcpy(f.comm, calls[i].comm, sizeof(f.comm) - 1);
		ret = snapshot_add_in_flight(s, &f);
	}
	return ret;
}

void kmod_conserve(bool attached, const struct sysgate_counters *before,
		   const struct sysgate_counters *c, const struct sysgate_counters *after,
		   struct snapshot *s)
{
	struct conservation *v = &s->conservation;
	uint64_t sum, entered = after->entries - before->entries;

	v->in_flight = c->in_flight;
	v->lost = c->pool_full + c->stamps_lost;
	v->before_attach = c->before_attach;
	v->suppressed = c->suppressed;
	v->entries = c->entries;
	sum = v->exits + v->in_flight + v->never_returned + v->lost;
	if (attached && sum <= after->entries &&
	    sum + entered + before->in_flight >= before->entries)
		v->entries = sum;
	s->loss.pool_full = c->pool_full;
	s->loss.stamp_evicted = c->stamps_full + c->stamps_lost;
	s->loss.kretprobe_missed = c->probes_missed;
	s->loss.abi_unknown = c->abi_unknown;
}
