/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A recording as a series: its rows put together to periods of at least some length. */
#ifndef SYSGATE_COLLECTOR_SERIES_H
#define SYSGATE_COLLECTOR_SERIES_H

#include "collector/recording.h"

/* All of the range as one, over runs and gaps; else a period ends where the run or the time does.
 */
#define SERIES_WHOLE UINT64_MAX

/* Told of each period; s is lent. 0 or -errno, which ends it. */
typedef int (*series_fn)(struct snapshot *s, void *data, struct sg_error *e);

/*
 * Hands on each period. Rows are never divided: a period is as long as they make it, and the last
 * one of a run may be shorter. 0, -ENODATA: nothing was recorded in the range; or another -errno.
 */
int series_each(struct recording *r, const struct recording_range *range, uint64_t least_ns,
		series_fn fn, void *data, struct sg_error *e);
/* -EINVAL when s, of r, was not kept apart by what the GROUP_ bits want; else 0. */
int series_check_group(struct recording *r, const struct snapshot *s, unsigned int group,
		       struct sg_error *e);

#endif
