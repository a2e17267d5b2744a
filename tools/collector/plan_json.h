/* SPDX-License-Identifier: GPL-2.0-or-later */
/* With what is counted and how, as JSON for readers. */
#ifndef SYSGATE_COLLECTOR_PLAN_JSON_H
#define SYSGATE_COLLECTOR_PLAN_JSON_H

#include "engine/engine.h"

/*
 * Of an attached engine: why it was taken, how often a feed changes, and for kmod the points that
 * its probes are on. Heap; NULL: no memory. Needs root, as the attach does.
 */
char *plan_json(const struct snapshot *s, const struct engine_config *c, const char *why,
		double interval);

#endif
