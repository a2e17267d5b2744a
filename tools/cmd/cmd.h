/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Commands: one a file, each one const struct, from which help and completion derive. */
#ifndef SYSGATE_CMD_CMD_H
#define SYSGATE_CMD_CMD_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/options.h"

struct command {
	const char *name;
	const char *summary;  /* one line */
	const char *synopsis; /* what follows the name: "[OPTIONS] [-- COMMAND [ARG...]]" */
	const char *text;     /* further help below the options, examples among it; may be NULL */
	const struct option_def *options; /* the last row has no name */
	size_t size; /* of the options' struct; handed zeroed to the parser, then to run */
	bool mixed;  /* options may stand behind operands, since no program is among them */
	/*
	 * argc/argv: the operands. Returns the exit status; what failed is in e and printed by the
	 * caller when the status is not 0 and e has a text.
	 */
	int (*run)(void *options, int argc, char **argv, struct sg_error *e);
};

/* All of them, in the order in which help shows them. */
extern const struct command *const commands[];
extern const size_t commands_count;

extern const struct command command_stat;
extern const struct command command_top;
extern const struct command command_stream;
extern const struct command command_serve;
extern const struct command command_record;
extern const struct command command_report;
extern const struct command command_diff;
extern const struct command command_check;
extern const struct command command_doctor;
extern const struct command command_path;
extern const struct command command_explain;
extern const struct command command_gen;
extern const struct command command_build;
extern const struct command command_load;
extern const struct command command_unload;
extern const struct command command_status;
extern const struct command command_vdso;
extern const struct command command_gates;
extern const struct command command_sites;

/* Parses argv (argv[0]: the command's name) and runs it. Returns the exit status. */
int command_main(const struct command *c, int argc, char **argv);

#endif
