/* SPDX-License-Identifier: GPL-2.0-or-later */
/* getppid [N]: N calls that do next to nothing, all by one gate. */
#include "sys.h"

static void program(int argc, char **argv)
{
	sys_n(arg(argc, argv, 1, 100000), getppid, ANY);
	leave();
}
