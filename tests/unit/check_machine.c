// SPDX-License-Identifier: GPL-2.0-or-later
#include "unit.h"

#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "target/features.h"
#include "target/trial.h"

/* A machine made of files: below a folder of /tmp, which remove_machine() removes. */
static char root[32];

static void make_machine(void)
{
	snprintf(root, sizeof(root), "/tmp/sysgate-machine-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(root));
}

static void put(const char *path, const char *text)
{
	char full[256];
	FILE *f;

	snprintf(full, sizeof(full), "%s/%s", root, path);
	for (char *p = strchr(full + strlen(root) + 1, '/'); p; p = strchr(p + 1, '/')) {
		*p = '\0';
		mkdir(full, 0700);
		*p = '/';
	}
	f = fopen(full, "we");
	ck_assert_ptr_nonnull(f);
	fputs(text, f);
	fclose(f);
}

static void remove_machine(void)
{
	char command[64];

	snprintf(command, sizeof(command), "rm -r '%s'", root);
	ck_assert_int_eq(system(command), 0);
}

/* A Debian 12 on an Intel CPU with everything that sysgate can use. */
static void make_debian(void)
{
	make_machine();
	put("proc/sys/kernel/osrelease", "6.1.0-56-amd64\n");
	put("etc/os-release", "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nID=debian\n");
	put("proc/cpuinfo", "processor\t: 0\nvendor_id\t: GenuineIntel\nmodel name\t: A CPU\n"
			    "flags\t\t: fpu tsc sep syscall constant_tsc nonstop_tsc\n\n"
			    "processor\t: 1\n");
	put("proc/version",
	    "Linux version 6.1.0-56-amd64 (a@b) (gcc-12 (Debian 12.2.0-14) 12.2.0)\n");
	put("proc/modules", "");
	put("proc/self/status", "Name:\tx\nCapEff:\t000001ffffffffff\n");
	put("proc/filesystems", "nodev\ttracefs\n\text4\n");
	put("proc/sys/kernel/modules_disabled", "0\n");
	put("proc/sys/kernel/ftrace_enabled", "1\n");
	put("proc/sys/kernel/kptr_restrict", "0\n");
	put("proc/sys/kernel/perf_event_paranoid", "3\n");
	put("proc/kallsyms",
	    "ffffffff81000000 T x64_sys_call\nffffffff81000100 T register_kprobe\n");
	put("sys/kernel/security/lockdown", "[none] integrity confidentiality\n");
	put("sys/module/module/parameters/sig_enforce", "N\n");
	put("sys/kernel/debug/kprobes/blacklist", "0x1-0x2\ta\n0x2-0x3\tb\n");
	put("sys/devices/system/clocksource/clocksource0/current_clocksource", "tsc\n");
	put("lib/modules/6.1.0-56-amd64/build/Makefile", "");
	put("tracing/events/raw_syscalls/sys_enter/id", "1\n");
	put("tracing/events/raw_syscalls/sys_exit/id", "2\n");
	put("tracing/kprobe_events", "");
	put("tracing/README", "\t           t[:[<group>/][<event>]] <tracepoint> [<args>]\n");
	put("tracing/available_filter_functions", "vfs_read\nx64_sys_call\nia32_sys_call [mod]\n");
}

static void read_machine(struct machine *m)
{
	char tracefs[64];

	snprintf(tracefs, sizeof(tracefs), "%s/tracing", root);
	machine_read(m, root, tracefs, NULL);
	/* Whatever this machine is called. */
	snprintf(m->arch, sizeof(m->arch), "x86_64");
	m->cpu.gate32 = machine_gate32(&m->cpu, m->arch);
}

static struct feature find(const struct machine *m, const char *name)
{
	struct feature features[FEATURES_MAX];
	size_t count = features_judge(m, features);

	for (size_t i = 0; i < count; i++)
		if (!strcmp(features[i].name, name))
			return features[i];
	ck_abort_msg("no feature %s", name);
}

START_TEST(facts)
{
	struct machine m;

	make_debian();
	read_machine(&m);
	ck_assert_str_eq(m.release, "6.1.0-56-amd64");
	ck_assert_str_eq(m.os_id, "debian");
	ck_assert_str_eq(m.os_name, "Debian GNU/Linux 12 (bookworm)");
	ck_assert_str_eq(m.cpu.vendor, "GenuineIntel");
	ck_assert_int_eq(m.cpu.count, 2);
	ck_assert(m.cpu.sep && m.cpu.syscall && !m.cpu.fred && m.cpu.nonstop_tsc);
	ck_assert_int_eq(m.cpu.gate32, SYSGATE_GATE_SYSENTER);
	ck_assert_str_eq(m.modules.built_with, "gcc-12");
	ck_assert_str_eq(m.modules.headers, "/lib/modules/6.1.0-56-amd64/build");
	ck_assert_str_eq(m.modules.lockdown, "none");
	ck_assert_int_eq(m.modules.sig_enforce, NO);
	ck_assert_int_eq(m.rights.sys_module, YES);
	ck_assert_int_eq(m.tracing.fprobe_events, YES);
	ck_assert_int_eq(m.tracing.dispatcher[SYSGATE_ABI_X86_64], YES);
	ck_assert_int_eq(m.tracing.dispatcher[SYSGATE_ABI_X32], NO);
	ck_assert_int_eq(m.symbols.kprobes, YES);
	ck_assert_int_eq(m.symbols.blacklisted, 2);
	remove_machine();
}
END_TEST

START_TEST(gate32)
{
	static const struct {
		const char *vendor, *arch;
		bool sep, fred;
		int gate;
	} rows[] = {
		{ "GenuineIntel", "x86_64", true, false, SYSGATE_GATE_SYSENTER },
		{ "CentaurHauls", "x86_64", true, false, SYSGATE_GATE_SYSENTER },
		{ "AuthenticAMD", "x86_64", true, false, SYSGATE_GATE_SYSCALL32 },
		{ "HygonGenuine", "x86_64", true, false, SYSGATE_GATE_SYSCALL32 },
		{ "SomeoneElse", "x86_64", true, false, SYSGATE_GATE_INT80 },
		{ "GenuineIntel", "x86_64", true, true, SYSGATE_GATE_FRED },
		{ "GenuineIntel", "i686", true, false, SYSGATE_GATE_SYSENTER },
		{ "AuthenticAMD", "i686", true, false, SYSGATE_GATE_SYSENTER },
		{ "GenuineIntel", "i586", false, false, SYSGATE_GATE_INT80 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct cpu c = { .seen = true, .sep = rows[i].sep, .fred = rows[i].fred };

		snprintf(c.vendor, sizeof(c.vendor), "%s", rows[i].vendor);
		ck_assert_msg(machine_gate32(&c, rows[i].arch) == rows[i].gate, "%s %s",
			      rows[i].vendor, rows[i].arch);
	}
	ck_assert_int_eq(machine_gate32(&(struct cpu){ 0 }, "x86_64"), SYSGATE_GATE_UNKNOWN);
}
END_TEST

START_TEST(all_works)
{
	static const char *const names[] = {
		"tracefs",	    "raw-syscalls",   "kprobe-events", "kprobes",  "fprobe-events",
		"dispatchers",	    "ftrace",	      "kallsyms",      "lockdown", "modules",
		"unsigned-modules", "kernel-headers", "tsc",	       "perf",	   "root"
	};
	struct machine m;

	make_debian();
	read_machine(&m);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		struct feature f = find(&m, names[i]);

		ck_assert_msg(f.works == YES, "%s: %s", f.name, f.why);
		ck_assert_msg(!f.enable[0], "%s: %s", f.name, f.enable);
	}
	remove_machine();
}
END_TEST

/* One file differs, one feature fails, and says what would help. */
static const struct {
	const char *path, *text; /* NULL: the file goes */
	const char *feature, *why, *enable;
} lacks[] = {
	{ "proc/modules", NULL, "modules", "no /proc/modules", "CONFIG_MODULES" },
	{ "proc/sys/kernel/modules_disabled", "1\n", "modules", "modules_disabled", "boot" },
	{ "proc/self/status", "CapEff:\t0000000000200000\n", "modules", "CAP_SYS_MODULE", "" },
	{ "sys/module/module/parameters/sig_enforce", "Y\n", "unsigned-modules", "sig_enforce",
	  "sign" },
	{ "sys/kernel/security/lockdown", "none [integrity] confidentiality\n", "unsigned-modules",
	  "integrity", "sign" },
	{ "sys/kernel/security/lockdown", "none integrity [confidentiality]\n", "lockdown",
	  "no tracing", "lockdown=integrity" },
	{ "tracing/kprobe_events", NULL, "kprobe-events", "no kprobe_events",
	  "CONFIG_KPROBE_EVENTS" },
	{ "tracing/README", "nothing\n", "fprobe-events", "no 't:'", "6.5" },
	{ "tracing/events/raw_syscalls/sys_exit/id", NULL, "raw-syscalls", "", "" },
	{ "tracing/available_filter_functions", "vfs_read\n", "dispatchers",
	  "only for a module's kprobe", "" },
	{ "proc/kallsyms", "0000000000000000 T register_kprobe\n", "kallsyms", "hides", "" },
	{ "proc/kallsyms", "ffffffff81000000 T _text\n", "kprobes", "no register_kprobe",
	  "CONFIG_KPROBES" },
	{ "proc/sys/kernel/ftrace_enabled", "0\n", "ftrace", "is 0",
	  "sysctl kernel.ftrace_enabled=1" },
	{ "lib/modules/6.1.0-56-amd64/build/Makefile", NULL, "kernel-headers", "6.1.0-56-amd64",
	  "apt-get install linux-headers-6.1.0-56-amd64" },
	{ "sys/devices/system/clocksource/clocksource0/current_clocksource", "hpet\n", "tsc",
	  "hpet", "" },
};

START_TEST(one_lacks)
{
	char path[256];

	for (size_t i = 0; i < ARRAY_SIZE(lacks); i++) {
		struct machine m;
		struct feature f;

		make_debian();
		snprintf(path, sizeof(path), "%s/%s", root, lacks[i].path);
		if (lacks[i].text)
			put(lacks[i].path, lacks[i].text);
		else
			ck_assert_int_eq(unlink(path), 0);
		if (!strcmp(lacks[i].feature, "raw-syscalls"))
			*strrchr(path, '/') = '\0', rmdir(path);
		read_machine(&m);
		f = find(&m, lacks[i].feature);
		ck_assert_msg(f.works == NO, "%s with %s: %s", f.name, lacks[i].path, f.why);
		ck_assert_msg(strstr(f.why, lacks[i].why), "%s: %s", f.name, f.why);
		ck_assert_msg(strstr(f.enable, lacks[i].enable), "%s: %s", f.name, f.enable);
		remove_machine();
	}
}
END_TEST

/* A machine of which nothing can be read: nothing works for certain, nothing crashes. */
START_TEST(nothing_seen)
{
	struct machine m;
	struct feature features[FEATURES_MAX];
	size_t count;

	make_machine();
	machine_read(&m, root, NULL, "not permitted");
	count = features_judge(&m, features);
	ck_assert_uint_gt(count, 10);
	for (size_t i = 0; i < count; i++) {
		ck_assert_msg(features[i].works != YES || !strcmp(features[i].name, "root"),
			      "%s: %s", features[i].name, features[i].why);
		ck_assert_msg(features[i].why[0], "%s", features[i].name);
	}
	ck_assert_int_eq(find(&m, "kprobe-events").works, UNSEEN);
	ck_assert_int_eq(find(&m, "kallsyms").works, UNSEEN);
	ck_assert_int_eq(find(&m, "lockdown").works, UNSEEN);
	remove_machine();
}
END_TEST

START_TEST(hostile)
{
	static char longest[1 << 20];
	struct machine m;

	make_debian();
	memset(longest, 'x', sizeof(longest) - 1);
	put("proc/cpuinfo", longest);
	put("proc/version", longest);
	put("etc/os-release", "ID=\"\nPRETTY_NAME=\"\"\n");
	put("sys/kernel/security/lockdown", "]][[[");
	put("proc/self/status", "CapEff:\tzzz\n");
	put("proc/sys/kernel/ftrace_enabled", "99999999999999999999999\n");
	put("tracing/README", longest);
	put("proc/kallsyms", longest);
	read_machine(&m);
	ck_assert_str_eq(m.os_name, "");
	ck_assert_str_eq(m.modules.lockdown, "");
	ck_assert_int_eq(m.rights.sys_admin, UNSEEN);
	ck_assert_int_eq(m.cpu.gate32, SYSGATE_GATE_UNKNOWN);
	find(&m, "modules");
	remove_machine();
}
END_TEST

START_TEST(trials)
{
	char why[96];

	for (int t = 0; t < TRIALS; t++) {
		why[0] = '\0';
		trial_run((enum trial)t, why, sizeof(why));
		ck_assert_msg(why[0], "trial %d says nothing", t);
	}
	/* Nothing is left behind. */
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
}
END_TEST

int main(void)
{
	const struct unit_case cases[] = {
		{ "facts are read from where the kernel shows them", facts },
		{ "the gate of 32-bit code follows from the CPU as the kernel chooses", gate32 },
		{ "where all is there, all works", all_works },
		{ "where one thing lacks, its feature says why and what would help", one_lacks },
		{ "what could not be seen is not said to work", nothing_seen },
		{ "files that are not as they should be do no harm", hostile },
		{ "trial programs leave nothing behind", trials },
	};

	return unit_main("machine", cases, ARRAY_SIZE(cases));
}
