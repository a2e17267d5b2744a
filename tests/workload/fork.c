/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fork [K [N]]: K children each by fork, vfork and clone, one after the other, N getppid each.
 *
 * wait4 is made once a child and blocks until it has ended; SIGCHLD cannot interrupt it.
 */
#include "child.h"

static char stack[8192] __attribute__((aligned(16)));
static unsigned long calls;

static void child(long arg)
{
	(void)arg;
	sys_n(calls, getppid, ANY);
	leave();
}

static void program(int argc, char **argv)
{
	unsigned long children = arg(argc, argv, 1, 20);

	calls = arg(argc, argv, 2, 1000);
	quiet_sigchld();
	while (children--) {
		wait_for(fork(child, 0), 0);
		wait_for(spawn(CALL_vfork, ARGS(0), stack + sizeof(stack), child, 0), 0);
		wait_for(fork_by(CALL_clone, ARGS(SIGCHLD, 0), child, 0), 0);
	}
	leave();
}
