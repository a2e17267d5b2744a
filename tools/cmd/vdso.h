/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What 'sysgate vdso' looked at, and the two forms in which it is written. */
#ifndef SYSGATE_CMD_VDSO_H
#define SYSGATE_CMD_VDSO_H

#include <stdio.h>

#include "target/vdso.h"

struct vdso_view {
	pid_t pid; /* 0: a file */
	const char *path;
	char comm[16];
	bool has_image; /* a process can have none */
	struct auxv auxv;
	struct vdso vdso;
	bool *shown; /* of each function: its code */
};

/* Is the text that a value points to worth reading? Its place in the process, or "". */
const char *vdso_view_text(const struct vdso_view *w, const struct auxv_entry *a, char *buf,
			   size_t size);

/* 0 or -errno. */
int vdso_write_table(FILE *out, const struct vdso_view *w);
/* The object of docs/vdso.schema.json. */
int vdso_write_json(FILE *out, const struct vdso_view *w);

#endif
