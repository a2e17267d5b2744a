/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside module: what its files share. */
#ifndef SYSGATE_TARGET_MODULE_INTERNAL_H
#define SYSGATE_TARGET_MODULE_INTERNAL_H

#include <signal.h>

#include "target/module.h"

/* A field of a module file's .modinfo: 0, -ENOENT: it has none, or -errno. */
int module_file_info(const char *path, const char *name, char *value, size_t size);
/* The path of a file that is kept for release and this source. 0 or -ENAMETOOLONG. */
int module_kept_path(const char *release, const char *file, char *path, size_t size);

/* Where release's headers are, whole or not; "" nowhere. */
void module_headers(const char *release, char *dir, size_t size);
/* The value of a line CONFIG_NAME of the headers' configuration, without quotes. 0 or -ENOENT. */
int module_config(const char *headers, const char *name, char *value, size_t size);
/* Where the system's own folders, not PATH, have a program. */
bool module_program(const char *name, char *path, size_t size);
/* They have it, but not for this user: true and the group that it is for, by number where it has no name. */
bool module_program_withheld(const char *name, char *group, size_t size);
/* The path of the compiler that the headers want: 0, or -ENOENT with its name in path. */
int module_compiler(const char *headers, char *path, size_t size);

/*
 * The signals that ask this process to end, held back while a build has something to clean up.
 * _end lets them go on: the process then ends by the one that came, unless it handles it.
 */
struct module_signals {
	sigset_t enders, before;
	int asked; /* the one that came; 0: none */
};

void module_signals_hold(struct module_signals *s);
void module_signals_end(struct module_signals *s);

/*
 * Runs argv[0], a path, with an environment of its own and output appended to log. A signal that
 * asks for the end makes it and its children end. 0, -EINTR: so it was, -EIO: it did not leave
 * with 0, or another -errno.
 */
int module_run(struct module_signals *s, char *const argv[], const char *log);

#endif
