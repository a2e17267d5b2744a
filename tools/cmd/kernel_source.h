/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel that path and explain look at: the running one, or another by its vmlinux. */
#ifndef SYSGATE_CMD_KERNEL_SOURCE_H
#define SYSGATE_CMD_KERNEL_SOURCE_H

#include "sink/sink.h"
#include "target/vmlinux.h"

struct kernel_source {
	struct vmlinux vmlinux;
	struct machine machine;	  /* its release and system alone */
	const char *tracefs;	  /* NULL: nowhere, or not of that kernel */
	const char *name;	  /* the file's, or the release */
	struct sg_error no_debug; /* why there is no debug information; no text: there is */
};

/*
 * vmlinux NULL: the running kernel, with the debug information that is below debug_dir (NULL:
 * DEBUG_DIR). 0 or what vmlinux_open() says; the caller releases s with kernel_source_close() in
 * each case.
 */
int kernel_source_open(struct kernel_source *s, const char *vmlinux, const char *debug_dir,
		       struct sg_error *e);
void kernel_source_close(struct kernel_source *s);

/* "FORMAT[:FILE]" of the formats' names, which end with NULL: which, or -1. file NULL: stdout. */
int format_parse(const char *const *names, const char *word, const char **file);
/* Flushes and makes the file appear when err is 0, closes it in each case. 0 or -errno. */
int output_finish(struct output *o, int err, struct sg_error *e);

#endif
