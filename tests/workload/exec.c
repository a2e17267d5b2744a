/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * exec [N [ROUNDS]]: N getppid, then exec of the same program built for the next gate, until it
 * has gone ROUNDS times through all of them and is back at the first: from 64 to 32 bits and back
 * where the kernel has both. The entry of each execve belongs to the program that calls it.
 */
#include "child.h"

static enum gate next_gate(void)
{
	if (me.gate == GATE_SYSCALL)
		return GATE_VDSO;
	if (me.gate == GATE_VDSO)
		return GATE_INT80;
	return kernel_is_64() ? GATE_SYSCALL : GATE_VDSO;
}

/* argv: name, N, ROUNDS, how many execs are still to come. */
static void program(int argc, char **argv)
{
	unsigned long rounds = arg(argc, argv, 2, 3);
	unsigned long left = arg(argc, argv, 3, rounds * (kernel_is_64() ? 3 : 2));
	char number[24], *next[] = { argv[0], "1000", "3", number, NULL };

	if (argc > 1)
		next[1] = argv[1];
	if (argc > 2)
		next[2] = argv[2];
	sys_n(arg(argc, argv, 1, 1000), getppid, ANY);
	if (left) {
		format_num(number, left - 1);
		exec(next_gate(), 4, next);
		return;
	}
	leave();
}
