/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * restart [R]: R calls each that a signal interrupts: openat with SA_RESTART, openat without,
 * rt_sigsuspend.
 *
 * Nothing is timed and no one else is needed: the calls bring their own signal. The process holds
 * a write lease on a file and opens the file again: inside openat the kernel sends SIGIO to the
 * lease's holder, which is the caller, and then waits for the lease to go, which the pending
 * signal ends with -512. The handler gives the lease up, so the restarted openat succeeds. And
 * rt_sigsuspend lets in a signal that was blocked and pending before: it returns -514 at once.
 */
#include "signals.h"

#ifndef F_SETLEASE
#define F_SETLEASE 1024
#endif

static char path[32] = "/proc/self/fd/";
static volatile unsigned long handled;
static long leased;

static long open_again(long fd, int flags)
{
	format_num(path + 14, (unsigned long)fd);
	return sys(openat, ANY, AT_FDCWD, ARG(path), flags);
}

/* Only the reopened file may be left open: the lease is refused to one who is not alone. */
static void make_file(void)
{
	long fd = sys(memfd_create, ANY, ARG("lease"), 0);

	leased = open_again(fd, O_RDWR);
	sys(close, 0, fd);
	format_num(path + 14, (unsigned long)leased);
}

static void give_up_lease(int sig)
{
	(void)sig;
	handled++;
	sys(fcntl, 0, leased, F_SETLEASE, F_UNLCK);
}

static void count_signal(int sig)
{
	(void)sig;
	handled++;
}

static void opens(unsigned long rounds, bool restart)
{
	long fd;

	on_signal(SIGIO, give_up_lease, restart ? SA_RESTART : 0);
	while (rounds--) {
		sys(fcntl, 0, leased, F_SETLEASE, F_WRLCK);
		if (!restart) {
			interrupted(give_up_lease, SIGIO, CALL_openat,
				    ARGS(AT_FDCWD, ARG(path), O_RDONLY));
			continue;
		}
		fd = restarted(give_up_lease, SIGIO, CALL_openat, ANY,
			       ARGS(AT_FDCWD, ARG(path), O_RDONLY));
		sys(close, 0, fd);
	}
}

static void suspends(unsigned long rounds)
{
	unsigned long usr1[8 / sizeof(long)] = { 1UL << (SIGUSR1 - 1) };
	long pid = sys(getpid, ANY);

	on_signal(SIGUSR1, count_signal, SA_RESTART);
	sys(rt_sigprocmask, 0, SIG_BLOCK, ARG(usr1), 0, 8);
	while (rounds--) {
		sys(kill, 0, pid, SIGUSR1);
		interrupted(count_signal, SIGUSR1, CALL_rt_sigsuspend, ARGS(ARG(no_signals), 8));
	}
}

static void program(int argc, char **argv)
{
	unsigned long rounds = arg(argc, argv, 1, 100);

	sys(rt_sigprocmask, 0, SIG_SETMASK, ARG(no_signals), 0, 8);
	make_file();
	opens(rounds, true);
	opens(rounds, false);
	suspends(rounds);
	check("signals handled", handled == 3 * rounds, (long)handled);
	leave();
}
