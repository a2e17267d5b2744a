/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The files that the binary carries: tables that tools/embed writes. */
#ifndef SYSGATE_BASE_EMBEDDED_H
#define SYSGATE_BASE_EMBEDDED_H

#include <stddef.h>

struct embedded_file {
	const char *path, *data, *end;
};

/* The module's source. */
extern const struct embedded_file module_files[];
extern const size_t module_files_count;

/* The page that sysgate serve shows. */
extern const struct embedded_file page_files[];
extern const size_t page_files_count;

/* SystemTap's tapset, and the headers that mend SystemTap. */
extern const struct embedded_file stap_files[];
extern const size_t stap_files_count;

#endif
