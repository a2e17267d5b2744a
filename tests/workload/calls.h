/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The calls and errors that the workloads use: X(name, number on x86_64, number on i386).
 *
 * Both columns are needed in every build: a 64-bit program can enter by int80, and the truth of
 * a program that executes one of the other ABI contains rows of both. Each build checks its own
 * column against the kernel's header.
 */
#ifndef WORKLOAD_CALLS_H
#define WORKLOAD_CALLS_H

/* Tables and assembly in columns. */
/* clang-format off */

#include <asm/unistd.h>
#include <linux/errno.h>

#define CALLS(X)				\
	X(clone, 56, 120)			\
	X(close, 3, 6)				\
	X(execve, 59, 11)			\
	X(exit, 60, 1)				\
	X(exit_group, 231, 252)			\
	X(fcntl, 72, 55)			\
	X(fork, 57, 2)				\
	X(fsync, 74, 118)			\
	X(futex, 202, 240)			\
	X(getpid, 39, 20)			\
	X(getppid, 110, 64)			\
	X(getuid, 102, 24)			\
	X(kill, 62, 37)				\
	X(lseek, 8, 19)				\
	X(memfd_create, 319, 356)		\
	X(mkdir, 83, 39)			\
	X(nanosleep, 35, 162)			\
	X(openat, 257, 295)			\
	X(pause, 34, 29)			\
	X(pipe2, 293, 331)			\
	X(ptrace, 101, 26)			\
	X(read, 0, 3)				\
	X(restart_syscall, 219, 0)		\
	X(rt_sigaction, 13, 174)		\
	X(rt_sigprocmask, 14, 175)		\
	X(rt_sigreturn, 15, 173)		\
	X(rt_sigsuspend, 130, 179)		\
	X(sched_getaffinity, 204, 242)		\
	X(sched_setaffinity, 203, 241)		\
	X(sched_setscheduler, 144, 156)		\
	X(vfork, 58, 190)			\
	X(wait4, 61, 114)			\
	X(write, 1, 4)

/* Numbers without a call: shown as "#" and the number. */
#define NOT_CALLS(X)				\
	X(out_of_range, "#9999", 9999)		\
	X(minus_one, "#-1", -1)

#define ERRORS(X)	\
	X(EAGAIN)	\
	X(EBADF)	\
	X(EEXIST)	\
	X(EFAULT)	\
	X(EINTR)	\
	X(ENOENT)	\
	X(ENOSYS)	\
	X(ESRCH)

enum call {
#define X(name, nr64, nr32) CALL_##name,
	CALLS(X)
#undef X
#define X(name, shown, nr) CALL_##name,
	NOT_CALLS(X)
#undef X
};

struct call_name {
	const char *name;
	short nr64, nr32;
};

static const struct call_name call_names[] = {
#define X(name, nr64, nr32) { #name, nr64, nr32 },
	CALLS(X)
#undef X
#define X(name, shown, nr) { shown, nr, nr },
	NOT_CALLS(X)
#undef X
};

struct error_name {
	const char *name;
	int error;
};

static const struct error_name error_names[] = {
#define X(name) { #name, name },
	ERRORS(X)
#undef X
};

#ifdef __x86_64__
#define X(name, nr64, nr32) _Static_assert(__NR_##name == nr64, #name);
#else
#define X(name, nr64, nr32) _Static_assert(__NR_##name == nr32, #name);
#endif
CALLS(X)
#undef X

#endif
