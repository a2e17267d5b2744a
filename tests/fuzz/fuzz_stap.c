// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a script of SystemTap's prints, what staprun says, and scripts themselves. The first byte
 * tells in what pieces it comes.
 */
#include "fuzz.h"
#include "show.h"

#include "engine/stap.h"
#include "target/stap_points.h"

static void read_in_pieces(struct stap_reader *r, const uint8_t *data, size_t size, size_t step)
{
	for (size_t at = 0; at < size; at += step)
		fuzz_must(!stap_reader_feed(r, (const char *)data + at,
					    step < size - at ? step : size - at));
}

static void show(const struct stap_dump *d)
{
	struct snapshot *s = snapshot_new();

	fuzz_must(s && !stap_dump_add(d, true, s));
	s->dims = DIM_PROC | DIM_TASK | DIM_ERRNO;
	s->gate_known = s->exit_known = true;
	snapshot_sort(s);
	fuzz_show(s);
	snapshot_free(s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct stap_reader pieces = { 0 }, once = { 0 };
	struct stap_run run = { 0 };
	char words[64];

	if (!size)
		return 0;
	stap_traces_calls_only((const char *)data, size);
	read_in_pieces(&pieces, data + 1, size - 1, 1 + data[0] % 61);
	read_in_pieces(&once, data + 1, size - 1, size);
	fuzz_must(pieces.whole == once.whole && pieces.lost == once.lost);
	fuzz_must(!once.last == !once.whole);
	if (once.last) {
		fuzz_must(once.last->cells.count == pieces.last->cells.count);
		show(once.last);
	}
	stap_run_heard(&run, once.line);
	stap_run_words(&run, words, sizeof(words));
	fuzz_must_end(words);
	stap_reader_fini(&pieces);
	stap_reader_fini(&once);
	return 0;
}
