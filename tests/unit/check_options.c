// SPDX-License-Identifier: GPL-2.0-or-later
#include "unit.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/options.h"
#include "cmd/cmd.h"

struct values {
	bool flag;
	const char *string;
	struct string_list list;
	char *join;
	double seconds;
	size_t size, count;
};

#define ROW(letter, name, arg, type, member)                                    \
	{                                                                       \
		letter, name, arg, type, offsetof(struct values, member), "..." \
	}

static const struct option_def defs[] = {
	ROW('f', "flag", NULL, OPTION_FLAG, flag),
	ROW('s', "string", "TEXT", OPTION_STRING, string),
	ROW('l', "list", "WORD,..", OPTION_LIST, list),
	ROW(0, "join", "TEXT", OPTION_JOIN, join),
	ROW('t', "time", "SEC", OPTION_SECONDS, seconds),
	ROW(0, "size", "SIZE", OPTION_SIZE, size),
	ROW('n', "number", "N", OPTION_COUNT, count),
	{ 0 },
};

/* Parses a line of words parted by blanks; the words stay until the next one. */
static int parse(const char *line, struct values *v, struct sg_error *e)
{
	static char *copy;
	char *words[24] = { NULL }, *save = NULL;
	int n = 0;

	free(copy);
	copy = strdup(line);
	for (char *w = strtok_r(copy, " ", &save); w; w = strtok_r(NULL, " ", &save))
		words[n++] = w;
	memset(v, 0, sizeof(*v));
	memset(e, 0, sizeof(*e));
	return options_parse(defs, n, words, v, e);
}

START_TEST(types)
{
	struct sg_error e;
	struct values v;

	ck_assert_int_eq(parse("x -f --string=a -s b -l 1,2 --list 3 --join a --join b,c -t 2 "
			       "--size 4k -n 7",
			       &v, &e),
			 19);
	ck_assert(v.flag);
	ck_assert_str_eq(v.string, "b");
	ck_assert_uint_eq(v.list.count, 3);
	ck_assert_str_eq(v.list.items[0], "1");
	ck_assert_str_eq(v.list.items[2], "3");
	ck_assert_str_eq(v.join, "a,b,c");
	ck_assert_double_eq(v.seconds, 2);
	ck_assert_uint_eq(v.size, 4096);
	ck_assert_uint_eq(v.count, 7);
	options_release(defs, &v);
	ck_assert_uint_eq(v.list.count, 0);
	ck_assert_ptr_null(v.join);
	options_release(defs, &v);
}
END_TEST

/* Where the operands begin: what follows them is theirs. */
START_TEST(operands)
{
	static const struct {
		const char *line;
		int first;
		bool flag;
	} rows[] = {
		{ "x", 1, false },	  { "x -f", 2, true },
		{ "x ls -f", 1, false },  { "x -f ls -n x", 2, true },
		{ "x -- -f", 2, false },  { "x -f -- --", 3, true },
		{ "x -", 1, false },	  { "x --fl", 2, true },
		{ "x -fn3 ls", 2, true }, { "x -n -- ls", -EINVAL, false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct sg_error e;
		struct values v;

		ck_assert_msg(parse(rows[i].line, &v, &e) == rows[i].first, "%s", rows[i].line);
		ck_assert(v.flag == rows[i].flag);
		options_release(defs, &v);
	}
}
END_TEST

START_TEST(times_and_sizes)
{
	static const struct {
		const char *text;
		double seconds, size; /* 0: refused */
	} rows[] = {
		{ "2", 2, 2 },
		{ "0.5", 0.5, 0 },
		{ ".5", 0.5, 0 },
		{ "500ms", 0.5, 0 },
		{ "1m", 60, 1048576 },
		{ "1h", 3600, 0 },
		{ "3s", 3, 0 },
		{ "8k", 0, 8192 },
		{ "16M", 960, 16777216 },
		{ "1G", 0, 1 << 30 },
		{ "366d", 366 * 86400, 0 },
		{ "31622401", 0, 31622401 },
		{ "1ms", 0.001, 0 },
		{ "0.9ms", 0, 0 },
		{ "0", 0, 0 },
		{ "-1", 0, 0 },
		{ "+1", 0, 0 },
		{ "nan", 0, 0 },
		{ "inf", 0, 0 },
		{ "1e999", 0, 0 },
		{ ".", 0, 0 },
		{ "2x", 0, 0 },
		{ "2 s", 0, 0 },
		{ "", 0, 0 },
		{ "9999999999999", 0, 0 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		for (int size = 0; size < 2; size++) {
			double want = size ? rows[i].size : rows[i].seconds;
			char *argv[] = { (char[]){ "x" },
					 size ? (char[]){ "--size" } : (char[]){ "-t" },
					 strdup(rows[i].text), NULL };
			struct sg_error e = { 0 };
			struct values v = { 0 };
			int ret = options_parse(defs, 3, argv, &v, &e);

			ck_assert_msg(ret == (want > 0 ? 3 : -EINVAL), "'%s': %d", argv[2], ret);
			ck_assert_double_eq(size ? (double)v.size : v.seconds, want);
			if (ret < 0 && argv[2][0])
				ck_assert_ptr_nonnull(strstr(e.text, argv[2]));
			free(argv[2]);
		}
	}
}
END_TEST

START_TEST(mistakes)
{
	static const struct {
		const char *line, *word; /* which the message names */
	} rows[] = {
		{ "x --flog", "'--flog'" },
		{ "x -z", "'-z'" },
		{ "x -f -t", "'-t'" },
		{ "x --size", "'--size'" },
		{ "x -n -1", "'-1'" },
		{ "x -n 1x", "'1x'" },
		{ "x -n 1000000001", "'1000000001'" },
		{ "x -n 99999999999999999999", "--number" },
		{ "x -l a,,b", "'a,,b'" },
		{ "x -l ,", "','" },
		{ "x -l a,", "'a,'" },
		{ "x --s=1", "'--s=1'" },
		{ "x --flag=1", "'--flag=1'" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct sg_error e;
		struct values v;

		ck_assert_msg(parse(rows[i].line, &v, &e) == -EINVAL, "%s", rows[i].line);
		ck_assert_msg(strstr(e.text, rows[i].word), "%s: %s", rows[i].line, e.text);
		options_release(defs, &v);
	}
}
END_TEST

START_TEST(asked_for_help)
{
	static const char *const lines[] = { "x --help", "x -h", "x -f --help ls", "x --he" };
	struct sg_error e;
	struct values v;

	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		ck_assert_int_eq(parse(lines[i], &v, &e), -ECANCELED);
		options_release(defs, &v);
	}
	ck_assert_int_eq(parse("x ls --help", &v, &e), 1);
}
END_TEST

/* Every line of a text is at most 80 columns wide. */
static void check_width(const char *command, const char *text)
{
	while (*text) {
		size_t n = strcspn(text, "\n");

		ck_assert_msg(n <= 80, "%s: '%.*s'", command, (int)n, text);
		text += n + (text[n] == '\n');
	}
}

START_TEST(help_width)
{
	static const struct command *const all[] = { &command_stat, &command_doctor };

	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		const struct command *c = all[i];
		_cleanup_free_ char *text = NULL;
		size_t size, rows = 0;
		FILE *f = open_memstream(&text, &size);

		options_help(f, c->options);
		fclose(f);
		check_width(c->name, text);
		check_width(c->name, c->text ? c->text : "");
		for (const struct option_def *d = c->options; d->name; d++) {
			char wanted[64];

			snprintf(wanted, sizeof(wanted), "--%s%s%s", d->name, d->arg ? " " : "",
				 d->arg ? d->arg : "");
			ck_assert_msg(strstr(text, wanted), "%s: %s", c->name, wanted);
			rows++;
		}
		ck_assert_msg(rows <= 48, "%s: options_parse() has no room", c->name);
	}
}
END_TEST

START_TEST(numbers)
{
	static const char *const bad[] = { "",	  " 1", "+1",
					   "-1",  "1 ", "0x1",
					   "101", "a",	"99999999999999999999" };
	unsigned long long n = 7;

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		ck_assert_msg(parse_number(bad[i], 100, &n) == -EINVAL, "'%s'", bad[i]);
	ck_assert_uint_eq(n, 7);
	ck_assert_int_eq(parse_number("100", 100, &n), 0);
	ck_assert_uint_eq(n, 100);
	ck_assert_int_eq(parse_number("0", 100, &n), 0);
	ck_assert_uint_eq(n, 0);
}
END_TEST

int main(void)
{
	const struct unit_case cases[] = {
		{ "a value of every type arrives, repeated ones add up", types },
		{ "options end at the first operand or at --", operands },
		{ "times and sizes have units and bounds", times_and_sizes },
		{ "a mistake is told with the word that is wrong", mistakes },
		{ "help is noticed among the options only", asked_for_help },
		{ "the help of every command is 80 columns wide and has every option", help_width },
		{ "numbers are digits up to a bound", numbers },
	};

	return unit_main("options", cases, ARRAY_SIZE(cases));
}
