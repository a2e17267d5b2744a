// SPDX-License-Identifier: GPL-2.0-or-later
/* The symbol table, and the gates' stubs in it. An input is a /proc/kallsyms. */
#include "fuzz.h"

#include <ctype.h>
#include <errno.h>

#include "target/gates.h"
#include "target/handlers.h"
#include "target/symbols.h"

static bool visit(uint64_t address, char type, const char *name, void *data)
{
	size_t *count = data;

	(void)address;
	fuzz_must(isalpha((unsigned char)type));
	fuzz_must(name[0] && strlen(name) <= SYMBOL_NAME_MAX && !name[strcspn(name, " \t\n")]);
	++*count;
	return true;
}

static void check_gates(const struct gates *g)
{
	fuzz_must(g->count && g->count <= GATE_RANGES);
	for (size_t i = 0; i < g->count; i++) {
		const struct gate_range *r = &g->ranges[i];

		fuzz_must_end(r->symbol);
		fuzz_must(r->start < r->end);
		/* Where two overlap the first has it. */
		fuzz_must(gates_classify(g, r->end) != SYSGATE_GATE_UNKNOWN);
		fuzz_must(gates_classify(g, r->start + 1) < SYSGATE_GATES);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct fuzz_file file;
	const char *path = fuzz_file(&file, (struct fuzz_part){ (const char *)data, size });
	struct sg_error e = { 0 };
	struct gates g;
	size_t count = 0;
	int ret;

	fuzz_must(!symbols_each(path, visit, &count, &e));
	/* The shortest line of all is "0 t n". */
	fuzz_must(count <= size / 6);
	ret = gates_read(&g, path, &e);
	fuzz_must(!ret || ((ret == -ENOENT || ret == -EPERM) && e.text[0]));
	if (!ret)
		check_gates(&g);
	handlers_have_tracepoint(path);
	return 0;
}
