/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Workloads: programs that make an exact number of system calls and state their own truth.
 *
 *	NAME ARGUMENT..			do the work, silently
 *	NAME --expect ARGUMENT..	do nothing, print what the same arguments would do
 *
 * There is no C library below, so every call from the execve of the program to its end is made
 * here. Both runs go through the same program text: with --expect, sys() and its relatives count
 * instead of calling, a child's work is done in place, and an exec becomes a call of program().
 * What is stated and what is done can therefore not drift apart.
 *
 * The truth is CSV:
 *
 *	kind,abi,gate,name,nr,count,errors,errno,never_returned,restarts,min_ns
 *
 * kind	call		one row for each (abi, gate, name): all its calls, by the process and all
 *			its descendants, as the tracepoints raw_syscalls:sys_enter and sys_exit
 *			see them
 *	errno		of that call, this many failed with this errno; the call row's errors is
 *			the sum
 *	child_return	this many sys_exit events without a sys_enter: the first return of a child
 *	in_flight	this many of the call row's calls have no end: the program stays in them
 *			until it is killed
 * gate	syscall, int80, or vdso: __kernel_vsyscall, which is sysenter, syscall32 or int80 as this
 *	CPU has it (when it is int80, add the vdso rows to the int80 rows)
 * name	as in unistd.h without __NR_; a number without a name is "#" and the number
 * errors	returns of -1 to -511 and below, never -512 to -516
 * never_returned	exit, exit_group
 * restarts	returns of -512 to -516 at sys_exit, which fires before the signal is delivered:
 *	a call that is restarted is one count with a restart and then a second count; one that
 *	shows EINTR to the user is one count with a restart and no error; one killed while it
 *	waits is one count with a restart too
 * min_ns	no call of this row takes less (0: nothing is promised)
 * errors, never_returned, restarts and min_ns are empty in other rows than call; errno is empty
 * in other rows than errno. Each row has all eleven fields.
 *
 * What counts as what:
 * - The execve of the program itself is counted, with the ABI and gate of the caller: that is
 *   taken to be a program of the kernel's own width, using the vDSO on i386.
 * - restart_syscall has its own number at the gate, but goes on with another call; it is counted
 *   under that call's name.
 * - Restarts of 32-bit calls enter by int80 even if the call came through the vDSO, since the
 *   instruction before the vDSO's landing pad is int $0x80.
 * - rt_sigreturn returns what the interrupted call left in the register: -EINTR counts as an
 *   error of rt_sigreturn. A 64-bit kernel shows that of a 32-bit program zero-extended at
 *   sys_exit, 4294967292: an i386 return value must be cut to 32 bits and sign-extended first.
 *   32-bit signal frames return by int80, as the vDSO's restorer does.
 * - 32-bit clone onto a new stack is by int80, as in the C library: the vDSO would pop its saved
 *   registers from the new stack.
 *
 * Status: 0 done; 1 a call did not return what the program relies on (it says which); 2 wrong
 * use; 3 this machine cannot do it.
 */
#ifndef WORKLOAD_SYS_H
#define WORKLOAD_SYS_H

#include <stdbool.h>
#include <stddef.h>

#include <linux/auxvec.h>
#include <linux/signal.h>

#include "tally.h"

/* The gate of this build is given by -DGATE=. */
#ifndef GATE
#error "build with -DGATE=GATE_SYSCALL, GATE_VDSO or GATE_INT80"
#endif

#define ANY	  (1L << 30) /* want: any return that is not an error */
#define DRY_FD	  3	     /* stands for a descriptor or process in a dry run */
#define ARG(p)	  ((long)(p))
#define ARGS(...) ((const long[6]){ __VA_ARGS__ })

#ifndef SA_RESTORER
#define SA_RESTORER 0x04000000
#endif

/* What the program does, the first or after an exec: given by each file. */
static void program(int argc, char **argv);

static struct {
	bool dry;
	enum gate gate;	  /* of the program text running; an exec changes it */
	const char *path; /* as given to execve */
} me = { .gate = GATE };

#ifndef __x86_64__
unsigned long vsyscall;
#endif

/* The compilers may call these for assignments even when freestanding. */
void *memset(void *to, int c, size_t n);
void *memcpy(void *to, const void *from, size_t n);

__attribute__((used)) void *memset(void *to, int c, size_t n)
{
	for (volatile char *p = to; n--; p++)
		*p = (char)c;
	return to;
}

__attribute__((used)) void *memcpy(void *to, const void *from, size_t n)
{
	const char *f = from;

	for (volatile char *p = to; n--; p++)
		*p = *f++;
	return to;
}

static inline long enter(enum gate gate, long nr, const long args[6])
{
#ifdef __x86_64__
	return gate == GATE_SYSCALL ? enter_syscall(nr, args) : enter_int80(nr, args);
#else
	return gate == GATE_VDSO ? enter_vdso(nr, args) : enter_int80(nr, args);
#endif
}

/* Ends the process with the collected output on @fd, by the build's surest gate: no one counts. */
static inline void __attribute__((noreturn)) finish(int fd, int status)
{
#ifdef __x86_64__
	const enum gate sure = GATE_SYSCALL;
#else
	const enum gate sure = GATE_INT80;
#endif

	enter(sure, call_nr(sure, CALL_write), ARGS(fd, ARG(out), out_len));
	for (;;)
		enter(sure, call_nr(sure, CALL_exit_group), ARGS(status));
}

static inline void __attribute__((noreturn)) fail(int status, const char *what, long ret)
{
	out_len = 0;
	put_str("workload: ");
	put_str(me.path ? me.path : "?");
	put_str(": ");
	put_str(what);
	if (ret) {
		put_str(": unexpected ");
		put_signed(ret);
	}
	put_str("\n");
	finish(2, status);
}

static inline void check(const char *what, bool right, long got)
{
	if (!me.dry && !right)
		fail(1, what, got);
}

static inline void check_return(enum call call, long want, long ret)
{
	if (ret != want && !(want == ANY && ret >= 0))
		fail(1, call_names[call].name, ret);
}

/* Makes the call @count times by @gate; every one must return @want. */
static inline long sys_repeat(enum gate gate, u64 count, enum call call, long want,
			      const long args[6])
{
	long nr = call_nr(gate, call);
	long ret = want;

	if (me.dry) {
		tally_returns(gate, call, count, want);
		return want == ANY ? DRY_FD : want;
	}
	while (count--) {
		ret = enter(gate, nr, args);
		check_return(call, want, ret);
	}
	return ret;
}

#define sys(call, want, ...) sys_repeat(me.gate, 1, CALL_##call, want, ARGS(__VA_ARGS__))
#define sys_n(count, call, want, ...) \
	sys_repeat(me.gate, count, CALL_##call, want, ARGS(__VA_ARGS__))

/* Ends the process or thread. In a dry run it comes back: the caller must then return. */
static inline void leave_by(enum call call)
{
	if (me.dry) {
		tally_returns(me.gate, call, 1, 0)->never_returned++;
		return;
	}
	enter(me.gate, call_nr(me.gate, call), ARGS(0));
	fail(1, call_names[call].name, 0);
}

static inline void leave(void)
{
	leave_by(CALL_exit_group);
}

static inline bool kernel_is_64(void)
{
#ifdef __x86_64__
	return true;
#else
	unsigned int cs;

	__asm__("mov %%cs, %0" : "=r"(cs));
	return (cs & 0xffff) != 0x73; /* __USER_CS of an i386 kernel */
#endif
}

static inline bool same(const char *a, const char *b)
{
	while (*a && *a == *b) {
		a++;
		b++;
	}
	return *a == *b;
}

/* The @i-th argument as a number, @otherwise if it is not there. */
static inline unsigned long arg(int argc, char **argv, int i, unsigned long otherwise)
{
	unsigned long v = 0;
	const char *s;

	if (i >= argc)
		return otherwise;
	s = argv[i];
	do {
		if (*s < '0' || *s > '9')
			fail(2, "arguments are numbers", 0);
		v = v * 10 + (unsigned long)(*s++ - '0');
	} while (*s);
	return v;
}

static inline void read_auxv(char **envp)
{
	unsigned long *aux;

	while (*envp)
		envp++;
	for (aux = (unsigned long *)(envp + 1); aux[0] != AT_NULL; aux += 2) {
		if (aux[0] == AT_EXECFN)
			me.path = (const char *)aux[1];
#ifndef __x86_64__
		if (aux[0] == AT_SYSINFO)
			vsyscall = aux[1];
#endif
	}
#ifndef __x86_64__
	if (GATE == GATE_VDSO && !vsyscall)
		fail(3, "this kernel gives no __kernel_vsyscall", 0);
#endif
}

__attribute__((used, noreturn)) void start_c(char **sp);

void start_c(char **sp)
{
	int argc = (int)(long)sp[0];
	char **argv = sp + 1;

	read_auxv(argv + argc + 1);
	if (argc > 1 && same(argv[1], "--expect")) {
		me.dry = true;
		tally_returns(kernel_is_64() ? GATE_SYSCALL : GATE_VDSO, CALL_execve, 1, 0);
		argv[1] = argv[0];
		program(argc - 1, argv + 1);
		put_rows();
		finish(1, 0);
	}
	program(argc, argv);
	fail(1, "the program came back", 0);
}

#endif
