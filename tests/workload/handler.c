/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * handler [N]: N kills of itself that a handler follows at once, then N breakpoints that one
 * follows.
 *
 * The handler of the first is put between the kill and its return; what takes that down returns
 * behind the kill, whose registers still look like a call's. A breakpoint stands for code that is
 * interrupted anywhere: what takes its handler down returns with registers that no call leaves.
 */
#include "signals.h"

static volatile unsigned long handled;

static void count_signal(int sig)
{
	(void)sig;
	handled++;
}

static void breakpoint(void)
{
	if (me.dry) {
		/* What it left in the register: this is no call. */
		tally_sigreturn(0);
		return;
	}
	/* The registers that SYSCALL would leave the way back and the flags in. */
#ifdef __x86_64__
	__asm__ volatile("xorl %%ecx, %%ecx; xorl %%r11d, %%r11d; xorl %%eax, %%eax; int3"
			 :
			 :
			 : "rax", "rcx", "r11", "memory");
#else
	__asm__ volatile("xorl %%ecx, %%ecx; xorl %%eax, %%eax; int3" : : : "eax", "ecx", "memory");
#endif
}

static void program(int argc, char **argv)
{
	unsigned long n = arg(argc, argv, 1, 500);
	long pid = sys(getpid, ANY);

	sys(rt_sigprocmask, 0, SIG_SETMASK, ARG(no_signals), 0, 8);
	on_signal(SIGUSR1, count_signal, 0);
	on_signal(SIGTRAP, count_signal, 0);
	for (unsigned long i = 0; i < n; i++) {
		sys(kill, 0, pid, SIGUSR1);
		if (me.dry)
			tally_sigreturn(0);
	}
	for (unsigned long i = 0; i < n; i++)
		breakpoint();
	check("signals handled", handled == 2 * n, (long)handled);
	leave();
}
