/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SYSGATE_BUDGET_CONTRADICT_H
#define SYSGATE_BUDGET_CONTRADICT_H

#include "budget/budget.h"

/* -EINVAL when no run could keep all limits of b, or one is said twice; e tells where. */
int contradict(const struct budget *b, struct sg_error *e);

#endif
