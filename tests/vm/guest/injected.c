// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Inside a VM: injected N: calls that others answer, change or end: seccomp by an error, a signal
 * and death; ptrace by PTRACE_SYSEMU, by another number and by none. N of each; death 1.
 *
 * Leaves with 0 when each came out as it must.
 */
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef __x86_64__
#define NUMBER orig_rax
#define RESULT rax
#else
#define NUMBER orig_eax
#define RESULT eax
#endif
#ifndef PTRACE_SYSEMU
#define PTRACE_SYSEMU 31
#endif
#define ANSWER 4711

static long n;
static volatile sig_atomic_t trapped;

static void want(const char *what, int right)
{
	if (right)
		return;
	perror(what);
	_exit(1);
}

static void trap(int sig)
{
	(void)sig;
	trapped++;
}

/* From now on seccomp answers getppid so. */
static void answer(unsigned int by)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, by),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog filter = { sizeof(code) / sizeof(code[0]), code };

	want("no_new_privs", !prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	want("seccomp", !prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter));
}

static void refused(void)
{
	answer(SECCOMP_RET_ERRNO | EXDEV);
	for (long i = 0; i < n; i++)
		want("an answer by seccomp", syscall(SYS_getppid) == -1 && errno == EXDEV);
}

static void signalled(void)
{
	struct sigaction action = { .sa_handler = trap };

	sigaction(SIGSYS, &action, NULL);
	answer(SECCOMP_RET_TRAP);
	for (long i = 0; i < n; i++)
		syscall(SYS_getppid);
	want("a signal by seccomp", trapped == n);
}

static void killed(void)
{
	answer(SECCOMP_RET_KILL);
	syscall(SYS_getppid);
	want("death by seccomp", 0);
}

/* Traced: getppid is answered, getpid becomes getppid, gettid becomes none. */
static void traced(void)
{
	pid_t parent = getppid(), self = getpid(); /* before they are changed */

	want("a tracer", !ptrace(PTRACE_TRACEME, 0, 0, 0));
	kill(self, SIGSTOP);
	for (long i = 0; i < n; i++)
		want("a changed number", syscall(SYS_getpid) == parent);
	for (long i = 0; i < n; i++)
		want("no number", syscall(SYS_gettid) == ANSWER);
	kill(self, SIGSTOP); /* from here on nothing gets to the kernel's handlers */
	for (long i = 0; i < n; i++)
		want("an emulated call", syscall(SYS_getppid) == ANSWER);
	syscall(SYS_sched_yield); /* ends that */
}

/* What the call that the child stopped at is to be. */
static void change(pid_t child, int emulated, int *entered)
{
	struct user_regs_struct regs;

	want("registers", !ptrace(PTRACE_GETREGS, child, 0, &regs));
	if (emulated) {
		regs.RESULT = ANSWER;
	} else {
		*entered = !*entered;
		if (*entered && regs.NUMBER == SYS_getpid)
			regs.NUMBER = SYS_getppid;
		else if (*entered && regs.NUMBER == SYS_gettid) {
			regs.NUMBER = -1;
			regs.RESULT = ANSWER;
		}
	}
	want("registers", !ptrace(PTRACE_SETREGS, child, 0, &regs));
}

static void trace(pid_t child)
{
	int status, stops = 0, entered = 0;

	for (;;) {
		int emulated = stops > 1;

		want("wait", waitpid(child, &status, 0) == child);
		if (!WIFSTOPPED(status))
			break;
		if (WSTOPSIG(status) == SIGSTOP) {
			if (!stops++)
				ptrace(PTRACE_SETOPTIONS, child, 0, PTRACE_O_TRACESYSGOOD);
			emulated = stops > 1;
		} else if (WSTOPSIG(status) == (SIGTRAP | 0x80) || emulated) {
			struct user_regs_struct regs;

			want("registers", !ptrace(PTRACE_GETREGS, child, 0, &regs));
			if (emulated && regs.NUMBER == SYS_sched_yield)
				break;
			change(child, emulated, &entered);
		}
		ptrace(emulated ? PTRACE_SYSEMU : PTRACE_SYSCALL, child, 0, 0);
	}
	if (WIFSTOPPED(status)) {
		ptrace(PTRACE_DETACH, child, 0, 0);
		want("wait", waitpid(child, &status, 0) == child);
	}
	want("the traced one", WIFEXITED(status) && !WEXITSTATUS(status));
}

static pid_t begin(void (*body)(void))
{
	pid_t child = fork();

	want("fork", child >= 0);
	if (!child) {
		body();
		_exit(0);
	}
	return child;
}

int main(int argc, char **argv)
{
	int status;

	n = argc > 1 ? atol(argv[1]) : 100;
	want("wait", waitpid(begin(refused), &status, 0) > 0 && !status);
	want("wait", waitpid(begin(signalled), &status, 0) > 0 && !status);
	want("wait", waitpid(begin(killed), &status, 0) > 0);
	want("death", WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS);
	trace(begin(traced));
	puts("all came out");
	return 0;
}
