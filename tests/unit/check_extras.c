// SPDX-License-Identifier: GPL-2.0-or-later
#include "unit.h"

#include <errno.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "engine/engine.h"
#include "engine/extras.h"
#include "target/plan.h"

/* What kmod alone can do, and the word that a refusal has to name. */
static const struct {
	struct engine_config config;
	const char *option;
	bool replayed; /* a saved file can have it */
} extras[] = {
	{ { .wait = true }, "--wait", false },
	{ { .net = true }, "--net", false },
	{ { .count_only = true }, "--count-only", false },
	{ { .attach = PLAN_KPROBE }, "--attach", false },
	{ { .attach = PLAN_TRACEPOINT }, "--attach", false },
	{ { .dims = DIM_PROC | DIM_TASK }, "-b task", true },
};

START_TEST(events)
{
	for (size_t i = 0; i < ARRAY_SIZE(extras); i++) {
		struct sg_error e = { "", "" };
		struct engine *en = NULL;

		ck_assert_int_eq(engine_events.open(&en, &extras[i].config, &e), -ENOTSUP);
		ck_assert_ptr_nonnull(strstr(e.text, extras[i].option));
		ck_assert_ptr_nonnull(strstr(e.text, "engine events"));
		ck_assert_ptr_nonnull(strstr(e.hint, "--engine kmod"));
		ck_assert_ptr_null(en);
	}
}
END_TEST

START_TEST(replay)
{
	for (size_t i = 0; i < ARRAY_SIZE(extras); i++) {
		struct engine_config c = extras[i].config;
		struct sg_error e = { "", "" };
		struct engine *en = NULL;

		if (extras[i].replayed)
			continue;
		c.replay_path = "/dev/null";
		ck_assert_int_eq(engine_replay.open(&en, &c, &e), -EINVAL);
		ck_assert_ptr_nonnull(strstr(e.text, extras[i].option));
		ck_assert_ptr_nonnull(strstr(e.hint, "--engine kmod"));
	}
}
END_TEST

START_TEST(nothing)
{
	const struct engine_config c = { .buffer_bytes = 1,
					 .gate_probe = "none",
					 .dims = DIM_PROC };

	ck_assert_ptr_null(extras_asked(&c));
}
END_TEST

int main(void)
{
	const struct unit_case cases[] = {
		{ "events refuses what kmod alone can do, and names it", events },
		{ "replay refuses what cannot be counted afterwards", replay },
		{ "what every engine can do is none of it", nothing },
	};

	return unit_main("extras", cases, ARRAY_SIZE(cases));
}
