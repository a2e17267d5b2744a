/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The functions on which the kernel takes no kprobe, as debugfs lists them. */
#ifndef SYSGATE_TARGET_BLACKLIST_H
#define SYSGATE_TARGET_BLACKLIST_H

#include <stdint.h>

/* One range [from, to). */
typedef void (*blacklist_fn)(uint64_t from, uint64_t to, void *data);

/* Calls visit for each range of path (NULL: the running kernel's). 0, or why it cannot be seen. */
int blacklist_each(const char *path, blacklist_fn visit, void *data);

#endif
