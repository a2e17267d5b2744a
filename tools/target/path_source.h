/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside path: where its steps are in the kernel's source. */
#ifndef SYSGATE_TARGET_PATH_SOURCE_H
#define SYSGATE_TARGET_PATH_SOURCE_H

#include "target/path.h"

/*
 * Fills the steps' places, and says of steps without a symbol where they were inlined. slide: what
 * their addresses are above those of d.
 */
void path_locate(struct path *p, struct debuginfo *d, uint64_t slide);

#endif
