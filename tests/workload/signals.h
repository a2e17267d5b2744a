/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Calls that a signal interrupts. */
#ifndef WORKLOAD_SIGNALS_H
#define WORKLOAD_SIGNALS_H

#include "child.h"

/* Signal frames go down by the program's own gate on x86_64, always by int80 on i386. */
static inline void tally_sigreturn(long left_in_register)
{
	enum gate gate = me.gate == GATE_SYSCALL ? GATE_SYSCALL : GATE_INT80;

	tally_returns(gate, CALL_rt_sigreturn, 1, left_in_register);
}

/* A restart of a 32-bit call enters by int80, see sys.h. */
static inline enum gate restart_gate(void)
{
	return me.gate == GATE_SYSCALL ? GATE_SYSCALL : GATE_INT80;
}

/* A call that is interrupted once by @handler (which SA_RESTART is set for), then returns @want. */
static inline long restarted(void (*handler)(int sig), int sig, enum call call, long want,
			     const long args[6])
{
	if (me.dry) {
		tally_returns(me.gate, call, 1, 0)->restarts++;
		handler(sig);
		tally_sigreturn(0);
		tally_returns(restart_gate(), call, 1, want);
		return want == ANY ? DRY_FD : want;
	}
	return sys_repeat(me.gate, 1, call, want, args);
}

/* A call that @handler interrupts and that then shows EINTR to the user. */
static inline void interrupted(void (*handler)(int sig), int sig, enum call call,
			       const long args[6])
{
	if (me.dry) {
		tally_returns(me.gate, call, 1, 0)->restarts++;
		handler(sig);
		tally_sigreturn(-EINTR);
		return;
	}
	sys_repeat(me.gate, 1, call, -EINTR, args);
}

#endif
