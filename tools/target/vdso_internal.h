/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside vdso: the two readings of an image. */
#ifndef SYSGATE_TARGET_VDSO_INTERNAL_H
#define SYSGATE_TARGET_VDSO_INTERNAL_H

#include "target/vdso.h"

/* What it is, and its symbols, by libelf. 0, -EPROTO or -ENOMEM. */
int vdso_read_symbols(struct vdso *v, struct sg_error *e);
/* Its code, by the symbols. The same. */
int vdso_read_functions(struct vdso *v, struct sg_error *e);

#endif
