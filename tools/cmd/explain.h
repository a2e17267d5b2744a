/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What explain shows, and its two ways of writing it. */
#ifndef SYSGATE_CMD_EXPLAIN_H
#define SYSGATE_CMD_EXPLAIN_H

#include <stdio.h>

#include "target/explain.h"

struct explain_view {
	const struct explain *explain;
	const char *call;   /* as it was asked for */
	const char *kernel; /* its release, or the file that it was read from */
};

/* 0 or -errno. width: columns, 0: no limit. */
int explain_write_text(FILE *out, const struct explain_view *v, size_t width);
int explain_write_json(FILE *out, const struct explain_view *v);

/* Has a wrapper's text to do with an ABI? */
bool wrapper_is_of(const struct wrapper *w, int abi);

#endif
