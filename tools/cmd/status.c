// SPDX-License-Identifier: GPL-2.0-or-later
/* sysgate status: the loaded module, the kept ones, and what would be done here. */
#include "cmd/status.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cmd/cmd.h"
#include "sink/sink.h"
#include "target/module_source.h"

struct status_options {
	const char *output;
};

static const struct option_def options[] = {
	{ 'o', "output", "FORMAT[:FILE]", OPTION_STRING, offsetof(struct status_options, output),
	  "table or json; a file appears when it is whole" },
	{ 0 },
};

static void add_kept(const struct module_kept *kept, void *data)
{
	struct status *s = data;
	struct status_kept *list = reallocarray(s->kept, s->kept_count + 1, sizeof(*list));

	if (!list)
		return;
	s->kept = list;
	list += s->kept_count++;
	snprintf(list->release, sizeof(list->release), "%s", kept->release);
	snprintf(list->source, sizeof(list->source), "%s", kept->source);
	snprintf(list->path, sizeof(list->path), "%s", kept->path);
	list->trusted = kept->trusted;
	list->of_kernel = !strcmp(kept->release, s->machine.release);
	list->of_source = !strcmp(kept->source, module_source_id());
}

static void look(struct status *s)
{
	const struct plan_ask ask = { .attach = PLAN_AUTO };

	uname(&s->machine);
	module_state(&s->state);
	if (s->state.loaded)
		module_state_ask(&s->state);
	module_kept_each(add_kept, s);
	s->can_load = !module_can_load(&s->load_error);
	s->can_build = !module_can_build(s->machine.release, &s->build_error);
	s->planned = !plan_make(&s->plan, &ask, &s->plan_error);
}

static int write_to(struct output *o, const struct sink *sink, const struct status *s,
		    struct sg_error *e)
{
	int err =
		sink == &sink_json ? status_write_json(o->file, s) : status_write_table(o->file, s);

	err = output_wrote(o, err, "the status", e);
	if (err)
		return err;
	err = output_flush(o, e);
	return err ? err : output_commit(o, e);
}

static int run(void *data, int argc, char **argv, struct sg_error *e)
{
	const struct status_options *o = data;
	_cleanup_free_ char *path = NULL;
	const struct sink *sink;
	struct output output = { 0 };
	struct status s = { 0 };
	int err;

	if (argc) {
		sg_fail(e, EINVAL, "cannot use '%s': status takes no operands", argv[0]);
		return SG_EXIT_USAGE;
	}
	if (output_parse(o->output ? o->output : "table", &sink, &path, e))
		return SG_EXIT_USAGE;
	if (sink != &sink_table && sink != &sink_json) {
		sg_fail(e, EINVAL, "cannot use format '%s': status writes table or json",
			sink->name);
		return SG_EXIT_USAGE;
	}
	if (output_open(&output, path, e))
		return SG_EXIT_USAGE;
	look(&s);
	err = write_to(&output, sink, &s, e);
	output_close(&output);
	plan_fini(&s.plan);
	free(s.kept);
	return err ? SG_EXIT_MACHINE : SG_EXIT_OK;
}

const struct command command_status = {
	.name = "status",
	.summary = "Say whether the module is loaded, which are kept, and what stat would do",
	.synopsis = "[-o FORMAT[:FILE]]",
	.text = "It changes nothing.\n\n"
		"examples:\n"
		"  sysgate status\n"
		"  sysgate status -o json | jq '.module.loaded'\n",
	.options = options,
	.size = sizeof(struct status_options),
	.mixed = true,
	.run = run,
};
