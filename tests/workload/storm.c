/* SPDX-License-Identifier: GPL-2.0-or-later */
/* storm [N [P]]: N getppid in all as fast as they go, shared by P processes at a time. */
#include "child.h"

#define MAX_PROCESSES 256

static void child(long calls)
{
	sys_n((unsigned long)calls, getppid, ANY);
	leave();
}

static void program(int argc, char **argv)
{
	unsigned long calls = arg(argc, argv, 1, 2000000);
	unsigned long processes = arg(argc, argv, 2, 2);
	long pids[MAX_PROCESSES];

	if (!processes || processes > MAX_PROCESSES)
		fail(2, "between 1 and 256 processes", 0);
	quiet_sigchld();
	for (unsigned long i = 0; i < processes; i++)
		pids[i] = fork(child, (long)(calls / processes + (i < calls % processes)));
	for (unsigned long i = 0; i < processes; i++)
		wait_for(pids[i], 0);
	leave();
}
