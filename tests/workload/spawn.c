/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * spawn [K [N]]: K times fork and exec, K times vfork and exec; the new program (this one, with
 * "leaf") makes N getppid.
 */
#include <linux/sched.h>

#include "child.h"

static char stack[8192] __attribute__((aligned(16)));
static char **leaf_argv;

static void child(long arg)
{
	(void)arg;
	exec(me.gate, 3, leaf_argv);
}

static void program(int argc, char **argv)
{
	unsigned long children;
	char *leaf[] = { argv[0], "leaf", argc > 2 ? argv[2] : "1000", NULL };

	if (argc == 3 && same(argv[1], "leaf")) {
		sys_n(arg(argc, argv, 2, 0), getppid, ANY);
		leave();
		return;
	}
	children = arg(argc, argv, 1, 20);
	leaf_argv = leaf;
	quiet_sigchld();
	while (children--) {
		wait_for(fork(child, 0), 0);
		wait_for(spawn(CALL_vfork, ARGS(0), stack + sizeof(stack), child, 0), 0);
	}
	leave();
}
