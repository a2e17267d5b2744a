// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A program that calls by different ways at known lines, for tests/vm/guest/sites. Each line is
 * marked by a comment, by which the test finds its number.
 *
 *	planted COUNT
 */
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

static __attribute__((noinline)) long by_int80(void)
{
	long ret = 20; /* getpid of i386 */

	__asm__ volatile("int $0x80" : "+a"(ret)::"memory"); /* line: int80 */
	return ret;
}

static __attribute__((noinline)) long by_libc(void)
{
	long ret = getppid(); /* line: libc */

	__asm__ volatile("" ::: "memory"); /* so that it is no jump */
	return ret;
}

int main(int argc, char **argv)
{
	long sum = 0;

	for (int n = argc > 1 ? atoi(argv[1]) : 0; n; n--)
		sum += by_int80() + by_libc();
	return sum == 1;
}
