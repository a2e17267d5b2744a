/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Children, execs and what the two halves of a handshake need. */
#ifndef WORKLOAD_CHILD_H
#define WORKLOAD_CHILD_H

#include <linux/fcntl.h>

#include "sys.h"

#ifndef F_SETPIPE_SZ
#define F_SETPIPE_SZ 1031
#endif

/* As the kernel has it; the libc's is another. */
struct action {
	void (*handler)(int sig);
	unsigned long flags;
	void (*restorer)(void);
	unsigned long mask[8 / sizeof(long)];
};

static const unsigned long no_signals[8 / sizeof(long)];

static inline void tally_child(enum gate gate, enum call call)
{
	tally_returns(gate, call, 1, 0)->child_returns++;
}

/*
 * A child on its own copy of the stack runs fn(arg), which must end by leave(). @call is fork, or
 * clone with a stack of 0.
 */
static inline long fork_by(enum call call, const long args[6], void (*fn)(long arg), long arg)
{
	long pid;

	if (me.dry) {
		tally_child(me.gate, call);
		fn(arg);
		return DRY_FD;
	}
	pid = enter(me.gate, call_nr(me.gate, call), args);
	if (pid == 0) {
		fn(arg);
		fail(1, "the child came back", 0);
	}
	check_return(call, ANY, pid);
	return pid;
}

#define fork(fn, arg) fork_by(CALL_fork, ARGS(0), fn, arg)

/*
 * A child in the same memory runs fn(arg) on @stack (its top). For clone the caller also gives
 * the stack in @args, for vfork there is none: the child moves there before it writes anything.
 * What it is to do lies on its stack, as the caller's is no longer to be trusted when it starts.
 */
static inline long spawn(enum call call, const long args[6], char *stack, void (*fn)(long arg),
			 long arg)
{
	struct child *child = (struct child *)(stack - 64);
	enum gate gate = me.gate;
	long nr, pid;

	if (gate == GATE_VDSO && call == CALL_clone)
		gate = GATE_INT80;
	if (me.dry) {
		tally_child(gate, call);
		fn(arg);
		return DRY_FD;
	}
	*child = (struct child){ (char *)child, fn, arg };
	nr = call_nr(gate, call);
#ifdef __x86_64__
	pid = spawn_syscall(nr, args, child);
#else
	pid = gate == GATE_VDSO ? spawn_vdso(nr, args, child) : spawn_int80(nr, args, child);
#endif
	check_return(call, ANY, pid);
	return pid;
}

/* Waits for one child, which must have ended with @status. */
static inline void wait_for(long pid, int status)
{
	int got = status;

	sys(wait4, me.dry ? ANY : pid, pid, ARG(&got), 0, 0);
	check("a child's status", got == status, got);
}

/*
 * A SIGCHLD that was inherited as ignored would make wait4 fail. One that is not blocked would
 * interrupt a wait4 for another child under ptrace, which lets no signal be ignored.
 */
static inline void quiet_sigchld(void)
{
	static const struct action action = { .flags = SA_RESTORER | SA_NOCLDSTOP,
					      .restorer = restorer };
	static const unsigned long mask[8 / sizeof(long)] = { 1UL << (SIGCHLD - 1) };

	sys(rt_sigaction, 0, SIGCHLD, ARG(&action), 0, 8);
	sys(rt_sigprocmask, 0, SIG_SETMASK, ARG(mask), 0, 8);
}

static inline void on_signal(int sig, void (*handler)(int sig), unsigned long flags)
{
	/* SA_SIGINFO: the frame that rt_sigreturn takes down, on i386 too. */
	struct action action = { .handler = handler,
				 .flags = flags | SA_SIGINFO | SA_RESTORER,
				 .restorer = restorer };

	sys(rt_sigaction, 0, sig, ARG(&action), 0, 8);
}

/* A pipe of one page: a write of two pages stays in the kernel until a whole page was read. */
static inline void small_pipe(int fds[2])
{
	sys(pipe2, 0, ARG(fds), 0);
	sys(fcntl, 4096, fds[1], F_SETPIPE_SZ, 4096);
}

/* The path of this program built for another gate: what follows the name is replaced. */
static inline const char *sibling_path(enum gate gate)
{
	static const char *const suffixes[] = {
		[GATE_SYSCALL] = "64-syscall",
		[GATE_VDSO] = "32-vdso",
		[GATE_INT80] = "32-int80",
	};
	static char path[512];
	unsigned int end = 0, i;

	for (i = 0; me.path[i] && i < sizeof(path) - 16; i++) {
		path[i] = me.path[i];
		if (i && path[i] == '-')
			end = i - 2;
	}
	for (i = 0; i <= 10; i++) {
		path[end + i] = suffixes[gate][i];
		if (!path[end + i])
			break;
	}
	return path;
}

/* Replaces this program by its build for @gate; in a dry run it comes back: return then. */
static inline void exec(enum gate gate, int argc, char **argv)
{
	static char *const no_env[1];
	enum gate mine = me.gate;

	if (me.dry) {
		tally_returns(mine, CALL_execve, 1, 0);
		me.gate = gate;
		program(argc, argv);
		me.gate = mine;
		return;
	}
	fail(1, "execve",
	     enter(mine, call_nr(mine, CALL_execve),
		   ARGS(ARG(sibling_path(gate)), ARG(argv), ARG(no_env))));
}

#endif
