// SPDX-License-Identifier: GPL-2.0-or-later
#include "target/gates.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "target/files.h"
#include "target/symbols.h"

static const struct {
	const char *symbol;
	uint8_t gate;
} stubs[] = { SYSGATE_STUBS };

/* The stubs lie together in a section of their own, which is shorter. */
#define SECTION_MAX (256 * 1024)

struct reading {
	struct gates *gates;
	bool hidden; /* an address of 0: kptr_restrict, or not root */
};

/* The table is sorted by address: a range ends where the next symbol begins. */
static bool visit(uint64_t address, char type, const char *name, void *data)
{
	struct reading *r = data;
	struct gates *g = r->gates;
	struct gate_range *last = g->count ? &g->ranges[g->count - 1] : NULL;

	(void)type;
	for (size_t i = 0; i < g->count; i++)
		if (!g->ranges[i].end && address > g->ranges[i].start)
			g->ranges[i].end = address;
	/* The kernel makes each line anew: what comes later is not asked for. */
	if (last && address > last->start && address - last->start > SECTION_MAX)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(stubs); i++) {
		if (strcmp(name, stubs[i].symbol))
			continue;
		if (!address)
			r->hidden = true;
		else if (g->count < GATE_RANGES && address < UINT64_MAX) {
			last = &g->ranges[g->count++];
			last->start = address;
			last->end = 0;
			last->gate = stubs[i].gate;
			snprintf(last->symbol, sizeof(last->symbol), "%s", name);
		}
		break;
	}
	return true;
}

/* start + size, or the last address. */
static uint64_t below_end(uint64_t start, uint64_t size)
{
	return start > UINT64_MAX - size ? UINT64_MAX : start + size;
}

bool gates_hidden(void)
{
	return file_number("", "proc/sys/kernel/kptr_restrict", 0) > 1;
}

int gates_read(struct gates *g, const char *kallsyms, struct sg_error *e)
{
	struct reading r = { .gates = g };
	const char *path = kallsyms ? kallsyms : KALLSYMS_PATH;
	int ret;

	g->count = 0;
	ret = symbols_each(path, visit, &r, e);
	if (ret)
		return ret;
	/* The very last symbol has no next one: a stub is shorter than a page. */
	for (size_t i = 0; i < g->count; i++)
		if (g->ranges[i].end <= g->ranges[i].start)
			g->ranges[i].end = below_end(g->ranges[i].start, 4096);
	if (g->count)
		return 0;
	if (r.hidden) {
		sg_fail(e, EPERM, "'%s' hides its addresses%s", path,
			gates_hidden() ? ": kernel.kptr_restrict is 2" : "");
		sg_hint(e, "%s", gates_hidden() ? "sysctl kernel.kptr_restrict=1" : "run as root");
		return -EPERM;
	}
	return sg_fail(e, ENOENT, "'%s' names none of the known entry stubs", path);
}

int gates_classify(const struct gates *g, uint64_t address)
{
	for (size_t i = 0; i < g->count; i++)
		if (address > g->ranges[i].start && address <= g->ranges[i].end)
			return g->ranges[i].gate;
	return SYSGATE_GATE_UNKNOWN;
}

int gate_abi(int gate)
{
	switch (gate) {
	case SYSGATE_GATE_SYSCALL:
		return SYSGATE_ABI_X86_64;
	case SYSGATE_GATE_SYSENTER:
	case SYSGATE_GATE_SYSCALL32:
	case SYSGATE_GATE_INT80:
		return SYSGATE_ABI_I386;
	default:
		return SYSGATE_ABI_UNKNOWN;
	}
}
