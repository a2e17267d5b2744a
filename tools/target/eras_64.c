// SPDX-License-Identifier: GPL-2.0-or-later
/* The ways of x86_64 kernels from 4.2 on. docs/kernels.md has what was seen and what was read. */
#include "base/cleanup.h"
#include "sysgate_abi.h"
#include "target/eras_internal.h"

#define BACK_SYSCALL                                                                                \
	"SYSRETQ when rcx is the ip and r11 the flags as saved, the segments are the usual, no RF " \
	"or TF is set and the ip is canonical; else IRETQ"
#define BACK_COMPAT                                                                               \
	"SYSRETL, for SYSENTER too, when the ip is the vDSO's landing pad, the segments are the " \
	"usual and no RF or TF is set; else IRETQ"
#define BACK_INT80 "always IRETQ"

/* 5.8 and later: the C code between stub and table is noinstr, or inlined into what is. */
#define WORK_IN_NOINSTR                                                                \
	WORK_IN_IF("syscall_enter_from_user_mode", "looks whether there is work"),     \
		WORK_IN_IF("syscall_trace_enter",                                      \
			   "only with work set: ptrace, seccomp, tracepoints, audit"), \
		WORK_IN_IF("trace_syscall_enter", "only with tracepoints on"), SYS_ENTER
#define WORK_OUT_NOINSTR                                                                 \
	WORK_OUT_IF("syscall_exit_to_user_mode", "interrupts off, then the work"),       \
		WORK_OUT_IF("syscall_exit_to_user_mode_prepare", "every call's exit"),   \
		WORK_OUT_IF("syscall_exit_work",                                         \
			    "only with work set: audit, tracepoints, ptrace"),           \
		WORK_OUT_IF("trace_syscall_exit", "only with tracepoints on"), SYS_EXIT, \
		WORK_OUT_IF("exit_to_user_mode_prepare",                                 \
			    "every return to user space, interrupts too"),               \
		WORK_OUT_IF("exit_to_user_mode_loop", "only with a signal or a reschedule")
#define EXIT_IRET_64                                                                    \
	EXIT("swapgs_restore_regs_and_return_to_usermode", "user's page table and GS"), \
		EXIT("native_irq_return_iret native_iret", "IRETQ")

static const struct way_row syscall_noinstr[] = {
	STUB("entry_SYSCALL_64", "SWAPGS, the kernel's page table and stack"),
	STUB_IF("entry_SYSCALL_64_safe_stack", "from here on the stack is the kernel's"),
	STUB("entry_SYSCALL_64_after_hwframe",
	     "saves the registers; its call leaves the gate's word"),
	ENTRY("do_syscall_64", "(regs, nr)"),
	WORK_IN_NOINSTR,
	ENTRY_IF("do_syscall_x64", "is the number in the table?"),
	DISPATCH("x64_sys_call sys_call_table", "every call of x86_64 that the table has"),
	DISPATCH_IF("x32_sys_call x32_sys_call_table", "every call of x32"),
	HANDLER,
	WORK_OUT_NOINSTR,
	EXIT("syscall_return_via_sysret entry_SYSRETQ_unsafe_stack", "SYSRETQ"),
	EXIT_IRET_64,
};

static const struct way_row sysenter_noinstr[] = {
	STUB("entry_SYSENTER_compat", "SWAPGS, the kernel's page table and stack"),
	STUB_IF("entry_SYSENTER_compat_after_hwframe", "saves the registers"),
	ENTRY("do_SYSENTER_32", "takes the ip of the vDSO's landing pad"),
	ENTRY("do_fast_syscall_32", "fetches the sixth argument from the user's stack"),
	ENTRY("__do_fast_syscall_32", "says whether SYSRETL may be taken"),
	WORK_IN_NOINSTR,
	ENTRY_IF("do_syscall_32_irqs_on", "is the number in the table?"),
	DISPATCH("ia32_sys_call ia32_sys_call_table", "every call of i386 that the table has"),
	HANDLER,
	WORK_OUT_NOINSTR,
	EXIT("sysret32_from_system_call", "SYSRETL"),
	EXIT_IRET_64,
};

static const struct way_row syscall32_noinstr[] = {
	STUB("entry_SYSCALL_compat", "SWAPGS, the kernel's page table and stack"),
	STUB_IF("entry_SYSCALL_compat_safe_stack", "from here on the stack is the kernel's"),
	STUB_IF("entry_SYSCALL_compat_after_hwframe", "saves the registers; ecx comes in ebp"),
	ENTRY("do_fast_syscall_32", "fetches the sixth argument from the user's stack"),
	ENTRY("__do_fast_syscall_32", "says whether SYSRETL may be taken"),
	WORK_IN_NOINSTR,
	ENTRY_IF("do_syscall_32_irqs_on", "is the number in the table?"),
	DISPATCH("ia32_sys_call ia32_sys_call_table", "every call of i386 that the table has"),
	HANDLER,
	WORK_OUT_NOINSTR,
	EXIT("sysret32_from_system_call", "SYSRETL"),
	EXIT_IRET_64,
};

static const struct way_row int80_noinstr[] = {
	STUB("asm_int80_emulation entry_INT80_compat", "saves the registers"),
	ENTRY("do_int80_emulation int80_emulation do_int80_syscall_32", "the number is in eax"),
	WORK_IN_NOINSTR,
	ENTRY_IF("do_syscall_32_irqs_on", "is the number in the table?"),
	DISPATCH("ia32_sys_call ia32_sys_call_table", "every call of i386 that the table has"),
	HANDLER,
	WORK_OUT_NOINSTR,
	EXIT_IRET_64,
};

static const struct way_row fred[] = {
	STUB("asm_fred_entrypoint_user", "the CPU has saved ip, flags, stack and the event"),
	ENTRY("fred_entry_from_user", "by the kind of event: SYSCALL, SYSENTER, INT 0x80"),
	ENTRY("do_syscall_64", "64-bit SYSCALL"),
	ENTRY_IF("do_fast_syscall_32", "SYSENTER, and SYSCALL of 32-bit code"),
	ENTRY_IF("do_int80_emulation int80_emulation", "INT 0x80"),
	WORK_IN_NOINSTR,
	DISPATCH("x64_sys_call sys_call_table", "every call of x86_64"),
	DISPATCH_IF("ia32_sys_call ia32_sys_call_table", "every call of i386"),
	HANDLER,
	WORK_OUT_NOINSTR,
	EXIT("asm_fred_exit_user", "ERETU"),
};

const struct way ways_64_noinstr[WAYS_64_FRED] = {
	WAY(SYSCALL, X86_64, LSTAR, "SYSCALL of 64-bit code", syscall_noinstr, BACK_SYSCALL),
	WAY(SYSENTER, I386, SYSENTER, "SYSENTER of 32-bit code", sysenter_noinstr, BACK_COMPAT),
	WAY(SYSCALL32, I386, CSTAR, "SYSCALL of 32-bit code, AMD's CPUs", syscall32_noinstr,
	    BACK_COMPAT),
	WAY(INT80, I386, IDT, "INT 0x80", int80_noinstr, BACK_INT80),
	WAY(FRED, UNKNOWN, FRED, "SYSCALL, SYSENTER or INT 0x80 on a CPU with FRED", fred,
	    "always ERETU"),
};

/* 4.17 to 5.7 */
#define WORK_OUT_SLOW                                                          \
	WORK_OUT_IF("syscall_return_slowpath", "leaves the call's context"),   \
		WORK_OUT_IF("syscall_slow_exit_work",                          \
			    "only with work set: audit, tracepoints, ptrace"), \
		SYS_EXIT,                                                      \
		WORK_OUT_IF("prepare_exit_to_usermode",                        \
			    "every return to user space, interrupts too"),     \
		WORK_OUT_IF("exit_to_usermode_loop", "only with a signal or a reschedule")
#define WORK_IN_TRACE                                                          \
	WORK_IN_IF("syscall_trace_enter",                                      \
		   "only with work set: ptrace, seccomp, tracepoints, audit"), \
		SYS_ENTER

static const struct way_row syscall_wrapped[] = {
	STUB_IF("entry_SYSCALL_64_trampoline", "a page for each CPU, to 4.19"),
	STUB("entry_SYSCALL_64", "SWAPGS, the kernel's page table and stack"),
	STUB("entry_SYSCALL_64_after_hwframe",
	     "saves the registers; its call leaves the gate's word"),
	ENTRY("do_syscall_64", "(nr, regs)"),
	WORK_IN_TRACE,
	DISPATCH("sys_call_table", "of x86_64"),
	DISPATCH_IF("x32_sys_call_table", "of x32"),
	HANDLER,
	WORK_OUT_SLOW,
	EXIT("syscall_return_via_sysret", "SYSRETQ"),
	EXIT_IRET_64,
};

#define COMPAT_WRAPPED(exit)                                                                     \
	ENTRY("do_fast_syscall_32", "fetches the sixth argument; may SYSRETL be taken?"),        \
		WORK_IN_TRACE, ENTRY_IF("do_syscall_32_irqs_on", "is the number in the table?"), \
		DISPATCH("ia32_sys_call_table", "of i386"), HANDLER, WORK_OUT_SLOW, exit,        \
		EXIT_IRET_64

static const struct way_row sysenter_wrapped[] = {
	STUB("entry_SYSENTER_compat", "SWAPGS, the kernel's page table and stack"),
	COMPAT_WRAPPED(EXIT("sysret32_from_system_call", "SYSRETL")),
};

static const struct way_row syscall32_wrapped[] = {
	STUB("entry_SYSCALL_compat", "SWAPGS, the kernel's page table and stack"),
	STUB_IF("entry_SYSCALL_compat_after_hwframe", "saves the registers; ecx comes in ebp"),
	COMPAT_WRAPPED(EXIT("sysret32_from_system_call", "SYSRETL")),
};

static const struct way_row int80_wrapped[] = {
	STUB("entry_INT80_compat", "saves the registers"),
	ENTRY("do_int80_syscall_32", "the number is in eax"),
	WORK_IN_TRACE,
	ENTRY_IF("do_syscall_32_irqs_on", "is the number in the table?"),
	DISPATCH("ia32_sys_call_table", "of i386"),
	HANDLER,
	WORK_OUT_SLOW,
	EXIT_IRET_64,
};

const struct way ways_64_wrapped[WAYS_64_WRAPPED] = {
	WAY(SYSCALL, X86_64, LSTAR, "SYSCALL of 64-bit code", syscall_wrapped, BACK_SYSCALL),
	WAY(SYSENTER, I386, SYSENTER, "SYSENTER of 32-bit code", sysenter_wrapped, BACK_COMPAT),
	WAY(SYSCALL32, I386, CSTAR, "SYSCALL of 32-bit code, AMD's CPUs", syscall32_wrapped,
	    BACK_COMPAT),
	WAY(INT80, I386, IDT, "INT 0x80", int80_wrapped, BACK_INT80),
};

/* 4.2 to 4.16: between these releases parts moved from assembly to C one by one. */
#define WORK_IN_PHASES                                                                             \
	WORK_IN_IF("tracesys", "to 4.5: the way with work set"),                                   \
		WORK_IN_IF("syscall_trace_enter_phase1", "seccomp, without saving all registers"), \
		WORK_IN_IF("syscall_trace_enter_phase2", "ptrace, tracepoints, audit"),            \
		WORK_IN_TRACE
#define EXIT_IRET_REWRITTEN                                                              \
	EXIT_IF("int_ret_from_sys_call", "the way with work set, in 4.2"),               \
		EXIT_IF("opportunistic_sysret_failed", "SYSRETQ may not be taken"),      \
		EXIT("swapgs_restore_regs_and_return_to_usermode restore_regs_and_iret " \
		     "restore_regs_and_return_to_usermode restore_c_regs_and_iret",      \
		     "user's registers"),                                                \
		EXIT("native_irq_return_iret irq_return native_iret", "IRETQ")

static const struct way_row syscall_rewritten[] = {
	STUB_IF("entry_SYSCALL_64_trampoline", "a page for each CPU, 4.15 and 4.16"),
	STUB("entry_SYSCALL_64", "SWAPGS, the kernel's stack"),
	STUB_IF("entry_SYSCALL_64_after_hwframe entry_SYSCALL_64_after_swapgs",
		"saves the registers"),
	STUB_IF("entry_SYSCALL_64_fastpath", "to 4.15: no work set, calls the handler itself"),
	ENTRY_IF("do_syscall_64", "(regs), from 4.6 on: the way with work set"),
	WORK_IN_PHASES,
	DISPATCH("sys_call_table", "of x86_64"),
	DISPATCH_IF("x32_sys_call_table", "of x32"),
	HANDLER,
	WORK_OUT_IF("syscall_trace_leave", "in 4.2: only with work set"),
	WORK_OUT_SLOW,
	EXIT_IF("syscall_return_via_sysret", "SYSRETQ"),
	EXIT_IRET_REWRITTEN,
};

#define COMPAT_REWRITTEN                                                                          \
	ENTRY_IF("do_fast_syscall_32", "fetches the sixth argument, from 4.4 on"), WORK_IN_TRACE, \
		ENTRY_IF("do_syscall_32_irqs_on", "is the number in the table?"),                 \
		DISPATCH("ia32_sys_call_table", "of i386"), HANDLER, WORK_OUT_SLOW

static const struct way_row sysenter_rewritten[] = {
	STUB("entry_SYSENTER_compat", "SWAPGS, the kernel's stack"),
	COMPAT_REWRITTEN,
	EXIT_IF("sysexit_from_sys_call", "SYSEXIT, in 4.2 and 4.3"),
	EXIT_IF("sysret32_from_system_call", "SYSRETL"),
	EXIT_IRET_REWRITTEN,
};

static const struct way_row syscall32_rewritten[] = {
	STUB("entry_SYSCALL_compat", "SWAPGS, the kernel's stack; ecx comes in ebp"),
	STUB_IF("entry_SYSCALL_compat_after_hwframe", "saves the registers"),
	COMPAT_REWRITTEN,
	EXIT_IF("sysretl_from_sys_call", "SYSRETL, in 4.2 and 4.3"),
	EXIT_IF("sysret32_from_system_call", "SYSRETL"),
	EXIT_IRET_REWRITTEN,
};

static const struct way_row int80_rewritten[] = {
	STUB("entry_INT80_compat", "saves the registers"),
	ENTRY_IF("do_int80_syscall_32 do_syscall_32_irqs_off", "from 4.4 on"),
	WORK_IN_TRACE,
	ENTRY_IF("do_syscall_32_irqs_on", "is the number in the table?"),
	DISPATCH("ia32_sys_call_table", "of i386"),
	HANDLER,
	WORK_OUT_SLOW,
	EXIT_IRET_REWRITTEN,
};

const struct way ways_64_rewritten[WAYS_64_REWRITTEN] = {
	WAY(SYSCALL, X86_64, LSTAR, "SYSCALL of 64-bit code", syscall_rewritten, BACK_SYSCALL),
	WAY(SYSENTER, I386, SYSENTER, "SYSENTER of 32-bit code", sysenter_rewritten, BACK_COMPAT),
	WAY(SYSCALL32, I386, CSTAR, "SYSCALL of 32-bit code, AMD's CPUs", syscall32_rewritten,
	    BACK_COMPAT),
	WAY(INT80, I386, IDT, "INT 0x80", int80_rewritten, BACK_INT80),
};
