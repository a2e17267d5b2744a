/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the benchmark's programs have in common: calls without a library around, the guest's clocks.
 */
#ifndef BENCH_MACHINE_H
#define BENCH_MACHINE_H

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

static inline void expect(bool right, const char *what)
{
	if (right)
		return;
	fprintf(stderr, "bench: %s: %s\n", what, strerror(errno));
	exit(1);
}

/* Not the C library's: what is around the call would be measured, too. */
static inline long call(long nr, long a, long b, long c, long d, long e)
{
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	long ret;

	__asm__ volatile("syscall"
			 : "=a"(ret)
			 : "0"(nr), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8)
			 : "rcx", "r11", "memory");
	return ret;
}

static inline uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

/* For how long all CPUs have been idle. */
static inline uint64_t idle_ns(void)
{
	static int fd = -1;
	static char text[1 << 18];
	size_t size = 0;
	uint64_t sum = 0;
	ssize_t n;

	if (fd < 0)
		fd = open("/proc/timer_list", O_RDONLY);
	while ((n = pread(fd, text + size, sizeof(text) - 1 - size, (off_t)size)) > 0)
		size += (size_t)n;
	text[size] = 0;
	for (const char *at = text; (at = strstr(at, ".idle_sleeptime"));)
		sum += strtoull(strchr(at, ':') + 1, (char **)&at, 10);
	return sum;
}

#endif
