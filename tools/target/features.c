// SPDX-License-Identifier: GPL-2.0-or-later
#include "target/judges.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "target/symbols.h"
#include "target/syscalls.h"

#define MOUNT_TRACEFS "mount -t tracefs tracefs /sys/kernel/tracing"

void feature_say(char *text, size_t size, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, size, fmt, ap);
	va_end(ap);
}

static void judge_root(const struct machine *m, struct feature *f)
{
	const struct rights *r = &m->rights;

	f->works = r->sys_admin == UNSEEN ? (r->root ? YES : NO) : r->sys_admin;
	if (f->works == YES)
		why(f, "%s, CAP_SYS_ADMIN%s%s", r->root ? "root" : "not root",
		    r->sys_module == YES ? ", CAP_SYS_MODULE" : "",
		    r->perfmon == YES ? ", CAP_PERFMON" : "");
	else if (r->root)
		why(f, "root without CAP_SYS_ADMIN: a container");
	else
		why(f, "not root: what only root sees is unknown here");
	if (f->works != YES)
		enable(f, r->root ? "run it on the host, outside the container"
				  : "sudo sysgate doctor");
}

static void judge_i386(const struct machine *m, struct feature *f)
{
	f->works = m->i386.runs;
	if (f->works == YES)
		why(f, "%s; its vDSO enters by %s", m->i386.why, gate_name(m->cpu.gate32));
	else
		why(f, "%s", m->i386.why);
	if (f->works == NO)
		enable(f, "boot a kernel with CONFIG_IA32_EMULATION and ia32_emulation=on");
}

static void judge_int80(const struct machine *m, struct feature *f)
{
	f->works = m->int80.runs;
	why(f, "from 64-bit code: %s", m->int80.why);
	if (f->works == NO)
		enable(f, "boot a kernel with CONFIG_IA32_EMULATION and ia32_emulation=on");
}

static void judge_x32(const struct machine *m, struct feature *f)
{
	f->works = m->x32.runs;
	why(f, "%s", m->x32.why);
	if (f->works == NO && !strcmp(m->arch, "x86_64"))
		enable(f, "boot a kernel with CONFIG_X86_X32_ABI (Debian: with syscall.x32=y)");
}

static void judge_tracefs(const struct machine *m, struct feature *f)
{
	const struct tracing_facts *t = &m->tracing;

	if (t->dir[0]) {
		f->works = YES;
		if (t->own)
			why(f, "not mounted; sysgate mounts its own, for itself alone");
		else
			why(f, "mounted at %s", t->dir);
		return;
	}
	f->works = t->in_kernel == NO ? NO : m->rights.root ? NO : UNSEEN;
	why(f, "%s", t->in_kernel == NO ? "this kernel has none" : t->why);
	if (t->in_kernel == NO)
		enable(f, "boot a kernel with CONFIG_FTRACE and CONFIG_FTRACE_SYSCALLS");
	else
		enable(f, m->rights.root ? MOUNT_TRACEFS : "sudo sysgate doctor");
}

/* Whether tracefs has something; where it could not be looked at, says so. */
static bool judge_seen(const struct machine *m, struct feature *f, enum answer has)
{
	f->works = has;
	/* tracefs's directories are there then, and empty. */
	if (machine_tracing_locked(m)) {
		f->works = NO;
		why(f, "lockdown is confidentiality");
		enable(f, "boot with lockdown=integrity");
		return false;
	}
	if (has != UNSEEN)
		return true;
	if (m->tracing.in_kernel == NO) {
		f->works = NO;
		why(f, "this kernel has no tracefs");
		return false;
	}
	why(f, "tracefs could not be looked at");
	enable(f, m->rights.root ? MOUNT_TRACEFS : "sudo sysgate doctor");
	return false;
}

static void judge_raw_syscalls(const struct machine *m, struct feature *f)
{
	if (!judge_seen(m, f, m->tracing.raw_syscalls))
		return;
	why(f, f->works == YES ? "the events sys_enter and sys_exit are there"
			       : "no events raw_syscalls/sys_enter and sys_exit");
	if (f->works == NO)
		enable(f, "boot a kernel with CONFIG_FTRACE_SYSCALLS");
}

static void judge_kprobe_events(const struct machine *m, struct feature *f)
{
	if (!judge_seen(m, f, m->tracing.kprobe_events))
		return;
	why(f, f->works == YES ? "kprobe_events is there" : "no kprobe_events");
	if (f->works == NO)
		enable(f, "boot a kernel with CONFIG_KPROBE_EVENTS");
}

static void judge_fprobe_events(const struct machine *m, struct feature *f)
{
	if (!judge_seen(m, f, m->tracing.fprobe_events))
		return;
	why(f, f->works == YES ? "tracefs's README has 't:' tracepoint probes"
			       : "tracefs's README has no 't:' tracepoint probes");
	if (f->works == NO)
		enable(f, "boot Linux 6.5 or later with CONFIG_FPROBE_EVENTS and BTF");
}

/* The names of the ABIs' dispatchers that the answers say yes to. */
static void list_dispatchers(const enum answer *has, char *list, size_t size)
{
	size_t n = 0;

	list[0] = '\0';
	for (int abi = 0; abi < SYSGATE_ABIS && n < size; abi++)
		if (has[abi] == YES && dispatcher_name(abi))
			n += (size_t)snprintf(list + n, size - n, "%s%s", n ? ", " : "",
					      dispatcher_name(abi));
}

static void judge_dispatchers(const struct machine *m, struct feature *f)
{
	char traced[64], known[64];

	if (!judge_seen(m, f, m->tracing.dispatcher[SYSGATE_ABI_I386]))
		return;
	list_dispatchers(m->tracing.dispatcher, traced, sizeof(traced));
	list_dispatchers(m->symbols.dispatcher, known, sizeof(known));
	f->works = traced[0] ? YES : NO;
	if (traced[0])
		why(f, "%s can be traced", traced);
	else if (known[0])
		why(f, "%s: not for ftrace%s", known,
		    m->symbols.kprobes == YES ? ", only for a module's kprobe" : "");
	else
		why(f, "no x64_sys_call or ia32_sys_call in this kernel");
}

static void judge_ftrace(const struct machine *m, struct feature *f)
{
	long on = m->tracing.ftrace_enabled;

	f->works = on == 1 ? YES : NO;
	if (on == UNSEEN_NUMBER)
		why(f, "the kernel has no function tracer");
	else
		why(f, "kernel.ftrace_enabled is %ld", on);
	if (on == 0)
		enable(f, "sysctl kernel.ftrace_enabled=1");
	else if (on == UNSEEN_NUMBER)
		enable(f, "boot a kernel with CONFIG_FUNCTION_TRACER");
}

static void judge_kprobes(const struct machine *m, struct feature *f)
{
	f->works = m->symbols.kprobes;
	if (f->works == UNSEEN) {
		why(f, KALLSYMS_PATH " could not be read");
		return;
	}
	if (f->works == NO) {
		why(f, "no register_kprobe among the kernel's symbols");
		enable(f, "boot a kernel with CONFIG_KPROBES");
	} else if (m->symbols.blacklisted >= 0) {
		why(f, "%ld functions are on the blacklist", m->symbols.blacklisted);
	} else {
		why(f, "the kernel has them; the blacklist could not be read");
	}
}

static void judge_kallsyms(const struct machine *m, struct feature *f)
{
	f->works = m->symbols.readable;
	if (f->works == YES)
		why(f, KALLSYMS_PATH " shows addresses");
	else if (f->works == UNSEEN)
		why(f, KALLSYMS_PATH " could not be read");
	else
		why(f, KALLSYMS_PATH " hides addresses");
	if (f->works == NO)
		enable(f, m->rights.root ? "sysctl kernel.kptr_restrict=1" : "sudo sysgate doctor");
}

static void judge_perf(const struct machine *m, struct feature *f)
{
	long level = m->rights.perf_paranoid;

	if (level == UNSEEN_NUMBER) {
		f->works = NO;
		why(f, "the kernel has no perf events");
		enable(f, "boot a kernel with CONFIG_PERF_EVENTS");
		return;
	}
	f->works = level < 0 || m->rights.perfmon == YES || m->rights.sys_admin == YES ? YES : NO;
	why(f, "perf_event_paranoid is %ld", level);
	if (f->works == NO)
		enable(f, "sudo sysgate doctor");
}

static void judge_clock(const struct machine *m, struct feature *f)
{
	const struct cpu *c = &m->cpu;

	f->works = !strcmp(c->clocksource, "tsc") && c->constant_tsc ? YES : NO;
	if (!c->seen)
		f->works = UNSEEN;
	why(f, "clock source %s%s%s", c->clocksource[0] ? c->clocksource : "unknown",
	    c->constant_tsc ? ", constant_tsc" : ", TSC not constant",
	    c->nonstop_tsc ? ", nonstop_tsc" : "");
	if (f->works == NO && c->tsc_available)
		enable(f, "boot with clocksource=tsc");
}

/* In the order in which they are shown: what programs can do, tracing, modules, SystemTap, time. */
static const struct {
	const char *name;
	void (*judge)(const struct machine *m, struct feature *f);
} judges[] = {
	{ "root", judge_root },
	{ "i386-programs", judge_i386 },
	{ "int80", judge_int80 },
	{ "x32-programs", judge_x32 },
	{ "tracefs", judge_tracefs },
	{ "raw-syscalls", judge_raw_syscalls },
	{ "kprobe-events", judge_kprobe_events },
	{ "fprobe-events", judge_fprobe_events },
	{ "dispatchers", judge_dispatchers },
	{ "ftrace", judge_ftrace },
	{ "kprobes", judge_kprobes },
	{ "kallsyms", judge_kallsyms },
	{ "perf", judge_perf },
	{ "lockdown", judge_lockdown },
	{ "modules", judge_modules },
	{ "unsigned-modules", judge_unsigned },
	{ "kernel-headers", judge_headers },
	{ "compiler", judge_compiler },
	{ "systemtap", judge_stap },
	{ "systemtap-runtime", judge_stap_runtime },
	{ "systemtap-group", judge_stap_group },
	{ "systemtap-symbols", judge_stap_symbols },
	{ "tsc", judge_clock },
};

size_t features_judge(const struct machine *m, struct feature features[FEATURES_MAX])
{
	_Static_assert(ARRAY_SIZE(judges) <= FEATURES_MAX, "more features than room");

	for (size_t i = 0; i < ARRAY_SIZE(judges); i++) {
		memset(&features[i], 0, sizeof(features[i]));
		features[i].name = judges[i].name;
		judges[i].judge(m, &features[i]);
	}
	return ARRAY_SIZE(judges);
}
