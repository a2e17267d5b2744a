// SPDX-License-Identifier: GPL-2.0-or-later
/* Plans from symbol tables such as kernels of several releases have. */
#include "unit.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "target/plan.h"

#define TRACEPOINT64 "ffffffff81150000 T syscall_regfunc\n"
#define KPROBES64    "ffffffff81160000 T register_kretprobe\n"
#define STUBS64                                               \
	"ffffffff82000040 T entry_SYSCALL_64\n"               \
	"ffffffff8200006b T entry_SYSCALL_64_after_hwframe\n" \
	"ffffffff82000180 T ret_from_fork\n"                  \
	"ffffffff82001240 T asm_int80_emulation\n"            \
	"ffffffff82001270 T asm_exc_page_fault\n"
#define DISPATCHERS64                       \
	"ffffffff81003320 T x64_sys_call\n" \
	"ffffffff81005630 T ia32_sys_call\n"
/* getppid and restart_syscall take no arguments: their names share one address. */
#define HANDLERS64                                           \
	"ffffffff810be400 T __ia32_sys_restart_syscall\n"    \
	"ffffffff810be400 T __x64_sys_restart_syscall\n"     \
	"ffffffff810be3a0 t __do_sys_getppid\n"              \
	"ffffffff810be3a0 T __ia32_sys_getppid\n"            \
	"ffffffff810be3a0 T __x64_sys_getppid\n"             \
	"ffffffff81200000 T __x64_sys_read\n"                \
	"ffffffff81200040 T __ia32_sys_read\n"               \
	"ffffffff81200080 T __x64_sys_newstat\n"             \
	"ffffffff812000c0 T __ia32_sys_newstat\n"            \
	"ffffffff81200100 T __ia32_compat_sys_newstat\n"     \
	"ffffffff81200140 T __x64_sys_stat\n"                \
	"ffffffff81200180 T __ia32_sys_stat\n"               \
	"ffffffff812001c0 T __x64_sys_openat\n"              \
	"ffffffff81200200 T __ia32_compat_sys_openat\n"      \
	"ffffffff81200240 t __ia32_compat_sys_openat.cold\n" \
	"ffffffff81200280 T __x64_sys_ni_syscall\n"          \
	"ffffffff812002c0 T __ia32_sys_ni_syscall\n"         \
	"ffffffff81200300 d __x64_sys_write\n"
#define X32                                           \
	"ffffffff81300000 T x32_sys_call\n"           \
	"ffffffff81300040 T __x64_compat_sys_ioctl\n" \
	"ffffffff81300080 T __x64_sys_ioctl\n"        \
	"ffffffff813000c0 T __ia32_compat_sys_ioctl\n"

static const char debian_6_1[] = TRACEPOINT64 KPROBES64 DISPATCHERS64 HANDLERS64 STUBS64;
static const char debian_5_10[] = TRACEPOINT64 KPROBES64 HANDLERS64 STUBS64;
static const char with_x32[] = TRACEPOINT64 KPROBES64 DISPATCHERS64 X32 HANDLERS64 STUBS64;
static const char no_tracepoint[] = KPROBES64 DISPATCHERS64 HANDLERS64 STUBS64;
static const char no_kprobes[] = TRACEPOINT64 DISPATCHERS64 HANDLERS64 STUBS64;
static const char neither[] = HANDLERS64 STUBS64;
static const char i386[] = "c1017000 T ia32_sys_call\n"
			   "c1030000 T __ia32_sys_restart_syscall\n"
			   "c1150000 T syscall_regfunc\n"
			   "c1160000 T register_kretprobe\n"
			   "c1200000 T __ia32_sys_getuid\n"
			   "c1200040 T __ia32_sys_getuid16\n"
			   "c1200080 T __ia32_sys_futex\n"
			   "c12000c0 T __ia32_sys_futex_time32\n"
			   "c1a00100 T entry_SYSENTER_32\n"
			   "c1a00220 T entry_INT80_32\n"
			   "c1a00330 t restore_all_switch_stack\n";

static const char *write_file(char path[32], const char *text)
{
	int fd;

	strcpy(path, "/tmp/check_plan.XXXXXX");
	fd = mkstemp(path);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
	return path;
}

static int make(struct plan *p, const char *symbols, const char *blacklist, int attach,
		const char *set, struct sg_error *e)
{
	struct syscalls *names = syscalls_new(NULL);
	struct callset *calls = NULL;
	char kallsyms[32], forbidden[32];
	struct plan_ask ask = { .attach = attach, .names = names };
	int ret;

	ck_assert_int_eq(callset_parse(set, names, &calls, e), 0);
	ask.calls = calls;
	ask.kallsyms = write_file(kallsyms, symbols);
	ask.blacklist = write_file(forbidden, blacklist);
	ret = plan_make(p, &ask, e);
	ck_assert_msg(!ret == !e->text[0], "%d: '%s'", ret, e->text);
	unlink(kallsyms);
	unlink(forbidden);
	callset_free(calls);
	syscalls_free(names);
	return ret;
}

#define BOTH_DISPATCHERS "x64_sys_call:x86_64 ia32_sys_call:i386"

/* What goes on with the calls that are asked for, where a signal stopped them. */
#define RESTARTS   " __x64_sys_restart_syscall:unknown"
#define RESTART64  " __x64_sys_restart_syscall:x86_64"
#define RESTARTX32 " __x64_sys_restart_syscall:x32"
#define RESTART32  " __ia32_sys_restart_syscall:i386"

static const struct {
	const char *symbols;
	int attach;
	const char *set;
	int want;	    /* attach of the plan, or -errno */
	const char *points; /* "SYMBOL:ABI ..." in any order */
} rows[] = {
	{ debian_6_1, PLAN_AUTO, NULL, PLAN_TRACEPOINT, "" },
	{ debian_6_1, PLAN_AUTO, "!read", PLAN_TRACEPOINT, "" },
	{ debian_6_1, PLAN_AUTO, "abi:i386", PLAN_TRACEPOINT, "" },
	{ debian_6_1, PLAN_AUTO, "%file", PLAN_TRACEPOINT, "" },
	{ debian_6_1, PLAN_AUTO, "getppid", PLAN_KPROBE, "__x64_sys_getppid:unknown" RESTARTS },
	{ debian_6_1, PLAN_AUTO, "getppid,abi:x86_64", PLAN_KPROBE,
	  "__x64_sys_getppid:x86_64" RESTART64 },
	{ debian_6_1, PLAN_AUTO, "read", PLAN_KPROBE,
	  "__x64_sys_read:x86_64 __ia32_sys_read:i386" RESTARTS },
	{ debian_6_1, PLAN_AUTO, "read,gate:int80", PLAN_KPROBE, "__ia32_sys_read:i386" RESTART32 },
	{ debian_6_1, PLAN_AUTO, "read,gate:syscall", PLAN_KPROBE,
	  "__x64_sys_read:x86_64" RESTART64 },
	{ debian_6_1, PLAN_AUTO, "read,openat,!openat", PLAN_KPROBE,
	  "__x64_sys_read:x86_64 __ia32_sys_read:i386" RESTARTS },
	{ debian_6_1, PLAN_AUTO, "stat,abi:x86_64", PLAN_KPROBE,
	  "__x64_sys_newstat:x86_64" RESTART64 },
	{ debian_6_1, PLAN_AUTO, "stat,abi:i386", PLAN_KPROBE,
	  "__ia32_compat_sys_newstat:i386 __ia32_sys_newstat:i386" RESTART32 },
	{ debian_6_1, PLAN_AUTO, "oldstat", PLAN_KPROBE, "__ia32_sys_stat:i386" RESTART32 },
	{ debian_6_1, PLAN_AUTO, "openat", PLAN_KPROBE,
	  "__x64_sys_openat:x86_64 __ia32_compat_sys_openat:i386" RESTARTS },
	/* Names that no handler has here: one that only newer kernels have, one of data, a number.
	 */
	{ debian_6_1, PLAN_AUTO, "cachestat", PLAN_TRACEPOINT, "" },
	{ debian_6_1, PLAN_AUTO, "read,write", PLAN_TRACEPOINT, "" },
	{ debian_6_1, PLAN_AUTO, "#9999", PLAN_TRACEPOINT, "" },
	{ debian_6_1, PLAN_KPROBE, "read,write", -ENOTSUP, "" },
	{ debian_6_1, PLAN_KPROBE, "#9999", -ENOTSUP, "" },
	/* getpmsg was never there: all such calls share a function. */
	{ debian_6_1, PLAN_KPROBE, "getpmsg", PLAN_KPROBE,
	  "__x64_sys_ni_syscall:x86_64 __ia32_sys_ni_syscall:i386" RESTARTS },
	{ debian_6_1, PLAN_KPROBE, NULL, PLAN_KPROBE, BOTH_DISPATCHERS },
	{ debian_6_1, PLAN_KPROBE, "%file", PLAN_KPROBE, BOTH_DISPATCHERS },
	{ debian_6_1, PLAN_TRACEPOINT, "getppid", PLAN_TRACEPOINT, "" },
	{ debian_5_10, PLAN_AUTO, NULL, PLAN_TRACEPOINT, "" },
	{ debian_5_10, PLAN_KPROBE, NULL, PLAN_KPROBE,
	  "__x64_sys_getppid:unknown __x64_sys_read:x86_64 __ia32_sys_read:i386 "
	  "__x64_sys_newstat:x86_64 __ia32_sys_newstat:i386 __ia32_compat_sys_newstat:i386 "
	  "__ia32_sys_stat:i386 __x64_sys_openat:x86_64 __ia32_compat_sys_openat:i386 "
	  "__x64_sys_ni_syscall:x86_64 __ia32_sys_ni_syscall:i386" RESTARTS },
	{ with_x32, PLAN_KPROBE, NULL, PLAN_KPROBE, BOTH_DISPATCHERS " x32_sys_call:x32" },
	{ with_x32, PLAN_AUTO, "read", PLAN_KPROBE,
	  "__x64_sys_read:x86_64 __ia32_sys_read:i386" RESTARTS },
	{ with_x32, PLAN_AUTO, "read,abi:x32", PLAN_KPROBE, "__x64_sys_read:x32" RESTARTX32 },
	{ with_x32, PLAN_AUTO, "ioctl", PLAN_KPROBE,
	  "__x64_sys_ioctl:x86_64 __x64_compat_sys_ioctl:x32 __ia32_compat_sys_ioctl:i386" RESTARTS },
	{ no_tracepoint, PLAN_AUTO, NULL, PLAN_KPROBE, BOTH_DISPATCHERS },
	{ no_tracepoint, PLAN_TRACEPOINT, NULL, -ENOTSUP, "" },
	{ no_kprobes, PLAN_AUTO, "read", PLAN_TRACEPOINT, "" },
	{ no_kprobes, PLAN_KPROBE, "read", -ENOTSUP, "" },
	{ no_kprobes, PLAN_KPROBE, NULL, -ENOTSUP, "" },
	{ neither, PLAN_AUTO, NULL, -ENOTSUP, "" },
	{ neither, PLAN_AUTO, "read", -ENOTSUP, "" },
	{ i386, PLAN_AUTO, "getuid", PLAN_KPROBE, "__ia32_sys_getuid16:i386" RESTART32 },
	{ i386, PLAN_AUTO, "getuid32", PLAN_KPROBE, "__ia32_sys_getuid:i386" RESTART32 },
	{ i386, PLAN_AUTO, "futex_time64", PLAN_KPROBE, "__ia32_sys_futex:i386" RESTART32 },
	{ i386, PLAN_AUTO, "futex", PLAN_KPROBE,
	  "__ia32_sys_futex_time32:i386 __ia32_sys_futex:i386" RESTART32 },
	{ i386, PLAN_KPROBE, NULL, PLAN_KPROBE, "ia32_sys_call:i386" },
	{ i386, PLAN_AUTO, "arch_prctl,abi:x86_64", PLAN_TRACEPOINT, "" },
};

/* Every word is a point, and there are no others. */
static void check_points(const struct plan *p, const char *want, size_t row)
{
	char *copy = strdup(want), *save, point[96];
	size_t n = 0;

	for (char *w = strtok_r(copy, " ", &save); w; w = strtok_r(NULL, " ", &save), n++) {
		bool found = false;

		for (size_t i = 0; i < p->points_count && !found; i++) {
			snprintf(point, sizeof(point), "%s:%s", p->points[i].symbol,
				 abi_name(p->points[i].abi));
			found = !strcmp(point, w);
		}
		ck_assert_msg(found, "row %zu: no point %s", row, w);
	}
	ck_assert_msg(p->points_count == n, "row %zu: %zu points, not %zu", row, p->points_count,
		      n);
	for (size_t i = 0; i < p->points_count; i++)
		ck_assert(p->points[i].why[0]);
	free(copy);
}

START_TEST(plans)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct sg_error e = { 0 };
		struct plan p;
		int ret = make(&p, rows[i].symbols, "", rows[i].attach, rows[i].set, &e);

		ck_assert_msg(rows[i].want < 0 ? ret == rows[i].want
					       : !ret && p.attach == rows[i].want,
			      "row %zu: %d, attach %d, '%s'", i, ret, p.attach, e.text);
		check_points(&p, rows[i].points, i);
		ck_assert_msg(ret || (p.why[0] && p.gates.count), "row %zu says no reason", i);
		plan_fini(&p);
	}
}
END_TEST

#define FORBID(from, to, name) "0xffffffff" from "-0xffffffff" to "\t" name "\n"

START_TEST(forbidden)
{
	static const char list[] = FORBID("81200000", "81200040", "__x64_sys_read")
		FORBID("81003320", "81003400", "x64_sys_call") "no line of it\n";
	struct sg_error e = { 0 };
	struct plan p;

	ck_assert_int_eq(make(&p, debian_6_1, list, PLAN_AUTO, "read", &e), 0);
	ck_assert_int_eq(p.attach, PLAN_TRACEPOINT);
	ck_assert_ptr_nonnull(strstr(p.why, "may not be probed"));
	plan_fini(&p);
	/* The next function is not on the list. */
	ck_assert_int_eq(make(&p, debian_6_1, list, PLAN_AUTO, "read,abi:i386", &e), 0);
	ck_assert_int_eq(p.attach, PLAN_KPROBE);
	plan_fini(&p);
	ck_assert_int_eq(make(&p, debian_6_1, list, PLAN_KPROBE, "read", &e), -ENOTSUP);
	ck_assert_ptr_nonnull(strstr(e.text, "__x64_sys_read"));
	plan_fini(&p);
}
END_TEST

START_TEST(refused)
{
	static const char hidden[] = "0000000000000000 T entry_SYSCALL_64\n"
				     "0000000000000000 T ret_from_fork\n";
	struct sg_error e = { 0 };
	struct plan p;

	ck_assert_int_eq(make(&p, hidden, "", PLAN_AUTO, NULL, &e), -EPERM);
	plan_fini(&p);
	ck_assert_int_eq(make(&p, "ffffffff81000000 T start_kernel\n", "", PLAN_AUTO, NULL, &e),
			 -ENOENT);
	plan_fini(&p);
	ck_assert_int_eq(make(&p, debian_6_1, "", 7, NULL, &e), -EINVAL);
	plan_fini(&p);
	plan_fini(&p);
}
END_TEST

START_TEST(names)
{
	for (int a = PLAN_AUTO; a <= PLAN_KPROBE; a++)
		ck_assert_int_eq(plan_attach_by_name(plan_attach_name(a)), a);
	ck_assert_int_eq(plan_attach_by_name("ftrace"), -1);
	ck_assert_ptr_null(plan_attach_name(9));
}
END_TEST

int main(void)
{
	const struct unit_case cases[] = {
		{ "few calls get probes on their handlers, all others two hooks", plans },
		{ "no probe goes where the kernel forbids it", forbidden },
		{ "hidden addresses and tables without stubs are refused", refused },
		{ "attaches have names", names },
	};

	return unit_main("plan", cases, ARRAY_SIZE(cases));
}
