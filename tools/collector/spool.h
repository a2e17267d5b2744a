/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Pieces (lines, records) on their way to where writing may be slow: a bounded queue, which a
 * thread of its own writes, so that whoever puts something in never waits.
 */
#ifndef SYSGATE_COLLECTOR_SPOOL_H
#define SYSGATE_COLLECTOR_SPOOL_H

#include "collector/logfile.h"

struct spool;

/* Where the pieces go; the spool's thread alone uses it. */
struct spool_target {
	/* 0; -errno: to be tried again later; a positive errno: it never will be possible. */
	int (*write)(void *data, const char *piece, size_t size, struct sg_error *e);
	void (*close)(void *data);
	void *data;
};

/*
 * Takes t over. limit: bytes that may wait. NULL when there is no memory or no thread; then t is
 * closed.
 */
struct spool *spool_new(const struct spool_target *t, size_t limit);
/* The same with the file f, lines being the pieces. Takes f over. */
struct spool *spool_new_lines(const struct logfile *f, size_t limit);
/*
 * Puts a piece in. force: beyond the limit too. 0; -EAGAIN: full, nothing was taken; -ENOMEM;
 * what spool_error() says.
 */
int spool_put(struct spool *s, const void *piece, size_t size, bool force);
/* No more is put in: a write that failed is not tried again. */
void spool_end(struct spool *s);
/* Becomes readable when all is written or cannot be. After spool_end() alone. */
int spool_done_fd(const struct spool *s);
/* Why it cannot be written any more: -EPIPE for a reader who is gone; 0 as long as it can. */
int spool_error(struct spool *s, struct sg_error *e);
/* What still waits to be written. */
size_t spool_waiting(struct spool *s);
/* Ends the thread, whatever it waits for. */
void spool_free(struct spool *s);

#endif
