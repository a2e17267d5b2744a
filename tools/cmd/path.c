// SPDX-License-Identifier: GPL-2.0-or-later
/* sysgate path: the way of a call into the kernel and back, gate by gate. */
#include "cmd/path.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "cmd/cmd.h"
#include "cmd/kernel_source.h"

struct path_options {
	const char *kallsyms, *system_map, *vmlinux, *debug_dir;
	const char *blacklist, *functions;
	const char *attach, *output;
	char *calls;
};

static const struct option_def options[] = {
	{ 0, "kallsyms", "FILE", OPTION_STRING, offsetof(struct path_options, kallsyms),
	  "of another kernel, by a copy of its /proc/kallsyms" },
	{ 0, "system-map", "FILE", OPTION_STRING, offsetof(struct path_options, system_map),
	  "of another kernel, by its System.map" },
	{ 0, "vmlinux", "FILE", OPTION_STRING, offsetof(struct path_options, vmlinux),
	  "of another kernel, by its vmlinux, an ELF file with symbols" },
	{ 0, "debug-dir", "DIR", OPTION_STRING, offsetof(struct path_options, debug_dir),
	  "where debug information is looked for (" DEBUG_DIR ")" },
	{ 0, "blacklist", "FILE", OPTION_STRING, offsetof(struct path_options, blacklist),
	  "with a copy of that kernel's kprobes/blacklist of debugfs" },
	{ 0, "functions", "FILE", OPTION_STRING, offsetof(struct path_options, functions),
	  "with a copy of its available_filter_functions of tracefs" },
	{ 'e', "calls", "SET", OPTION_JOIN, offsetof(struct path_options, calls),
	  "plan for these calls, and show the first one's handlers; see sysgate(1)" },
	{ 0, "attach", "WAY", OPTION_STRING, offsetof(struct path_options, attach),
	  "plan for tracepoint, kprobe or auto (default)" },
	{ 'o', "output", "FORMAT[:FILE]", OPTION_STRING, offsetof(struct path_options, output),
	  "text, json or dot; a file appears when it is whole" },
	{ 0 },
};

static const char *const formats[] = { "text", "json", "dot", NULL };
static int (*const writers[])(FILE *out, const struct path_view *v) = { NULL, path_write_json,
									path_write_dot };

static int write_path(const struct path_options *o, const struct path_view *v, struct sg_error *e)
{
	struct output output = { 0 };
	const char *file = NULL;
	int format = format_parse(formats, o->output ? o->output : "text", &file), err;

	err = output_open(&output, file, e);
	if (err)
		return err;
	err = writers[format] ? writers[format](output.file, v)
			      : path_write_text(output.file, v, output_width(&output));
	err = output_wrote(&output, err, "the path", e);
	return output_finish(&output, err, e);
}

/* The name of the first call that a set names; NULL: it names none. */
static const char *first_call(const struct callset *set, const struct syscalls *names, char buf[16])
{
	struct key key;
	size_t n = callset_named(set, &key, 1);

	return !n || n == CALLSET_ALL ? NULL : syscalls_name(names, key.abi, key.nr, buf, 16);
}

/* Fills ask with what the kernel has, where the options do not name something else. */
static void ask_source(const struct kernel_source *s, struct path_ask *ask)
{
	const struct vmlinux *v = &s->vmlinux;

	if (v->symbols.path[0])
		ask->kallsyms = v->symbols.path;
	if (!ask->functions && v->functions.path[0])
		ask->functions = v->functions.path;
	if (!ask->blacklist && v->blacklist.path[0])
		ask->blacklist = v->blacklist.path;
	ask->tracefs = s->tracefs;
	ask->debug = v->info;
	ask->debug_stext = v->stext;
}

/* A table alone has no more than symbols. */
static int open_source(const struct path_options *o, struct kernel_source *s, struct path_ask *ask,
		       struct sg_error *e)
{
	int err;

	if (ask->kallsyms) {
		s->name = ask->kallsyms;
		return sg_fail(&s->no_debug, 0,
			       "a symbol table has no source lines; --vmlinux has, with debug "
			       "information");
	}
	err = kernel_source_open(s, o->vmlinux, o->debug_dir, e);
	if (!err)
		ask_source(s, ask);
	return err;
}

static int show(const struct path_options *o, struct path_ask *ask, struct sg_error *e)
{
	_cleanup_free_ struct kernel_source *s = calloc(1, sizeof(*s));
	struct path path = { 0 };
	struct path_view view = { .path = &path };
	int err = s ? open_source(o, s, ask, e) : sg_fail_errno(e, ENOMEM, "cannot show the path");

	if (!err)
		err = path_read(&path, ask, e);
	if (!err && s->no_debug.text[0])
		path_note(&path, "%s%s%s", s->no_debug.text, s->no_debug.hint[0] ? "; " : "",
			  s->no_debug.hint);
	if (!err) {
		view.kernel = s->name;
		err = write_path(o, &view, e);
	}
	path_fini(&path);
	if (s)
		kernel_source_close(s);
	return err ? SG_EXIT_MACHINE : SG_EXIT_OK;
}

static int check_use(const struct path_options *o, int argc, char **argv, struct path_ask *ask,
		     struct sg_error *e)
{
	const char *file;

	if (argc)
		return sg_fail(e, EINVAL, "cannot use '%s': path takes no operands", argv[0]);
	if (!!o->kallsyms + !!o->system_map + !!o->vmlinux > 1)
		return sg_fail(e, EINVAL,
			       "cannot use more than one of --kallsyms, --system-map, --vmlinux");
	ask->kallsyms = o->kallsyms ? o->kallsyms : o->system_map;
	ask->blacklist = o->blacklist;
	ask->functions = o->functions;
	ask->attach = plan_attach_by_name(o->attach ? o->attach : "auto");
	if (ask->attach < 0)
		return sg_fail(e, EINVAL, "no attach '%s': there are tracepoint, kprobe and auto",
			       o->attach);
	if (format_parse(formats, o->output ? o->output : "text", &file) < 0)
		return sg_fail(e, EINVAL, "cannot use format '%s': path writes text, json or dot",
			       o->output);
	return 0;
}

static int run(void *data, int argc, char **argv, struct sg_error *e)
{
	const struct path_options *o = data;
	struct path_ask ask = { 0 };
	struct callset *calls = NULL;
	struct syscalls *names;
	char buf[16];
	int status = SG_EXIT_USAGE;

	if (check_use(o, argc, argv, &ask, e))
		return SG_EXIT_USAGE;
	names = syscalls_new(NULL);
	if (!names) {
		sg_fail_errno(e, ENOMEM, "names of calls");
		return SG_EXIT_MACHINE;
	}
	if (!callset_parse(o->calls, names, &calls, e)) {
		ask.names = names;
		ask.calls = o->calls ? calls : NULL;
		ask.call = o->calls ? first_call(calls, names, buf) : NULL;
		status = show(o, &ask, e);
	}
	callset_free(calls);
	syscalls_free(names);
	return status;
}

const struct command command_path = {
	.name = "path",
	.summary = "Show a call's way into the kernel and back, and where probes may be put",
	.synopsis = "[OPTIONS]",
	.text = "For each gate: the functions from the CPU to the handler and back, whether each\n"
		"can be probed and how, and which the plan takes (*). It changes nothing.\n\n"
		"examples:\n"
		"  sysgate path\n"
		"  sysgate path -e openat\n"
		"  sysgate path --vmlinux /usr/lib/debug/boot/vmlinux-6.1.0-56-amd64\n"
		"  sysgate path --system-map /boot/System.map-2.6.32 -o json\n"
		"  sysgate path -o dot | dot -Tsvg >path.svg\n",
	.options = options,
	.size = sizeof(struct path_options),
	.mixed = true,
	.run = run,
};
