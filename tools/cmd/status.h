/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What status shows, and its two ways of writing it. */
#ifndef SYSGATE_CMD_STATUS_H
#define SYSGATE_CMD_STATUS_H

#include <limits.h>
#include <stdio.h>
#include <sys/utsname.h>

#include "target/module.h"
#include "target/plan.h"

struct status_kept {
	char release[65], source[65], path[PATH_MAX];
	bool of_kernel, of_source; /* the running one, the one that this binary carries */
	bool trusted;
};

struct status {
	struct utsname machine;
	struct module_state state;
	struct status_kept *kept;
	size_t kept_count;
	bool can_load, can_build, planned;
	struct sg_error load_error, build_error, plan_error; /* why not */
	struct plan plan;
};

/* 0 or -errno. */
int status_write_table(FILE *out, const struct status *s);
int status_write_json(FILE *out, const struct status *s);

#endif
