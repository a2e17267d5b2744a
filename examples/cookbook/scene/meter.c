// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Reads a meter, over and over, until it is ended. Without a C library, so that the way into the
 * kernel is its own:
 *
 *	-m32			INT 0x80, as programs did before 2002
 *	-m32 -DBY_VDSO		what the kernel offers in AT_SYSINFO, as a C library does
 *	-m64			INT 0x80 in a 64-bit program, which still works, and is a mistake
 */
#include <linux/auxvec.h>

/* The numbers of INT 0x80, whatever the program is. */
#define NR_WRITE     4
#define NR_GETPPID   64
#define NR_NANOSLEEP 162

#define TYPE_SYSINFO 32 /* AT_SYSINFO, which headers for 64 bits lack */

struct time {
	int seconds, ns;
};

/* INT 0x80 takes 32 bits of an address: a 64-bit program's variables have to lie low. */
static struct time pause = { 0, 1000000 };
static char ready[] = "ready\n";
static unsigned long way;

static long call(long nr, long a, long b, long c)
{
	long ret;

#ifdef BY_VDSO
	__asm__ volatile("call *%1"
			 : "=a"(ret)
			 : "m"(way), "0"(nr), "b"(a), "c"(b), "d"(c)
			 : "memory");
#else
	__asm__ volatile("int $0x80" : "=a"(ret) : "0"(nr), "b"(a), "c"(b), "d"(c) : "memory");
#endif
	return ret;
}

void start(const unsigned long *stack);

__attribute__((used, noreturn)) void start(const unsigned long *stack)
{
	const unsigned long *at = stack + 1 + stack[0] + 1;

	while (*at)
		at++;
	for (at++; at[0] != AT_NULL; at += 2)
		if (at[0] == TYPE_SYSINFO)
			way = at[1];
	call(NR_WRITE, 1, (long)ready, sizeof(ready) - 1);
	for (;;) {
		call(NR_GETPPID, 0, 0, 0);
		call(NR_NANOSLEEP, (long)&pause, 0, 0);
	}
}

#ifdef __x86_64__
__asm__("	.globl	_start\n"
	"_start:\n"
	"	movq	%rsp, %rdi\n"
	"	andq	$-16, %rsp\n"
	"	call	start\n");
#else
__asm__("	.globl	_start\n"
	"_start:\n"
	"	movl	%esp, %eax\n"
	"	andl	$-16, %esp\n"
	"	subl	$12, %esp\n"
	"	pushl	%eax\n"
	"	call	start\n");
#endif
