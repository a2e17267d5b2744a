// SPDX-License-Identifier: GPL-2.0-or-later
/* Sets of calls, as -e takes them. An input is one. */
#include "names.h"

#include <errno.h>

#include "target/callset.h"

#define KEYS 64

/* What the set names, it has too, by some gate. */
static void check_named(struct callset *set)
{
	struct key keys[KEYS];
	size_t n = callset_named(set, keys, KEYS);

	for (size_t i = 0; n != CALLSET_ALL && i < n && i < KEYS; i++) {
		bool has = false;

		for (int gate = 0; gate < SYSGATE_GATES; gate++) {
			keys[i].gate = (uint8_t)gate;
			has |= callset_has(&keys[i], set);
		}
		fuzz_must(has && keys[i].abi && keys[i].abi < SYSGATE_ABIS);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_free_ char *text = fuzz_text((struct fuzz_part){ (const char *)data, size });
	const struct key odd = { .abi = 255, .gate = 255, .nr = -1 };
	struct sg_error e = { 0 };
	struct callset *set = NULL;
	int ret;

	ret = callset_parse(text, fuzz_names(), &set, &e);
	fuzz_must_end(e.text);
	fuzz_must_end(e.hint);
	if (ret) {
		fuzz_must(ret == -EINVAL && e.text[0] && e.hint[0] && !set);
		return 0;
	}
	check_named(set);
	callset_has(&odd, set);
	callset_free(set);
	return 0;
}
