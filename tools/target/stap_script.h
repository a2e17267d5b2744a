/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Scripts for SystemTap: what is asked for, written so that a person can read it and change it. */
#ifndef SYSGATE_TARGET_STAP_SCRIPT_H
#define SYSGATE_TARGET_STAP_SCRIPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#include "base/error.h"
#include "target/callset.h"
#include "target/plan.h"

/* Zeroed: every call of everybody, of the running kernel. */
struct stap_ask {
	int attach; /* enum plan_attach */
	bool fast;  /* with hooks of its own, which wants guru mode */
	const struct callset *calls;
	const struct syscalls *names;
	const char *release;  /* for the first lines; NULL: the running kernel's */
	const char *kallsyms; /* NULL: the running kernel's */
	bool by_errno, by_process, by_task, count_only;
	const uid_t *uids;
	size_t uids_count;
	const char *const *comms;
	size_t comms_count;
	const uint64_t *cgroups; /* their ids */
	size_t cgroups_count;
	double interval; /* seconds after which it prints unasked; 0: never */
};

struct stap_script {
	char *text;
	size_t size;
	bool fast;
	const char *attach; /* "kprobe" or "tracepoint" */
	char why[256];	    /* it is attached so */
	bool dispatched;    /* by functions that numbers beyond the tables do not reach */
};

/*
 * Writes the script; its lines depend on nothing but what is asked and the kernel's symbols.
 * -EINVAL: the attach is none; -ENOTSUP: it cannot be attached so; or -errno. Release with
 * stap_script_fini(), after a failure too.
 */
int stap_script_make(struct stap_script *s, const struct stap_ask *ask, struct sg_error *e);
/* Reads one that a person has written, or changed. 0, -EINVAL: it is none, or -errno. */
int stap_script_read(struct stap_script *s, const char *path, bool fast, struct sg_error *e);
void stap_script_fini(struct stap_script *s);

#endif
