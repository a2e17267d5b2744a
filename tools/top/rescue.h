/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What terminfo is asked for: can it be used at all, and what gives it back when all else fails. */
#ifndef SYSGATE_TOP_RESCUE_H
#define SYSGATE_TOP_RESCUE_H

#include <stdbool.h>
#include <termios.h>

#include "base/error.h"

/* Whether standard input and output are a terminal that can show frames. 0, -ENOTTY, -ENOTSUP. */
int terminal_check(struct sg_error *e);

/*
 * From now on a signal that kills (SIGSEGV, SIGABRT, SIGQUIT and so on) gives the terminal back
 * first, with the modes in before. mouse: it was told to tell of the mouse.
 */
void rescue_begin(const struct termios *before, bool mouse);
void rescue_end(void);

#endif
