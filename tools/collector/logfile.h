/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A file (or pipe) that grows by whole lines, and is rotated by size or time. */
#ifndef SYSGATE_COLLECTOR_LOGFILE_H
#define SYSGATE_COLLECTOR_LOGFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct logfile_rotation {
	uint64_t bytes; /* before it would be larger; 0: never */
	double seconds; /* when it is older; 0: never */
	size_t keep;	/* that many of the former files; 0: all */
};

struct logfile {
	int fd;
	char *path;	/* NULL: stdout */
	char *header;	/* the line that every file begins with; NULL: none */
	bool regular;	/* a regular file: what was written of a line can be taken back */
	bool stopped;	/* a part of a line is out, and cannot be taken back */
	uint64_t size;	/* of a file with a path */
	uint64_t began; /* CLOCK_MONOTONIC, ns */
	struct logfile_rotation rotation;
};

/* "64M" or "1h" into r. 0 or -EINVAL. */
int logfile_rotation_parse(const char *text, struct logfile_rotation *r, struct sg_error *e);

/*
 * Opens path (NULL: stdout) to write behind what is there. A line without its end, as one that was
 * killed leaves, is cut off and said. header: see above. -EBUSY: another one writes it; -EINVAL: it
 * begins with another header.
 */
int logfile_open(struct logfile *f, const char *path, const char *header,
		 const struct logfile_rotation *r, struct sg_error *e);
/*
 * Writes whole lines, all or nothing, rotating before them where that is due. 0 or -errno; after
 * an error it can be tried again unless f->stopped.
 */
int logfile_write(struct logfile *f, const char *lines, size_t size, struct sg_error *e);
void logfile_close(struct logfile *f);

#endif
