// SPDX-License-Identifier: GPL-2.0-or-later
/* Packed deltas, as recordings hold them. An input is one. */
#include "show.h"

#include <errno.h>

#include "collector/pack.h"

static struct snapshot *unpack(const void *data, size_t size, int times)
{
	struct snapshot *s = NULL;
	struct sg_error e = { 0 };
	struct tally t;
	int ret = 0;

	fuzz_must(!tally_init(&t));
	for (int i = 0; i < times && !ret; i++)
		ret = tally_add(&t, data, size, i % 2, &e);
	fuzz_must_end(e.text);
	if (ret)
		fuzz_must(ret == -EINVAL && e.text[0]);
	else
		s = tally_take(&t);
	tally_fini(&t);
	return s;
}

/* What was taken can be packed, and comes back the same. */
static void check_again(const struct snapshot *s)
{
	struct pack once = { 0 }, twice = { 0 };
	struct snapshot *again;

	fuzz_must(!pack_snapshot(&once, s));
	again = unpack(once.data, once.size, 1);
	fuzz_must(again && !pack_snapshot(&twice, again));
	fuzz_must(again->cells_count == s->cells_count);
	fuzz_must(again->conservation.entries == s->conservation.entries);
	snapshot_free(again);
	pack_fini(&once);
	pack_fini(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct snapshot *s = unpack(data, size, 1);

	if (!s)
		return 0;
	fuzz_show(s);
	check_again(s);
	snapshot_free(s);
	snapshot_free(unpack(data, size, 3));
	return 0;
}
