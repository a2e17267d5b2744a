/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The ways into the kernel: one function for each gate, and the process's first instruction.
 *
 * All of it is assembly at file level, so that no compiler decides what is on the stack between
 * the call and the return: a vfork child and its parent share these frames.
 */
#ifndef WORKLOAD_GATE_H
#define WORKLOAD_GATE_H

/* Tables and assembly in columns. */
/* clang-format off */

/* The gate also tells the ABI: x86_64 for GATE_SYSCALL, i386 for the others. */
enum gate {
	GATE_SYSCALL,
	GATE_VDSO,	/* __kernel_vsyscall: sysenter, syscall32 or int80, as this CPU has it */
	GATE_INT80,
};

/* Where a child that must not use its parent's stack starts. */
struct child {
	char *stack;	/* top, 16-byte aligned */
	void (*fn)(long arg);
	long arg;
};

#ifdef __x86_64__

long enter_syscall(long nr, const long args[6]);
long enter_int80(long nr, const long args[6]);
long spawn_syscall(long nr, const long args[6], const struct child *child);
void restorer(void);

__asm__(
"	.text\n"
"	.globl	_start\n"
"_start:\n"
"	xorl	%ebp, %ebp\n"
"	movq	%rsp, %rdi\n"
"	andq	$-16, %rsp\n"
"	call	start_c\n"
"	hlt\n"

"enter_syscall:\n"
"	movq	%rdi, %rax\n"
"	movq	%rsi, %r11\n"
"	movq	(%r11), %rdi\n"
"	movq	8(%r11), %rsi\n"
"	movq	16(%r11), %rdx\n"
"	movq	24(%r11), %r10\n"
"	movq	32(%r11), %r8\n"
"	movq	40(%r11), %r9\n"
"	syscall\n"
"	ret\n"

/* The i386 table from 64-bit code: only the low halves of the registers reach the kernel. */
"enter_int80:\n"
"	pushq	%rbx\n"
"	pushq	%rbp\n"
"	movl	%edi, %eax\n"
"	movq	%rsi, %r11\n"
"	movl	(%r11), %ebx\n"
"	movl	8(%r11), %ecx\n"
"	movl	16(%r11), %edx\n"
"	movl	24(%r11), %esi\n"
"	movl	32(%r11), %edi\n"
"	movl	40(%r11), %ebp\n"
"	int	$0x80\n"
"	cltq\n"
"	popq	%rbp\n"
"	popq	%rbx\n"
"	ret\n"

/* rbx comes through the call in parent and child; the child leaves the stack untouched. */
"spawn_syscall:\n"
"	pushq	%rbx\n"
"	movq	%rdx, %rbx\n"
"	movq	%rdi, %rax\n"
"	movq	%rsi, %r11\n"
"	movq	(%r11), %rdi\n"
"	movq	8(%r11), %rsi\n"
"	movq	16(%r11), %rdx\n"
"	movq	24(%r11), %r10\n"
"	movq	32(%r11), %r8\n"
"	syscall\n"
"	testq	%rax, %rax\n"
"	jz	1f\n"
"	popq	%rbx\n"
"	ret\n"
"1:	movq	(%rbx), %rsp\n"
"	movq	16(%rbx), %rdi\n"
"	xorl	%ebp, %ebp\n"
"	call	*8(%rbx)\n"
"	hlt\n"

"restorer:\n"
"	movl	$15, %eax\n"		/* rt_sigreturn */
"	syscall\n"
"	hlt\n"
);

#else /* i386 */

long enter_vdso(long nr, const long args[6]);
long enter_int80(long nr, const long args[6]);
long spawn_vdso(long nr, const long args[6], const struct child *child);
long spawn_int80(long nr, const long args[6], const struct child *child);
void restorer(void);

extern unsigned long vsyscall;		/* AT_SYSINFO */

#define ENTER32(name, insn)							\
"enter_" name ":\n"								\
"	pushl	%ebx\n"								\
"	pushl	%esi\n"								\
"	pushl	%edi\n"								\
"	pushl	%ebp\n"								\
"	movl	20(%esp), %eax\n"						\
"	movl	24(%esp), %ebp\n"						\
"	movl	(%ebp), %ebx\n"							\
"	movl	4(%ebp), %ecx\n"						\
"	movl	8(%ebp), %edx\n"						\
"	movl	12(%ebp), %esi\n"						\
"	movl	16(%ebp), %edi\n"						\
"	movl	20(%ebp), %ebp\n"						\
"	" insn "\n"								\
"	popl	%ebp\n"								\
"	popl	%edi\n"								\
"	popl	%esi\n"								\
"	popl	%ebx\n"								\
"	ret\n"

/* ebp comes through the call in parent and child: none of the spawning calls has six arguments. */
#define SPAWN32(name, insn)							\
"spawn_" name ":\n"								\
"	pushl	%ebx\n"								\
"	pushl	%esi\n"								\
"	pushl	%edi\n"								\
"	pushl	%ebp\n"								\
"	movl	20(%esp), %eax\n"						\
"	movl	24(%esp), %ebp\n"						\
"	movl	(%ebp), %ebx\n"							\
"	movl	4(%ebp), %ecx\n"						\
"	movl	8(%ebp), %edx\n"						\
"	movl	12(%ebp), %esi\n"						\
"	movl	16(%ebp), %edi\n"						\
"	movl	28(%esp), %ebp\n"						\
"	" insn "\n"								\
"	testl	%eax, %eax\n"							\
"	jz	1f\n"								\
"	popl	%ebp\n"								\
"	popl	%edi\n"								\
"	popl	%esi\n"								\
"	popl	%ebx\n"								\
"	ret\n"									\
"1:	movl	(%ebp), %esp\n"							\
"	subl	$12, %esp\n"							\
"	pushl	8(%ebp)\n"							\
"	call	*4(%ebp)\n"							\
"	hlt\n"

__asm__(
"	.text\n"
"	.globl	_start\n"
"_start:\n"
"	xorl	%ebp, %ebp\n"
"	movl	%esp, %eax\n"
"	andl	$-16, %esp\n"
"	subl	$12, %esp\n"
"	pushl	%eax\n"
"	call	start_c\n"
"	hlt\n"
ENTER32("int80", "int $0x80")
ENTER32("vdso", "call *vsyscall")
SPAWN32("int80", "int $0x80")
SPAWN32("vdso", "call *vsyscall")

/* As the kernel's own restorer in the vDSO: by int80 whatever the gate of the program is. */
"restorer:\n"
"	movl	$173, %eax\n"		/* rt_sigreturn */
"	int	$0x80\n"
"	hlt\n"
);

#endif
#endif
