// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Looks like a kernel to whom reads its symbols and its debug information: the names of 6.1, one
 * handler, one function that is inlined. tests/cli/path-elf links it to a kernel's addresses.
 */
typedef int pid_t;
struct pt_regs {
	unsigned long di, si, dx;
};

#define KEEP	 __attribute__((noinline, used))
#define HERE(s)	 __attribute__((section(s)))
#define LABEL(s) ".globl " s "\n" s ": "

extern long x64_sys_call(const struct pt_regs *regs, unsigned int nr);

asm(".pushsection .text\n" LABEL("_stext") "nop\n"
					   ".popsection; .pushsection .entry.text, \"ax\"\n" LABEL("__entry_text_start") "nop\n" LABEL("entry_SYSCALL_64") "swapgs\n" LABEL(
						   "entry_SYSCALL_64_after_hwframe") "call do_syscall_64\n" LABEL("swapgs_restore_regs_and_return_to_usermode") "nop\n" LABEL("native_irq_return_iret") "iretq\n" LABEL("asm_exc_page_fault") "nop\n" LABEL("__entry_text_end") "nop\n"
																																		".popsection; .pushsection .mcount, \"a\"\n" LABEL("__start_mcount_loc") ".quad x64_sys_call, __x64_sys_read + 4\n" LABEL(
																																			"__stop_mcount_loc") ".popsection; .pushsection .kbl, \"a\"\n" LABEL("__start_kprobe_blacklist") ".quad syscall_trace_enter\n" LABEL("__stop_kprobe_blacklist") ".quad 0\n.popsection\n");

KEEP int register_kprobe(void *p)
{
	return !p;
}

KEEP int register_kretprobe(void *p)
{
	return !p;
}

KEEP int kprobe_dispatcher(void)
{
	return 1;
}

KEEP int arch_within_kprobe_blacklist(unsigned long address)
{
	return address > 1;
}

KEEP unsigned long ftrace_location(unsigned long address)
{
	return address;
}

KEEP long syscall_trace_enter(struct pt_regs *regs)
{
	return (long)regs->di;
}

static inline __attribute__((always_inline)) long __do_sys_read(unsigned int fd, char *buf,
								unsigned long count)
{
	return buf ? (long)(fd + count) : -14;
}

KEEP long __x64_sys_read(const struct pt_regs *regs)
{
	return __do_sys_read((unsigned int)regs->di, (char *)regs->si, regs->dx);
}

KEEP long x64_sys_call(const struct pt_regs *regs, unsigned int nr)
{
	return nr ? -38 : __x64_sys_read(regs);
}

static inline __attribute__((always_inline)) int do_syscall_x64(struct pt_regs *regs, int nr)
{
	regs->di = (unsigned long)x64_sys_call(regs, (unsigned int)nr);
	return 1;
}

KEEP HERE(".entry.text") int do_syscall_64(struct pt_regs *regs, int nr)
{
	syscall_trace_enter(regs);
	return do_syscall_x64(regs, nr);
}
