/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What of a cell's key is left when it is grouped by some of it: between group.c and view.c. */
#ifndef SYSGATE_STATS_GROUP_H
#define SYSGATE_STATS_GROUP_H

#include "stats/view.h"

/* Properties of a process, or of one of its tasks. */
#define GROUP_PROC (GROUP_PROCESS | GROUP_TASK | GROUP_COMM | GROUP_CGROUP | GROUP_UID)

/* The key with only the dimensions of group, the process left out. */
struct key group_key(unsigned int group, const struct key *key);
/* The process to group by, or NULL when group has none of its properties. Belongs to s. */
const struct proc *group_proc(unsigned int group, const struct snapshot *s, const struct key *key);
/* Orders processes by the properties in group: 0 when they belong to one row. */
int group_compare_procs(unsigned int group, const struct proc *a, const struct proc *b);

#endif
