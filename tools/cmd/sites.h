/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of 'sysgate sites'. */
#ifndef SYSGATE_CMD_SITES_H
#define SYSGATE_CMD_SITES_H

#include <stdio.h>

#include "collector/sites.h"
#include "sink/sink.h"

/* 0 or -errno. */
int sites_write_table(FILE *out, const struct sites_view *v, const struct sink_options *o);

#endif
