// SPDX-License-Identifier: GPL-2.0-or-later
/* The path by symbol tables as kernels of each era have them: the era, the chain, the refusals. */
#include "unit.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "target/path.h"

#define TRACED	  "c0200000 T ftrace_location\n"
#define KPROBES32 "c0210000 T register_kprobe\nc0210100 T register_kretprobe\n"
#define EVENTS32  "c0210200 t kprobe_dispatcher\nc0210300 T syscall_regfunc\n"
#define KPROBES64                                 \
	"ffffffff81210000 T register_kprobe\n"    \
	"ffffffff81210100 T register_kretprobe\n" \
	"ffffffff81210200 t kprobe_dispatcher\n"  \
	"ffffffff81210300 T syscall_regfunc\n"
#define BLACKLIST64                                         \
	"ffffffff81210400 T arch_within_kprobe_blacklist\n" \
	"ffffffff81210500 T ftrace_location\n"              \
	"ffffffff82f00000 d _kbl_addr_do_int3\n"
#define END64 "ffffffff81f00000 T _etext\n"
#define END32 "c0f00000 T _etext\n"

static const char i386_2_6_15[] = KPROBES32 "c0102f00 t sysenter_entry\n"
					    "c0102f10 t sysenter_past_esp\n"
					    "c0102fa0 t system_call\n"
					    "c0102fd0 t syscall_call\n"
					    "c0102fe0 t syscall_exit\n"
					    "c0102ff0 t restore_all\n"
					    "c0103000 t restore_nocheck\n"
					    "c0103040 t syscall_trace_entry\n"
					    "c0103060 t syscall_exit_work\n"
					    "c0103080 t resume_userspace\n"
					    "c0106000 T do_syscall_trace\n"
					    "c0120000 T sys_getppid\n"
					    "c03a0000 D sys_call_table\n" END32;
static const char i386_2_6_32[] = KPROBES32 EVENTS32 "c0102f00 T ia32_sysenter_target\n"
						     "c0102f10 t sysenter_past_esp\n"
						     "c0102f60 t sysenter_do_call\n"
						     "c0102f80 t sysenter_exit\n"
						     "c0102f90 t sysenter_audit\n"
						     "c0102fc0 t sysexit_audit\n"
						     "c0102ff0 T system_call\n"
						     "c0103010 t syscall_call\n"
						     "c0103020 t syscall_exit\n"
						     "c0103030 t restore_all\n"
						     "c0103040 t restore_nocheck\n"
						     "c0103050 t irq_return\n"
						     "c0103080 t syscall_trace_entry\n"
						     "c01030a0 t syscall_exit_work\n"
						     "c0106000 T syscall_trace_enter\n"
						     "c0106100 T syscall_trace_leave\n"
						     "c0120000 T sys_getppid\n"
						     "c03a0000 R sys_call_table\n" END32;
static const char amd64_3_10[] = KPROBES64 "ffffffff81600000 T system_call\n"
					   "ffffffff81600020 T system_call_after_swapgs\n"
					   "ffffffff81600060 t system_call_fastpath\n"
					   "ffffffff81600080 t ret_from_sys_call\n"
					   "ffffffff81600090 t sysret_check\n"
					   "ffffffff816000d0 t tracesys\n"
					   "ffffffff81600150 t int_ret_from_sys_call\n"
					   "ffffffff81600200 t irq_return\n"
					   "ffffffff81610000 T ia32_sysenter_target\n"
					   "ffffffff81610080 t sysenter_dispatch\n"
					   "ffffffff81610090 t sysexit_from_sys_call\n"
					   "ffffffff81610100 T ia32_cstar_target\n"
					   "ffffffff81610180 t cstar_dispatch\n"
					   "ffffffff81610190 t sysretl_from_sys_call\n"
					   "ffffffff81610200 T ia32_syscall\n"
					   "ffffffff81610280 t ia32_do_call\n"
					   "ffffffff81020000 T syscall_trace_enter\n"
					   "ffffffff81080000 T sys_getppid\n"
					   "ffffffff81090000 T compat_sys_ioctl\n"
					   "ffffffff81801000 R sys_call_table\n"
					   "ffffffff81802000 R ia32_sys_call_table\n" END64;
static const char amd64_4_4[] =
	KPROBES64 BLACKLIST64 "ffffffff815a0000 T __entry_text_start\n"
			      "ffffffff815a0010 T entry_SYSCALL_64\n"
			      "ffffffff815a0030 T entry_SYSCALL_64_after_swapgs\n"
			      "ffffffff815a0060 t entry_SYSCALL_64_fastpath\n"
			      "ffffffff815a00d0 t tracesys\n"
			      "ffffffff815a0150 t int_ret_from_sys_call\n"
			      "ffffffff815a0300 t restore_c_regs_and_iret\n"
			      "ffffffff815a0310 T native_irq_return_iret\n"
			      "ffffffff815a1000 T entry_SYSENTER_compat\n"
			      "ffffffff815a1100 T entry_SYSCALL_compat\n"
			      "ffffffff815a1200 T entry_INT80_compat\n"
			      "ffffffff815a1300 T __entry_text_end\n"
			      "ffffffff81003000 T do_fast_syscall_32\n"
			      "ffffffff81003100 T do_syscall_32_irqs_off\n"
			      "ffffffff81003200 T syscall_return_slowpath\n"
			      "ffffffff81080000 T sys_getppid\n"
			      "ffffffff81090000 T compat_sys_ioctl\n"
			      "ffffffff81801000 R sys_call_table\n"
			      "ffffffff81802000 R ia32_sys_call_table\n" END64;
static const char amd64_4_14[] =
	KPROBES64 BLACKLIST64 "ffffffff815a0000 T __entry_text_start\n"
			      "ffffffff815a0010 T entry_SYSCALL_64\n"
			      "ffffffff815a0030 T entry_SYSCALL_64_after_hwframe\n"
			      "ffffffff815a0060 t entry_SYSCALL_64_fastpath\n"
			      "ffffffff815a0300 t swapgs_restore_regs_and_return_to_usermode\n"
			      "ffffffff815a0310 T native_irq_return_iret\n"
			      "ffffffff815a1300 T __entry_text_end\n"
			      "ffffffff81003000 T do_syscall_64\n"
			      "ffffffff81003200 t syscall_slow_exit_work\n"
			      "ffffffff81080000 T sys_getppid\n"
			      "ffffffff81801000 R sys_call_table\n" END64;
static const char amd64_4_19[] =
	KPROBES64 BLACKLIST64 "ffffffff815a0000 T __entry_text_start\n"
			      "ffffffff815a0010 T entry_SYSCALL_64\n"
			      "ffffffff815a0030 T entry_SYSCALL_64_after_hwframe\n"
			      "ffffffff815a0100 t syscall_return_via_sysret\n"
			      "ffffffff815a0300 t swapgs_restore_regs_and_return_to_usermode\n"
			      "ffffffff815a0310 T native_irq_return_iret\n"
			      "ffffffff815a1000 T entry_SYSENTER_compat\n"
			      "ffffffff815a1100 T entry_SYSCALL_compat\n"
			      "ffffffff815a1180 t sysret32_from_system_call\n"
			      "ffffffff815a1200 T entry_INT80_compat\n"
			      "ffffffff815a1300 T __entry_text_end\n"
			      "ffffffff81003000 T do_syscall_64\n"
			      "ffffffff81003100 T do_fast_syscall_32\n"
			      "ffffffff81003200 T do_int80_syscall_32\n"
			      "ffffffff81003300 t syscall_slow_exit_work\n"
			      "ffffffff81080000 T __x64_sys_getppid\n"
			      "ffffffff81080000 T __ia32_sys_getppid\n"
			      "ffffffff81801000 R sys_call_table\n"
			      "ffffffff81802000 R ia32_sys_call_table\n" END64;
#define NOINSTR64                                                         \
	"ffffffff82000000 T __entry_text_start\n"                         \
	"ffffffff82000040 T entry_SYSCALL_64\n"                           \
	"ffffffff8200006b T entry_SYSCALL_64_after_hwframe\n"             \
	"ffffffff82000100 t syscall_return_via_sysret\n"                  \
	"ffffffff82001270 T asm_exc_page_fault\n"                         \
	"ffffffff82001300 t swapgs_restore_regs_and_return_to_usermode\n" \
	"ffffffff82001380 T native_irq_return_iret\n"                     \
	"ffffffff82001800 T entry_SYSENTER_compat\n"                      \
	"ffffffff82001830 T entry_SYSENTER_compat_after_hwframe\n"        \
	"ffffffff820018c0 T entry_SYSCALL_compat\n"                       \
	"ffffffff820018fb T entry_SYSCALL_compat_after_hwframe\n"         \
	"ffffffff82001975 t sysret32_from_system_call\n"                  \
	"ffffffff81c00000 T __noinstr_text_start\n"                       \
	"ffffffff81c00010 T do_syscall_64\n"                              \
	"ffffffff81c00100 T do_SYSENTER_32\n"                             \
	"ffffffff81c00180 T do_fast_syscall_32\n"                         \
	"ffffffff81c00200 t __do_fast_syscall_32\n"                       \
	"ffffffff81c00280 T do_int80_emulation\n"                         \
	"ffffffff81c00400 T __noinstr_text_end\n"                         \
	"ffffffff81080000 T __x64_sys_getppid\n"                          \
	"ffffffff81080000 T __ia32_sys_getppid\n"                         \
	"ffffffff81081000 T __x64_sys_read\n"                             \
	"ffffffff81130000 t syscall_trace_enter.constprop.0\n"
#define TABLES64                              \
	"ffffffff82801000 D sys_call_table\n" \
	"ffffffff82802000 D ia32_sys_call_table\n"

static const char amd64_5_10[] =
	KPROBES64 BLACKLIST64 NOINSTR64 TABLES64 "ffffffff82001500 T entry_INT80_compat\n"
						 "ffffffff82001a00 T __entry_text_end\n";
static const char amd64_6_1[] =
	KPROBES64 BLACKLIST64 NOINSTR64 TABLES64 "ffffffff82001240 T asm_int80_emulation\n"
						 "ffffffff82001a00 T __entry_text_end\n"
						 "ffffffff81003320 T x64_sys_call\n"
						 "ffffffff81005630 T ia32_sys_call\n";
static const char amd64_fred[] =
	KPROBES64 BLACKLIST64 NOINSTR64 "ffffffff82001240 T asm_int80_emulation\n"
					"ffffffff82001900 T asm_fred_entrypoint_user\n"
					"ffffffff82001950 T asm_fred_exit_user\n"
					"ffffffff82001a00 T __entry_text_end\n"
					"ffffffff81c00300 T fred_entry_from_user\n"
					"ffffffff81003320 T x64_sys_call\n"
					"ffffffff81005630 T ia32_sys_call\n";
static const char i386_4_9[] = KPROBES32 EVENTS32 TRACED "c0210400 T arch_within_kprobe_blacklist\n"
							 "c0e00000 d _kbl_addr_do_int3\n"
							 "c0a00000 T __entry_text_start\n"
							 "c0a00100 T entry_SYSENTER_32\n"
							 "c0a00110 t sysenter_past_esp\n"
							 "c0a00220 T entry_INT80_32\n"
							 "c0a00260 t restore_all\n"
							 "c0a00300 T __entry_text_end\n"
							 "c0101000 T do_fast_syscall_32\n"
							 "c0101200 T do_int80_syscall_32\n"
							 "c0120000 T sys_getppid\n"
							 "c0b00000 R sys_call_table\n" END32;
static const char i386_6_1[] = KPROBES32 EVENTS32 TRACED "c0210400 T arch_within_kprobe_blacklist\n"
							 "c0e00000 d _kbl_addr_do_int3\n"
							 "c0a00000 T __entry_text_start\n"
							 "c0a00100 T entry_SYSENTER_32\n"
							 "c0a00220 T entry_INT80_32\n"
							 "c0a00330 t restore_all_switch_stack\n"
							 "c0a00380 T asm_exc_page_fault\n"
							 "c0a00400 T __entry_text_end\n"
							 "c0900000 T __noinstr_text_start\n"
							 "c0900010 T do_SYSENTER_32\n"
							 "c0900080 T do_fast_syscall_32\n"
							 "c0900100 t __do_fast_syscall_32\n"
							 "c0900200 T do_int80_syscall_32\n"
							 "c0900300 T __noinstr_text_end\n"
							 "c0117000 T ia32_sys_call\n"
							 "c0120000 T __ia32_sys_getppid\n";

#define FUNCTIONS_6_1 \
	"x64_sys_call\nia32_sys_call\n__x64_sys_getppid\nsyscall_trace_enter.constprop.0\n"

/* The chain: "SYMBOL/PROBE ..." of what is there; PROBE: y, n, m (a module alone), ? */
static const struct row {
	const char *symbols, *functions, *kernels, *gates;
	int gate;
	const char *chain;
} rows[] = {
	{ i386_2_6_15, NULL, "2.6.0 to 2.6.24", "sysenter int80", SYSGATE_GATE_SYSENTER,
	  "sysenter_entry/n sysenter_past_esp/m syscall_trace_entry/m do_syscall_trace/m "
	  "sys_call_table/n sys_getppid/m syscall_exit_work/m do_syscall_trace/m "
	  "resume_userspace/m sysenter_past_esp/m restore_all/m restore_nocheck/m" },
	{ i386_2_6_15, NULL, "2.6.0 to 2.6.24", "sysenter int80", SYSGATE_GATE_INT80,
	  "system_call/n syscall_call/m syscall_trace_entry/m do_syscall_trace/m sys_call_table/n "
	  "sys_getppid/m syscall_exit/m syscall_exit_work/m do_syscall_trace/m resume_userspace/m "
	  "restore_all/m restore_nocheck/m" },
	{ i386_2_6_32, NULL, "2.6.25 to 4.1", "sysenter int80", SYSGATE_GATE_SYSENTER,
	  "ia32_sysenter_target/n sysenter_past_esp/y sysenter_do_call/y sysenter_audit/y "
	  "syscall_trace_entry/y syscall_trace_enter/y sys_enter/y sys_call_table/n sys_getppid/y "
	  "sysexit_audit/y syscall_exit_work/y syscall_trace_leave/y sys_exit/y sysenter_exit/y "
	  "restore_all/y restore_nocheck/y irq_return/y" },
	{ i386_2_6_32, NULL, "2.6.25 to 4.1", "sysenter int80", SYSGATE_GATE_INT80,
	  "system_call/n syscall_call/y syscall_trace_entry/y syscall_trace_enter/y sys_enter/y "
	  "sys_call_table/n sys_getppid/y syscall_exit/y syscall_exit_work/y syscall_trace_leave/y "
	  "sys_exit/y restore_all/y restore_nocheck/y irq_return/y" },
	{ amd64_3_10, NULL, "2.6 to 4.1", "syscall sysenter syscall32 int80", SYSGATE_GATE_SYSCALL,
	  "system_call/n system_call_after_swapgs/n system_call_fastpath/y tracesys/y "
	  "syscall_trace_enter/y sys_enter/y sys_call_table/n sys_getppid/y ret_from_sys_call/y "
	  "sysret_check/y sys_exit/y int_ret_from_sys_call/y sysret_check/y irq_return/y" },
	{ amd64_3_10, NULL, "2.6 to 4.1", "syscall sysenter syscall32 int80",
	  SYSGATE_GATE_SYSCALL32,
	  "ia32_cstar_target/n cstar_dispatch/y tracesys/y syscall_trace_enter/y sys_enter/y "
	  "ia32_sys_call_table/n sys_getppid/y sys_exit/y int_ret_from_sys_call/y "
	  "sysretl_from_sys_call/y irq_return/y" },
	{ amd64_4_4, NULL, "4.2 to 4.16", "syscall sysenter syscall32 int80", SYSGATE_GATE_SYSCALL,
	  "entry_SYSCALL_64/n entry_SYSCALL_64_after_swapgs/n entry_SYSCALL_64_fastpath/n "
	  "tracesys/n sys_enter/y sys_call_table/n sys_getppid/? syscall_return_slowpath/? "
	  "sys_exit/y int_ret_from_sys_call/n restore_c_regs_and_iret/n native_irq_return_iret/n" },
	{ amd64_4_4, "sys_getppid\nsyscall_return_slowpath\n", "4.2 to 4.16",
	  "syscall sysenter syscall32 int80", SYSGATE_GATE_INT80,
	  "entry_INT80_compat/n do_syscall_32_irqs_off/y sys_enter/y ia32_sys_call_table/n "
	  "sys_getppid/y syscall_return_slowpath/y sys_exit/y int_ret_from_sys_call/n "
	  "restore_c_regs_and_iret/n native_irq_return_iret/n" },
	{ amd64_4_14, "do_syscall_64\n", "4.2 to 4.16", "syscall", SYSGATE_GATE_SYSCALL,
	  "entry_SYSCALL_64/n entry_SYSCALL_64_after_hwframe/n entry_SYSCALL_64_fastpath/n "
	  "do_syscall_64/y sys_enter/y sys_call_table/n sys_getppid/y syscall_slow_exit_work/y "
	  "sys_exit/y swapgs_restore_regs_and_return_to_usermode/n native_irq_return_iret/n" },
	{ amd64_4_19, "do_syscall_64\n__ia32_sys_getppid\n", "4.17 to 5.7",
	  "syscall sysenter syscall32 int80", SYSGATE_GATE_SYSCALL,
	  "entry_SYSCALL_64/n entry_SYSCALL_64_after_hwframe/n do_syscall_64/y sys_enter/y "
	  "sys_call_table/n __x64_sys_getppid/y syscall_slow_exit_work/y sys_exit/y "
	  "syscall_return_via_sysret/n swapgs_restore_regs_and_return_to_usermode/n "
	  "native_irq_return_iret/n" },
	{ amd64_5_10, "__x64_sys_getppid\n", "5.8 and later", "syscall sysenter syscall32 int80",
	  SYSGATE_GATE_INT80,
	  "entry_INT80_compat/n do_int80_emulation/n syscall_trace_enter.constprop.0/m sys_enter/y "
	  "ia32_sys_call_table/n __ia32_sys_getppid/y sys_exit/y "
	  "swapgs_restore_regs_and_return_to_usermode/n native_irq_return_iret/n" },
	{ amd64_6_1, FUNCTIONS_6_1, "5.8 and later", "syscall sysenter syscall32 int80",
	  SYSGATE_GATE_SYSCALL,
	  "entry_SYSCALL_64/n entry_SYSCALL_64_after_hwframe/n do_syscall_64/n "
	  "syscall_trace_enter.constprop.0/y sys_enter/y x64_sys_call/y __x64_sys_getppid/y "
	  "sys_exit/y syscall_return_via_sysret/n swapgs_restore_regs_and_return_to_usermode/n "
	  "native_irq_return_iret/n" },
	{ amd64_6_1, FUNCTIONS_6_1, "5.8 and later", "syscall sysenter syscall32 int80",
	  SYSGATE_GATE_SYSENTER,
	  "entry_SYSENTER_compat/n entry_SYSENTER_compat_after_hwframe/n do_SYSENTER_32/n "
	  "do_fast_syscall_32/n __do_fast_syscall_32/n syscall_trace_enter.constprop.0/y "
	  "sys_enter/y ia32_sys_call/y __ia32_sys_getppid/y sys_exit/y sysret32_from_system_call/n "
	  "swapgs_restore_regs_and_return_to_usermode/n native_irq_return_iret/n" },
	/* As on 7.2: the dispatchers are notrace. */
	{ amd64_fred, "__x64_sys_getppid\n", "6.9 and later",
	  "syscall sysenter syscall32 int80 fred", SYSGATE_GATE_FRED,
	  "asm_fred_entrypoint_user/n fred_entry_from_user/n do_syscall_64/n do_fast_syscall_32/n "
	  "do_int80_emulation/n syscall_trace_enter.constprop.0/m sys_enter/y x64_sys_call/m "
	  "ia32_sys_call/m __x64_sys_getppid/y __ia32_sys_getppid/y sys_exit/y "
	  "asm_fred_exit_user/n" },
	{ i386_4_9, "do_fast_syscall_32\nsys_getppid\n", "4.2 to 5.7", "sysenter int80",
	  SYSGATE_GATE_SYSENTER,
	  "entry_SYSENTER_32/n sysenter_past_esp/n do_fast_syscall_32/y sys_enter/y "
	  "sys_call_table/n sys_getppid/y sys_exit/y entry_SYSENTER_32/n" },
	{ i386_6_1, "ia32_sys_call\n__ia32_sys_getppid\n", "5.8 and later", "sysenter int80",
	  SYSGATE_GATE_SYSENTER,
	  "entry_SYSENTER_32/n do_SYSENTER_32/n do_fast_syscall_32/n __do_fast_syscall_32/n "
	  "sys_enter/y ia32_sys_call/y __ia32_sys_getppid/y sys_exit/y entry_SYSENTER_32/n "
	  "restore_all_switch_stack/n" },
};

static const char *write_file(char path[32], const char *text)
{
	int fd;

	strcpy(path, "/tmp/check_path.XXXXXX");
	fd = mkstemp(path);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
	return path;
}

static int read_text(struct path *p, const char *symbols, const char *functions, const char *call,
		     int attach, struct sg_error *e)
{
	char table[32], traced[32];
	struct path_ask ask = { .kallsyms = write_file(table, symbols),
				.call = call,
				.attach = attach };
	int ret;

	if (functions)
		ask.functions = write_file(traced, functions);
	ret = path_read(p, &ask, e);
	unlink(table);
	if (functions)
		unlink(traced);
	return ret;
}

static char mark_of(const struct path_probe *p)
{
	if (p->tracefs == YES)
		return p->module == YES ? 'y' : '!';
	if (p->tracefs == NO)
		return p->module == YES ? 'm' : 'n';
	return '?';
}

static void chain_of(const struct path_way *w, char *text, size_t size)
{
	size_t n = 0;

	text[0] = '\0';
	for (size_t i = 0; i < w->count; i++)
		if (w->steps[i].here)
			n += (size_t)snprintf(text + n, size - n, "%s%s/%c", n ? " " : "",
					      w->steps[i].symbol, mark_of(&w->steps[i].probe));
}

START_TEST(eras)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct row *r = &rows[i];
		struct sg_error e = { 0 };
		struct path p;
		char gates[80] = "", chain[2048] = "";

		ck_assert_msg(!read_text(&p, r->symbols, r->functions, NULL, 0, &e), "%zu: %s", i,
			      e.text);
		ck_assert_str_eq(p.era->kernels, r->kernels);
		for (size_t j = 0; j < p.count; j++) {
			snprintf(gates + strlen(gates), sizeof(gates) - strlen(gates), "%s%s",
				 j ? " " : "", gate_name(p.ways[j].way->gate));
			if (p.ways[j].way->gate == r->gate)
				chain_of(&p.ways[j], chain, sizeof(chain));
		}
		ck_assert_msg(!strcmp(gates, r->gates), "%zu: gates %s", i, gates);
		ck_assert_msg(!strcmp(chain, r->chain), "%zu: %s", i, chain);
		path_fini(&p);
	}
}
END_TEST

static size_t planned(const struct path *p, const char *symbol)
{
	size_t count = 0;

	for (size_t i = 0; i < p->count; i++)
		for (size_t j = 0; j < p->ways[i].count; j++)
			count += !strcmp(p->ways[i].steps[j].symbol, symbol) &&
				 p->ways[i].steps[j].plan[0];
	return count;
}

START_TEST(plans)
{
	struct sg_error e = { 0 };
	struct path p;

	ck_assert_int_eq(read_text(&p, amd64_6_1, FUNCTIONS_6_1, NULL, PLAN_AUTO, &e), 0);
	ck_assert(p.planned);
	ck_assert_int_eq(planned(&p, "sys_enter"), 4);
	ck_assert_int_eq(planned(&p, "sys_exit"), 4);
	ck_assert_int_eq(planned(&p, "x64_sys_call"), 0);
	path_fini(&p);
	ck_assert_int_eq(read_text(&p, amd64_6_1, FUNCTIONS_6_1, NULL, PLAN_KPROBE, &e), 0);
	ck_assert_int_eq(planned(&p, "sys_enter"), 0);
	ck_assert_int_eq(planned(&p, "x64_sys_call"), 1);
	ck_assert_int_eq(planned(&p, "ia32_sys_call"), 3);
	path_fini(&p);
	/* A kernel that sysgate cannot attach to has a path too. */
	ck_assert_int_eq(read_text(&p, i386_2_6_15, NULL, NULL, PLAN_AUTO, &e), 0);
	ck_assert(!p.planned);
	ck_assert(strstr(p.plan_error.text, "none of the known entry stubs"));
	path_fini(&p);
}
END_TEST

START_TEST(refused)
{
	static const struct {
		const char *symbols;
		int err;
		const char *says;
	} bad[] = {
		{ "", -ENOENT, "no line 'ADDRESS TYPE NAME'" },
		{ "hello\n", -ENOENT, "no line 'ADDRESS TYPE NAME'" },
		{ "0000000000000000 T _text\n0000000000000000 T entry_SYSCALL_64\n", -EPERM,
		  "hides its addresses" },
		{ "ffff800080000000 T _text\nffff800080010000 T el0t_64_sync_handler\n", -ENOENT,
		  "none of the names that x86 kernels have" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct sg_error e = { 0 };
		struct path p;

		ck_assert_int_eq(read_text(&p, bad[i].symbols, NULL, NULL, 0, &e), bad[i].err);
		ck_assert_msg(strstr(e.text, bad[i].says), "%s", e.text);
		ck_assert(e.hint[0]);
		path_fini(&p);
	}
}
END_TEST

START_TEST(unknown)
{
	/* Neither list is there: it says so, and claims nothing. */
	static const char no_markers[] =
		KPROBES64 "ffffffff81210400 T arch_within_kprobe_blacklist\n"
			  "ffffffff81210500 T ftrace_location\n" NOINSTR64 TABLES64
			  "ffffffff82001a00 T __entry_text_end\n";
	struct sg_error e = { 0 };
	struct path p;

	ck_assert_int_eq(read_text(&p, no_markers, NULL, "read", 0, &e), 0);
	ck_assert_uint_eq(p.notes_count, 2);
	ck_assert_str_eq(p.call, "read");
	for (size_t j = 0; j < p.ways[0].count; j++) {
		const struct path_step *s = &p.ways[0].steps[j];

		if (!strcmp(s->symbol, "__x64_sys_read"))
			ck_assert(s->probe.tracefs == UNSEEN && s->probe.module == UNSEEN);
		if (!strcmp(s->symbol, "do_syscall_64"))
			ck_assert(s->probe.tracefs == NO && s->probe.module == NO);
	}
	path_fini(&p);
}
END_TEST

int main(void)
{
	const struct unit_case cases[] = {
		{ "each era has its gates, its chain and its refusals", eras },
		{ "the plan's points are marked, at each gate that they see", plans },
		{ "what is no kernel's table is refused with the next step", refused },
		{ "what could not be seen is unknown", unknown },
	};

	return unit_main("path", cases, ARRAY_SIZE(cases));
}
