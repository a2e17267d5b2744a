/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A plan in words, for the commands that show one. */
#ifndef SYSGATE_CMD_PLAN_TEXT_H
#define SYSGATE_CMD_PLAN_TEXT_H

#include <stdio.h>

#include "target/plan.h"

/* The plan's attach, reason, gates and points, a line each. */
void plan_write(FILE *out, const struct plan *p);

#endif
