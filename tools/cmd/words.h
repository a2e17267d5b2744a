/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SYSGATE_CMD_WORDS_H
#define SYSGATE_CMD_WORDS_H

#include <stdio.h>

/*
 * Writes words, made safe for a terminal, from column at on, wrapped at width (0: not) and indented
 * from the second line on; ends the line.
 */
void words_put(FILE *out, const char *text, size_t at, size_t indent, size_t width);

#endif
