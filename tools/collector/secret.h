/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Small files that only root shall read: the token, the key of the certificate. */
#ifndef SYSGATE_COLLECTOR_SECRET_H
#define SYSGATE_COLLECTOR_SECRET_H

#include <stdbool.h>

#include "base/error.h"

/*
 * A file as a heap text. secret: it may be open to nobody but its owner and group. 0, -EINVAL: it
 * is what it may not be; -errno.
 */
int secret_read(const char *path, bool secret, char **text, struct sg_error *e);
/* A token: the file's first line, of at least 16 characters that a header can have. */
int secret_token(const char *path, char **token, struct sg_error *e);

#endif
