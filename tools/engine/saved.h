/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Saved snapshots: files of JSON objects as the json sink writes them. */
#ifndef SYSGATE_ENGINE_SAVED_H
#define SYSGATE_ENGINE_SAVED_H

#include "base/error.h"
#include "stats/snapshot.h"

/*
 * Reads a file of one or more objects into one snapshot. One object comes back as it was. Of more,
 * those that began at one time are states of one run, of which the last counts; the others are
 * deltas, which are added up. 0 or -errno: -EINVAL with line and column for what is no snapshot.
 */
int saved_read(const char *path, struct snapshot **out, struct sg_error *e);

struct saved_file; /* one that is being read, of any size: an object at a time is in memory */

int saved_open(struct saved_file **out, const char *path, struct sg_error *e);
void saved_close(struct saved_file *f);
/* From now on saved_next() does not wait for what is not yet in a pipe: -EAGAIN, without a reason.
 */
void saved_no_wait(struct saved_file *f);
/* What to poll for reading then. */
int saved_fd(const struct saved_file *f);
/*
 * The next object by itself: of a stream, the next delta. The caller frees it. 0, -ENODATA at the
 * end, or another -errno as saved_read() has it.
 */
int saved_next(struct saved_file *f, struct snapshot **out, struct sg_error *e);

#endif
