/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parts of the engine kmod: asking the module, and reading what it counted. */
#ifndef SYSGATE_ENGINE_KMOD_H
#define SYSGATE_ENGINE_KMOD_H

#include "engine/engine.h"
#include "stats/cells.h"
#include "sysgate_abi.h"
#include "target/plan.h"

/* Everything that SYSGATE_CONFIGURE points to. */
struct kmod_request {
	struct sysgate_config config;
	struct sysgate_point *points;
	__sg_s32 *tids;
};

/*
 * Puts what is asked for into the module's words. -EINVAL: it cannot be said so, as a cgroup that
 * does not exist. Release with kmod_request_fini(), after a failure too.
 */
int kmod_request_init(struct kmod_request *r, const struct engine_config *c, const struct plan *p,
		      struct sg_error *e);
void kmod_request_fini(struct kmod_request *r);

/* A CPU's pool in memory as the module maps it, or as a test makes it. */
struct kmod_pool {
	const void *base; /* NULL: that CPU was never there */
	size_t size;
};

/*
 * Adds a pool's cells to the table; timed: their calls have times. -ENOMEM; -EPROTO when an offset
 * leads out of the pool or a cell stays half-written for a second: it is then not read further.
 */
int kmod_read_pool(struct cells *cells, const struct kmod_pool *pool, bool timed);

/*
 * Adds the processes that cells refer to, the one that is not known first; path_of: a cgroup's path
 * by its id, as kmod_cgroup_path(). 0 or -ENOMEM.
 */
int kmod_read_whos(struct snapshot *s, const struct sysgate_who *whos, uint64_t count,
		   char *(*path_of)(uint64_t cgroup));
/* Adds calls in flight; timed: the module took their times, by its clock of now_ns. 0, -ENOMEM. */
int kmod_read_in_flight(struct snapshot *s, const struct sysgate_in_flight *calls, size_t count,
			uint64_t now_ns, bool timed);

/*
 * Fills in the conservation and the losses; exits and never_returned are there already. While it
 * counts, the parts of a snapshot are of different instants: they must agree but for what entered
 * meanwhile and what was on its way out. Detached, they must agree to the last call.
 */
void kmod_conserve(bool attached, const struct sysgate_counters *before,
		   const struct sysgate_counters *c, const struct sysgate_counters *after,
		   struct snapshot *s);
/* Copies the table of sites, and asks for their modules; fd: of the device. 0 or -errno. */
int kmod_read_sites(struct snapshot *s, int fd, const struct sysgate_site *sites,
		    const struct sysgate_counters *c);

/* The cgroup's path, from its id in the unified hierarchy; NULL when it is not known any more. */
char *kmod_cgroup_path(uint64_t id);
/* The id of a path from the hierarchy's root. -errno. */
int kmod_cgroup_id(const char *path, uint64_t *id);

#endif
