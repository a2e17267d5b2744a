/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names and numbers of system calls by ABI: libseccomp's tables, completed by the target kernel's
 * own unistd headers where they are installed and by --names files.
 */
#ifndef SYSGATE_TARGET_SYSCALLS_H
#define SYSGATE_TARGET_SYSCALLS_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "sysgate_abi.h"

struct syscalls; /* the tables; one a process is enough */

/*
 * Reads the tables for kernel release (NULL: the running one). Headers that are not there are no
 * error. NULL: no memory.
 */
struct syscalls *syscalls_new(const char *release);
/* Tables in which nothing has a name yet. NULL: no memory. */
struct syscalls *syscalls_new_empty(void);
void syscalls_free(struct syscalls *t);

/*
 * Adds the calls of a unistd header (#define __NR_read 0) that have no name yet. A file that is not
 * there, or is not text, adds nothing. 0 or -ENOMEM.
 */
int syscalls_add_header(struct syscalls *t, int abi, const char *path);

/*
 * Adds the names of a file of lines "ABI NR NAME" (# begins a comment; ABI is x86_64, i386, x32).
 * A malformed, endless or contradictory line is an error with its number; nothing is added then.
 */
int syscalls_add_file(struct syscalls *t, const char *path, struct sg_error *e);

/* The call's name; "#451" in buf when the number is unknown. x32 numbers are without bit 30. */
const char *syscalls_name(const struct syscalls *t, int abi, int32_t nr, char *buf, size_t size);
/* The number, or -1. nr may be "#451" too. */
int32_t syscalls_number(const struct syscalls *t, int abi, const char *name);
/* Calls visit for every known name of an ABI, in the order of the numbers. */
void syscalls_each(const struct syscalls *t, int abi,
		   void (*visit)(int abi, int32_t nr, const char *name, void *data), void *data);

/* "x86_64", "i386", "x32", "unknown"; and back, -1 when there is none of that name. */
const char *abi_name(int abi);
int abi_by_name(const char *name);
const char *gate_name(int gate);
int gate_by_name(const char *name);
const char *exit_name(int exit);
/* The ABI that sysgate itself was built for. */
int abi_native(void);

#endif
