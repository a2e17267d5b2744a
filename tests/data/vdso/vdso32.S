/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * 32-bit vDSOs as kernels have had them, for tests on machines that run no 32-bit code. One of
 * NOW_SYSENTER, NOW_SYSCALL32, NOW_FILE (a kernel's file before it is patched), OLD_SYSENTER
 * (2.6.15), OLD_SYSCALL32 and OLD_INT80 is defined.
 */
	.text
	.globl __kernel_vsyscall
	.type __kernel_vsyscall, @function
__kernel_vsyscall:
#if defined(NOW_SYSENTER)
	pushl %ecx
	pushl %edx
	pushl %ebp
	movl %esp, %ebp
	sysenter
	int $0x80
landing:
	popl %ebp
	popl %edx
	popl %ecx
	ret
#elif defined(NOW_SYSCALL32)
	pushl %ecx
	pushl %edx
	pushl %ebp
	movl %ecx, %ebp
	syscall
	int $0x80
landing:
	popl %ebp
	popl %edx
	popl %ecx
	ret
#elif defined(NOW_FILE)
	pushl %ecx
	pushl %edx
	pushl %ebp
	.skip 4, 0x90
	int $0x80
landing:
	popl %ebp
	popl %edx
	popl %ecx
	ret
#elif defined(OLD_SYSENTER)
	push %ecx
	push %edx
	push %ebp
again:
	movl %esp, %ebp
	sysenter
	.skip 7, 0x90
	jmp again
landing:
	pop %ebp
	pop %edx
	pop %ecx
	ret
#elif defined(OLD_SYSCALL32)
	push %ebp
	movl %ecx, %ebp
	syscall
landing:
	movl $0x2b, %ecx
	movl %ecx, %ss
	movl %ebp, %ecx
	popl %ebp
	ret
#elif defined(OLD_INT80)
	int $0x80
landing:
	ret
#endif
	.size __kernel_vsyscall, . - __kernel_vsyscall

	.globl __kernel_sigreturn
	.type __kernel_sigreturn, @function
__kernel_sigreturn:
	popl %eax
	movl $119, %eax
	int $0x80
	.size __kernel_sigreturn, . - __kernel_sigreturn
	.section .note.GNU-stack, "", @progbits
