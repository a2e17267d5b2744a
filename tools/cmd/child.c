// SPDX-License-Identifier: GPL-2.0-or-later
#include "cmd/child.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "target/process.h"

/* How long a child may take to be let run, on a machine that is full of others. */
#define SETTLE_MS 10000

extern char **environ;

/* 0 when path is a file that may be executed. */
static int executable(const char *path)
{
	struct stat st;

	if (stat(path, &st))
		return -errno;
	if (S_ISDIR(st.st_mode))
		return -EACCES;
	return access(path, X_OK) ? -errno : 0;
}

/* The file that a shell would run, on the heap; as execvp(3), EACCES outlives ENOENT. */
static int look_up(const char *name, char **out)
{
	const char *path = getenv("PATH");
	int ret = -ENOENT, err;

	if (strchr(name, '/')) {
		*out = strdup(name);
		return *out ? executable(name) : -ENOMEM;
	}
	if (!path)
		path = "/usr/bin:/bin";
	while (*name) {
		size_t n = strcspn(path, ":");

		if (asprintf(out, "%.*s/%s", n ? (int)n : 1, n ? path : ".", name) < 0)
			return -ENOMEM;
		err = executable(*out);
		if (!err)
			return 0;
		if (err == -EACCES)
			ret = err;
		free(*out);
		*out = NULL;
		if (!path[n])
			break;
		path += n + 1;
	}
	return ret;
}

/* In the child: waits, execs, or tells why it could not. Nothing else: every call is counted. */
static void become(const char *file, char **argv, int go, int error)
{
	int err;
	char byte;

	if (read(go, &byte, 1) != 1)
		_exit(0); /* sysgate has gone or failed */
	execve(file, argv, environ);
	err = errno;
	if (write(error, &err, sizeof(err)) != sizeof(err))
		_exit(126);
	_exit(err == ENOENT ? 127 : 126);
}

int child_start(struct child *c, char **argv, struct sg_error *e)
{
	_cleanup_free_ char *file = NULL;
	int go[2] = { -1, -1 }, error[2] = { -1, -1 };
	int ret = look_up(argv[0], &file);

	memset(c, 0, sizeof(*c));
	c->name = argv[0];
	if (ret)
		return sg_fail_errno(e, -ret, "cannot run '%s'", argv[0]);
	if (pipe2(go, O_CLOEXEC) || pipe2(error, O_CLOEXEC) || (c->pid = fork()) < 0) {
		ret = errno;
		c->pid = 0;
		for (int i = 0; i < 2; i++) {
			sg_cleanup_close(&go[i]);
			sg_cleanup_close(&error[i]);
		}
		return sg_fail_errno(e, ret, "cannot start '%s'", argv[0]);
	}
	if (!c->pid) {
		close(go[1]);
		close(error[0]);
		become(file, argv, go[0], error[1]);
	}
	close(go[0]);
	close(error[1]);
	c->go = go[1];
	c->error = error[0];
	return 0;
}

void child_settle(const struct child *c)
{
	const struct timespec step = { .tv_nsec = 1000000 };
	char path[32];

	snprintf(path, sizeof(path), "/proc/%d/syscall", c->pid);
	if (!c->pid || access(path, R_OK))
		return;
	for (int i = 0; i < SETTLE_MS && process_in_call(c->pid, c->pid) != SYS_read; i++)
		nanosleep(&step, NULL);
}

int child_release(struct child *c, struct sg_error *e)
{
	int err = 0;
	ssize_t n;

	if (write(c->go, "x", 1) != 1)
		return sg_fail_errno(e, errno, "cannot start '%s'", c->name);
	do
		n = read(c->error, &err, sizeof(err));
	while (n < 0 && errno == EINTR);
	close(c->go);
	close(c->error);
	c->go = c->error = -1;
	if (n == sizeof(err))
		return sg_fail_errno(e, err, "cannot run '%s'", c->name);
	return 0;
}

void child_poll(struct child *c)
{
	if (c->pid && !c->ended && waitpid(c->pid, &c->status, WNOHANG) == c->pid)
		c->ended = true;
}

static void close_pipes(struct child *c)
{
	if (c->go >= 0)
		close(c->go);
	if (c->error >= 0)
		close(c->error);
	c->go = c->error = -1;
}

void child_wait(struct child *c)
{
	pid_t got;

	if (!c->pid)
		return;
	close_pipes(c);
	if (c->ended)
		return;
	do
		got = waitpid(c->pid, &c->status, 0);
	while (got < 0 && errno == EINTR);
	c->ended = true;
}

int child_exit_status(const struct child *c)
{
	return WIFSIGNALED(c->status) ? 128 + WTERMSIG(c->status) : WEXITSTATUS(c->status);
}

int child_failed_status(int ret)
{
	switch (ret) {
	case -ENOENT:
		return 127;
	case -EACCES:
	case -ENOEXEC:
		return 126;
	default:
		return SG_EXIT_MACHINE;
	}
}
