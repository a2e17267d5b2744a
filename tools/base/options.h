/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Command lines from tables: parsing, --help and completion derive from one list of rows, each of
 * which says where in the command's own options struct its value goes.
 */
#ifndef SYSGATE_BASE_OPTIONS_H
#define SYSGATE_BASE_OPTIONS_H

#include <stddef.h>
#include <stdio.h>

#include "base/error.h"

enum option_type {
	OPTION_FLAG,	/* bool: becomes true */
	OPTION_STRING,	/* const char *: the last one wins */
	OPTION_LIST,	/* struct string_list: every occurrence adds its comma-separated words */
	OPTION_JOIN,	/* char *: occurrences joined with a comma, heap */
	OPTION_SECONDS, /* double: a positive time: "2", "0.5", "500ms", "2m" */
	OPTION_SIZE,	/* size_t: "8k", "16M": bytes */
	OPTION_COUNT,	/* size_t */
};

struct option_def {
	char letter; /* 0: none */
	const char *name;
	const char *arg; /* "SEC"; NULL for a flag */
	enum option_type type;
	size_t offset; /* of the value in the options struct */
	const char *help;
};

struct string_list {
	char **items;
	size_t count;
};

/*
 * Parses argv[1..] up to the first operand or "--" into options (zeroed or defaulted by the
 * caller). Returns the index of the first operand, or -EINVAL with the reason in e, or
 * -ECANCELED when --help was among them. The last row of defs has no name.
 */
int options_parse(const struct option_def *defs, int argc, char **argv, void *options,
		  struct sg_error *e);
/* Releases what options_parse() allocated in options. */
void options_release(const struct option_def *defs, void *options);
/* The option list of --help, wrapped at 80 columns. */
void options_help(FILE *out, const struct option_def *defs);

/* Splits text at commas and adds the words; empty words are an error. 0, -EINVAL or -ENOMEM. */
int string_list_add(struct string_list *l, const char *text, struct sg_error *e);
void string_list_release(struct string_list *l);

/* "12" as a number of at most max; -EINVAL when it is none. */
int parse_number(const char *text, unsigned long long max, unsigned long long *out);
/* "2", "0.5", "500ms", "2m", "1h", "7d": from a millisecond to a year, in seconds. -EINVAL. */
int parse_seconds(const char *text, double *out);
/* "8k", "16M": bytes, at least one. -EINVAL. */
int parse_size(const char *text, size_t *out);

#endif
