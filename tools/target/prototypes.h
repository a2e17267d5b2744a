/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside explain: what calls take, where the kernel does not tell. */
#ifndef SYSGATE_TARGET_PROTOTYPES_H
#define SYSGATE_TARGET_PROTOTYPES_H

#include <stddef.h>

struct prototype {
	const char *call;
	const char *abis; /* "i386", "x86_64 x32"; NULL: all that have a call of that name */
	const char *parameters;
};

extern const struct prototype prototypes_a_l[], prototypes_m_z[];
extern const size_t prototypes_a_l_count, prototypes_m_z_count;

#endif
