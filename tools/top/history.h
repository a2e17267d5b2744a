/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The last minutes: the deltas as they came, packed, in memory of bounded size. The oldest go
 * first. Each has an id, which grows by one from delta to delta.
 */
#ifndef SYSGATE_TOP_HISTORY_H
#define SYSGATE_TOP_HISTORY_H

#include "base/error.h"
#include "stats/snapshot.h"
#include "stats/view.h"

struct history;

struct history_limits {
	size_t bytes;
	uint64_t ns; /* from the end of the newest to the end of the oldest */
};

/* What each call had in one interval, by ABI, gate and number. */
enum history_metric {
	HISTORY_COUNT,
	HISTORY_ERRORS,
	HISTORY_TOTAL
};
#define HISTORY_UNKNOWN (-1.0)

/* NULL: no memory. */
struct history *history_new(const struct history_limits *limits);
void history_free(struct history *h);
/*
 * Adds a delta, which is not split by site. only: that call alone was counted, by any gate; NULL:
 * all were. 0, -ENOMEM, -EFBIG or -EINVAL for what cannot be packed.
 */
int history_add(struct history *h, const struct snapshot *delta, const struct key *only);

/* The ids that there are: from first up to, without it, end. */
uint64_t history_first(const struct history *h);
uint64_t history_end(const struct history *h);
/* The delta as it was added; the caller frees it. 0, -ENOENT: no such id; -ENOMEM. */
int history_get(const struct history *h, uint64_t id, struct snapshot **out, struct sg_error *e);
/* Whether that call alone was counted then; NULL: all were, or there is no such id. */
const struct key *history_only(const struct history *h, uint64_t id);
/* When the interval ended, CLOCK_REALTIME; 0: there is no such id. */
uint64_t history_end_ns(const struct history *h, uint64_t id);
/*
 * What the calls had in that interval, a second, that are like key in what the GROUP_ bits name
 * (GROUP_CALL, GROUP_GATE, GROUP_ABI; 0: all calls); HISTORY_UNKNOWN when they were not counted.
 */
double history_rate(const struct history *h, uint64_t id, unsigned int group, const struct key *key,
		    enum history_metric metric);
/* What it takes. */
size_t history_bytes(const struct history *h);

#endif
