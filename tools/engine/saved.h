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

#endif
