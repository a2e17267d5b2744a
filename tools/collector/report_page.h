/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A recording as a page: what was called, how often, how long, over the time. */
#ifndef SYSGATE_COLLECTOR_REPORT_PAGE_H
#define SYSGATE_COLLECTOR_REPORT_PAGE_H

#include <stdio.h>

#include "collector/series.h"
#include "stats/view.h"
#include "target/syscalls.h"

struct report_page {
	struct recording *recording;
	struct recording_range range;
	const struct view_options *view; /* which calls, how they are grouped and sorted */
	const struct syscalls *names;
};

/* 0 or -errno. */
int report_page_write(FILE *out, const struct report_page *p, struct sg_error *e);

#endif
