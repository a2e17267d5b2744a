// SPDX-License-Identifier: GPL-2.0-or-later
/* The ways of i386 kernels, and of x86_64 ones that were all assembly: 2.6 to 4.1. */
#include "base/cleanup.h"
#include "sysgate_abi.h"
#include "target/eras_internal.h"

#define USER_STACK "its first instructions run on the user's stack"
#define TSS_STACK  "its first instruction runs on the TSS's tiny stack"
#define USER_DS	   "its first instructions run with the user's data segments"
#define BACK_SYSEXIT                                                                            \
	"SYSEXIT when the ip is the vDSO's landing pad, the segments are the usual, no RF, TF " \
	"or VM is set and the user's ebp can be read; else IRET"
#define BACK_SYSEXIT_OLD                                                                           \
	"SYSEXIT to SYSENTER_RETURN in the vDSO page when nothing was traced and no work is set; " \
	"else IRET"

/* x86_64, 2.6 to 4.1 */
#define WORK_64_IN                                       \
	WORK_IN_IF("tracesys", "the way with work set"), \
		WORK_IN_IF("syscall_trace_enter", "ptrace, seccomp, audit"), SYS_ENTER
#define WORK_64_OUT                                                            \
	WORK_OUT_IF("syscall_trace_leave", "only with work set"), SYS_EXIT,    \
		WORK_OUT_IF("int_ret_from_sys_call", "the way with work set"), \
		WORK_OUT_IF("int_with_check", "looks for it again")
#define EXIT_IRET_OLD                          \
	EXIT_IF("retint_swapgs", "user's GS"), \
		EXIT("irq_return native_irq_return_iret native_iret iret_label", "IRETQ")

static const struct way_row syscall_assembly[] = {
	STUB_UNSAFE("system_call", "SWAPGS", USER_STACK),
	STUB_UNSAFE("system_call_after_swapgs", "the kernel's stack; saves the registers",
		    USER_STACK),
	STUB_IF("system_call_fastpath", "no work set: calls the handler itself"),
	WORK_64_IN,
	DISPATCH("sys_call_table", "of x86_64"),
	HANDLER,
	STUB_IF("ret_from_sys_call", "behind the handler"),
	STUB_IF("sysret_check", "is there work?"),
	WORK_64_OUT,
	EXIT_IF("sysret_check", "SYSRETQ at its end"),
	EXIT_IRET_OLD,
};

static const struct way_row sysenter_assembly[] = {
	STUB_UNSAFE("ia32_sysenter_target", "SWAPGS, the kernel's stack", USER_STACK),
	STUB_IF("sysenter_do_call", "is the number in the table?"),
	STUB_IF("sysenter_dispatch", "calls the handler itself"),
	WORK_64_IN,
	DISPATCH("ia32_sys_call_table", "of i386"),
	HANDLER,
	WORK_64_OUT,
	EXIT_IF("sysexit_from_sys_call", "SYSEXIT"),
	EXIT_IRET_OLD,
};

static const struct way_row syscall32_assembly[] = {
	STUB_UNSAFE("ia32_cstar_target", "SWAPGS, the kernel's stack", USER_STACK),
	STUB_IF("cstar_do_call", "is the number in the table?"),
	STUB_IF("cstar_dispatch", "calls the handler itself"),
	WORK_64_IN,
	DISPATCH("ia32_sys_call_table", "of i386"),
	HANDLER,
	WORK_64_OUT,
	EXIT_IF("sysretl_from_sys_call", "SYSRETL"),
	EXIT_IRET_OLD,
};

static const struct way_row int80_assembly[] = {
	STUB("ia32_syscall", "saves the registers"),
	STUB_IF("ia32_do_call", "calls the handler itself"),
	WORK_64_IN,
	DISPATCH("ia32_sys_call_table", "of i386"),
	HANDLER,
	STUB_IF("ia32_ret_from_sys_call", "behind the handler"),
	WORK_64_OUT,
	EXIT_IRET_OLD,
};

const struct way ways_64_assembly[WAYS_64_ASSEMBLY] = {
	WAY(SYSCALL, X86_64, LSTAR, "SYSCALL of 64-bit code", syscall_assembly,
	    "SYSRETQ when nothing was traced and no work is set; else IRETQ"),
	WAY(SYSENTER, I386, SYSENTER, "SYSENTER of 32-bit code", sysenter_assembly,
	    "SYSEXIT when nothing was traced and no work is set; else IRETQ"),
	WAY(SYSCALL32, I386, CSTAR, "SYSCALL of 32-bit code, AMD's CPUs", syscall32_assembly,
	    "SYSRETL when nothing was traced and no work is set; else IRETQ"),
	WAY(INT80, I386, IDT, "INT 0x80", int80_assembly, "always IRETQ"),
};

/* i386, 5.8 and later */
#define WORK_32_IN                                                                     \
	WORK_IN_IF("syscall_enter_from_user_mode", "looks whether there is work"),     \
		WORK_IN_IF("syscall_trace_enter",                                      \
			   "only with work set: ptrace, seccomp, tracepoints, audit"), \
		WORK_IN_IF("trace_syscall_enter", "only with tracepoints on"), SYS_ENTER
#define WORK_32_OUT                                                                      \
	WORK_OUT_IF("syscall_exit_to_user_mode", "interrupts off, then the work"),       \
		WORK_OUT_IF("syscall_exit_to_user_mode_prepare", "every call's exit"),   \
		WORK_OUT_IF("syscall_return_slowpath", "leaves the call's context"),     \
		WORK_OUT_IF("syscall_exit_work syscall_slow_exit_work",                  \
			    "only with work set: audit, tracepoints, ptrace"),           \
		WORK_OUT_IF("trace_syscall_exit", "only with tracepoints on"), SYS_EXIT, \
		WORK_OUT_IF("exit_to_user_mode_prepare prepare_exit_to_usermode",        \
			    "every return to user space, interrupts too"),               \
		WORK_OUT_IF("exit_to_user_mode_loop exit_to_usermode_loop",              \
			    "only with a signal or a reschedule")
#define EXIT_32_IRET                                                                    \
	EXIT_IF("restore_all_switch_stack", "the user's page table, where it has one"), \
		EXIT_IF("restore_nocheck", "user's registers"),                         \
		EXIT_IF("irq_return native_iret", "IRET")

static const struct way_row sysenter_32_noinstr[] = {
	STUB("entry_SYSENTER_32", "the kernel's page table and stack; saves the registers"),
	ENTRY("do_SYSENTER_32", "takes the ip of the vDSO's landing pad"),
	ENTRY("do_fast_syscall_32", "fetches the sixth argument from the user's stack"),
	ENTRY("__do_fast_syscall_32", "says whether SYSEXIT may be taken"),
	WORK_32_IN,
	ENTRY_IF("do_syscall_32_irqs_on", "is the number in the table?"),
	DISPATCH("ia32_sys_call ia32_sys_call_table sys_call_table",
		 "every call that the table has"),
	HANDLER,
	WORK_32_OUT,
	EXIT_IF("entry_SYSENTER_32", "SYSEXIT at its end"),
	EXIT_32_IRET,
};

static const struct way_row int80_32_noinstr[] = {
	STUB("entry_INT80_32", "saves the registers"),
	ENTRY("do_int80_syscall_32", "the number is in eax"),
	WORK_32_IN,
	ENTRY_IF("do_syscall_32_irqs_on", "is the number in the table?"),
	DISPATCH("ia32_sys_call ia32_sys_call_table sys_call_table",
		 "every call that the table has"),
	HANDLER,
	WORK_32_OUT,
	EXIT_32_IRET,
};

const struct way ways_32_noinstr[WAYS_32_NOINSTR] = {
	WAY(SYSENTER, I386, SYSENTER, "SYSENTER", sysenter_32_noinstr, BACK_SYSEXIT),
	WAY(INT80, I386, IDT, "INT 0x80", int80_32_noinstr, "always IRET"),
};

/* i386, 4.2 to 5.7 */
static const struct way_row sysenter_32_rewritten[] = {
	STUB_UNSAFE("entry_SYSENTER_32", "the kernel's stack; saves the registers", TSS_STACK),
	STUB_IF("sysenter_past_esp", "from here on the stack is the kernel's"),
	ENTRY_IF("do_fast_syscall_32", "fetches the sixth argument; may SYSEXIT be taken?"),
	WORK_32_IN,
	ENTRY_IF("do_syscall_32_irqs_on", "is the number in the table?"),
	DISPATCH("ia32_sys_call_table sys_call_table", "every call that the table has"),
	HANDLER,
	WORK_32_OUT,
	EXIT_IF("entry_SYSENTER_32", "SYSEXIT at its end"),
	EXIT_32_IRET,
};

static const struct way_row int80_32_rewritten[] = {
	STUB("entry_INT80_32", "saves the registers"),
	ENTRY_IF("do_int80_syscall_32 do_syscall_32_irqs_on", "the number is in eax"),
	WORK_32_IN,
	DISPATCH("ia32_sys_call_table sys_call_table", "every call that the table has"),
	HANDLER,
	WORK_32_OUT,
	EXIT_32_IRET,
};

const struct way ways_32_rewritten[WAYS_32_REWRITTEN] = {
	WAY(SYSENTER, I386, SYSENTER, "SYSENTER", sysenter_32_rewritten, BACK_SYSEXIT),
	WAY(INT80, I386, IDT, "INT 0x80", int80_32_rewritten, "always IRET"),
};

/* i386, 2.6.0 to 4.1: no C between the stub and the handler but what traces. */
#define WORK_OLD_IN                                                                           \
	WORK_IN_IF("syscall_trace_entry", "the way with work set"),                           \
		WORK_IN_IF("syscall_trace_enter do_syscall_trace", "ptrace, seccomp, audit"), \
		SYS_ENTER
#define WORK_OLD_OUT                                                                            \
	WORK_OUT_IF("syscall_exit_work", "the way with work set"),                              \
		WORK_OUT_IF("syscall_trace_leave do_syscall_trace", "ptrace, audit"), SYS_EXIT, \
		WORK_OUT_IF("resume_userspace", "a signal or a reschedule?")
#define EXIT_OLD_IRET                                                                            \
	EXIT("restore_all", "user's registers"), EXIT_IF("restore_nocheck", "user's registers"), \
		EXIT_IF("irq_return native_iret iret_exc", "IRET")
#define INT80_OLD                                                                     \
	STUB_UNSAFE("system_call", "saves the registers", USER_DS),                   \
		STUB("syscall_call", "calls the handler itself"), WORK_OLD_IN,        \
		DISPATCH("sys_call_table", "call *sys_call_table(,%eax,4)"), HANDLER, \
		STUB_IF("syscall_after_call", "behind the handler"),                  \
		STUB("syscall_exit", "is there work?"), WORK_OLD_OUT, EXIT_OLD_IRET

static const struct way_row sysenter_target[] = {
	STUB_UNSAFE("ia32_sysenter_target", "fetches the kernel's stack from the TSS", TSS_STACK),
	STUB("sysenter_past_esp", "saves the registers; the sixth argument from the user's stack"),
	STUB_IF("sysenter_do_call", "calls the handler itself"),
	WORK_IN_IF("sysenter_audit", "only with audit on"),
	WORK_OLD_IN,
	DISPATCH("sys_call_table", "call *sys_call_table(,%eax,4)"),
	HANDLER,
	STUB_IF("sysenter_after_call", "behind the handler"),
	WORK_OUT_IF("sysexit_audit", "only with audit on"),
	WORK_OLD_OUT,
	EXIT_IF("sysenter_exit", "SYSEXIT"),
	EXIT_OLD_IRET,
};

static const struct way_row int80_target[] = { INT80_OLD };

const struct way ways_32_target[WAYS_32_TARGET] = {
	WAY(SYSENTER, I386, SYSENTER, "SYSENTER", sysenter_target, BACK_SYSEXIT_OLD),
	WAY(INT80, I386, IDT, "INT 0x80", int80_target, "always IRET"),
};

static const struct way_row sysenter_first[] = {
	STUB_UNSAFE("sysenter_entry", "fetches the kernel's stack from the TSS", TSS_STACK),
	STUB("sysenter_past_esp", "saves the registers; calls the handler itself"),
	WORK_OLD_IN,
	DISPATCH("sys_call_table", "call *sys_call_table(,%eax,4)"),
	HANDLER,
	WORK_OLD_OUT,
	EXIT_IF("sysenter_past_esp", "SYSEXIT at its end, to SYSENTER_RETURN in the vDSO page"),
	EXIT_OLD_IRET,
};

static const struct way_row int80_first[] = { INT80_OLD };

const struct way ways_32_first[WAYS_32_FIRST] = {
	WAY(SYSENTER, I386, SYSENTER, "SYSENTER", sysenter_first, BACK_SYSEXIT_OLD),
	WAY(INT80, I386, IDT, "INT 0x80", int80_first, "always IRET"),
};
