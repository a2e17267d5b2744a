// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Reads the lines that a script of SystemTap's prints (probes/stap/core.c). A dump counts when it
 * is whole: its transport loses lines when it is full, and a person may have changed the script.
 */
#include "engine/stap.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "engine/kmod.h"

#define VERSION	  1
#define CELLS_MAX (1U << 20)
#define WHOS_MAX  8192
#define CALLS_MAX (1U << 16)
#define NUMBERS	  256 /* of a line of 512 bytes */

/* A line's words as numbers, and what comes behind them. */
struct words {
	uint64_t n[NUMBERS];
	size_t count;
	const char *rest; /* the text behind the last one; NULL: none */
};

/* Up to max numbers, each in decimal and with a blank before it. Returns false for anything else.
 */
static bool read_numbers(const char *text, size_t max, struct words *w)
{
	char *end;

	w->count = 0;
	w->rest = NULL;
	while (*text == ' ' && w->count < max) {
		bool negative = text[1] == '-';

		text++;
		if (text[negative] < '0' || text[negative] > '9')
			return false;
		errno = 0;
		w->n[w->count] =
			negative ? (uint64_t)strtoll(text, &end, 10) : strtoull(text, &end, 10);
		if (errno)
			return false;
		w->count++;
		text = end;
	}
	if (*text == ' ')
		w->rest = text + 1;
	return *text == ' ' || !*text;
}

static bool fits_s32(uint64_t n)
{
	return (int64_t)n >= INT32_MIN && (int64_t)n <= INT32_MAX;
}

void stap_dump_fini(struct stap_dump *d)
{
	cells_fini(&d->cells);
	free(d->whos);
	free(d->calls);
	memset(d, 0, sizeof(*d));
}

/* ---- the lines ---- */

static int take_begin(struct stap_reader *r, const struct words *w)
{
	stap_dump_fini(&r->dump);
	r->within = true;
	r->lines = 0;
	r->cell = NULL;
	r->broken = w->count != 3 || w->rest || w->n[0] != VERSION;
	r->dump.count_only = w->n[1];
	r->dump.attached = w->n[2];
	return cells_init(&r->dump.cells, CELLS_MAX);
}

static int take_counters(struct stap_reader *r, const struct words *w)
{
	struct stap_counters *c = &r->dump.counters[r->dump.counters_count];

	if (w->count != 14 || w->rest || r->dump.counters_count == ARRAY_SIZE(r->dump.counters))
		return -EPROTO;
	c->kernel = (struct sysgate_counters){ .entries = w->n[0],
					       .in_flight = w->n[1],
					       .now_ns = w->n[2],
					       .attached_ns = w->n[3],
					       .detached_ns = w->n[4],
					       .pool_full = w->n[5],
					       .stamps_full = w->n[6],
					       .whos_full = w->n[7],
					       .suppressed = w->n[8],
					       .before_attach = w->n[9],
					       .stamps_lost = w->n[10],
					       .abi_unknown = w->n[11] };
	c->skipped = w->n[12];
	c->errors = w->n[13];
	r->dump.counters_count++;
	return 0;
}

/* The CPUs' cells of one key are one here. */
static int take_cell(struct stap_reader *r, const struct words *w)
{
	struct key key = { 0 };
	struct cell *c;

	if (w->count != 18 || w->rest || !fits_s32(w->n[0]) || w->n[1] > 4095 ||
	    w->n[2] >= SYSGATE_GATES || w->n[3] >= SYSGATE_ABIS || w->n[4] >= WHOS_MAX)
		return -EPROTO;
	key.nr = (int32_t)w->n[0];
	key.err = (uint16_t)w->n[1];
	key.gate = (uint8_t)w->n[2];
	key.abi = (uint8_t)w->n[3];
	key.proc = (uint32_t)w->n[4];
	c = cells_get(&r->dump.cells, &key);
	if (!c)
		return -ENOMEM;
	c->total_ns += w->n[5];
	c->min_ns = w->n[6] < c->min_ns ? w->n[6] : c->min_ns;
	c->max_ns = w->n[7] > c->max_ns ? w->n[7] : c->max_ns;
	c->sumsq_ns += (double)w->n[9] * 18446744073709551616.0 + (double)w->n[8];
	c->errors += w->n[10];
	for (int i = 0; i < SYSGATE_EXITS; i++) {
		c->exits[i] += w->n[11 + i];
		c->count += w->n[11 + i];
		c->untimed += r->dump.count_only ? w->n[11 + i] : 0;
	}
	c->restarts += w->n[16];
	c->never_returned += w->n[17];
	c->count += w->n[17];
	r->cell = c;
	return 0;
}

static int take_hist(struct stap_reader *r, const struct words *w)
{
	if (!r->cell || w->count % 2 || w->rest)
		return -EPROTO;
	for (size_t i = 0; i < w->count; i += 2) {
		if (w->n[i] >= SYSGATE_HIST_BUCKETS)
			return -EPROTO;
		r->cell->hist[w->n[i]] += w->n[i + 1];
	}
	return 0;
}

/* Makes room for one more item; what is new is zeroed. */
static void *grow(void *array, size_t count, size_t size)
{
	char *grown = array;

	if (!(count & (count - 1))) { /* full at each power of two */
		grown = reallocarray(array, count ? 2 * count : 1, size);
		if (!grown)
			return NULL;
	}
	memset(grown + count * size, 0, size);
	return grown;
}

static int take_who(struct stap_reader *r, const struct words *w)
{
	struct stap_dump *d = &r->dump;
	struct sysgate_who *whos;

	if (!d->whos_count) {
		d->whos = grow(NULL, 0, sizeof(*d->whos));
		if (!d->whos)
			return -ENOMEM;
		d->whos_count = 1;
	}
	/* In order, so that an index is a place. */
	if (w->count != 6 || !w->rest || w->n[0] != d->whos_count || d->whos_count >= WHOS_MAX ||
	    !fits_s32(w->n[1]) || !fits_s32(w->n[2]) || w->n[3] > UINT32_MAX || w->n[4] > w->n[0])
		return -EPROTO;
	whos = grow(d->whos, d->whos_count, sizeof(*whos));
	if (!whos)
		return -ENOMEM;
	d->whos = whos;
	whos += d->whos_count++;
	whos->tgid = (int32_t)w->n[1];
	whos->tid = (int32_t)w->n[2];
	whos->uid = (uint32_t)w->n[3];
	whos->birth = (uint32_t)w->n[4];
	whos->cgroup = w->n[5];
	snprintf(whos->comm, sizeof(whos->comm), "%.15s", w->rest);
	return 0;
}

static int take_flight(struct stap_reader *r, const struct words *w)
{
	struct stap_dump *d = &r->dump;
	struct sysgate_in_flight *calls;

	if (w->count != 6 || !fits_s32(w->n[0]) || !fits_s32(w->n[1]) || !fits_s32(w->n[2]) ||
	    w->n[3] >= SYSGATE_ABIS || w->n[4] >= SYSGATE_GATES || d->calls_count >= CALLS_MAX)
		return -EPROTO;
	calls = grow(d->calls, d->calls_count, sizeof(*calls));
	if (!calls)
		return -ENOMEM;
	d->calls = calls;
	calls += d->calls_count++;
	calls->tgid = (int32_t)w->n[0];
	calls->tid = (int32_t)w->n[1];
	calls->nr = (int32_t)w->n[2];
	calls->abi = (uint8_t)w->n[3];
	calls->gate = (uint8_t)w->n[4];
	calls->since_ns = w->n[5];
	snprintf(calls->comm, sizeof(calls->comm), "%.15s", w->rest ? w->rest : "");
	return 0;
}

/* Cells of a process that the dump does not have belong to nobody that is known. */
static void bound_procs(struct stap_dump *d)
{
	for (size_t i = 0; d->cells.slots && i <= d->cells.mask; i++)
		if (d->cells.slots[i] && d->cells.slots[i]->key.proc >= d->whos_count)
			d->cells.slots[i]->key.proc = 0;
}

static int take_end(struct stap_reader *r, const struct words *w)
{
	r->within = false;
	/* Its own line is none of those that it has counted. */
	if (r->broken || w->count != 1 || w->rest || w->n[0] != r->lines ||
	    r->dump.counters_count != ARRAY_SIZE(r->dump.counters)) {
		r->lost++;
		return 0;
	}
	if (!r->last)
		r->last = calloc(1, sizeof(*r->last));
	if (!r->last)
		return -ENOMEM;
	stap_dump_fini(r->last);
	bound_procs(&r->dump);
	*r->last = r->dump;
	memset(&r->dump, 0, sizeof(r->dump));
	r->cell = NULL;
	r->whole++;
	return 0;
}

static const struct kind {
	const char *word;
	size_t numbers; /* at most, before a text */
	int (*take)(struct stap_reader *r, const struct words *w);
} kinds[] = {
	{ "sysgate", 3, take_begin }, { "counters", 14, take_counters },
	{ "cell", 18, take_cell },    { "hist", NUMBERS, take_hist },
	{ "who", 6, take_who },	      { "flight", 6, take_flight },
	{ "end", 1, take_end },
};

static const struct kind *kind_of(const char *line, size_t n)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (strlen(kinds[i].word) == n && !strncmp(line, kinds[i].word, n))
			return &kinds[i];
	return NULL;
}

static int take_line(struct stap_reader *r)
{
	size_t n = strcspn(r->line, " ");
	const struct kind *kind = kind_of(r->line, n);
	struct words w;
	int ret;

	if (!kind || (!r->within && kind->take != take_begin)) {
		if (r->other && r->line[0])
			r->other(r->line, r->data);
		return 0;
	}
	/* A dump that begins within another one: the end of that was lost. */
	if (r->within && kind->take == take_begin)
		r->lost++;
	if (!read_numbers(r->line + n, kind->numbers, &w))
		w.count = 0;
	ret = kind->take(r, &w);
	if (ret == -EPROTO) {
		r->broken = true;
		ret = 0;
	}
	r->lines++;
	return ret;
}

int stap_reader_feed(struct stap_reader *r, const char *data, size_t size)
{
	int ret = 0;

	for (size_t i = 0; i < size && !ret; i++) {
		if (data[i] != '\n') {
			if (r->used < sizeof(r->line) - 1)
				r->line[r->used++] = data[i];
			else
				r->cut = true;
			continue;
		}
		r->line[r->used] = '\0';
		/* Of no use, but it was a line, which the end counts. */
		if (r->cut && r->within)
			r->broken = true;
		else if (!r->cut)
			ret = take_line(r);
		r->used = 0;
		r->cut = false;
	}
	return ret;
}

void stap_reader_fini(struct stap_reader *r)
{
	stap_dump_fini(&r->dump);
	if (r->last)
		stap_dump_fini(r->last);
	free(r->last);
	memset(r, 0, sizeof(*r));
}

/* ---- what a dump comes to ---- */

uint64_t stap_dump_now(const struct stap_dump *d)
{
	const struct sysgate_counters *c = &d->counters[1].kernel;

	return c->detached_ns ? c->detached_ns : c->now_ns;
}

static int add_cells(const struct stap_dump *d, struct snapshot *to)
{
	int ret = 0;

	for (size_t i = 0; !ret && i <= d->cells.mask; i++) {
		const struct cell *c = d->cells.slots[i];

		if (!c)
			continue;
		ret = snapshot_add_cell(to, c);
		to->conservation.exits += c->count - c->never_returned;
		to->conservation.never_returned += c->never_returned;
	}
	return ret;
}

int stap_dump_add(const struct stap_dump *d, bool whos, struct snapshot *to)
{
	const struct stap_counters *c = &d->counters[1];
	int ret = add_cells(d, to);

	if (!ret)
		ret = kmod_read_in_flight(to, d->calls, d->calls_count, stap_dump_now(d),
					  !d->count_only);
	if (!ret && whos)
		ret = kmod_read_whos(to, d->whos, d->whos_count, kmod_cgroup_path);
	kmod_conserve(d->attached, &d->counters[0].kernel, &c->kernel, &d->counters[2].kernel, to);
	to->loss.stap_skipped = c->skipped;
	to->loss.stap_errors = c->errors;
	return ret;
}
