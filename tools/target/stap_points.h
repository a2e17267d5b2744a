/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a script of SystemTap's hangs on. */
#ifndef SYSGATE_TARGET_STAP_POINTS_H
#define SYSGATE_TARGET_STAP_POINTS_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Are the only tracepoints that the script can hang on those of raw_syscalls? false also where that is
 * not known: of a probe of another tapset than ours.
 */
bool stap_traces_calls_only(const char *script, size_t size);

#endif
