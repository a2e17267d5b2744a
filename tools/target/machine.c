// SPDX-License-Identifier: GPL-2.0-or-later
#include "target/machine.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "target/files.h"
#include "target/machine_tracing.h"
#include "target/module_internal.h"
#include "target/trial.h"

/* From linux/capability.h; older headers lack the last. */
#define CAPABILITY_SYS_MODULE 16
#define CAPABILITY_SYS_ADMIN  21
#define CAPABILITY_PERFMON    38

static enum answer yes_if(bool yes)
{
	return yes ? YES : NO;
}

int machine_gate32(const struct cpu *cpu, const char *arch)
{
	/* The makers whose CPUs the 64-bit kernel marks with SYSENTER32 and SYSCALL32. */
	static const struct {
		const char *vendor;
		int gate;
	} chosen[] = {
		{ "GenuineIntel", SYSGATE_GATE_SYSENTER },
		{ "CentaurHauls", SYSGATE_GATE_SYSENTER },
		{ "Shanghai", SYSGATE_GATE_SYSENTER },
		{ "AuthenticAMD", SYSGATE_GATE_SYSCALL32 },
		{ "HygonGenuine", SYSGATE_GATE_SYSCALL32 },
	};

	if (!cpu->seen)
		return SYSGATE_GATE_UNKNOWN;
	/* Under FRED SYSENTER and SYSCALL still work, as events of the one entry. */
	if (cpu->fred)
		return SYSGATE_GATE_FRED;
	if (strcmp(arch, "x86_64"))
		return cpu->sep ? SYSGATE_GATE_SYSENTER : SYSGATE_GATE_INT80;
	for (size_t i = 0; i < ARRAY_SIZE(chosen); i++)
		if (strstr(cpu->vendor, chosen[i].vendor))
			return chosen[i].gate;
	return SYSGATE_GATE_INT80;
}

static bool count_cpu(const char *line, void *data)
{
	if (!strncmp(line, "processor", 9))
		++*(long *)data;
	return true;
}

static void read_cpu(struct machine *m, const char *root)
{
	struct cpu *c = &m->cpu;
	char flags[4096];

	c->seen = !file_field(root, "proc/cpuinfo", "flags", ':', flags, sizeof(flags));
	file_field(root, "proc/cpuinfo", "vendor_id", ':', c->vendor, sizeof(c->vendor));
	file_field(root, "proc/cpuinfo", "model name", ':', c->model, sizeof(c->model));
	file_lines(root, "proc/cpuinfo", count_cpu, &c->count);
	c->sep = text_has_word(flags, "sep");
	c->syscall = text_has_word(flags, "syscall");
	c->fred = text_has_word(flags, "fred");
	c->constant_tsc = text_has_word(flags, "constant_tsc");
	c->nonstop_tsc = text_has_word(flags, "nonstop_tsc");
	c->hypervisor = text_has_word(flags, "hypervisor");
	file_text(root, "sys/devices/system/clocksource/clocksource0/current_clocksource",
		  c->clocksource, sizeof(c->clocksource));
	file_text(root, "sys/devices/system/clocksource/clocksource0/available_clocksource", flags,
		  sizeof(flags));
	c->tsc_available = text_has_word(flags, "tsc");
	c->gate32 = machine_gate32(c, m->arch);
}

/* A value of /etc/os-release, which may be quoted. */
static void os_field(const char *root, const char *name, char *value, size_t size)
{
	size_t n;

	file_field(root, "etc/os-release", name, '=', value, size);
	n = strlen(value);
	if (n >= 2 && value[0] == '"' && value[n - 1] == '"') {
		value[n - 1] = '\0';
		memmove(value, value + 1, n - 1);
	}
}

static enum answer capability(const char *mask, int bit)
{
	char *end;
	uint64_t bits = strtoull(mask, &end, 16);

	return *mask && !*end ? yes_if(bits >> bit & 1) : UNSEEN;
}

static void read_rights(struct rights *r, const char *root)
{
	char mask[32];

	r->root = geteuid() == 0;
	file_field(root, "proc/self/status", "CapEff", ':', mask, sizeof(mask));
	r->sys_admin = capability(mask, CAPABILITY_SYS_ADMIN);
	r->sys_module = capability(mask, CAPABILITY_SYS_MODULE);
	r->perfmon = capability(mask, CAPABILITY_PERFMON);
	r->kptr_restrict = file_number(root, "proc/sys/kernel/kptr_restrict", UNSEEN_NUMBER);
	r->perf_paranoid = file_number(root, "proc/sys/kernel/perf_event_paranoid", UNSEEN_NUMBER);
}

/* "[none] integrity confidentiality": the one in brackets. */
static void pick_lockdown(const char *text, char *level, size_t size)
{
	const char *from = strchr(text, '['), *to = from ? strchr(from, ']') : NULL;

	if (to)
		snprintf(level, size, "%.*s", (int)(to - from - 1), from + 1);
}

static void read_lockdown(struct module_facts *m, const char *root)
{
	char text[128], dir[32];
	_cleanup_close_ int fd = -1;

	if (file_text(root, "sys/kernel/security/lockdown", text, sizeof(text)) && !root[0]) {
		fd = mount_detached("securityfs");
		if (fd < 0)
			return;
		snprintf(dir, sizeof(dir), "/proc/self/fd/%d", fd);
		/* A kernel without that file has no lockdown. */
		if (file_text(dir, "lockdown", text, sizeof(text)))
			snprintf(text, sizeof(text), "[none]");
	}
	pick_lockdown(text, m->lockdown, sizeof(m->lockdown));
}

static void read_headers(struct machine *m, const char *root)
{
	static const char *const places[] = { "lib/modules/%s/build", "usr/src/linux-headers-%s",
					      "usr/src/kernels/%s" };
	char dir[120], file[160];

	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		snprintf(dir, sizeof(dir), places[i], m->release);
		snprintf(file, sizeof(file), "%s/Makefile", dir);
		if (file_exists(root, file)) {
			snprintf(m->modules.headers, sizeof(m->modules.headers), "/%s", dir);
			return;
		}
	}
}

/* "Linux version 6.1.0 (build@host) (gcc-12 (Debian 12.2.0-14) 12.2.0, GNU ld ...) #1": gcc-12 */
static void read_built_with(struct module_facts *m, const char *root)
{
	char text[512];
	const char *at;

	file_text(root, "proc/version", text, sizeof(text));
	at = strstr(text, ") (");
	if (at)
		snprintf(m->built_with, sizeof(m->built_with), "%.*s", (int)strcspn(at + 3, " )"),
			 at + 3);
}

void machine_read_loading(struct machine *m, const char *root)
{
	struct module_facts *f = &m->modules;
	char text[8];

	f->loadable = yes_if(file_exists(root, "proc/modules"));
	if (!file_text(root, "proc/sys/kernel/modules_disabled", text, sizeof(text)))
		f->disabled = yes_if(text[0] == '1');
	if (!file_text(root, "sys/module/module/parameters/sig_enforce", text, sizeof(text)))
		f->sig_enforce = yes_if(text[0] == 'Y');
	read_lockdown(f, root);
}

void machine_signed_only(const struct machine *m, char *why, size_t size)
{
	const struct module_facts *f = &m->modules;

	why[0] = '\0';
	if (f->sig_enforce == YES)
		snprintf(why, size, "the kernel takes signed modules only (sig_enforce)");
	else if (f->lockdown[0] && strcmp(f->lockdown, "none"))
		snprintf(why, size, "lockdown is %s: signed modules only", f->lockdown);
}

bool machine_tracing_locked(const struct machine *m)
{
	return !strcmp(m->modules.lockdown, "confidentiality");
}

void machine_read_os(struct machine *m, const char *root)
{
	os_field(root, "ID", m->os_id, sizeof(m->os_id));
	os_field(root, "PRETTY_NAME", m->os_name, sizeof(m->os_name));
}

void machine_read(struct machine *m, const char *root, const char *tracefs, const char *why)
{
	struct tried *const tried[] = { &m->i386, &m->int80, &m->x32 };
	struct utsname u;

	memset(m, 0, sizeof(*m));
	for (size_t i = 0; i < ARRAY_SIZE(tried); i++)
		snprintf(tried[i]->why, sizeof(tried[i]->why), "not tried");
	if (!uname(&u)) {
		snprintf(m->release, sizeof(m->release), "%s", u.release);
		snprintf(m->arch, sizeof(m->arch), "%s", u.machine);
	}
	if (root[0])
		file_text(root, "proc/sys/kernel/osrelease", m->release, sizeof(m->release));
	machine_read_os(m, root);
	read_cpu(m, root);
	read_rights(&m->rights, root);
	machine_read_loading(m, root);
	read_headers(m, root);
	read_built_with(&m->modules, root);
	machine_read_tracing(&m->tracing, root, tracefs, why);
	machine_read_symbols(&m->symbols, root);
}

/* "Systemtap translator/driver (version 5.1/0.188, Debian ...)": 5.1 */
static void ask_version(struct stap_facts *s)
{
	_cleanup_free_ char *line = NULL;
	const char *at;
	size_t room = 0;
	FILE *f = popen("LC_ALL=C exec stap --version 2>&1", "re");

	if (!f)
		return;
	if (getline(&line, &room, f) > 0) {
		at = strstr(line, "version ");
		if (at)
			snprintf(s->version, sizeof(s->version), "%.*s",
				 (int)strcspn(at + 8, "/, )\n"), at + 8);
	}
	pclose(f);
}

static void find_compiler(struct module_facts *m)
{
	/* Modules want their kernel's own compiler: that one first. */
	const char *const names[] = { m->built_with, "gcc", "cc", "clang" };

	for (size_t i = 0; i < ARRAY_SIZE(names) && !m->compiler[0]; i++)
		if (names[i][0])
			program_find(names[i], m->compiler, sizeof(m->compiler));
}

static void try_program(struct tried *t, enum trial which)
{
	switch (trial_run(which, t->why, sizeof(t->why))) {
	case TRIAL_RAN:
		t->runs = YES;
		break;
	case TRIAL_REFUSED:
		t->runs = NO;
		break;
	default:
		t->runs = UNSEEN;
	}
}

void machine_try(struct machine *m)
{
	try_program(&m->i386, TRIAL_I386);
	try_program(&m->int80, TRIAL_INT80);
	try_program(&m->x32, TRIAL_X32);
	find_compiler(&m->modules);
	if (!program_find("staprun", m->stap.runner, sizeof(m->stap.runner)))
		module_program_withheld("staprun", m->stap.runner_group,
					sizeof(m->stap.runner_group));
	if (program_find("stap", m->stap.translator, sizeof(m->stap.translator)))
		ask_version(&m->stap);
}
