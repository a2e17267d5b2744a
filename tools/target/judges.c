// SPDX-License-Identifier: GPL-2.0-or-later
/* What loading a module and building one need: the kernel's rules, headers, compiler, SystemTap. */
#include "target/judges.h"

#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"

const char *install_command(const struct machine *m, const char *what, char *buf, size_t size)
{
	static const struct {
		const char *os, *command;
	} managers[] = {
		{ "debian", "apt-get install" }, { "ubuntu", "apt-get install" },
		{ "fedora", "dnf install" },	 { "rhel", "dnf install" },
		{ "rocky", "dnf install" },	 { "almalinux", "dnf install" },
		{ "arch", "pacman -S" },	 { "alpine", "apk add" },
	};

	buf[0] = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(managers); i++)
		if (!strcmp(managers[i].os, m->os_id))
			snprintf(buf, size, "%s %s", managers[i].command, what);
	return buf;
}

void judge_modules(const struct machine *m, struct feature *f)
{
	const struct module_facts *k = &m->modules;

	f->works = NO;
	if (k->loadable == NO) {
		why(f, "this kernel loads no modules: no /proc/modules");
		enable(f, "boot a kernel with CONFIG_MODULES");
	} else if (k->disabled == YES) {
		why(f, "kernel.modules_disabled is 1 until the next boot");
		enable(f, "boot without setting kernel.modules_disabled");
	} else if (m->rights.sys_module == NO) {
		why(f, "CAP_SYS_MODULE is missing");
		enable(f, m->rights.root ? "run it on the host, outside the container"
					 : "sudo sysgate doctor");
	} else {
		f->works = k->loadable;
		why(f, "modules can be loaded");
	}
}

void judge_unsigned(const struct machine *m, struct feature *f)
{
	const struct module_facts *k = &m->modules;

	if (k->loadable == NO) {
		f->works = NO;
		why(f, "this kernel loads no modules");
		return;
	}
	machine_signed_only(m, f->why, sizeof(f->why));
	if (!f->why[0] && !k->lockdown[0] && k->sig_enforce == UNSEEN) {
		why(f, "neither lockdown nor sig_enforce could be read");
	} else if (!f->why[0]) {
		f->works = YES;
		why(f, "no signature is asked for");
	} else {
		f->works = NO;
		enable(f, "sign the module with a key of the machine's owner (mokutil --import), "
			  "or turn Secure Boot off");
	}
}

void judge_lockdown(const struct machine *m, struct feature *f)
{
	const char *level = m->modules.lockdown;

	if (!level[0]) {
		f->works = UNSEEN;
		why(f, "securityfs could not be looked at");
		if (!m->rights.root)
			enable(f, "sudo sysgate doctor");
		return;
	}
	f->works = machine_tracing_locked(m) ? NO : YES;
	why(f, "lockdown is %s%s", level,
	    f->works == NO	     ? ": no tracing"
	    : !strcmp(level, "none") ? ""
				     : ": tracing is allowed, unsigned modules are not");
	if (f->works == NO)
		enable(f, "boot with lockdown=integrity");
}

/* Debian's own releases end so; another kernel's headers are not in its archive. */
bool archive_has_kernel(const struct machine *m)
{
	static const char *const endings[] = { "-amd64", "-686", "-686-pae" };
	size_t n = strlen(m->release), k;

	if (strcmp(m->os_id, "debian"))
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(endings); i++) {
		k = strlen(endings[i]);
		if (n > k && !strcmp(m->release + n - k, endings[i]))
			return true;
	}
	return false;
}

void judge_headers(const struct machine *m, struct feature *f)
{
	char package[128], command[192];

	f->works = m->modules.headers[0] ? YES : NO;
	if (f->works == YES) {
		why(f, "%s", m->modules.headers);
		return;
	}
	why(f, "no headers of kernel %s", m->release);
	if (!strcmp(m->os_id, "arch"))
		snprintf(package, sizeof(package), "linux-headers");
	else
		snprintf(package, sizeof(package), "%s-%s",
			 !strcmp(m->os_id, "debian") || !strcmp(m->os_id, "ubuntu")
				 ? "linux-headers"
				 : "kernel-devel",
			 m->release);
	if (archive_has_kernel(m) && install_command(m, package, command, sizeof(command))[0])
		enable(f, "%s", command);
	else
		enable(f, "install the headers from where the kernel came");
}

void judge_compiler(const struct machine *m, struct feature *f)
{
	char command[192];
	const char *wanted = m->modules.built_with[0] ? m->modules.built_with : "gcc";

	f->works = m->modules.compiler[0] ? YES : NO;
	if (f->works == NO) {
		why(f, "no C compiler; the kernel was built with %s", wanted);
		enable(f, "%s", install_command(m, wanted, command, sizeof(command)));
		return;
	}
	why(f, "%s; the kernel was built with %s", m->modules.compiler, wanted);
}

/* There is a staprun, but not for this user. */
static bool is_withheld(const struct machine *m, struct feature *f)
{
	const char *group = m->stap.runner_group;

	if (!group[0])
		return false;
	f->works = NO;
	why(f, "staprun, which loads scripts' modules, is for root and the group %s", group);
	if (!strcmp(group, "root"))
		enable(f, "sudo sysgate doctor");
	else
		enable(f, "sudo adduser \"$USER\" %s", group);
	return true;
}

void judge_stap(const struct machine *m, struct feature *f)
{
	const struct stap_facts *s = &m->stap;
	char command[192];

	if (is_withheld(m, f))
		return;
	f->works = s->translator[0] && s->runner[0] ? YES : NO;
	if (f->works == YES)
		why(f, "version %s, %s", s->version[0] ? s->version : "unknown", s->translator);
	else if (s->runner[0])
		why(f, "%s alone: loads prebuilt modules only", s->runner);
	else
		why(f, "not installed");
	if (f->works == NO)
		enable(f, "%s", install_command(m, "systemtap", command, sizeof(command)));
}

void judge_stap_runtime(const struct machine *m, struct feature *f)
{
	char command[192];

	f->works = m->stap.runner[0] ? YES : NO;
	if (f->works == YES) {
		why(f, "%s loads scripts' modules, kept or built", m->stap.runner);
		return;
	}
	if (is_withheld(m, f))
		return;
	why(f, "no staprun, which loads scripts' modules");
	enable(f, "%s", install_command(m, "systemtap-runtime", command, sizeof(command)));
}

/* SystemTap asks staprun's user for it. */
void judge_stap_group(const struct machine *m, struct feature *f)
{
	f->works = !m->stap.runner[0] ? NO : m->rights.root ? YES : UNSEEN;
	why(f, m->rights.root ? "root needs none of SystemTap's groups"
			      : "who is not root has to be in the group stapdev");
	if (!m->rights.root)
		enable(f, "sudo adduser \"$USER\" stapdev");
}

/* It wants a System.map, which Debian's packages have empty: one is made of these. */
void judge_stap_symbols(const struct machine *m, struct feature *f)
{
	f->works = m->symbols.readable;
	if (f->works == YES)
		why(f, "made of /proc/kallsyms; debug information is not needed");
	else
		why(f, "/proc/kallsyms cannot be read with its addresses");
	if (f->works != YES && !m->rights.root)
		enable(f, "sudo sysgate doctor");
}
