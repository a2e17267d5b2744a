// SPDX-License-Identifier: GPL-2.0-or-later
#include "cmd/cmd.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void help(const struct command *c)
{
	printf("usage: sysgate %s %s\n\n%s.\n\noptions:\n", c->name, c->synopsis, c->summary);
	options_help(stdout, c->options);
	if (c->text)
		printf("\n%s", c->text);
}

/*
 * Goes on behind each operand; the operands are moved to the front of argv + 1. Returns how many
 * they are, with a NULL behind, or what options_parse() does. What follows "--" is taken as it is.
 */
static int parse_mixed(const struct command *c, int argc, char **argv, void *options,
		       struct sg_error *e)
{
	int at = 0, count = 0, ret;

	while (at < argc) {
		ret = options_parse(c->options, argc - at, argv + at, options, e);
		if (ret < 0)
			return ret;
		at += ret;
		if (ret > 1 && !strcmp(argv[at - 1], "--"))
			break;
		if (at < argc)
			argv[1 + count++] = argv[at];
	}
	while (at < argc)
		argv[1 + count++] = argv[at++];
	argv[1 + count] = NULL;
	return count;
}

int command_main(const struct command *c, int argc, char **argv)
{
	struct sg_error e = { 0 };
	void *options = calloc(1, c->size);
	int ret, status = SG_EXIT_USAGE;

	if (!options) {
		sg_warn("out of memory");
		return SG_EXIT_MACHINE;
	}
	if (c->mixed) {
		ret = parse_mixed(c, argc, argv, options, &e);
		if (ret >= 0) {
			argc = ret + 1;
			ret = 1;
		}
	} else {
		ret = options_parse(c->options, argc, argv, options, &e);
	}
	if (ret == -ECANCELED) {
		help(c);
		status = SG_EXIT_OK;
	} else if (ret < 0) {
		sg_hint(&e, "try 'sysgate %s --help'", c->name);
		sg_error_print(&e);
	} else {
		status = c->run(options, argc - ret, argv + ret, &e);
		if (status && e.text[0])
			sg_error_print(&e);
	}
	options_release(c->options, options);
	free(options);
	return status;
}
