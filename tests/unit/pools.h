/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pools of cells as the kernel module maps them, made in memory. */
#ifndef SYSGATE_TESTS_POOLS_H
#define SYSGATE_TESTS_POOLS_H

#include <stdint.h>
#include <stdlib.h>

#include "engine/kmod.h"

#define OCTAVE_WORDS 8

/* A pool under construction, in memory of its own size, so that a sanitizer sees what is beyond. */
struct made {
	struct kmod_pool pool;
	struct sysgate_pool *head;
};

static inline struct made made_new(size_t size)
{
	struct made m = { .head = calloc(1, size) };

	if (!m.head)
		abort();
	m.head->used = sizeof(*m.head);
	m.head->size = (uint32_t)size;
	m.pool = (struct kmod_pool){ m.head, size };
	return m;
}

static inline void made_fini(struct made *m)
{
	free(m->head);
}

static inline void *take(struct made *m, size_t bytes)
{
	char *room = (char *)m->head + m->head->used;

	if (m->head->used + bytes > m->pool.size)
		abort();
	m->head->used += (uint32_t)bytes;
	return room;
}

/* The newest cell, as the module makes it. */
static inline struct sysgate_cell *add_cell(struct made *m, int nr)
{
	struct sysgate_cell *c = take(m, sizeof(*c));

	c->nr = nr;
	c->gate = SYSGATE_GATE_SYSCALL;
	c->abi = SYSGATE_ABI_X86_64;
	c->min_ns = UINT64_MAX;
	c->next = m->head->first;
	m->head->first = (uint32_t)((char *)c - (char *)m->head);
	return c;
}

static inline uint64_t *octave_of(struct made *m, struct sysgate_cell *c, unsigned int bit)
{
	uint32_t *octave = &c->octave[bit - SYSGATE_OCTAVE_LOW];

	if (!*octave)
		*octave = (uint32_t)(((uint64_t *)take(m, OCTAVE_WORDS * sizeof(uint64_t)) -
				      (uint64_t *)c));
	return (uint64_t *)c + *octave;
}

/* A call of ns nanoseconds, less than 2^32, by the rules of sysgate_abi.h. */
static inline void count(struct made *m, struct sysgate_cell *c, uint64_t ns, int exit)
{
	unsigned int bit = 63 - (unsigned int)__builtin_clzll(ns | 1 << SYSGATE_OCTAVE_LOW);
	uint64_t *buckets = octave_of(m, c, bit);

	buckets[ns < 8 ? 0 : (ns >> (bit - SYSGATE_OCTAVE_LOW)) - OCTAVE_WORDS]++;
	c->total_ns += ns;
	if (ns < c->min_ns)
		c->min_ns = ns;
	if (ns > c->max_ns)
		c->max_ns = ns;
	c->sumsq_low += ns * ns;
	c->sumsq_high += c->sumsq_low < ns * ns;
	c->exits[exit]++;
}

static inline void fill_cell(struct made *m, struct sysgate_cell *c)
{
	/* Four octaves. */
	for (uint64_t ns = 100; ns < 1600; ns *= 2)
		count(m, c, ns, SYSGATE_EXIT_SYSRET);
}

#endif
