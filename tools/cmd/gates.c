// SPDX-License-Identifier: GPL-2.0-or-later
/* sysgate gates: what each way into the kernel costs on this CPU. */
#include "cmd/gates.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "cmd/cmd.h"
#include "sink/sink.h"
#include "target/files.h"
#include "target/gatetime_abi.h"
#include "target/syscalls.h"

#define SAMPLES_DEFAULT 20000

struct gates_options {
	const char *output;
	size_t samples;
};

static const struct option_def options[] = {
	{ 0, "samples", "COUNT", OPTION_COUNT, offsetof(struct gates_options, samples),
	  "calls that are timed by each gate; default 20000" },
	{ 'o', "output", "FORMAT[:FILE]", OPTION_STRING, offsetof(struct gates_options, output),
	  "table or json; a file appears when it is whole" },
	{ 0 },
};

/* Linux kernel mailing list, December 2002: getppid, and gettimeofday before there was a vDSO's. */
const struct gates_past gates_past[] = {
	{ "getppid", 641, 1761 },
	{ "gettimeofday", 1280, 2416 },
};
const size_t gates_past_count = ARRAY_SIZE(gates_past);

bool gates_steady(const struct gates_view *v)
{
	return v->machine.cpu.constant_tsc;
}

bool gates_compared(const struct gates_view *v, const struct gatetime *g)
{
	return g->measured && v->times.gates > 1 && v->times.fastest->min > 0;
}

const char *gates_name(const struct gatetime *g)
{
	return g->without ? "none" : gate_name(g->gate);
}

static int by_name(const void *a, const void *b)
{
	const struct mitigation *x = a, *y = b;

	return strcmp(x->name, y->name);
}

static void read_mitigations(struct gates_view *v)
{
	static const char *const path = "/sys/devices/system/cpu/vulnerabilities";
	DIR *d = opendir(path);
	const struct dirent *entry;

	while (d && (entry = readdir(d)) && v->mitigations_count < MITIGATIONS_MAX) {
		struct mitigation *m = &v->mitigations[v->mitigations_count];

		if (entry->d_name[0] == '.' ||
		    file_text(path, entry->d_name, m->state, sizeof(m->state)))
			continue;
		snprintf(m->name, sizeof(m->name), "%.47s", entry->d_name);
		v->mitigations_count++;
	}
	if (d)
		closedir(d);
	qsort(v->mitigations, v->mitigations_count, sizeof(*v->mitigations), by_name);
}

static void read_surroundings(struct gates_view *v)
{
	char text[4096], path[96];

	machine_read(&v->machine, "", NULL, "");
	if (!file_field("/proc", "cpuinfo", "cpu MHz", ':', text, sizeof(text)))
		v->mhz = strtod(text, NULL);
	snprintf(path, sizeof(path), "cpu%d/cpufreq/scaling_governor", v->times.cpu);
	if (file_text("/sys/devices/system/cpu", path, v->governor, sizeof(v->governor)))
		v->governor[0] = '\0';
	if (!file_text("/proc", "cmdline", text, sizeof(text)))
		v->boot_off = text_has_word(text, "mitigations=off");
	read_mitigations(v);
}

static int write_to(struct output *o, const struct sink *sink, const struct gates_view *v,
		    struct sg_error *e)
{
	int err = sink == &sink_json ? gates_write_json(o->file, v) : gates_write_table(o->file, v);

	err = output_wrote(o, err, "what was measured", e);
	if (err)
		return err;
	err = output_flush(o, e);
	return err ? err : output_commit(o, e);
}

static int show(const struct gates_options *o, struct gates_view *v, struct sg_error *e)
{
	_cleanup_free_ char *path = NULL;
	const struct sink *sink;
	struct output output;
	int err;

	if (o->samples > GATETIME_SAMPLES_MAX)
		return sg_fail(e, EINVAL, "bad --samples '%zu': at most %u", o->samples,
			       GATETIME_SAMPLES_MAX);
	err = output_parse(o->output ? o->output : "table", &sink, &path, e);
	if (!err && sink != &sink_table && sink != &sink_json)
		err = sg_fail(e, EINVAL, "cannot use format '%s': gates writes table or json",
			      sink->name);
	if (!err)
		err = output_open(&output, path, e);
	if (err)
		return err;
	err = gatetime_run(&v->times, o->samples ? (uint32_t)o->samples : SAMPLES_DEFAULT, e);
	if (!err) {
		read_surroundings(v);
		err = write_to(&output, sink, v, e);
	}
	output_close(&output);
	return err;
}

static int run(void *data, int argc, char **argv, struct sg_error *e)
{
	_cleanup_free_ struct gates_view *v = calloc(1, sizeof(*v));
	int err;

	if (argc) {
		sg_fail(e, EINVAL, "cannot use '%s': gates takes no operands", argv[0]);
		return SG_EXIT_USAGE;
	}
	if (!v) {
		sg_fail_errno(e, ENOMEM, "cannot time gates");
		return SG_EXIT_MACHINE;
	}
	err = show(data, v, e);
	if (err == -EINVAL)
		return SG_EXIT_USAGE;
	return err || v->times.gates < 2 ? SG_EXIT_MACHINE : SG_EXIT_OK;
}

const struct command command_gates = {
	.name = "gates",
	.summary = "Measure what each gate costs on this CPU, and compare them",
	.synopsis = "[--samples COUNT] [-o FORMAT[:FILE]]",
	.text = "Each getppid is timed alone, from 64-bit and from 32-bit code, and the clock's own "
		"cost\n"
		"is taken off. Exit status 3: fewer than two gates could be measured.\n\n"
		"examples:\n"
		"  sysgate gates\n"
		"  sysgate gates --samples 100000 -o json | jq '.gates[] | {gate, width, ratio}'\n",
	.options = options,
	.size = sizeof(struct gates_options),
	.mixed = true,
	.run = run,
};
