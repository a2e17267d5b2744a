/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * step [N]: a child makes N getppid while its parent steps through it by single instructions.
 *
 * How many instructions a call takes is the vDSO's affair, so the child goes on without calls for
 * longer than it is stepped through: STEPS a call are enough, and all of them are made.
 */
#include <linux/ptrace.h>

#include "child.h"

#define STEPS	       60
#define STATUS_TRAPPED (SIGTRAP << 8 | 0x7f)

static unsigned long calls;

static void child(long arg)
{
	(void)arg;
	sys(ptrace, 0, PTRACE_TRACEME, 0, 0, 0);
	if (!me.dry)
		__asm__ volatile("int3");
	sys_n(calls, getppid, ANY);
	if (!me.dry)
		for (volatile unsigned long i = 0; i < STEPS * calls; i++)
			;
	leave();
}

static void program(int argc, char **argv)
{
	int status = STATUS_TRAPPED;
	long pid;

	calls = arg(argc, argv, 1, 100);
	quiet_sigchld();
	pid = fork(child, 0);
	for (unsigned long i = 0; i < STEPS * calls; i++) {
		sys(wait4, me.dry ? ANY : pid, pid, ARG(&status), 0, 0);
		check("a stopped child's status", status == STATUS_TRAPPED, status);
		sys(ptrace, 0, PTRACE_SINGLESTEP, pid, 0, 0);
	}
	sys(wait4, me.dry ? ANY : pid, pid, ARG(&status), 0, 0);
	check("a stopped child's status", status == STATUS_TRAPPED, status);
	sys(ptrace, 0, PTRACE_CONT, pid, 0, 0);
	wait_for(pid, 0);
	leave();
}
