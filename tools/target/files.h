/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Small files in which the kernel tells about itself. */
#ifndef SYSGATE_TARGET_FILES_H
#define SYSGATE_TARGET_FILES_H

#include <stdbool.h>
#include <stddef.h>

/* A file's first bytes as text, without the last line's end. 0 or -errno, text then is "". */
int file_text(const char *dir, const char *path, char *text, size_t size);
/* A file's number, or fallback. */
long file_number(const char *dir, const char *path, long fallback);
/* Is word one of text's words? They are parted by blanks and line ends. */
bool text_has_word(const char *text, const char *word);
/* What follows "name" and a separator (sep) at a line's beginning: 0, -ENOENT or -errno. */
int file_field(const char *dir, const char *path, const char *name, char sep, char *value,
	       size_t size);
/* Calls visit for each line, without its end, until it returns false. 0 or -errno. */
int file_lines(const char *dir, const char *path, bool (*visit)(const char *line, void *data),
	       void *data);
bool file_exists(const char *dir, const char *path);
/* Has the file these n bytes, somewhere? */
bool file_has(const char *path, const void *bytes, size_t n);
/* Removes a file, or a directory and all in it, as far as it can be. */
void files_remove(const char *path);
/* Where PATH has a program: true and its path. */
bool program_find(const char *name, char *path, size_t size);
/*
 * A file system of the kernel's that hangs nowhere and goes with the descriptor, so that looking
 * into it changes nothing: the descriptor or -errno.
 */
int mount_detached(const char *type);

#endif
