/* SPDX-License-Identifier: GPL-2.0-or-later */
/* May root use a file? Only when nobody else could have put it there. */
#ifndef SYSGATE_TARGET_TRUST_H
#define SYSGATE_TARGET_TRUST_H

#include "base/error.h"

/*
 * Opens a file or directory for reading, when it and every directory on its way, symlinks' too,
 * belong to root and nobody else can write to them. The descriptor, so that what was looked at is
 * what is used; -EPERM with the one that is not so, or -errno.
 */
int trust_open(const char *path, struct sg_error *e);

#endif
