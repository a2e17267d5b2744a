// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Times one gate, each call alone, in cycles of the time stamp counter. A program of its own, since
 * 32-bit code has gates that 64-bit code has not, and without a C library, so that it can be built
 * for 32 bits where there is none of that width.
 *
 *	gatetime image			write the vDSO's image
 *	gatetime GATE SAMPLES		syscall, int80, vsyscall: getppid by that way
 *	gatetime vdso SAMPLES OFFSET	the function time() at that offset of the vDSO
 *
 * Output is a struct gatetime_head and the samples. Status 0 done, 2 wrong use, 3 not here: there
 * is no such way in this program.
 */
#include <stddef.h>

#include <linux/auxvec.h>
#include <linux/elf.h>

#include "target/gatetime_abi.h"

#ifdef __x86_64__
typedef Elf64_Ehdr elf_head;
typedef Elf64_Phdr elf_segment;
enum {
	NR_WRITE = 1,
	NR_EXIT = 60,
	NR_GETPPID = 110,
	WIDTH = 64
};
#else
typedef Elf32_Ehdr elf_head;
typedef Elf32_Phdr elf_segment;
enum {
	NR_WRITE = 4,
	NR_EXIT = 1,
	NR_GETPPID = 64,
	WIDTH = 32
};
#endif
enum {
	NR_GETPPID_I386 = 64, /* by int80, whatever the code's width is */
	HWCAP_SSE2 = 1 << 26,
	TYPE_SYSINFO = 32, /* AT_SYSINFO, which headers for 64 bits need not have */
	TYPE_SYSINFO_EHDR = 33,
};

static struct {
	unsigned long vsyscall, image;
	int fences; /* the CPU has LFENCE, by which no instruction passes the clock */
} me;

static uint32_t samples[2 * GATETIME_SAMPLES_MAX];

__asm__("	.text\n"
	"	.globl	_start\n"
	"_start:\n"
#ifdef __x86_64__
	"	xorl	%ebp, %ebp\n"
	"	movq	%rsp, %rdi\n"
	"	andq	$-16, %rsp\n"
	"	call	start\n"
#else
	"	xorl	%ebp, %ebp\n"
	"	movl	%esp, %eax\n"
	"	andl	$-16, %esp\n"
	"	subl	$12, %esp\n"
	"	pushl	%eax\n"
	"	call	start\n"
#endif
	"	hlt\n");

#ifdef __x86_64__
static inline long by_syscall(long nr, long a, long b, long c)
{
	long ret;

	__asm__ volatile("syscall"
			 : "=a"(ret)
			 : "0"(nr), "D"(a), "S"(b), "d"(c)
			 : "rcx", "r11", "memory");
	return ret;
}
#else
static inline long by_vsyscall(long nr, long a, long b, long c)
{
	long ret;

	__asm__ volatile("call *%[way]"
			 : "=a"(ret)
			 : "0"(nr), "b"(a), "c"(b), "d"(c), [way] "m"(me.vsyscall)
			 : "memory");
	return ret;
}
#endif

static inline long by_int80(long nr, long a, long b, long c)
{
	long ret;

	/* r8 to r11 of 64-bit code were lost to it up to 4.16. */
	__asm__ volatile("int $0x80"
			 : "=a"(ret)
			 : "0"(nr), "b"(a), "c"(b), "d"(c)
			 : "memory"
#ifdef __x86_64__
			   ,
			   "r8", "r9", "r10", "r11"
#endif
	);
	return ret;
}

/* For what is not timed. */
static long enter(long nr, long a, long b, long c)
{
#ifdef __x86_64__
	return by_syscall(nr, a, b, c);
#else
	return me.vsyscall ? by_vsyscall(nr, a, b, c) : by_int80(nr, a, b, c);
#endif
}

static inline __attribute__((always_inline)) uint64_t now(void)
{
	uint32_t low, high;

	if (me.fences)
		__asm__ volatile("lfence" ::: "memory");
	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high)::"memory");
	if (me.fences)
		__asm__ volatile("lfence" ::: "memory");
	return (uint64_t)high << 32 | low;
}

static uint32_t cut(uint64_t cycles)
{
	return cycles > UINT32_MAX ? UINT32_MAX : (uint32_t)cycles;
}

#define SAMPLE(name, call)                                                    \
	static void sample_##name(struct gatetime_head *h, unsigned long way) \
	{                                                                     \
		(void)way;                                                    \
		h->returned = (int32_t)(call);                                \
		for (uint32_t i = 0; i < h->samples; i++) {                   \
			uint64_t a = now(), b = now(), c, d;                  \
			int32_t ret;                                          \
                                                                              \
			c = now();                                            \
			ret = (int32_t)(call);                                \
			d = now();                                            \
			h->mixed |= ret != h->returned;                       \
			samples[2 * i] = cut(b - a);                          \
			samples[2 * i + 1] = cut(d - c);                      \
		}                                                             \
	}

#ifdef __x86_64__
SAMPLE(syscall, by_syscall(NR_GETPPID, 0, 0, 0))
#else
SAMPLE(vsyscall, by_vsyscall(NR_GETPPID, 0, 0, 0))
#endif
SAMPLE(int80, by_int80(NR_GETPPID_I386, 0, 0, 0))
/* Its value goes on with the time: only that it came is told. */
SAMPLE(vdso, ((long (*)(long *))way)(NULL) ? 1 : 0)

static void leave(int status)
{
	for (;;)
		enter(NR_EXIT, status, 0, 0);
}

static void put(const void *data, unsigned long size)
{
	const char *at = data;

	while (size) {
		long n = enter(NR_WRITE, 1, (long)at, (long)size);

		if (n <= 0)
			leave(3);
		at += n;
		size -= (unsigned long)n;
	}
}

static int same(const char *a, const char *b)
{
	while (*a && *a == *b) {
		a++;
		b++;
	}
	return *a == *b;
}

static unsigned long number(const char *text)
{
	unsigned long n = 0;

	if (!*text)
		leave(2);
	for (; *text; text++) {
		if (*text < '0' || *text > '9' || n > 10000000)
			leave(2);
		n = 10 * n + (unsigned long)(*text - '0');
	}
	return n;
}

/* All that its headers tell of: the segments and, behind them, the sections. */
static void put_image(void)
{
	const elf_head *head = (const elf_head *)me.image;
	const elf_segment *p;
	unsigned long end;

	if (!head)
		leave(3);
	end = head->e_shoff + (unsigned long)head->e_shnum * head->e_shentsize;
	p = (const elf_segment *)(me.image + head->e_phoff);
	for (int i = 0; i < head->e_phnum; i++)
		if (p[i].p_type == PT_LOAD && p[i].p_offset + p[i].p_filesz > end)
			end = p[i].p_offset + p[i].p_filesz;
	put(head, end);
}

static void read_vector(unsigned long *at)
{
	for (; at[0] != AT_NULL; at += 2) {
		if (at[0] == TYPE_SYSINFO)
			me.vsyscall = at[1];
		else if (at[0] == TYPE_SYSINFO_EHDR)
			me.image = at[1];
		else if (at[0] == AT_HWCAP)
			me.fences = !!(at[1] & HWCAP_SSE2);
	}
}

static void (*way_by_name(const char *name))(struct gatetime_head *, unsigned long)
{
#ifdef __x86_64__
	if (same(name, "syscall"))
		return sample_syscall;
#else
	if (same(name, "vsyscall") && me.vsyscall)
		return sample_vsyscall;
#endif
	if (same(name, "int80"))
		return sample_int80;
	return same(name, "vdso") && me.image ? sample_vdso : NULL;
}

void start(unsigned long *stack);

__attribute__((used, noreturn)) void start(unsigned long *stack)
{
	struct gatetime_head head = { .magic = GATETIME_MAGIC, .width = WIDTH };
	unsigned long argc = stack[0], *at = stack + 1 + argc + 1;
	char **argv = (char **)(stack + 1);
	void (*sample)(struct gatetime_head *, unsigned long);

	while (*at)
		at++;
	read_vector(at + 1);
	if (argc == 2 && same(argv[1], "image")) {
		put_image();
		leave(0);
	}
	if (argc != (argc > 1 && same(argv[1], "vdso") ? 4 : 3))
		leave(2);
	head.samples = (uint32_t)number(argv[2]);
	if (!head.samples || head.samples > GATETIME_SAMPLES_MAX)
		leave(2);
	sample = way_by_name(argv[1]);
	if (!sample)
		leave(3);
	/* What is run twice runs warm: pages are there, the clock's way is known. */
	for (int i = 0; i < 2; i++)
		sample(&head, argc == 4 ? me.image + number(argv[3]) : 0);
	put(&head, sizeof(head));
	put(samples, 2 * sizeof(samples[0]) * head.samples);
	leave(0);
	__builtin_unreachable();
}
