// SPDX-License-Identifier: GPL-2.0-or-later
/* What is made of a helper's samples, and what is refused. */
#include "unit.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "target/gatetime.h"
#include "target/gatetime_abi.h"

#define COUNT 100

struct answer {
	struct gatetime_head head;
	uint32_t samples[2 * COUNT];
};

/* The clock takes 30 to 129 cycles, calls take 1000 to 1099 with it. */
static void fill(struct answer *a)
{
	a->head = (struct gatetime_head){
		.magic = GATETIME_MAGIC,
		.width = 64,
		.samples = COUNT,
		.returned = 7,
	};
	for (uint32_t i = 0; i < COUNT; i++) {
		a->samples[2 * i] = 129 - i;
		a->samples[2 * i + 1] = 1000 + i * 37 % COUNT;
	}
}

START_TEST(statistics)
{
	struct gatetime g = { .width = 64 };
	struct answer a;

	fill(&a);
	ck_assert_int_eq(gatetime_parse(&g, &a, sizeof(a), 7), 0);
	ck_assert(g.measured);
	ck_assert_uint_eq(g.samples, COUNT);
	ck_assert_uint_eq(g.clock, 30);
	ck_assert_uint_eq(g.min, 970);
	ck_assert_uint_eq(g.p50, 1019);
	ck_assert_uint_eq(g.p99, 1068);
	ck_assert_uint_eq(g.max, 1069);
}
END_TEST

START_TEST(faster_than_the_clock)
{
	struct gatetime g = { .width = 64 };
	struct answer a;

	fill(&a);
	a.samples[1] = 29;
	ck_assert_int_eq(gatetime_parse(&g, &a, sizeof(a), 7), 0);
	ck_assert_uint_eq(g.min, 0);
}
END_TEST

static void refuse(const struct answer *a, size_t size, const char *why)
{
	struct gatetime g = { .width = 64 };

	ck_assert_int_eq(gatetime_parse(&g, a, size, 7), -EPROTO);
	ck_assert(!g.measured);
	ck_assert_ptr_nonnull(strstr(g.why, why));
}

START_TEST(refused)
{
	struct answer a;

	fill(&a);
	refuse(&a, 0, "cut off");
	refuse(&a, sizeof(a.head) - 1, "cut off");
	refuse(&a, sizeof(a) - 1, "cut off");
	a.head.returned = 8;
	refuse(&a, sizeof(a), "did not return");
	fill(&a);
	a.head.mixed = 1;
	refuse(&a, sizeof(a), "did not return");
	fill(&a);
	a.head.width = 32;
	refuse(&a, sizeof(a), "not this sysgate's");
	fill(&a);
	a.head.samples = GATETIME_SAMPLES_MAX + 1;
	refuse(&a, sizeof(a), "not this sysgate's");
	fill(&a);
	a.head.magic++;
	refuse(&a, sizeof(a), "not this sysgate's");
}
END_TEST

int main(void)
{
	const struct unit_case cases[] = {
		{ "the clock's own cost is taken off", statistics },
		{ "what is faster than the clock takes nothing", faster_than_the_clock },
		{ "answers that are cut, wrong or another's are refused", refused },
	};

	return unit_main("gatetime", cases, ARRAY_SIZE(cases));
}
