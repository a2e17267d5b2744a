/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside stap_build: what its files share. */
#ifndef SYSGATE_TARGET_STAP_INTERNAL_H
#define SYSGATE_TARGET_STAP_INTERNAL_H

#include "target/stap_build.h"
#include "target/workshop.h"

/* Calls that can sleep in one function at once; SystemTap's default is 15. */
#define STAP_KRETACTIVE "-DKRETACTIVE=4096"
/*
 * Cycles of each ten thousand million that the probes may take: nine tenths. SystemTap's half of a
 * thousand million is soon reached: by a loop of short calls, which says nothing of the machine's
 * state, and in a virtual machine when its host lets it wait inside a probe.
 */
#define STAP_OVERLOAD	       "-DSTP_OVERLOAD_THRESHOLD=9000000000LL"
#define STAP_OVERLOAD_INTERVAL "-DSTP_OVERLOAD_INTERVAL=10000000000LL"

struct stap_build {
	struct workshop shop;
	const struct stap_job *job;
	char name[STAP_MODULE_NAME];
	unsigned int mended; /* bits of stap_files[] */
};

/*
 * A mend that was not yet taken, for what the log of a failed build complains about, or for what
 * the module that was made would not find in the kernel: takes it, and says why. false: none.
 */
bool stap_mend_find(struct stap_build *b, bool failed, char *why, size_t size);

/*
 * The mends that the last build for the release was found to need, by the same SystemTap: that
 * saves the next one its failing tries. They are kept in the release's folder.
 */
void stap_mend_recall(struct stap_build *b);
void stap_mend_keep(const struct stap_build *b);

#endif
