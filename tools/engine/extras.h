/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What can be asked of the engine kmod alone: the others refuse it rather than leave it undone. */
#ifndef SYSGATE_ENGINE_EXTRAS_H
#define SYSGATE_ENGINE_EXTRAS_H

#include "engine/engine.h"

/* The option of the first such thing in c, "--wait"; NULL when there is none. */
const char *extras_asked(const struct engine_config *c);

#endif
