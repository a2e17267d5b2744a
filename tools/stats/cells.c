// SPDX-License-Identifier: GPL-2.0-or-later
#include "stats/cells.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_SLOTS 1024

int cells_init(struct cells *t, size_t max)
{
	memset(t, 0, sizeof(*t));
	t->slots = calloc(FIRST_SLOTS, sizeof(*t->slots));
	if (!t->slots)
		return -ENOMEM;
	t->mask = FIRST_SLOTS - 1;
	t->max = max;
	return 0;
}

void cells_fini(struct cells *t)
{
	for (size_t i = 0; i < t->chunks_count; i++)
		free(t->chunks[i]);
	free(t->chunks);
	free(t->slots);
	memset(t, 0, sizeof(*t));
}

static size_t hash(const struct key *k)
{
	uint64_t h = (uint64_t)k->proc << 32 | (uint32_t)k->nr;

	h ^= (uint64_t)(k->abi | k->gate << 2) << 58 | (uint64_t)k->err << 44;
	h *= 0x9e3779b97f4a7c15ULL;
	return (size_t)(h >> 32 ^ h >> 12);
}

static struct cell **find(const struct cells *t, const struct key *key)
{
	size_t i = hash(key) & t->mask;

	while (t->slots[i] && key_compare(&t->slots[i]->key, key))
		i = (i + 1) & t->mask;
	return &t->slots[i];
}

static int grow(struct cells *t)
{
	struct cell **old = t->slots;
	size_t n = t->mask + 1;

	t->slots = calloc(2 * n, sizeof(*t->slots));
	if (!t->slots) {
		t->slots = old;
		return -ENOMEM;
	}
	t->mask = 2 * n - 1;
	for (size_t i = 0; i < n; i++)
		if (old[i])
			*find(t, &old[i]->key) = old[i];
	free(old);
	return 0;
}

static struct cell *take(struct cells *t)
{
	struct cell **chunks;

	if (!t->chunk_free) {
		chunks = realloc(t->chunks, (t->chunks_count + 1) * sizeof(*chunks));
		if (!chunks)
			return NULL;
		t->chunks = chunks;
		t->chunk = malloc(CELLS_CHUNK * sizeof(*t->chunk));
		if (!t->chunk)
			return NULL;
		t->chunks[t->chunks_count++] = t->chunk;
		t->chunk_free = CELLS_CHUNK;
	}
	t->chunk_free--;
	return t->chunk++;
}

struct cell *cells_find(const struct cells *t, const struct key *key)
{
	return *find(t, key);
}

struct cell *cells_get(struct cells *t, const struct key *key)
{
	struct cell **slot = find(t, key);

	if (*slot)
		return *slot;
	if (t->count >= t->max)
		return NULL;
	if (2 * (t->count + 1) > t->mask) {
		if (grow(t))
			return NULL;
		slot = find(t, key);
	}
	*slot = take(t);
	if (!*slot)
		return NULL;
	cell_init(*slot, key);
	t->count++;
	return *slot;
}
