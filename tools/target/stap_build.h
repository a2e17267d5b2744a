/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Modules that SystemTap builds of a script: for this kernel or another, mended where SystemTap and
 * the kernel have drifted apart, kept beside the kernel modules.
 */
#ifndef SYSGATE_TARGET_STAP_BUILD_H
#define SYSGATE_TARGET_STAP_BUILD_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "target/module.h"

/* Names of the modules begin so; SystemTap cuts longer ones than it gives itself. */
#define STAP_MODULE_PREFIX "sgs_"
#define STAP_MODULE_NAME   (sizeof(STAP_MODULE_PREFIX) + 8) /* with 8 hex digits and the end */

struct stap_job {
	const char *text; /* the script */
	size_t size;
	bool guru;
	const char *release;
	const char *kallsyms; /* of that kernel; NULL: the running kernel's */
	const char *sign_key, *sign_cert;
	bool kept_only; /* nothing is built: -ENOENT where none is kept */
	bool anew;	/* though one is kept */
	module_say say; /* may be NULL */
};

/* Can scripts be built for release here? 0, or -ENOENT with what is missing. */
int stap_can_build(const char *release, struct sg_error *e);
/* A module of some script that is kept for release. false: there is none. */
bool stap_kept_any(const char *release, char *path, size_t size);

/* The name of the job's module: it changes with the script, the tapset, the mends and the limits. */
void stap_module_name(const struct stap_job *job, char name[STAP_MODULE_NAME]);

/*
 * The kept module of that script, or one that is built. -ENOENT: something is missing to build it;
 * -EIO: SystemTap could not, with its own words in e; -EPERM: see trust.h; -EINTR, or -errno.
 */
int stap_obtain(const struct stap_job *job, char *path, size_t size, struct sg_error *e);

/* Writes the tapset into the folder. 0 or -errno. */
int stap_write_tapset(const char *dir, struct sg_error *e);

#endif
