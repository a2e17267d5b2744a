/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What DWARF says of a kernel's functions, by libdw: where they are in the source, what they take.
 */
#ifndef SYSGATE_TARGET_DEBUGINFO_H
#define SYSGATE_TARGET_DEBUGINFO_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "target/elffile.h"

/* A place in the source; file is "" where it is not known. */
struct place {
	char file[160];
	int line;
};

struct debuginfo;

/* f is borrowed. -ENOENT: it has no DWARF, -ENOEXEC: it is broken. */
int debuginfo_new(struct debuginfo **d, const struct elffile *f, struct sg_error *e);
void debuginfo_free(struct debuginfo *d);

/* The source line of an instruction. 0 or -ENOENT. */
int debuginfo_place(struct debuginfo *d, uint64_t address, struct place *place);

/* One function that the compiler put into another, and where that calls it. */
typedef void (*inlined_fn)(const char *name, const struct place *call, void *data);
/* Calls visit for each one inlined into the function at address. 0 or -ENOENT. */
int debuginfo_inlined(struct debuginfo *d, uint64_t address, inlined_fn visit, void *data);

/* One parameter; size in bytes, 0: not known. The texts are valid during the call only. */
typedef void (*parameter_fn)(const char *type, const char *name, uint64_t size, void *data);
/*
 * The parameters of the function of that name in the source file that the function at address is
 * of, whether or not it was inlined. Returns how many they are, or -ENOENT.
 */
int debuginfo_parameters(struct debuginfo *d, uint64_t address, const char *name,
			 parameter_fn visit, void *data);

#endif
