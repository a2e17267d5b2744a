// SPDX-License-Identifier: GPL-2.0-or-later
#include "collector/keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "target/process.h"

#define NEEDED	   "x"
#define NOT_NEEDED "-"

/* Until the process has closed everything, which is after the pipe's end. */
static void wait_for_end(int process)
{
	struct pollfd p = { process, POLLIN, 0 };

	while (poll(&p, 1, -1) < 0 && errno == EINTR)
		;
}

static void keep(int fd, int process, void (*end)(void *data), void *data)
{
	char byte;
	ssize_t n;

	prctl(PR_SET_NAME, "sysgate-keeper");
	/* What ends the collector, from a terminal too, reaches it in its own way. */
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	do
		n = read(fd, &byte, 1);
	while (n < 0 && errno == EINTR);
	if (n != 1)
		wait_for_end(process);
	if (n != 1 || byte == *NEEDED)
		end(data);
	_exit(0);
}

/* A few microseconds; a second at most, after which one call more is counted. */
static void wait_until_asleep(pid_t pid)
{
	struct timespec pause = { .tv_nsec = 100000 };

	for (int i = 0; i < 10000 && process_in_call(pid, pid) != SYS_read; i++)
		nanosleep(&pause, NULL);
}

int keeper_start(struct keeper *k, void (*end)(void *data), void *data, struct sg_error *e)
{
	int fds[2], process = (int)syscall(SYS_pidfd_open, getpid(), 0);

	if (process < 0)
		return sg_fail_errno(e, errno, "pidfd_open");
	if (pipe2(fds, O_CLOEXEC)) {
		close(process);
		return sg_fail_errno(e, errno, "pipe");
	}
	k->pid = fork();
	if (!k->pid) {
		close(fds[1]);
		keep(fds[0], process, end, data);
	}
	close(process);
	close(fds[0]);
	if (k->pid < 0) {
		k->pid = 0;
		close(fds[1]);
		return sg_fail_errno(e, errno, "fork");
	}
	k->fd = fds[1];
	wait_until_asleep(k->pid);
	return 0;
}

void keeper_end(struct keeper *k, bool needed)
{
	if (!k->pid)
		return;
	/* If it is gone, the next run removes what it left. */
	if (write(k->fd, needed ? NEEDED : NOT_NEEDED, 1) == 1)
		while (waitpid(k->pid, NULL, 0) < 0 && errno == EINTR)
			;
	close(k->fd);
	k->pid = 0;
}
