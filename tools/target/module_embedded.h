/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside module_source: the table that tools/embed writes. */
#ifndef SYSGATE_TARGET_MODULE_EMBEDDED_H
#define SYSGATE_TARGET_MODULE_EMBEDDED_H

#include <stddef.h>

struct embedded_file {
	const char *path, *data, *end;
};

extern const struct embedded_file embedded_files[];
extern const size_t embedded_count;

#endif
