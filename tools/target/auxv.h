/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The auxiliary vector: what the kernel tells a program when it starts. */
#ifndef SYSGATE_TARGET_AUXV_H
#define SYSGATE_TARGET_AUXV_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"

#define AUXV_MAX 64 /* the kernel's own room is 20 to 30 entries */

struct auxv_entry {
	uint64_t type, value;
};

struct auxv {
	struct auxv_entry entries[AUXV_MAX]; /* without AT_NULL */
	size_t count;
};

/*
 * The bytes of a vector of words of that many bytes (4 or 8), up to its AT_NULL. 0 or -EPROTO: it
 * has no end, or more than AUXV_MAX entries.
 */
int auxv_parse(struct auxv *a, const void *data, size_t size, unsigned int word);
/* Of a process. -ESRCH: gone. */
int auxv_read(struct auxv *a, pid_t pid, unsigned int word, struct sg_error *e);
/* The value of a type, or 0. */
uint64_t auxv_get(const struct auxv *a, uint64_t type);

/* "AT_SYSINFO"; NULL for one without a name. */
const char *auxv_name(uint64_t type);
/* Where the value is the address of a text in the process. */
int auxv_is_text(uint64_t type);
/*
 * What the value means, in words: the CPU's features of AT_HWCAP, the sense of an address. "" when
 * there is nothing to add. Returns buf.
 */
const char *auxv_words(uint64_t type, uint64_t value, char *buf, size_t size);

#endif
