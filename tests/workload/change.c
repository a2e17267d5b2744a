/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * change [N] [WHAT..]: N rounds of some calls; a WHAT is how it differs from itself: fsync, enoent
 * and int80 one call more of that kind, slow reads that are three times as long.
 */
#include <linux/fcntl.h>

#include "sys.h"

/*
 * Of random numbers, which take the CPU's time and little of its caches: to clear 192 KiB took 1.5
 * to 3.3 times as long as 64 KiB, as neighbours left room, and these take 2.8 times as long.
 */
#define PIECE (4 << 10)

static char buffer[3 * PIECE]; /* not on the stack: int80 takes 32-bit addresses */

static bool is(const char *a, const char *b)
{
	while (*a && *a == *b) {
		a++;
		b++;
	}
	return *a == *b;
}

static void program(int argc, char **argv)
{
	unsigned long n = arg(argc, argv, 1, 2000);
	long fd = sys(openat, ANY, AT_FDCWD, ARG("/dev/urandom"), O_RDONLY), size = PIECE;

	for (int i = 2; i < argc; i++) {
		if (is(argv[i], "fsync"))
			sys(fsync, -EBADF, -1);
		else if (is(argv[i], "enoent"))
			sys(openat, -ENOENT, AT_FDCWD, ARG("/nonexistent/file"), O_RDONLY);
		else if (is(argv[i], "int80"))
			sys_repeat(GATE_INT80, 1, CALL_getpid, ANY, ARGS(0));
		else if (is(argv[i], "slow"))
			size *= 3;
	}
	while (n--) {
		sys(read, size, fd, ARG(buffer), size);
		sys_n(2, getppid, ANY);
		sys_n(2, getuid, ANY);
		sys_n(2, lseek, 0, fd, 0, 1);
		sys_n(1, getpid, ANY);
		sys_n(1, close, -EBADF, -1);
		sys_n(1, kill, -ESRCH, 0x3fffffff, 0);
	}
	leave();
}
