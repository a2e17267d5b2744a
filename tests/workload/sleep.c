/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sleep [N [MS]]: N calls that each take at least MS milliseconds. */
#include "sys.h"

static void program(int argc, char **argv)
{
	unsigned long n = arg(argc, argv, 1, 5);
	unsigned long ms = arg(argc, argv, 2, 20);
	long time[2] = { (long)(ms / 1000), (long)(ms % 1000 * 1000000) };

	sys_n(n, nanosleep, 0, ARG(time), 0);
	if (me.dry)
		tally(me.gate, CALL_nanosleep)->min_ns = (u64)ms * 1000000;
	leave();
}
