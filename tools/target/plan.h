/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The plan: what the module's probes hang on in one kernel, each with the reason. */
#ifndef SYSGATE_TARGET_PLAN_H
#define SYSGATE_TARGET_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "target/callset.h"
#include "target/gates.h"
#include "target/syscalls.h"

enum plan_attach {
	PLAN_AUTO = 0, /* asked for only: a plan has one of the others */
	PLAN_TRACEPOINT = SYSGATE_ATTACH_TRACEPOINT,
	PLAN_KPROBE = SYSGATE_ATTACH_KPROBE,
};

struct plan_point {
	char symbol[64];
	uint8_t abi;	 /* of the calls that come by; SYSGATE_ABI_UNKNOWN: of several */
	bool dispatcher; /* every call of the ABI comes by, not one alone */
	char why[128];
};

struct plan {
	int attach; /* PLAN_TRACEPOINT or PLAN_KPROBE */
	char why[256];
	struct gates gates;
	/* Of PLAN_KPROBE; no two have one address. x32's calls come by points of x86_64 too. */
	struct plan_point *points;
	size_t points_count;
};

/* Zeroed: the best way to count every call of the running kernel. */
struct plan_ask {
	int attach;
	const struct callset *calls;  /* NULL: every call */
	const struct syscalls *names; /* NULL: read for this plan */
	const char *kallsyms;	      /* NULL: the running kernel's */
	const char *blacklist;	      /* NULL: the running kernel's, where it can be seen */
};

/*
 * Makes the plan; p is the caller's and overwritten. -EINVAL: attach is none of the above; -EPERM:
 * the kernel hides its addresses; -ENOENT: it has no entry stubs that are known; -ENOTSUP: it
 * cannot be attached to as asked, with the reason in e. The caller releases p with plan_fini(),
 * after a failure too.
 */
int plan_make(struct plan *p, const struct plan_ask *ask, struct sg_error *e);
void plan_fini(struct plan *p);

/* "tracepoint", "kprobe", "auto"; and back, -1 when there is none of that name. */
const char *plan_attach_name(int attach);
int plan_attach_by_name(const char *name);

#endif
