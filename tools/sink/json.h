/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A part of what the JSON sink writes. */
#ifndef SYSGATE_SINK_JSON_H
#define SYSGATE_SINK_JSON_H

#include "sink/sink.h"

/* The view's calls in flight alone, as an object of the same shape. 0 or -errno. */
int json_write_in_flight(FILE *out, const struct view *v, const struct sink_options *o);

#endif
