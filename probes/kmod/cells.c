// SPDX-License-Identifier: GPL-2.0-only
/* Each CPU's cells: a pool that only grows, a hash over it, and the hot gate's own index. */
#include "sysgate.h"

#include <linux/cpu.h>
#include <linux/cpuhotplug.h>
#include <linux/hash.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

DEFINE_PER_CPU(struct sg_cpu, sg_cpu);
struct sysgate_cell sg_no_cell;

static unsigned int pool_bytes;
static unsigned int hash_bits;
static int hotplug_state;

#define OCTAVE_BYTES (8 * sizeof(u64))
#define ODD_CELLS    64

static unsigned int hash_bytes(void)
{
	return sizeof(struct sg_bucket) << hash_bits;
}

static unsigned int hot_bytes(void)
{
	return SG_HOT_CALLS * sizeof(struct sysgate_cell *) +
	       (sizeof(struct sg_hot) << SG_KEYED_LOG);
}

unsigned int sg_cells_memory(void)
{
	return pool_bytes + hash_bytes() + hot_bytes();
}

static void clear(struct sg_cpu *c)
{
	int i;

	memset(c->pool, 0, pool_bytes);
	memset(c->hash, 0, hash_bytes());
	for (i = 0; i < SG_HOT_CALLS; i++)
		c->hot[i] = &sg_no_cell;
	c->keyed = (struct sg_hot *)(c->hot + SG_HOT_CALLS);
	memset(c->keyed, 0, sizeof(struct sg_hot) << SG_KEYED_LOG);
	/* A key that is none, where 0 would be one. */
	c->keyed[0].key = ~0ULL;
	c->pool->size = pool_bytes;
	c->pool->used = sizeof(struct sysgate_pool);
	c->entries = c->pool_full = c->stamps_full = c->whos_full = 0;
	c->odd = 0;
	c->suppressed = c->before_attach = c->stamps_lost = c->abi_unknown = 0;
	c->sites_full = c->sites_unseen = 0;
}

static void release(struct sg_cpu *c)
{
	vfree(c->pool);
	vfree(c->hash);
	kfree(c->hot);
	c->pool = NULL;
	c->hash = NULL;
	c->hot = NULL;
}

/* Before a CPU is used for the first time; what it counted stays when it goes. */
static int prepare(unsigned int cpu)
{
	struct sg_cpu *c = per_cpu_ptr(&sg_cpu, cpu);
	int node = cpu_to_node(cpu);
	struct sysgate_pool *pool;

	if (c->pool)
		return 0;
	pool = vmalloc_user(pool_bytes);
	c->hot = kmalloc_node(hot_bytes(), GFP_KERNEL, node);
	c->hash = vzalloc_node(hash_bytes(), node);
	if (!c->hot || !c->hash || !pool) {
		vfree(pool);
		release(c);
		return -ENOMEM;
	}
	/* A pool says that the rest is there. */
	smp_store_release(&c->pool, pool);
	clear(c);
	return 0;
}

static int prepare_online(void)
{
	int ret = 0, cpu;

	cpus_read_lock();
	for_each_online_cpu (cpu) {
		ret = prepare(cpu);
		if (ret)
			break;
	}
	cpus_read_unlock();
	return ret;
}

/*
 * Allocations of whole pages do not fail while there is a process to be killed for them: what the
 * machine cannot spare is refused before.
 */
static bool memory_spared(unsigned int bytes)
{
	unsigned long pages = (unsigned long)num_online_cpus() * (bytes >> PAGE_SHIFT);

	return pages < (unsigned long)max(si_mem_available(), 0L) / 2;
}

int sg_cells_init(unsigned int bytes)
{
	int ret;

	if (!memory_spared(bytes))
		return -ENOMEM;
	/* More buckets than there can be cells: a look at the hash always ends. */
	hash_bits = max(6, ilog2(bytes / sizeof(struct sysgate_cell)) + 1);
	pool_bytes = PAGE_ALIGN_DOWN(bytes - hash_bytes() - hot_bytes());
	BUILD_BUG_ON(sizeof(struct sysgate_cell) != 384);
	/* 5.10 takes a state of this kind, and calls nothing for the CPUs that are there. */
	ret = cpuhp_setup_state_nocalls(CPUHP_BP_PREPARE_DYN, SG_NAME ":prepare", prepare, NULL);
	if (ret < 0)
		return ret;
	hotplug_state = ret;
	ret = prepare_online();
	if (ret)
		sg_cells_exit();
	return ret;
}

void sg_cells_exit(void)
{
	int cpu;

	if (hotplug_state > 0)
		cpuhp_remove_state_nocalls(hotplug_state);
	for_each_possible_cpu (cpu)
		release(per_cpu_ptr(&sg_cpu, cpu));
}

void sg_cells_reset(void)
{
	int cpu;

	for_each_possible_cpu (cpu)
		if (per_cpu_ptr(&sg_cpu, cpu)->pool)
			clear(per_cpu_ptr(&sg_cpu, cpu));
}

static void *take(struct sysgate_pool *pool, unsigned int bytes)
{
	void *room = (char *)pool + pool->used;

	if (bytes > pool->size - pool->used)
		return NULL;
	pool->used += bytes;
	return room;
}

static u64 key_bits(const struct sg_key *key)
{
	return (u32)key->nr | (u64)key->err << 32 | (u64)key->gate << 48 | (u64)key->abi << 56;
}

static struct sysgate_cell *make(struct sg_cpu *c, const struct sg_key *key)
{
	struct sysgate_cell *cell;

	/* Numbers that no table has are any user's to make up: few of them get room. */
	if ((u32)key->nr >= SYSGATE_FILTER_CALLS && c->odd++ >= ODD_CELLS)
		return NULL;
	cell = take(c->pool, sizeof(*cell));
	if (!cell)
		return NULL;
	cell->nr = key->nr;
	cell->err = key->err;
	cell->gate = key->gate;
	cell->abi = key->abi;
	cell->who = key->who;
	cell->min_ns = ~0ULL;
	cell->next = c->pool->first;
	/* Who reads the list meanwhile finds a whole cell. */
	smp_store_release(&c->pool->first, (char *)cell - (char *)c->pool);
	return cell;
}

struct sysgate_cell *sg_cell_get(const struct sg_key *key)
{
	struct sg_cpu *c = this_cpu_ptr(&sg_cpu);
	u64 bits = key_bits(key);
	unsigned int mask = (1U << hash_bits) - 1;
	unsigned int i = hash_64(bits ^ (u64)key->who << 13 ^ (u64)key->who << 40, hash_bits);
	struct sysgate_cell *cell;
	struct sg_bucket *b;

	/* The pool is full before the hash is: see sg_cells_init(). */
	for (b = &c->hash[i]; b->cell; b = &c->hash[i]) {
		if (b->key == bits && b->who == key->who)
			return (struct sysgate_cell *)((char *)c->pool + b->cell);
		i = (i + 1) & mask;
	}
	cell = make(c, key);
	if (!cell) {
		c->pool_full++;
		return NULL;
	}
	b->key = bits;
	b->who = key->who;
	b->cell = (char *)cell - (char *)c->pool;
	return cell;
}

bool sg_cell_octave(struct sysgate_cell *cell, unsigned int bit)
{
	struct sg_cpu *c = this_cpu_ptr(&sg_cpu);
	void *room = take(c->pool, OCTAVE_BYTES);

	if (!room) {
		c->pool_full++;
		return false;
	}
	cell->octave[bit - SYSGATE_OCTAVE_LOW] = ((char *)room - (char *)cell) / sizeof(u64);
	return true;
}

void sg_cell_hot(struct sysgate_cell *cell)
{
	struct sg_cpu *c = this_cpu_ptr(&sg_cpu);
	struct sg_hot *h = &c->keyed[sg_keyed_slot(cell->nr, cell->who)];

	if (!cell->who)
		c->hot[cell->nr] = cell;
	h->key = sg_keyed_key(cell->nr, cell->who);
	h->cell = cell;
}
