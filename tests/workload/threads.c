/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * threads [T [N]]: T threads at a time with N getppid each.
 *
 * No one waits by futex, whose number of waits would depend on timing. Each thread writes a byte
 * when it is done, the first thread reads one byte T times, and all of them leave by exit alone:
 * exit_group could end a thread between its write and its exit.
 */
#include <linux/sched.h>

#include "child.h"

#define MAX_THREADS 64
#define THREAD_FLAGS \
	(CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM)

static char stacks[MAX_THREADS][8192] __attribute__((aligned(16)));
static unsigned long calls;
static int pipe[2];

static void thread(long i)
{
	(void)i;
	sys_n(calls, getppid, ANY);
	sys(write, 1, pipe[1], ARG(""), 1);
	leave_by(CALL_exit);
}

static void program(int argc, char **argv)
{
	unsigned long threads = arg(argc, argv, 1, 4);
	char byte;

	calls = arg(argc, argv, 2, 25000);
	if (threads > MAX_THREADS)
		fail(2, "too many threads", 0);
	sys(pipe2, 0, ARG(pipe), 0);
	for (unsigned long i = 0; i < threads; i++)
		spawn(CALL_clone, ARGS(THREAD_FLAGS, ARG(stacks[i + 1])), stacks[i + 1], thread, 0);
	sys_n(threads, read, 1, pipe[0], ARG(&byte), 1);
	leave_by(CALL_exit);
}
