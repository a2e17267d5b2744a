/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Points in time as people write them. */
#ifndef SYSGATE_COLLECTOR_WHEN_H
#define SYSGATE_COLLECTOR_WHEN_H

#include <stdint.h>

#include "base/error.h"
#include "collector/recording.h"

/*
 * "2026-11-28 18:30:00", "2026-11-28T18:30Z", "18:30" (of the recording's last day), "@1795890272",
 * "+10m" from its begin, "-1h" from its end. Local time, but for Z. 0 or -EINVAL.
 */
int when_parse(const char *text, const struct recording_range *extent, uint64_t *ns,
	       struct sg_error *e);
/* "2026-11-28 18:30:00", local. */
const char *when_format(char *buf, size_t size, uint64_t ns);

#endif
