/* SPDX-License-Identifier: GPL-2.0-or-later */
/* gates [N]: one process going through two gates in turn, N getppid by each. */
#include "sys.h"

static void program(int argc, char **argv)
{
	unsigned long n = arg(argc, argv, 1, 50000);

	while (n--) {
		sys_repeat(me.gate, 1, CALL_getppid, ANY, ARGS(0));
		sys_repeat(GATE_INT80, 1, CALL_getppid, ANY, ARGS(0));
	}
	leave();
}
