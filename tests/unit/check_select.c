// SPDX-License-Identifier: GPL-2.0-or-later
#include "unit.h"

#include <errno.h>

#include "base/cleanup.h"
#include "cmd/select.h"
#include "target/plan.h"

/* What the options are taken for; must be released when it is 0. */
static int selected(struct selection *s, const struct select_options *o, struct sg_error *e)
{
	int ret;

	e->text[0] = e->hint[0] = '\0';
	ret = select_init(s, o, e);
	if (ret)
		select_fini(s);
	return ret;
}

START_TEST(defaults)
{
	const struct select_options o = { .engine = "auto" };
	struct selection s;
	struct sg_error e;

	ck_assert_int_eq(selected(&s, &o, &e), 0);
	ck_assert_ptr_null(s.config.calls);
	ck_assert_int_eq(s.config.attach, PLAN_AUTO);
	ck_assert(!s.config.wait && !s.config.net && !s.config.count_only);
	ck_assert_uint_eq(s.config.dims, 0);
	ck_assert_int_eq(s.view.sort, SORT_TOTAL);
	select_fini(&s);
}
END_TEST

START_TEST(engine)
{
	char calls[] = "read,write", by[] = "task,call";
	struct select_options o = { .calls = calls,
				    .group = by,
				    .sort = "wait",
				    .attach = "kprobe",
				    .wait = true,
				    .net = true };
	const struct key read = { .abi = SYSGATE_ABI_X86_64, .nr = 0 };
	const struct key open = { .abi = SYSGATE_ABI_X86_64, .nr = 2 };
	struct selection s;
	struct sg_error e;

	ck_assert_msg(!selected(&s, &o, &e), "%s", e.text);
	ck_assert(callset_has(&read, (void *)s.config.calls));
	ck_assert(!callset_has(&open, (void *)s.config.calls));
	ck_assert_int_eq(s.config.attach, PLAN_KPROBE);
	ck_assert(s.config.wait && s.config.net && !s.config.count_only);
	ck_assert_uint_eq(s.config.dims, DIM_PROC | DIM_TASK);
	select_fini(&s);
	o = (struct select_options){ .attach = "auto", .count_only = true };
	ck_assert_int_eq(selected(&s, &o, &e), 0);
	ck_assert_int_eq(s.config.attach, PLAN_AUTO);
	ck_assert(s.config.count_only);
	select_fini(&s);
}
END_TEST

START_TEST(wrong)
{
	static const struct {
		struct select_options options;
		const char *says, *hint;
	} cases[] = {
		{ { .count_only = true, .wait = true }, "--count-only and --wait exclude", "" },
		{ { .count_only = true, .net = true }, "--count-only and --net exclude", "" },
		{ { .attach = "ftrace" }, "bad --attach 'ftrace'", "auto, tracepoint, kprobe" },
		{ { .attach = "" }, "bad --attach ''", "kprobe" },
		{ { .sort = "wait" }, "cannot sort by 'wait'", "--wait" },
		{ { .sort = "size" }, "cannot sort by 'size'", "wait" },
	};
	struct selection s;
	struct sg_error e;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		ck_assert_int_eq(selected(&s, &cases[i].options, &e), -EINVAL);
		ck_assert_msg(strstr(e.text, cases[i].says), "says %s", e.text);
		ck_assert_msg(strstr(e.hint, cases[i].hint), "hints %s", e.hint);
	}
}
END_TEST

START_TEST(saved_waiting)
{
	const struct select_options o = { .sort = "wait", .replay = "file" };
	struct selection s;
	struct sg_error e;

	ck_assert_int_eq(selected(&s, &o, &e), 0);
	ck_assert_str_eq(s.config.replay_path, "file");
	select_fini(&s);
}
END_TEST

int main(void)
{
	const struct unit_case cases[] = {
		{ "nothing asked is everything counted, by the best way", defaults },
		{ "what is asked of the engine arrives there", engine },
		{ "what makes no sense is refused, with what would", wrong },
		{ "a saved file can be sorted by waiting without measuring it", saved_waiting },
	};

	return unit_main("select", cases, ARRAY_SIZE(cases));
}
