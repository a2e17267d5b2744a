/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * threadexec [N]: a thread that is not the first one executes this program again, which makes N
 * getppid; that kills the first thread inside write, and its number goes to the other.
 *
 * The write of two pages into a pipe of one leaves the kernel only when killed, with 4096; the
 * other thread gets a byte out of that pipe only once the write has begun.
 *
 * The execve enters under one thread number and leaves under the other, so a tracer that pairs
 * by that number finds an entry without an exit and an exit without an entry.
 */
#include <linux/sched.h>

#include "child.h"

#define THREAD_FLAGS \
	(CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM)

static char stack[8192] __attribute__((aligned(16)));
static char two_pages[8192];
static char **leaf_argv;
static int pipe[2];

static void thread(long arg)
{
	char byte;

	(void)arg;
	sys(read, 1, pipe[0], ARG(&byte), 1);
	exec(me.gate, 3, leaf_argv);
}

static void program(int argc, char **argv)
{
	char *leaf[] = { argv[0], "leaf", argc > 1 ? argv[1] : "1000", NULL };

	if (argc == 3 && same(argv[1], "leaf")) {
		sys_n(arg(argc, argv, 2, 0), getppid, ANY);
		leave();
		return;
	}
	arg(argc, argv, 1, 0);
	leaf_argv = leaf;
	small_pipe(pipe);
	spawn(CALL_clone, ARGS(THREAD_FLAGS, ARG(stack + sizeof(stack))), stack + sizeof(stack),
	      thread, 0);
	sys(write, 4096, pipe[1], ARG(two_pages), sizeof(two_pages));
	if (!me.dry)
		fail(1, "write outlived the exec of another thread", 0);
}
