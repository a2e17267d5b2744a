/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What path shows, and its ways of writing it. */
#ifndef SYSGATE_CMD_PATH_H
#define SYSGATE_CMD_PATH_H

#include <stdio.h>

#include "target/path.h"

struct path_view {
	const struct path *path;
	const char *kernel; /* its release, or the file that it was read from */
};

/* 0 or -errno. width: columns, 0: no limit. */
int path_write_text(FILE *out, const struct path_view *v, size_t width);
int path_write_json(FILE *out, const struct path_view *v);
int path_write_dot(FILE *out, const struct path_view *v);

/* "ftrace", "int3", "module" (by a module alone), "no", "?". */
const char *path_probe_word(const struct path_probe *p);

#endif
