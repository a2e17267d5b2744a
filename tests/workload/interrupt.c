/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * interrupt [R]: a child is interrupted by its parent, R times in read with SA_RESTART, R times
 * in read without, R times in futex by SIGSTOP and SIGCONT, and at last killed in read.
 *
 * The parent must know that the child is inside the call, which nothing shows. It follows from
 * the scheduling: both run on one CPU, the child under SCHED_FIFO with the higher priority. So
 * when the parent runs, the child is not runnable; and once the child has set the round's number,
 * the next thing at which it can stop being runnable is the call itself: there is only user code
 * in between. The parent looks at the number in memory without any call. (Under ptrace it holds
 * too: the child may be stopped at the call's entry, which is already inside.)
 *
 * No timeout takes part: the read ends by a byte that the handler writes, or by EINTR; the futex
 * would wait for an hour, but its word is changed while the child is stopped, so that
 * restart_syscall returns EAGAIN.
 */
#include <linux/futex.h>
#include <linux/sched.h>

#include "signals.h"

#ifndef SCHED_FIFO
#define SCHED_FIFO 1
#endif
#define WAIT_STOPPED   2 /* WUNTRACED */
#define STATUS_STOPPED (SIGSTOP << 8 | 0x7f)
#define CPU_BYTES      1024

static char stack[16384] __attribute__((aligned(16)));
static unsigned long cpus[CPU_BYTES / sizeof(long)];
static volatile unsigned long inside; /* the rounds that the child has begun */
static unsigned long rounds;
static unsigned int word; /* of the futex */
static int pipe[2];

static void write_byte(int sig)
{
	(void)sig;
	sys(write, 1, pipe[1], ARG(""), 1);
}

static void nothing(int sig)
{
	(void)sig;
}

/* Returns -516 when stopped, and goes on as restart_syscall, which finds the word changed. */
static void futex_stopped(void)
{
	long hour[2] = { 3600, 0 };

	if (me.dry) {
		tally_returns(me.gate, CALL_futex, 1, 0)->restarts++;
		tally_returns(restart_gate(), CALL_futex, 1, -EAGAIN);
		return;
	}
	sys(futex, -EAGAIN, ARG(&word), FUTEX_WAIT, 0, ARG(hour));
}

static void child(long arg)
{
	char byte;
	const long read_args[6] = { pipe[0], ARG(&byte), 1 };

	(void)arg;
	on_signal(SIGUSR1, write_byte, SA_RESTART);
	for (unsigned long i = 0; i < rounds; i++) {
		inside++;
		restarted(write_byte, SIGUSR1, CALL_read, 1, read_args);
	}
	on_signal(SIGUSR1, nothing, 0);
	for (unsigned long i = 0; i < rounds; i++) {
		inside++;
		interrupted(nothing, SIGUSR1, CALL_read, read_args);
	}
	for (unsigned long i = 0; i < rounds; i++) {
		word = 0;
		inside++;
		futex_stopped();
	}
	inside++;
	if (me.dry)
		tally_returns(me.gate, CALL_read, 1, 0)->restarts++;
	else
		sys(read, 0, pipe[0], ARG(&byte), 1);
}

static void await_inside(unsigned long round)
{
	while (inside < round)
		;
}

static void stop_and_continue(long pid)
{
	int status = STATUS_STOPPED;

	sys(kill, 0, pid, SIGSTOP);
	sys(wait4, me.dry ? ANY : pid, pid, ARG(&status), WAIT_STOPPED, 0);
	check("a stopped child's status", status == STATUS_STOPPED, status);
	word = 1;
	sys(kill, 0, pid, SIGCONT);
}

/* One CPU, the first that is allowed; a priority below the child's. */
static void take_place(void)
{
	unsigned int i = 0;
	unsigned long first;

	sys(sched_getaffinity, ANY, 0, CPU_BYTES, ARG(cpus));
	while (i < CPU_BYTES / sizeof(long) - 1 && !cpus[i])
		i++;
	first = cpus[i] & -cpus[i];
	memset(cpus, 0, sizeof(cpus));
	cpus[i] = first;
	sys(sched_setaffinity, 0, 0, CPU_BYTES, ARG(cpus));
	sys(sched_setscheduler, 0, 0, SCHED_FIFO, ARG(&(int){ 1 }));
}

static void program(int argc, char **argv)
{
	unsigned long round = 0;
	long pid;

	rounds = arg(argc, argv, 1, 20);
	quiet_sigchld();
	take_place();
	sys(pipe2, 0, ARG(pipe), 0);
	pid = spawn(CALL_clone, ARGS(CLONE_VM | SIGCHLD, ARG(stack + sizeof(stack))),
		    stack + sizeof(stack), child, 0);
	/* Until now the child had the same priority and has waited for this CPU. */
	sys(sched_setscheduler, 0, pid, SCHED_FIFO, ARG(&(int){ 2 }));
	while (round < 2 * rounds) {
		await_inside(++round);
		sys(kill, 0, pid, SIGUSR1);
	}
	while (round < 3 * rounds) {
		await_inside(++round);
		stop_and_continue(pid);
	}
	await_inside(++round);
	sys(kill, 0, pid, SIGKILL);
	wait_for(pid, SIGKILL);
	leave();
}
