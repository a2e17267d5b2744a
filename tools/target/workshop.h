/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where a module is built, by make or by SystemTap: a private folder inside the cache, under a lock
 * of the kernel release's. Only what is whole leaves it, a kill leaves nothing but a folder that
 * the next build removes.
 */
#ifndef SYSGATE_TARGET_WORKSHOP_H
#define SYSGATE_TARGET_WORKSHOP_H

#include <limits.h>

#include "target/module_internal.h"

struct workshop {
	/* The caller's. */
	const char *release, *product;	  /* "the module": what messages call it */
	const char *sign_key, *sign_cert; /* NULL: it is not signed */
	module_say say;			  /* may be NULL */
	struct sg_error *e;
	void *data;	    /* for make() */
	const char *keeper; /* the folder, in the release's, that keeps what is made */
	const char *file;   /* the module's name in it */

	/* What a build finds. */
	struct module_signals signals;
	char headers[160];
	char folder[PATH_MAX - 256];  /* of the release, in the cache */
	char place[PATH_MAX - 192];   /* the keeper's path */
	char scratch[PATH_MAX - 128]; /* "" while there is none */
	char log[PATH_MAX - 64], made[PATH_MAX - 64];
	int lock;
};

__attribute__((format(printf, 2, 3))) void workshop_say(const struct workshop *w, const char *fmt,
							...);

/*
 * Opens the release's folder under its lock, for root only where nobody else can write; leftovers
 * of killed builds are removed. 0, -EALREADY: another build was waited for, which may have made
 * what is wanted; the workshop is open then too. Another -errno: see _close().
 */
int workshop_open(struct workshop *w);
/* After a failed _open() too. */
void workshop_close(struct workshop *w);

/*
 * Builds: make() makes w->made in w->scratch and returns 0 or -errno; then it is signed and kept,
 * with w->log and the other files of scratch that are named in with, up to NULL. path: where it is
 * then. Signals that ask for the end wait until all is cleaned up.
 */
int workshop_build(struct workshop *w, int (*make)(struct workshop *w), const char *const with[],
		   char *path, size_t size);

/*
 * Runs a program, named what, for make(): output goes to the log. 0, -EINTR: a signal asked for the
 * end, or another -errno.
 */
int workshop_run(struct workshop *w, char *const argv[]);

/* Tells that what failed, in the log's words, and keeps the log. -EIO. */
int workshop_failed(const struct workshop *w, const char *what);

#endif
