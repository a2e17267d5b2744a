/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The source of the kernel module, which the binary carries to build it for any kernel. */
#ifndef SYSGATE_TARGET_MODULE_SOURCE_H
#define SYSGATE_TARGET_MODULE_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct module_file {
	const char *path; /* in the directory that the module is built in: "compat/trace.h" */
	const char *data; /* not terminated */
	size_t size;
};

/* The i-th file, in the order of the paths; false behind the last one. */
bool module_source_file(size_t i, struct module_file *f);

/*
 * Writes all files into dir, which exists; directories below it are made. 0 or -errno; what was
 * written by then stays.
 */
int module_source_write(const char *dir, struct sg_error *e);

/* Writes one file; directories between dir and it are made. 0 or -errno. */
int module_file_write(const char *dir, const struct module_file *f);

/* FNV-1a: not against an adversary, who could not write into the cache anyway. */
#define MODULE_HASH_BEGIN UINT64_C(0xcbf29ce484222325)
uint64_t module_hash(uint64_t h, const char *data, size_t size);

/* 16 hex digits that change with any path and any byte of the source. Static storage. */
const char *module_source_id(void);

#endif
