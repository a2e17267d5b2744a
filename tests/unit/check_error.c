// SPDX-License-Identifier: GPL-2.0-or-later
/* What is said, and that no text of another's making speaks to the terminal by it. */
#include "unit.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"

START_TEST(worded)
{
	struct sg_error e = { 0 };

	ck_assert_int_eq(sg_fail(&e, EINVAL, "bad --%s '%s'", "pid", "x"), -EINVAL);
	ck_assert_str_eq(e.text, "bad --pid 'x'");
	sg_hint(&e, "try %d", 1);
	ck_assert_str_eq(e.hint, "try 1");
	ck_assert_int_eq(sg_fail_errno(&e, ENOENT, "open '%s'", "f"), -ENOENT);
	ck_assert_str_eq(e.text, "open 'f': No such file or directory");
	ck_assert_str_eq(e.hint, "");
	ck_assert_int_eq(sg_fail(NULL, EIO, "nobody asks"), -EIO);
}
END_TEST

START_TEST(harmless)
{
	static const struct {
		const char *cited, *said;
	} rows[] = {
		{ "\x1b[31m\a", "?[31m?" }, { "a\nb\tc\x7f", "a?b?c?" },
		{ "\xc2\x9b[J", "??[J" },   { "\xc3\xa4\xc2\xa0", "\xc3\xa4\xc2\xa0" },
		{ "\xc2", "\xc2" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct sg_error e = { 0 };

		sg_fail(&e, EINVAL, "%s", rows[i].cited);
		ck_assert_str_eq(e.text, rows[i].said);
		sg_hint(&e, "%s", rows[i].cited);
		ck_assert_str_eq(e.hint, rows[i].said);
	}
}
END_TEST

START_TEST(fits)
{
	struct sg_error e = { 0 };
	char text[2000];

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	sg_fail_errno(&e, ENOENT, "%s", text);
	ck_assert_uint_eq(strlen(e.text), sizeof(e.text) - 1);
}
END_TEST

int main(void)
{
	const struct unit_case cases[] = {
		{ "an error has its words", worded },
		{ "control characters of what is cited are not said", harmless },
		{ "a long text is cut", fits },
	};

	return unit_main("error", cases, ARRAY_SIZE(cases));
}
