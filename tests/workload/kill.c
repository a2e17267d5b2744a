/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kill [K]: K children, each killed by SIGKILL while it is inside write.
 *
 * The child writes two pages into a pipe of one: it stays in the call until all but a page was
 * read. The parent gets one byte only once the call has begun, and one byte frees no page. At
 * sys_exit the killed call returns the page that it has written: no error, no restart.
 */
#include "child.h"

static char two_pages[8192];
static int pipe[2];

static void child(long arg)
{
	(void)arg;
	sys(write, 4096, pipe[1], ARG(two_pages), sizeof(two_pages));
	if (!me.dry)
		fail(1, "write outlived SIGKILL", 0);
}

static void program(int argc, char **argv)
{
	unsigned long children = arg(argc, argv, 1, 50);
	char byte;
	long pid;

	quiet_sigchld();
	while (children--) {
		small_pipe(pipe);
		pid = fork(child, 0);
		sys(read, 1, pipe[0], ARG(&byte), 1);
		sys(kill, 0, pid, SIGKILL);
		wait_for(pid, SIGKILL);
		sys(close, 0, pipe[0]);
		sys(close, 0, pipe[1]);
	}
	leave();
}
