// SPDX-License-Identifier: GPL-2.0-or-later
/* sysgate explain: a call as the kernel sees it, and how the C library's function differs. */
#include "cmd/explain.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "cmd/cmd.h"
#include "cmd/kernel_source.h"
#include "target/callset.h"

struct explain_options {
	const char *vmlinux, *debug_dir, *names, *by, *output;
};

static const struct option_def options[] = {
	{ 0, "vmlinux", "FILE", OPTION_STRING, offsetof(struct explain_options, vmlinux),
	  "by another kernel's vmlinux instead of the running one" },
	{ 0, "debug-dir", "DIR", OPTION_STRING, offsetof(struct explain_options, debug_dir),
	  "where debug information is looked for (" DEBUG_DIR ")" },
	{ 0, "names", "FILE", OPTION_STRING, offsetof(struct explain_options, names),
	  "further names of calls: lines 'ABI NR NAME'" },
	{ 0, "by", "SOURCE", OPTION_STRING, offsetof(struct explain_options, by),
	  "arguments by dwarf, tracefs or built-in alone, not by the best of them" },
	{ 'o', "output", "FORMAT[:FILE]", OPTION_STRING, offsetof(struct explain_options, output),
	  "text or json; a file appears when it is whole" },
	{ 0 },
};

static const char *const formats[] = { "text", "json", NULL };

/* What a call is explained from. */
struct source {
	struct kernel_source kernel;
	struct syscalls *names;
};

static int open_source(const struct explain_options *o, struct source *s, struct explain_ask *ask,
		       struct sg_error *e)
{
	const struct vmlinux *v = &s->kernel.vmlinux;
	int err;

	s->names = syscalls_new(NULL);
	if (!s->names)
		return sg_fail_errno(e, ENOMEM, "names of calls");
	err = o->names ? syscalls_add_file(s->names, o->names, e) : 0;
	if (!err)
		err = kernel_source_open(&s->kernel, o->vmlinux, o->debug_dir, e);
	ask->names = s->names;
	ask->kallsyms = v->symbols.path[0] ? v->symbols.path : NULL;
	ask->tracefs = s->kernel.tracefs;
	ask->debug = v->info;
	ask->debug_stext = v->stext;
	return err;
}

/* The nearest name is known where -e's are parsed. */
static void unknown_call(const char *call, const struct syscalls *names, struct sg_error *e)
{
	struct sg_error nearest = { 0 };
	struct callset *set = NULL;

	if (call[0] != '#' && !strpbrk(call, ",!%:") &&
	    callset_parse(call, names, &set, &nearest) && nearest.hint[0])
		sg_hint(e, "%s", nearest.hint);
	callset_free(set);
}

/* What is asked for, and where it goes. */
struct job {
	const struct explain_options *options;
	const char *file; /* NULL: standard output */
	bool json;
	int by;
	char **calls;
	int count;
};

/* One call; -ENOENT: there is none. */
static int write_call(const struct job *j, const struct explainer *r, const struct source *s,
		      const char *call, const struct output *output, struct sg_error *e)
{
	struct explain_view view = { .call = call };
	struct explain x;
	int err = explain_read(&x, r, call, e);

	view.explain = &x;
	view.kernel = s->kernel.name;
	if (err == -ENOENT) {
		unknown_call(call, s->names, e);
	} else if (!err) {
		err = j->json ? explain_write_json(output->file, &view)
			      : explain_write_text(output->file, &view, output_width(output));
		err = output_wrote(output, err, "the explanation", e);
	}
	explain_fini(&x);
	return err;
}

static int write_calls(const struct job *j, const struct explainer *r, const struct source *s,
		       struct sg_error *e)
{
	struct output output = { 0 };
	int err = output_open(&output, j->file, e);

	if (err)
		return err;
	for (int i = 0; i < j->count && !err; i++) {
		if (i && !j->json)
			fputc('\n', output.file);
		err = write_call(j, r, s, j->calls[i], &output, e);
	}
	return output_finish(&output, err, e);
}

static int explain(const struct job *j, struct sg_error *e)
{
	_cleanup_free_ struct source *s = calloc(1, sizeof(*s));
	struct explain_ask ask = { .by = j->by };
	struct explainer *r = NULL;
	bool asked;
	int err;

	if (!s) {
		sg_fail_errno(e, ENOMEM, "cannot explain");
		return SG_EXIT_MACHINE;
	}
	err = open_source(j->options, s, &ask, e);
	if (!err) {
		r = explainer_new(&ask);
		err = r ? write_calls(j, r, s, e) : sg_fail_errno(e, ENOMEM, "cannot explain");
	}
	kernel_source_close(&s->kernel);
	syscalls_free(s->names);
	asked = r;
	explainer_free(r);
	return asked && err == -ENOENT ? SG_EXIT_USAGE : err ? SG_EXIT_MACHINE : SG_EXIT_OK;
}

static int run(void *data, int argc, char **argv, struct sg_error *e)
{
	const struct explain_options *o = data;
	struct job j = { .options = o, .calls = argv, .count = argc };
	int format;

	if (!argc) {
		sg_fail(e, EINVAL, "explain wants calls, by their names or numbers");
		return SG_EXIT_USAGE;
	}
	format = format_parse(formats, o->output ? o->output : "text", &j.file);
	if (format < 0) {
		sg_fail(e, EINVAL, "cannot use format '%s': explain writes text or json",
			o->output);
		return SG_EXIT_USAGE;
	}
	j.json = format == 1;
	j.by = o->by ? explain_source_by_name(o->by) : EXPLAIN_NONE;
	if (j.by < 0) {
		sg_fail(e, EINVAL, "no source '%s': there are dwarf, tracefs and built-in", o->by);
		return SG_EXIT_USAGE;
	}
	return explain(&j, e);
}

const struct command command_explain = {
	.name = "explain",
	.summary = "Show a call as the kernel sees it: number, arguments, registers, by ABI",
	.synopsis = "[OPTIONS] CALL...",
	.text = "CALL is a name, or a number, which is another call in each ABI. JSON is an object a line. It changes nothing.\n\n"
		"examples:\n"
		"  sysgate explain clone\n"
		"  sysgate explain 64\n"
		"  sysgate explain mmap -o json | jq '.calls[].arguments'\n",
	.options = options,
	.size = sizeof(struct explain_options),
	.mixed = true,
	.run = run,
};
