/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A warning that kernels have as an error: SystemTap's runtime makes pointers of the 64-bit numbers
 * in which it is told addresses (4.8: transport/symbols.c), which on i386 are wider.
 */
#ifndef SYSGATE_MEND_INT_TO_POINTER_CAST_H
#define SYSGATE_MEND_INT_TO_POINTER_CAST_H
#ifndef __ASSEMBLY__
#pragma GCC diagnostic ignored "-Wint-to-pointer-cast"
#endif
#endif
