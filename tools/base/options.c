// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/options.h"

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

#define OPTIONS_MAX 48
#define HELP_COLUMN 26
#define HELP_WIDTH  80

int parse_number(const char *text, unsigned long long max, unsigned long long *out)
{
	char *end;
	unsigned long long v;

	if (!isdigit((unsigned char)text[0]))
		return -EINVAL;
	errno = 0;
	v = strtoull(text, &end, 10);
	if (errno || *end || v > max)
		return -EINVAL;
	*out = v;
	return 0;
}

int string_list_add(struct string_list *l, const char *text, struct sg_error *e)
{
	while (true) {
		size_t n = strcspn(text, ",");
		char **items, *word;

		if (!n)
			return sg_fail(e, EINVAL, "empty word in a list");
		items = realloc(l->items, (l->count + 1) * sizeof(*items));
		word = strndup(text, n);
		if (items)
			l->items = items;
		if (!items || !word) {
			free(word);
			return sg_fail_errno(e, ENOMEM, "list of options");
		}
		l->items[l->count++] = word;
		if (!text[n])
			return 0;
		text += n + 1;
	}
}

void string_list_release(struct string_list *l)
{
	for (size_t i = 0; i < l->count; i++)
		free(l->items[i]);
	free(l->items);
	l->items = NULL;
	l->count = 0;
}

struct unit {
	const char *suffix;
	double factor;
};

/* A non-negative number with one of the suffixes; the list ends with a NULL. */
static int parse_with_unit(const char *text, const struct unit *units, double *out)
{
	char *end;
	double v;

	if (!isdigit((unsigned char)text[0]) && text[0] != '.')
		return -EINVAL;
	v = strtod(text, &end);
	for (; units->suffix; units++) {
		if (strcasecmp(end, units->suffix))
			continue;
		v *= units->factor;
		if (!isfinite(v))
			return -EINVAL;
		*out = v;
		return 0;
	}
	return -EINVAL;
}

int parse_seconds(const char *arg, double *out)
{
	static const struct unit units[] = { { "", 1 },	  { "s", 1 },	 { "ms", 1e-3 },
					     { "m", 60 }, { "h", 3600 }, { "d", 86400 },
					     { NULL, 0 } };
	double v;

	/* A year: longer is a slip of the keys, and timers take it as seconds in a long. */
	if (parse_with_unit(arg, units, &v) || v < 0.001 || v > 366.0 * 86400)
		return -EINVAL;
	*out = v;
	return 0;
}

int parse_size(const char *arg, size_t *out)
{
	static const struct unit units[] = {
		{ "", 1 }, { "k", 1 << 10 }, { "m", 1 << 20 }, { "g", 1 << 30 }, { NULL, 0 }
	};
	double v;

	if (parse_with_unit(arg, units, &v) || v < 1 || v > 1e12 || v > (double)(SIZE_MAX / 2))
		return -EINVAL;
	*out = (size_t)v;
	return 0;
}

static int set_count(size_t *out, const char *arg)
{
	unsigned long long v;

	if (parse_number(arg, 1000000000, &v))
		return -EINVAL;
	*out = (size_t)v;
	return 0;
}

static int join(char **out, const char *arg)
{
	char *joined;

	if (asprintf(&joined, "%s%s%s", *out ? *out : "", *out ? "," : "", arg) < 0)
		return -ENOMEM;
	free(*out);
	*out = joined;
	return 0;
}

static int set(const struct option_def *d, const char *arg, void *options, struct sg_error *e)
{
	void *at = (char *)options + d->offset;
	static const char *const wants[] = {
		[OPTION_SECONDS] = "a time such as 2, 0.5, 500ms or 1m",
		[OPTION_SIZE] = "a size such as 8k, 4M or 65536",
		[OPTION_COUNT] = "a number",
	};
	int ret = 0;

	switch (d->type) {
	case OPTION_FLAG:
		*(bool *)at = true;
		return 0;
	case OPTION_STRING:
		*(const char **)at = arg;
		return 0;
	case OPTION_LIST:
		ret = string_list_add(at, arg, e);
		return ret ? sg_fail(e, -ret, "bad --%s '%s': %s", d->name, arg,
				     ret == -ENOMEM ? "no memory" : "empty word")
			   : 0;
	case OPTION_JOIN:
		return join(at, arg);
	case OPTION_SECONDS:
		ret = parse_seconds(arg, at);
		break;
	case OPTION_SIZE:
		ret = parse_size(arg, at);
		break;
	case OPTION_COUNT:
		ret = set_count(at, arg);
		break;
	}
	if (ret)
		return sg_fail(e, EINVAL, "bad --%s '%s': not %s", d->name, arg, wants[d->type]);
	return 0;
}

/* Fills what getopt_long() wants; "+" stops at the first operand: it begins the command. */
static size_t to_getopt(const struct option_def *defs, struct option *longs, char *shorts)
{
	size_t n = 0;

	*shorts++ = '+';
	*shorts++ = ':';
	for (; defs[n].name; n++) {
		longs[n] = (struct option){ defs[n].name,
					    defs[n].arg ? required_argument : no_argument, NULL,
					    1000 + (int)n };
		if (!defs[n].letter)
			continue;
		*shorts++ = defs[n].letter;
		if (defs[n].arg)
			*shorts++ = ':';
	}
	*shorts++ = 'h';
	*shorts = '\0';
	longs[n] = (struct option){ "help", no_argument, NULL, 'h' };
	longs[n + 1] = (struct option){ NULL, 0, NULL, 0 };
	return n;
}

static int find(const struct option_def *defs, size_t n, int c)
{
	if (c >= 1000)
		return c - 1000;
	for (size_t i = 0; i < n; i++)
		if (defs[i].letter == c)
			return (int)i;
	return -1;
}

int options_parse(const struct option_def *defs, int argc, char **argv, void *options,
		  struct sg_error *e)
{
	struct option longs[OPTIONS_MAX + 2];
	char shorts[2 * OPTIONS_MAX + 4];
	size_t n = to_getopt(defs, longs, shorts);
	int c, i, ret;

	optind = 0;
	opterr = 0;
	while (true) {
		int at = optind ? optind : 1;

		c = getopt_long(argc, argv, shorts, longs, NULL);
		if (c == -1)
			return optind;
		if (c == 'h')
			return -ECANCELED;
		if (c == ':')
			return sg_fail(e, EINVAL, "option '%s' needs a value", argv[at]);
		if (c == '?')
			return sg_fail(e, EINVAL, "unknown or ambiguous option '%s'", argv[at]);
		i = find(defs, n, c);
		ret = set(&defs[i], optarg, options, e);
		if (ret)
			return ret;
	}
}

void options_release(const struct option_def *defs, void *options)
{
	for (; defs->name; defs++) {
		void *at = (char *)options + defs->offset;

		if (defs->type == OPTION_LIST) {
			string_list_release(at);
		} else if (defs->type == OPTION_JOIN) {
			free(*(char **)at);
			*(char **)at = NULL;
		}
	}
}

/* text wrapped into the help column, the first line at the cursor. */
static void wrap(FILE *out, const char *text)
{
	int column = HELP_COLUMN;

	while (*text) {
		int n = (int)strcspn(text, " ");

		if (column > HELP_COLUMN && column + 1 + n > HELP_WIDTH) {
			fprintf(out, "\n%*s", HELP_COLUMN, "");
			column = HELP_COLUMN;
		} else if (column > HELP_COLUMN) {
			fputc(' ', out);
			column++;
		}
		fprintf(out, "%.*s", n, text);
		column += n;
		text += n + strspn(text + n, " ");
	}
	fputc('\n', out);
}

static void help_row(FILE *out, char letter, const char *name, const char *arg, const char *help)
{
	char left[64];

	snprintf(left, sizeof(left), "  %c%c%s--%s%s%s", letter ? '-' : ' ', letter ? letter : ' ',
		 letter ? ", " : "  ", name, arg ? " " : "", arg ? arg : "");
	if (strlen(left) >= HELP_COLUMN)
		fprintf(out, "%s\n%*s", left, HELP_COLUMN, "");
	else
		fprintf(out, "%-*s", HELP_COLUMN, left);
	wrap(out, help);
}

void options_help(FILE *out, const struct option_def *defs)
{
	for (; defs->name; defs++)
		help_row(out, defs->letter, defs->name, defs->arg, defs->help);
	help_row(out, 'h', "help", NULL, "show this help");
}
