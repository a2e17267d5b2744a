// SPDX-License-Identifier: GPL-2.0-or-later
/* doctor: what works on this machine, what does not, why, and what would enable it. */
#include "cmd/doctor.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "cmd/cmd.h"
#include "engine/tracing.h"
#include "sink/sink.h"

struct doctor_options {
	const char *output;
};

static const struct option_def options[] = {
	{ 'o', "output", "FORMAT[:FILE]", OPTION_STRING, offsetof(struct doctor_options, output),
	  "table or json; a file appears when it is whole" },
	{ 0 },
};

static void diagnose(struct diagnosis *d)
{
	struct sg_error e = { 0 };
	const char *tracefs = NULL;

	if (tracing_reach(&tracefs, &e))
		tracefs = NULL;
	machine_read(&d->machine, "", tracefs, e.text);
	machine_try(&d->machine);
	d->features_count = features_judge(&d->machine, d->features);
	for (size_t i = 0; i < engine_ladder_count && i < ENGINES_MAX; i++) {
		d->engines[i] = engine_ladder[i];
		engine_ladder[i]->check(&d->checks[i]);
		d->engines_count++;
	}
}

static bool any_works(const struct diagnosis *d)
{
	for (size_t i = 0; i < d->engines_count; i++)
		if (d->checks[i].works)
			return true;
	return false;
}

static int write_to(struct output *o, const struct sink *sink, const struct diagnosis *d,
		    struct sg_error *e)
{
	unsigned int width = output_width(o);
	bool colour = isatty(fileno(o->file)) && !getenv("NO_COLOR");
	int err;

	if (sink == &sink_json)
		err = doctor_write_json(o->file, d);
	else
		err = doctor_write_table(o->file, d, width, colour);
	err = output_wrote(o, err, "the diagnosis", e);
	if (err)
		return err;
	err = output_flush(o, e);
	return err ? err : output_commit(o, e);
}

static int run(void *data, int argc, char **argv, struct sg_error *e)
{
	const struct doctor_options *o = data;
	_cleanup_free_ struct diagnosis *d = calloc(1, sizeof(*d));
	_cleanup_free_ char *path = NULL;
	const struct sink *sink;
	struct output output = { 0 };
	int err;

	if (argc) {
		sg_fail(e, EINVAL, "cannot use '%s': doctor takes no operands", argv[0]);
		return SG_EXIT_USAGE;
	}
	if (output_parse(o->output ? o->output : "table", &sink, &path, e))
		return SG_EXIT_USAGE;
	if (sink != &sink_table && sink != &sink_json) {
		sg_fail(e, EINVAL, "cannot use format '%s': doctor writes table or json",
			sink->name);
		return SG_EXIT_USAGE;
	}
	if (!d) {
		sg_fail_errno(e, ENOMEM, "cannot look at this machine");
		return SG_EXIT_MACHINE;
	}
	if (output_open(&output, path, e))
		return SG_EXIT_USAGE;
	diagnose(d);
	err = write_to(&output, sink, d, e);
	output_close(&output);
	return err || !any_works(d) ? SG_EXIT_MACHINE : SG_EXIT_OK;
}

const struct command command_doctor = {
	.name = "doctor",
	.summary = "Say what works on this machine, and what would enable the rest",
	.synopsis = "[-o FORMAT[:FILE]]",
	.text = "It changes nothing. Exit status 0: an engine works here, 3: none does.\n\n"
		"examples:\n"
		"  sysgate doctor\n"
		"  sysgate doctor -o json | jq '.engines[] | select(.works) | .name'\n",
	.options = options,
	.size = sizeof(struct doctor_options),
	.run = run,
};
