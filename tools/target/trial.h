/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tiny programs that are run to see which gates this kernel lets a program use. */
#ifndef SYSGATE_TARGET_TRIAL_H
#define SYSGATE_TARGET_TRIAL_H

#include <stddef.h>

enum trial {
	TRIAL_I386,  /* an ELF32 program that ends by int 0x80 */
	TRIAL_INT80, /* an ELF64 program that does */
	TRIAL_X32,   /* an ELF64 program that ends by an x32 number */
	TRIALS
};

enum trial_result {
	TRIAL_UNSEEN, /* it could not be tried */
	TRIAL_REFUSED,
	TRIAL_RAN,
};

/*
 * Runs the program, which lies in memory only, in a child that leaves no core; why receives what
 * was seen, in a few words. The program's end by a signal may show in the kernel's log.
 */
enum trial_result trial_run(enum trial t, char *why, size_t size);

#endif
