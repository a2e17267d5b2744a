// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Formats of events, and a record read by them. An input is "ROLE SYSTEM EVENT", the format file
 * and the record, parted by lines "--"; ROLE is the number of an enum role.
 */
#include "fuzz.h"

#include <errno.h>
#include <sanitizer/lsan_interface.h>

#include "engine/decode.h"

#define PAGE 4096

/* The record in a page of its own, by a header that says its length. */
static void run_record(struct decoder *d, struct fuzz_part record)
{
	static uint8_t page[PAGE + RING_PAGE_SLACK];
	size_t n = record.size < PAGE - 24 ? record.size : PAGE - 24;
	const uint32_t head[] = { 10 << 5, (uint32_t)n + 4 };
	uint64_t commit = sizeof(head) + n;
	struct ring_cursor c;

	memset(page, 0, sizeof(page));
	memcpy(page + 8, &commit, sizeof(commit));
	memcpy(page + 16, head, sizeof(head));
	if (n)
		memcpy(page + 24, record.data, n);
	ring_cursor_init(&c, page, PAGE, 8);
	if (c.data)
		decoder_run(d, &c, UINT64_MAX);
}

static void check(const char *system, const char *event, int role, const char *format,
		  struct fuzz_part record)
{
	static struct decoder decoder;
	static struct pair pair;
	static const struct gates none;
	const struct pair_options options = { .gates = &none };
	struct tep_handle *tep = tep_alloc();
	struct sg_error e = { 0 };
	int ret;

	fuzz_must(tep && !pair_init(&pair, &options));
	decoder_init(&decoder, &pair);
	/* libtraceevent leaks words of formats that it refuses; we allocate nothing there. */
	__lsan_disable();
	ret = decoder_add(&decoder, tep, system, event, format, (enum role)role, SYSGATE_ABI_I386,
			  &e);
	__lsan_enable();
	fuzz_must(!ret || (ret == -EPROTO && e.text[0]));
	if (!ret)
		run_record(&decoder, record);
	pair_fini(&pair);
	tep_free(tep);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_part rest = { (const char *)data, size };
	_cleanup_free_ char *first = fuzz_text(fuzz_part(&rest));
	_cleanup_free_ char *format = fuzz_text(fuzz_part(&rest));
	char system[32], event[32];
	int role;

	if (sscanf(first, "%1d %31s %31s", &role, system, event) == 3 && role > ROLE_NONE &&
	    role < ROLES)
		check(system, event, role, format, rest);
	return 0;
}
