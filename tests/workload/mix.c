/* SPDX-License-Identifier: GPL-2.0-or-later */
/* mix [N]: five calls in the proportions 5:4:3:2:1, one of them failing, N rounds. */
#include <linux/fcntl.h>

#include "sys.h"

static char byte[1]; /* not on the stack: int80 takes 32-bit addresses */

static void program(int argc, char **argv)
{
	unsigned long n = arg(argc, argv, 1, 20000);
	long fd = sys(openat, ANY, AT_FDCWD, ARG("/dev/zero"), O_RDONLY);

	while (n--) {
		sys_n(5, getppid, ANY);
		sys_n(4, getuid, ANY);
		sys_n(3, read, 1, fd, ARG(byte), 1);
		sys_n(2, lseek, 0, fd, 0, 1);
		sys_n(1, close, -EBADF, -1);
	}
	leave();
}
