// SPDX-License-Identifier: GPL-2.0-or-later
/* What tracefs says of a CPU's buffer. An input is a per_cpu/cpuN/stats. */
#include "fuzz.h"

#include "engine/tracing.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_free_ char *text = fuzz_text((struct fuzz_part){ (const char *)data, size });
	uint64_t lost = 0, now = 1;

	tracing_parse_stats(text, &lost, &now);
	/* A file without a clock leaves it as it was. */
	fuzz_must(now == 1 || strstr(text, "\nnow ts:"));
	return 0;
}
