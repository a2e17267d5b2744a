// SPDX-License-Identifier: GPL-2.0-or-later
#include "engine/gateprobe.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#include "base/cleanup.h"

/*
 * Numbers that every kernel with a dispatcher to probe hands to it: the tables of 5.1 and later
 * reach beyond. sys_enter, filtered, tells of the others, which can be out of every table.
 */
#define NOT_DISPATCHED "id >= 424 || id < 0"

/* One probe event; the rest of a row's points stay empty. */
#define POINT(definition_, event_, ...)                                 \
	{                                                               \
		.definition = definition_, .event = event_, __VA_ARGS__ \
	}

const struct gate_probe gate_probes[] = {
	{ .name = "tracepoint",
	  .machine = "x86_64",
	  .text = "probe events on the tracepoints",
	  .points = { POINT("t:%s/ent sys_enter gate=-8($arg1):u64 nr=$arg2:s64", "ent",
			    .role = ROLE_ENTER),
		      POINT("t:%s/ext sys_exit gate=-8($arg1):u64 ret=$arg2:s64 "
			    "nr=regs->orig_ax:s64",
			    "ext", .role = ROLE_EXIT) } },
	{ .name = "tracepoint",
	  .machine = "i386",
	  .text = "probe events on the tracepoints",
	  .points = { POINT("t:%s/ent sys_enter gate=-4($arg1):u32 nr=$arg2:s32", "ent",
			    .role = ROLE_ENTER),
		      POINT("t:%s/ext sys_exit gate=-4($arg1):u32 ret=$arg2:s32 "
			    "nr=regs->orig_ax:s32",
			    "ext", .role = ROLE_EXIT) } },
	{ .name = "dispatcher",
	  .machine = "x86_64",
	  .text = "kprobe events on the dispatchers",
	  .points = { POINT("p:%s/x64 x64_sys_call gate=-8(%%di):u64 nr=%%si:s32", "x64",
			    .role = ROLE_DISPATCH, .abi = SYSGATE_ABI_X86_64),
		      POINT("p:%s/ia32 ia32_sys_call gate=-8(%%di):u64 nr=%%si:s32", "ia32",
			    .role = ROLE_DISPATCH, .abi = SYSGATE_ABI_I386, .optional = true),
		      POINT("p:%s/x32 x32_sys_call gate=-8(%%di):u64 nr=%%si:s32", "x32",
			    .role = ROLE_DISPATCH, .abi = SYSGATE_ABI_X32, .optional = true) },
	  .raw_enter = true,
	  .raw_exit = true,
	  .enter_filter = NOT_DISPATCHED },
	{ .name = "dispatcher",
	  .machine = "i386",
	  .text = "kprobe event on the dispatcher",
	  .points = { POINT("p:%s/ia32 ia32_sys_call gate=-4(%%ax):u32 nr=%%dx:s32", "ia32",
			    .role = ROLE_DISPATCH, .abi = SYSGATE_ABI_I386) },
	  .raw_enter = true,
	  .raw_exit = true,
	  .enter_filter = NOT_DISPATCHED },
	{ .name = "return",
	  .machine = "x86_64",
	  .text = "kprobe event on the return to user space",
	  .points = { POINT("p:%s/gate exit_to_user_mode_prepare gate=-8(%%di):u64", "gate",
			    .role = ROLE_GATE) },
	  .raw_enter = true,
	  .raw_exit = true,
	  .late = true },
	{ .name = "return",
	  .machine = "i386",
	  .text = "kprobe event on the return to user space",
	  .points = { POINT("p:%s/gate exit_to_user_mode_prepare gate=-4(%%ax):u32", "gate",
			    .role = ROLE_GATE) },
	  .raw_enter = true,
	  .raw_exit = true,
	  .late = true },
	{ .name = NULL },
};

const struct gate_probe gate_probe_none = {
	.name = "none",
	.text = "raw_syscalls alone",
	.raw_enter = true,
	.raw_exit = true,
};

/* All required points, or none of the row. */
static int define_row(struct tracing_instance *t, const struct gate_probe *row,
		      bool defined[GATE_POINTS], struct sg_error *e)
{
	int ret = 0;

	for (size_t i = 0; i < GATE_POINTS; i++) {
		defined[i] = false;
		if (ret || !row->points[i].definition)
			continue;
		ret = tracing_probe(t, row->points[i].definition, e);
		defined[i] = !ret;
		if (ret && row->points[i].optional)
			ret = 0;
	}
	if (ret)
		tracing_probes_remove(t);
	return ret;
}

/*
 * Whether the kernel has probe events of a definition's kind, by its own help text:
 * "p[:[<group>/]<event>] <place>", "t[:[<group>/]<event>] <tracepoint>" or older spellings.
 */
static bool kind_known(const char *definition)
{
	_cleanup_free_ char *help = tracefs_instance_file_read(NULL, "README", NULL);

	if (!help)
		return true; /* the kernel will say it when it is asked for one */
	if (definition[0] == 't')
		return strstr(help, "<tracepoint>");
	return strstr(help, "kprobe_events") || strstr(help, "place (kprobe)");
}

/* "i386" for what uname calls i486, i586, i686. */
static const char *machine_name(void)
{
	static struct utsname u;

	uname(&u);
	if (u.machine[0] == 'i' && !strcmp(u.machine + 2, "86"))
		return "i386";
	return u.machine;
}

int gate_probe_define(struct tracing_instance *t, const char *want, const struct gate_probe **out,
		      bool defined[GATE_POINTS], char *why, size_t why_size, struct sg_error *e)
{
	bool any = !want || !strcmp(want, "auto"), known = any, some = false;
	struct sg_error refused = { 0 };
	const char *machine = machine_name();
	size_t used = 0;

	why[0] = '\0';
	*out = &gate_probe_none;
	memset(defined, 0, GATE_POINTS * sizeof(*defined));
	if (want && !strcmp(want, "none")) {
		snprintf(why, why_size, "not asked for");
		return 0;
	}
	for (const struct gate_probe *row = gate_probes; row->name; row++) {
		if (strcmp(row->machine, machine) || (!any && strcmp(row->name, want)))
			continue;
		known = true;
		if (any && !kind_known(row->points[0].definition))
			continue;
		some = true;
		if (!define_row(t, row, defined, &refused)) {
			*out = row;
			return 0;
		}
		if (!any) {
			*e = refused;
			return -ENOTSUP;
		}
		if (used < why_size)
			used += (size_t)snprintf(why + used, why_size - used, "%s%s: %s",
						 used ? "; " : "", row->name, refused.text);
	}
	if (!known)
		return sg_fail(
			e, EINVAL,
			"unknown gate probe '%s': auto, none, tracepoint, dispatcher, return",
			want);
	if (any && !some)
		snprintf(why, why_size, "this kernel has no probe events");
	return 0;
}
