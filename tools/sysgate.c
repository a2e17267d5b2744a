// SPDX-License-Identifier: GPL-2.0-or-later
/* sysgate: the command table, nothing else. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "cmd/cmd.h"

const struct command *const commands[] = {
	/* clang-format off */
	&command_stat,
	&command_top,
	&command_stream,
	&command_serve,
	&command_record,
	&command_report,
	&command_diff,
	&command_check,
	&command_path,
	&command_explain,
	&command_sites,
	&command_vdso,
	&command_gates,
	&command_doctor,
	&command_gen,
	&command_build,
	&command_load,
	&command_unload,
	&command_status,
	/* clang-format on */
};
const size_t commands_count = ARRAY_SIZE(commands);

static void usage(FILE *out)
{
	fprintf(out, "usage: sysgate COMMAND [OPTIONS]\n\n"
		     "Counts and times every system call at its gate, without eBPF.\n\n"
		     "commands:\n");
	for (size_t i = 0; i < commands_count; i++)
		fprintf(out, "  %-10s%s\n", commands[i]->name, commands[i]->summary);
	fprintf(out, "\n'sysgate COMMAND --help' shows a command's options and examples.\n");
}

static int run(int argc, char **argv)
{
	if (argc < 2) {
		usage(stderr);
		return SG_EXIT_USAGE;
	}
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") || !strcmp(argv[1], "help")) {
		usage(stdout);
		return SG_EXIT_OK;
	}
	if (!strcmp(argv[1], "--version")) {
		printf("sysgate %s\n", SYSGATE_VERSION);
		return SG_EXIT_OK;
	}
	for (size_t i = 0; i < commands_count; i++)
		if (!strcmp(argv[1], commands[i]->name))
			return command_main(commands[i], argc - 1, argv + 1);
	sg_warn("unknown command '%s'", argv[1]);
	sg_warn("try 'sysgate --help'");
	return SG_EXIT_USAGE;
}

int main(int argc, char **argv)
{
	int status = run(argc, argv);

	if (fflush(stdout) || ferror(stdout)) {
		if (status == SG_EXIT_MACHINE) /* told, by the command */
			return status;
		sg_warn("cannot write to standard output: %s", strerror(errno));
		return status ? status : SG_EXIT_MACHINE;
	}
	return status;
}
