/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Text of other people's making (command names, paths, notes): what may go to a terminal or into
 * a file of UTF-8, and how many columns it takes.
 */
#ifndef SYSGATE_SINK_TEXT_H
#define SYSGATE_SINK_TEXT_H

#include <stddef.h>
#include <stdio.h>

/*
 * A heap copy for a terminal: control characters, broken UTF-8 and what takes no column are written
 * as \xNN a byte, a backslash as two. NULL: no memory.
 */
char *text_escape(const char *s);
/* The same in buf, cut between two characters where it has no room. */
const char *text_clip(char *buf, size_t size, const char *s);
/* A heap copy that is valid UTF-8: a '?' for each byte that is not, the length stays. */
char *text_utf8(const char *s);
/*
 * The bytes of the character that a text begins with, and how many columns it takes: 0 where it
 * must not be shown as it is, a control character or a byte of broken UTF-8.
 */
size_t text_char(const char *s, size_t *columns);
/* The columns that an escaped text takes. */
size_t text_columns(const char *s);
/* The bytes of an escaped text's longest beginning that takes at most so many columns. */
size_t text_fit(const char *s, size_t columns);

/* The bytes of the words that fit into a line of so many columns; of a longer word, what fits. */
size_t text_line(const char *s, size_t columns);

/* All of it or -errno: the file's buffer cannot hide why the disk refused. */
int text_write(FILE *out, const char *text, size_t n);

#endif
