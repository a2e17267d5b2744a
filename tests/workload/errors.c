/* SPDX-License-Identifier: GPL-2.0-or-later */
/* errors [N]: calls that fail, each with another errno and another multiple of N. */
#include <linux/fcntl.h>

#include "sys.h"

#define NO_SUCH_PID 0x3fffffff /* above the highest that pid_max can be */
#define UNMAPPED    8

static void program(int argc, char **argv)
{
	unsigned long n = arg(argc, argv, 1, 1000);
	long zero = sys(openat, ANY, AT_FDCWD, ARG("/dev/zero"), O_RDONLY);

	sys_n(7 * n, close, -EBADF, -1);
	sys_n(6 * n, openat, -ENOENT, AT_FDCWD, ARG("/nonexistent/file"), O_RDONLY);
	sys_n(5 * n, mkdir, -EEXIST, ARG("/"), 0755);
	sys_n(4 * n, kill, -ESRCH, NO_SUCH_PID, 0);
	sys_n(3 * n, read, -EFAULT, zero, UNMAPPED, 1);
	sys_n(2 * n, out_of_range, -ENOSYS);
	sys_n(1 * n, minus_one, -ENOSYS);
	leave();
}
