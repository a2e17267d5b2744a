/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Deltas that were saved, one after the other, each when its time has come: of JSON Lines as stream
 * and stat write them, or of a recording. Only one at a time is in memory.
 */
#ifndef SYSGATE_COLLECTOR_PLAYER_H
#define SYSGATE_COLLECTOR_PLAYER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "stats/snapshot.h"

#define PLAYER_NEVER UINT64_MAX

struct player;

/* speed: how many times as fast as it was recorded. 0, -EINVAL: it is neither; -errno. */
int player_open(struct player **out, const char *path, double speed, struct sg_error *e);
void player_close(struct player *p);
/*
 * The next delta when it is due at now (a clock in ns that never goes back), else *out is NULL; the
 * caller frees it. The first one is due at once, another when as much time has gone by as lay
 * between their ends; what nobody recorded is skipped. 0, -EINVAL, -errno.
 */
int player_next(struct player *p, uint64_t now, struct snapshot **out, struct sg_error *e);
/* When the next one is due: PLAYER_NEVER at the end, while it is held, and while it has not come.
 */
uint64_t player_due(const struct player *p);
/* What to poll for reading while the next one is not yet in a pipe, to ask for it then; else -1. */
int player_fd(const struct player *p);
/* All were handed out. */
bool player_ended(const struct player *p);
/* Stops the time, or lets it go on. */
void player_hold(struct player *p, uint64_t now, bool hold);
/* The next one is due now, also while it is held. */
void player_step(struct player *p);

#endif
