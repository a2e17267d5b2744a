// SPDX-License-Identifier: GPL-2.0-or-later
/* Frames: what is put into them stays in its place, whatever characters it has; charts. */
#include "unit.h"

#include <string.h>

#include "base/cleanup.h"
#include "top/chart.h"
#include "top/frame.h"

/* The frame's text; the caller frees it. */
static char *text_of(const struct frame *f)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	frame_print(f, out);
	fclose(out);
	return text;
}

static void is(const struct frame *f, const char *want)
{
	_cleanup_free_ char *text = text_of(f);

	ck_assert_str_eq(text, want);
}

START_TEST(placed)
{
	struct frame *f = frame_new(10, 3, false);

	ck_assert_uint_eq(frame_put(f, 0, 2, 8, TONE_PLAIN, "abc"), 3);
	frame_put_right(f, 1, 0, 10, TONE_PLAIN, "right");
	frame_put(f, 2, 6, 8, TONE_BAD, "cut off");
	frame_put(f, 3, 0, 8, TONE_PLAIN, "below");
	frame_put(f, 0, 10, 8, TONE_PLAIN, "beside");
	is(f, "  abc\n     right\n      cut+\n");
	ck_assert_int_eq(frame_at(f, 2, 6)->tone, TONE_BAD);
	frame_fill(f, 2, 7, 99, TONE_BAR);
	is(f, "  abc\n     right\n      c\n");
	frame_free(f);
}
END_TEST

START_TEST(wide)
{
	struct frame *f = frame_new(8, 2, false);

	/* A wide character has two columns, and no half of one is left. */
	ck_assert_uint_eq(frame_put(f, 0, 0, 8, TONE_PLAIN, "日本語"), 6);
	is(f, "日本語\n\n");
	frame_put(f, 0, 3, 1, TONE_PLAIN, "x");
	is(f, "日 x語\n\n");
	frame_put(f, 0, 4, 1, TONE_PLAIN, "y");
	is(f, "日 xy\n\n");
	/* One that does not fit is cut, and the mark does not stick out. */
	frame_put(f, 1, 0, 4, TONE_PLAIN, "日本語");
	is(f, "日 xy\n日+\n");
	frame_put(f, 1, 7, 1, TONE_PLAIN, "語");
	is(f, "日 xy\n日+    +\n");
	frame_free(f);
}
END_TEST

START_TEST(unshown)
{
	struct frame *f = frame_new(12, 1, false), *ascii = frame_new(12, 1, true);

	frame_put(f, 0, 0, 12, TONE_PLAIN, "a\033[1m\xff\xe6\x97z");
	is(f, "a?[1m???z\n");
	frame_put(ascii, 0, 0, 12, TONE_PLAIN, "naïve 日");
	is(ascii, "na?ve ?\n");
	frame_free(f);
	frame_free(ascii);
}
END_TEST

START_TEST(wrapped)
{
	struct frame *f = frame_new(10, 4, false);

	frame_wrap(f, 0, 1, 8, TONE_PLAIN, "some words, andonewhichistoolong");
	is(f, " some\n words,\n andonewh\n ichistoo\n");
	frame_free(f);
}
END_TEST

START_TEST(clicked)
{
	struct frame *f = frame_new(10, 2, false);

	frame_zone(f, 0, 0, 10, 1, 7);
	frame_zone(f, 0, 2, 3, 2, 8);
	ck_assert_int_eq(frame_hit(f, 0, 1)->action, 1);
	/* What was put later lies above. */
	ck_assert_int_eq(frame_hit(f, 0, 2)->action, 2);
	ck_assert_uint_eq(frame_hit(f, 0, 4)->argument, 8);
	ck_assert_int_eq(frame_hit(f, 0, 5)->action, 1);
	ck_assert_ptr_null(frame_hit(f, 1, 5));
	ck_assert_ptr_null(frame_hit(f, 0, 10));
	for (int i = 0; i < 2 * FRAME_ZONES; i++)
		frame_zone(f, 1, 0, 1, 3, 0);
	frame_free(f);
}
END_TEST

START_TEST(bars)
{
	const double values[] = { 0, 0.001, 4, 8, -1, 16 };
	struct frame *f = frame_new(6, 2, false), *ascii = frame_new(6, 2, true);

	ck_assert_double_eq(chart_max(values, ARRAY_SIZE(values)), 16);
	chart_draw(f, 0, 0, 2, values, ARRAY_SIZE(values), 16);
	/* What is more than nothing is seen; what is not known is a dot. */
	is(f, "     █\n ▁▄█·█\n");
	chart_draw(ascii, 0, 0, 2, values, ARRAY_SIZE(values), 16);
	is(ascii, "     #\n .:#.#\n");
	/* What is more than the maximum is as high as the chart. */
	chart_draw(f, 0, 0, 2, values, 1, 0);
	chart_draw(f, 0, 5, 2, values + 5, 1, 1);
	is(f, "     █\n ▁▄█·█\n");
	ck_assert_double_eq(chart_max(NULL, 0), 0);
	frame_free(f);
	frame_free(ascii);
}
END_TEST

int main(void)
{
	const struct unit_case cases[] = {
		{ "texts are cut to their place", placed },
		{ "wide characters have two columns", wide },
		{ "what must not be shown is not", unshown },
		{ "words are broken into lines", wrapped },
		{ "a click finds what lies above", clicked },
		{ "bars are as high as their values", bars },
	};

	return unit_main("frame", cases, ARRAY_SIZE(cases));
}
