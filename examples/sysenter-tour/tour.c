// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A 32-bit program that calls getpid by each way into the kernel that it has, COUNT times each:
 *
 *	tour COUNT
 *
 * It has no C library, so that every call is its own, and does what a C library does at its start:
 * it looks AT_SYSINFO up in the auxiliary vector and keeps it in its thread's block, at %gs:0x10.
 * With COUNT 0 it says what it found and waits for its standard input to end.
 */
#include <asm/ldt.h>
#include <linux/auxvec.h>

#define TYPE_SYSINFO 32 /* AT_SYSINFO, which headers for 64 bits lack */
#define NR_EXIT	     1
#define NR_READ	     3
#define NR_WRITE     4
#define NR_GETPID    20
#define NR_SET_AREA  243 /* set_thread_area */

/* The thread's block: the C library has the way into the kernel at the same place. */
static struct {
	void *self;
	unsigned int other[3];
	unsigned int sysinfo; /* at 0x10 */
} block;

static unsigned int sysinfo; /* __kernel_vsyscall */

__asm__("	.text\n"
	"	.globl	_start\n"
	"_start:\n"
	"	xorl	%ebp, %ebp\n"
	"	movl	%esp, %eax\n"
	"	andl	$-16, %esp\n"
	"	subl	$12, %esp\n"
	"	pushl	%eax\n"
	"	call	start\n"
	"	hlt\n");

static __attribute__((noinline)) long by_int80(long nr, long a, long b, long c)
{
	long ret;

	__asm__ volatile("int $0x80" : "=a"(ret) : "0"(nr), "b"(a), "c"(b), "d"(c) : "memory");
	return ret;
}

static __attribute__((noinline)) long by_vsyscall(long nr)
{
	long ret;

	__asm__ volatile("call *%1" : "=a"(ret) : "m"(sysinfo), "0"(nr) : "memory");
	return ret;
}

static __attribute__((noinline)) long by_gs(long nr)
{
	long ret;

	__asm__ volatile("call *%%gs:0x10" : "=a"(ret) : "0"(nr) : "memory");
	return ret;
}

static void leave(int status)
{
	for (;;)
		by_int80(NR_EXIT, status, 0, 0);
}

static void say(const char *text, unsigned int value)
{
	static const char digits[] = "0123456789abcdef";
	char line[80];
	long n = 0;

	while (text[n] && n < 64) {
		line[n] = text[n];
		n++;
	}
	for (int shift = 28; shift >= 0; shift -= 4)
		line[n++] = digits[value >> shift & 15];
	line[n++] = '\n';
	by_int80(NR_WRITE, 1, (long)line, n);
}

/* As the C library does for its first thread. */
static void keep(void)
{
	struct user_desc area = {
		.entry_number = (unsigned int)-1,
		.base_addr = (unsigned int)&block,
		.limit = 0xfffff,
		.seg_32bit = 1,
		.limit_in_pages = 1,
		.useable = 1,
	};

	block.self = &block;
	block.sysinfo = sysinfo;
	if (by_int80(NR_SET_AREA, (long)&area, 0, 0))
		leave(3);
	__asm__ volatile("movw %w0, %%gs" ::"q"(area.entry_number * 8 + 3));
}

static unsigned int number(const char *text)
{
	unsigned int n = 0;

	for (; *text >= '0' && *text <= '9' && n < 100000000; text++)
		n = 10 * n + (unsigned int)(*text - '0');
	return n;
}

static void call(unsigned int count)
{
	long pid = by_int80(NR_GETPID, 0, 0, 0);

	for (unsigned int i = 1; i < count; i++)
		if (by_int80(NR_GETPID, 0, 0, 0) != pid)
			leave(1);
	for (unsigned int i = 0; i < count; i++)
		if (by_vsyscall(NR_GETPID) != pid)
			leave(1);
	for (unsigned int i = 0; i < count; i++)
		if (by_gs(NR_GETPID) != pid)
			leave(1);
}

void start(unsigned long *stack);

__attribute__((used, noreturn)) void start(unsigned long *stack)
{
	unsigned long *at = stack + 1 + stack[0] + 1;
	char byte;

	while (*at)
		at++;
	for (at++; at[0] != AT_NULL; at += 2)
		if (at[0] == TYPE_SYSINFO)
			sysinfo = at[1];
	if (stack[0] != 2)
		leave(2);
	if (!sysinfo)
		leave(3);
	keep();
	if (number((char *)stack[2])) {
		call(number((char *)stack[2]));
		leave(0);
	}
	say("AT_SYSINFO is 0x", sysinfo);
	say("%gs:0x10 has  0x", block.sysinfo);
	while (by_int80(NR_READ, 0, (long)&byte, 1) > 0)
		;
	leave(0);
	__builtin_unreachable();
}
