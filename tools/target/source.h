/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Places in programs and libraries by name: symbol, source file and line, through libdwfl. */
#ifndef SYSGATE_TARGET_SOURCE_H
#define SYSGATE_TARGET_SOURCE_H

#include <stddef.h>
#include <stdint.h>

struct source; /* the files that were opened */

struct source_place {
	const char *symbol; /* NULL: none covers it */
	uint64_t symbol_offset;
	const char *file; /* as the debug information has it; NULL: there is none of this place */
	int line;
	const char *why; /* why neither is known; NULL: they are, or the file has none */
};

/* What a file must be, so that no other one at the same path is taken for it. */
struct source_file {
	const char *path;
	uint64_t inode, size;
	uint64_t since_ns; /* CLOCK_REALTIME: it must not have been changed after; 0: any time */
};

/* NULL: no memory. */
struct source *source_new(void);
void source_free(struct source *s);
/*
 * What lies just before offset of the file: offset is where a call returns to. Texts belong to s.
 */
void source_find(struct source *s, const struct source_file *f, uint64_t offset,
		 struct source_place *out);

#endif
