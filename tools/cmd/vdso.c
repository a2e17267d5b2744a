// SPDX-License-Identifier: GPL-2.0-or-later
/* sysgate vdso: a program's way into the kernel, as the kernel maps it into the program. */
#include "cmd/vdso.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cmd/cmd.h"
#include "sink/sink.h"
#include "target/process.h"

struct vdso_options {
	const char *write, *output;
	struct string_list functions;
};

static const struct option_def options[] = {
	{ 'w', "write", "FILE", OPTION_STRING, offsetof(struct vdso_options, write),
	  "write the image to FILE too, which appears when it is whole" },
	{ 'f', "function", "NAME,..", OPTION_LIST, offsetof(struct vdso_options, functions),
	  "show the code of these alone" },
	{ 'o', "output", "FORMAT[:FILE]", OPTION_STRING, offsetof(struct vdso_options, output),
	  "table or json; a file appears when it is whole" },
	{ 0 },
};

const char *vdso_view_text(const struct vdso_view *w, const struct auxv_entry *a, char *buf,
			   size_t size)
{
	buf[0] = '\0';
	if (w->pid && a->value && auxv_is_text(a->type))
		process_text(w->pid, a->value, buf, size);
	return buf;
}

/* Is name among the function's, which are parted by ", "? */
static bool has_name(const struct vdso_function *f, const char *name)
{
	size_t n = strlen(name);

	for (const char *at = f->names; at; at = strchr(at, ',')) {
		at += strspn(at, ", ");
		if (!strncmp(at, name, n) && (!at[n] || at[n] == ','))
			return true;
	}
	return false;
}

static int choose(struct vdso_view *w, const struct string_list *names, struct sg_error *e)
{
	const struct vdso *v = &w->vdso;

	w->shown = calloc(v->functions_count + 1, sizeof(*w->shown));
	if (!w->shown)
		return sg_fail_errno(e, ENOMEM, "cannot choose functions");
	for (size_t i = 0; i < v->functions_count; i++)
		w->shown[i] = !names->count;
	for (size_t n = 0; n < names->count; n++) {
		bool found = false;

		for (size_t i = 0; i < v->functions_count; i++)
			if (has_name(&v->functions[i], names->items[n]))
				found = w->shown[i] = true;
		if (!found)
			return sg_fail(e, EINVAL, "this vDSO has no function '%s'",
				       names->items[n]);
	}
	return 0;
}

/* The operand: a process's number, a file's name, or none: sysgate itself. */
static int look(struct vdso_view *w, const char *operand, struct sg_error *e)
{
	struct process p;
	unsigned long long pid;
	int err;

	if (operand && parse_number(operand, INT_MAX, &pid)) {
		w->path = operand;
		err = vdso_read_file(&w->vdso, operand, e);
		w->has_image = !err;
		return err;
	}
	w->pid = operand ? (pid_t)pid : getpid();
	if (!w->pid)
		return sg_fail(e, ESRCH, "no process 0");
	err = vdso_read_process(&w->vdso, &w->auxv, w->pid, e);
	w->has_image = !err;
	if (!process_read(w->pid, &p)) {
		memcpy(w->comm, p.comm, sizeof(w->comm));
		process_fini(&p);
	}
	if (err != -ENODATA)
		return err;
	*e = (struct sg_error){ 0 };
	return 0;
}

static int write_image(const struct vdso_view *w, const char *path, struct sg_error *e)
{
	struct output o;
	int err;

	if (!w->has_image)
		return sg_fail(e, ENODATA, "process %d has no vDSO to be written", w->pid);
	err = output_open(&o, path, e);
	if (err)
		return err;
	if (fwrite(w->vdso.image, w->vdso.size, 1, o.file) != 1)
		err = sg_fail_errno(e, errno, "write '%s'", path);
	if (!err)
		err = output_commit(&o, e);
	output_close(&o);
	return err;
}

static int write_to(struct output *o, const struct sink *sink, const struct vdso_view *w,
		    struct sg_error *e)
{
	int err = sink == &sink_json ? vdso_write_json(o->file, w) : vdso_write_table(o->file, w);

	err = output_wrote(o, err, "what was found", e);
	if (err)
		return err;
	err = output_flush(o, e);
	return err ? err : output_commit(o, e);
}

static int show(const struct vdso_options *o, const char *operand, struct vdso_view *w,
		struct sg_error *e)
{
	_cleanup_free_ char *path = NULL;
	const struct sink *sink;
	struct output output;
	int err;

	err = output_parse(o->output ? o->output : "table", &sink, &path, e);
	if (!err && sink != &sink_table && sink != &sink_json)
		err = sg_fail(e, EINVAL, "cannot use format '%s': vdso writes table or json",
			      sink->name);
	if (!err)
		err = look(w, operand, e);
	if (!err)
		err = choose(w, &o->functions, e);
	if (!err && o->write)
		err = write_image(w, o->write, e);
	if (err)
		return err;
	err = output_open(&output, path, e);
	if (err)
		return err;
	err = write_to(&output, sink, w, e);
	output_close(&output);
	return err;
}

static int run(void *data, int argc, char **argv, struct sg_error *e)
{
	struct vdso_view w = { 0 };
	int err;

	if (argc > 1) {
		sg_fail(e, EINVAL, "vdso takes one process or file");
		return SG_EXIT_USAGE;
	}
	err = show(data, argc ? argv[0] : NULL, &w, e);
	vdso_fini(&w.vdso);
	free(w.shown);
	if (err == -EINVAL || err == -EPROTO)
		return SG_EXIT_USAGE;
	return err ? SG_EXIT_MACHINE : SG_EXIT_OK;
}

const struct command command_vdso = {
	.name = "vdso",
	.summary = "Show a program's auxiliary vector and its vDSO: symbols, code, gate",
	.synopsis = "[PID|FILE] [-w FILE] [-f NAME,..] [-o FORMAT[:FILE]]",
	.text = "Without an operand it looks at itself. FILE is an image, as -w writes it.\n"
		"Others' processes need root.\n\n"
		"examples:\n"
		"  sysgate vdso\n"
		"  sysgate vdso 1 -f clock_gettime\n"
		"  sysgate vdso 1234 -w /tmp/vdso.so && sysgate vdso /tmp/vdso.so\n"
		"  sysgate vdso -o json | jq '.functions[] | {names, gate}'\n",
	.options = options,
	.size = sizeof(struct vdso_options),
	.mixed = true,
	.run = run,
};
