// SPDX-License-Identifier: GPL-2.0-or-later
#include "unit.h"

#include <string.h>

#include "base/cleanup.h"
#include "samples.h"
#include "stats/cells.h"

#define KEYS 5000

/* Key i of many that differ in every part. */
static struct key key_of(uint32_t i)
{
	return (struct key){ .abi = (uint8_t)(i % SYSGATE_ABIS),
			     .gate = (uint8_t)(i / 4 % SYSGATE_GATES),
			     .err = (uint16_t)(i % 7 * 600),
			     .nr = (int32_t)(i % 11 * 100) - 1,
			     .proc = i / 50 };
}

START_TEST(same_key_same_cell)
{
	static struct cell *cells[KEYS];
	struct cells t;

	ck_assert_int_eq(cells_init(&t, 10 * KEYS), 0);
	for (uint32_t i = 0; i < KEYS; i++) {
		struct key key = key_of(i);

		cells[i] = cells_get(&t, &key);
		ck_assert_ptr_nonnull(cells[i]);
		ck_assert_int_eq(key_compare(&cells[i]->key, &key), 0);
		cells[i]->count++;
	}
	/* The table has grown meanwhile: the cells have not moved. */
	for (uint32_t i = 0; i < KEYS; i++) {
		struct key key = key_of(i);

		if (cells_get(&t, &key) != cells[i])
			ck_abort_msg("key %u has another cell", i);
	}
	ck_assert_uint_le(t.count, KEYS);
	ck_assert_uint_le(2 * t.count, t.mask + 1);
	cells_fini(&t);
}
END_TEST

START_TEST(one_part_differs)
{
	static const struct key keys[] = {
		{ .nr = 1 },
		{ .nr = 2 },
		{ .nr = -1 },
		{ .nr = INT32_MIN },
		{ .nr = 1, .abi = 1 },
		{ .nr = 1, .gate = 1 },
		{ .nr = 1, .err = 1 },
		{ .nr = 1, .err = 4095 },
		{ .nr = 1, .proc = 1 },
		{ .nr = 1, .proc = UINT32_MAX },
	};
	struct cells t;

	ck_assert_int_eq(cells_init(&t, 100), 0);
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		cells_get(&t, &keys[i])->count = i;
	ck_assert_uint_eq(t.count, ARRAY_SIZE(keys));
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		ck_assert_uint_eq(cells_get(&t, &keys[i])->count, i);
	cells_fini(&t);
}
END_TEST

START_TEST(bounded)
{
	struct key first = { .nr = 1 }, second = { .nr = 2 }, third = { .nr = 3 };
	struct cells t;
	struct cell *c;

	ck_assert_int_eq(cells_init(&t, 2), 0);
	c = cells_get(&t, &first);
	ck_assert_ptr_nonnull(cells_get(&t, &second));
	for (int i = 0; i < 10; i++)
		ck_assert_ptr_null(cells_get(&t, &third));
	ck_assert_ptr_eq(cells_get(&t, &first), c);
	ck_assert_uint_eq(t.count, 2);
	cells_fini(&t);
	ck_assert_int_eq(cells_init(&t, 0), 0);
	ck_assert_ptr_null(cells_get(&t, &first));
	cells_fini(&t);
	cells_fini(&t); /* an empty one is fine */
}
END_TEST

START_TEST(begins_empty)
{
	struct key key = { .nr = 1 };
	struct cell empty;
	struct cells t;

	cell_init(&empty, &key);
	ck_assert_int_eq(cells_init(&t, 2), 0);
	ck_assert_int_eq(memcmp(cells_get(&t, &key), &empty, sizeof(empty)), 0);
	cells_fini(&t);
}
END_TEST

int main(void)
{
	const struct unit_case cases[] = {
		{ "a key has one cell, which stays where it is", same_key_same_cell },
		{ "every part of a key tells cells apart", one_part_differs },
		{ "a full table makes no more cells and keeps those that it has", bounded },
		{ "a new cell is empty", begins_empty },
	};

	return unit_main("cells", cases, ARRAY_SIZE(cases));
}
