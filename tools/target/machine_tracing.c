// SPDX-License-Identifier: GPL-2.0-or-later
#include "target/machine_tracing.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "target/files.h"
#include "target/symbols.h"

static const char *const dispatchers[SYSGATE_ABIS] = {
	[SYSGATE_ABI_X86_64] = "x64_sys_call",
	[SYSGATE_ABI_I386] = "ia32_sys_call",
	[SYSGATE_ABI_X32] = "x32_sys_call",
};

const char *dispatcher_name(int abi)
{
	return abi >= 0 && abi < SYSGATE_ABIS ? dispatchers[abi] : NULL;
}

static enum answer yes_if(bool yes)
{
	return yes ? YES : NO;
}

static int dispatcher_of(const char *name)
{
	for (int abi = 0; abi < SYSGATE_ABIS; abi++)
		if (dispatchers[abi] && !strcmp(dispatchers[abi], name))
			return abi;
	return -1;
}

static bool match_filesystem(const char *line, void *data)
{
	bool *found = data;

	*found = text_has_word(line, "tracefs");
	return !*found;
}

/* tracefs's README has a line for each kind of probe event: "t[:[<group>/][<event>]] <tracepoint>"
 */
static bool match_readme(const char *line, void *data)
{
	struct tracing_facts *t = data;

	if (strstr(line, "t[:[<group>/]") && strstr(line, "<tracepoint>"))
		t->fprobe_events = YES;
	return true;
}

/* "x64_sys_call" or "function [module]" */
static bool match_function(const char *line, void *data)
{
	struct tracing_facts *t = data;
	int abi = dispatcher_of(line);

	if (abi >= 0)
		t->dispatcher[abi] = YES;
	return true;
}

void machine_read_tracing(struct tracing_facts *t, const char *root, const char *tracefs,
			  const char *why)
{
	bool known = false;

	t->ftrace_enabled = file_number(root, "proc/sys/kernel/ftrace_enabled", UNSEEN_NUMBER);
	if (!file_lines(root, "proc/filesystems", match_filesystem, &known))
		t->in_kernel = yes_if(known);
	if (!tracefs) {
		snprintf(t->why, sizeof(t->why), "%s", why ? why : "tracefs was not reached");
		return;
	}
	snprintf(t->dir, sizeof(t->dir), "%s", tracefs);
	t->own = !strncmp(tracefs, "/proc/", 6);
	t->raw_syscalls = yes_if(file_exists(tracefs, "events/raw_syscalls/sys_enter") &&
				 file_exists(tracefs, "events/raw_syscalls/sys_exit"));
	t->instances = yes_if(file_exists(tracefs, "instances"));
	t->kprobe_events = yes_if(file_exists(tracefs, "kprobe_events"));
	t->fprobe_events = NO;
	if (file_lines(tracefs, "README", match_readme, t))
		t->fprobe_events = UNSEEN;
	/* A kernel without the function tracer lacks the list, and nothing can be traced then. */
	for (int abi = 0; abi < SYSGATE_ABIS; abi++)
		t->dispatcher[abi] = NO;
	file_lines(tracefs, "available_filter_functions", match_function, t);
}

static bool match_symbol(uint64_t address, char type, const char *name, void *data)
{
	struct symbol_facts *s = data;
	int abi;

	(void)type;
	if (address)
		s->readable = YES;
	if (!strcmp(name, "register_kprobe"))
		s->kprobes = YES;
	abi = dispatcher_of(name);
	if (abi >= 0)
		s->dispatcher[abi] = YES;
	return true;
}

static bool count_line(const char *line, void *data)
{
	(void)line;
	++*(long *)data;
	return true;
}

static void count_blacklist(struct symbol_facts *s, const char *root)
{
	_cleanup_close_ int fd = -1;
	char dir[32];
	long count = 0;

	s->blacklisted = UNSEEN_NUMBER;
	if (!file_lines(root, "sys/kernel/debug/kprobes/blacklist", count_line, &count)) {
		s->blacklisted = count;
		return;
	}
	if (root[0])
		return;
	fd = mount_detached("debugfs");
	if (fd < 0)
		return;
	snprintf(dir, sizeof(dir), "/proc/self/fd/%d", fd);
	count = 0;
	if (!file_lines(dir, "kprobes/blacklist", count_line, &count))
		s->blacklisted = count;
}

void machine_read_symbols(struct symbol_facts *s, const char *root)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s%s", root, KALLSYMS_PATH);
	s->readable = NO;
	s->kprobes = NO;
	for (int abi = 0; abi < SYSGATE_ABIS; abi++)
		s->dispatcher[abi] = NO;
	/* A file that cannot be read leaves it open whether the kernel has them. */
	if (symbols_each(path, match_symbol, s, NULL))
		memset(s, 0, sizeof(*s));
	count_blacklist(s, root);
}
