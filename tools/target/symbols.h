/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's symbol table, as /proc/kallsyms shows it. */
#ifndef SYSGATE_TARGET_SYMBOLS_H
#define SYSGATE_TARGET_SYMBOLS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

#define KALLSYMS_PATH "/proc/kallsyms"
/* The kernel's own limit is 512 since 6.1; longer is no symbol. */
#define SYMBOL_NAME_MAX 511

/* One symbol; returns false to stop. name is valid during the call only. */
typedef bool (*symbol_fn)(uint64_t address, char type, const char *name, void *data);

/*
 * Calls visit for every well-formed line "ADDRESS TYPE NAME [MODULE]" of path, in its order; other
 * lines are passed over. 0 or -errno when the file cannot be read.
 */
int symbols_each(const char *path, symbol_fn visit, void *data, struct sg_error *e);

#endif
