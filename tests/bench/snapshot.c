// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * snapshot cpus N... | processes N...: what it takes to read what N CPUs have counted, or N
 * processes.
 *
 * The pools are made in memory, as the kernel module maps them: of CPUs that this machine does not
 * have. Inside a VM under icount a nanosecond is an instruction. Prints lines "WHAT N INSTRUCTIONS
 * BYTES", with the bytes that the reader took for it.
 */
#include "machine.h"

#include <malloc.h>

#include "../unit/pools.h"
#include "stats/cells.h"

#define MAX_CPUS   512
#define POOL	   (1 << 20)
#define CALLS	   100 /* different ones on each CPU */
#define OF_PROCESS 4   /* different calls of a process */
#define WIDE	   8   /* CPUs that processes run on */
#define ROUNDS	   3

static struct made pools[MAX_CPUS];

static void make_cpus(int cpus)
{
	for (int cpu = 0; cpu < cpus; cpu++) {
		pools[cpu] = made_new(POOL);
		for (int nr = 0; nr < CALLS; nr++)
			fill_cell(&pools[cpu], add_cell(&pools[cpu], nr));
	}
}

/* A process stays on its CPU. The pools are as large as they have to be. */
static void make_processes(int processes)
{
	for (int cpu = 0; cpu < WIDE; cpu++)
		pools[cpu] = made_new(4096 + (size_t)(processes / WIDE + 1) * OF_PROCESS * 1024);
	for (int i = 0; i < processes; i++) {
		struct made *m = &pools[i % WIDE];

		for (int nr = 0; nr < OF_PROCESS; nr++) {
			struct sysgate_cell *c = add_cell(m, nr);

			c->who = (uint32_t)i + 1;
			fill_cell(m, c);
		}
	}
}

static void print_read(const char *what, int n, int cpus)
{
	uint64_t least = UINT64_MAX;
	size_t bytes = 0;

	for (int round = 0; round < ROUNDS; round++) {
		size_t before = mallinfo2().uordblks + mallinfo2().hblkhd;
		uint64_t start = now_ns(), took;
		struct cells cells;

		expect(cells_init(&cells, 1 << 20) == 0, "cells");
		for (int cpu = 0; cpu < cpus; cpu++)
			expect(kmod_read_pool(&cells, &pools[cpu].pool, true) == 0, "read");
		took = now_ns() - start;
		least = took < least ? took : least;
		bytes = mallinfo2().uordblks + mallinfo2().hblkhd - before;
		cells_fini(&cells);
	}
	printf("%s %d %lu %zu\n", what, n, (unsigned long)least, bytes);
}

int main(int argc, char **argv)
{
	bool of_cpus = argc > 1 && !strcmp(argv[1], "cpus");

	if (argc < 3 || (!of_cpus && strcmp(argv[1], "processes") != 0)) {
		fprintf(stderr, "usage: snapshot cpus N... | processes N...\n");
		return 2;
	}
	for (int i = 2; i < argc; i++) {
		int n = atoi(argv[i]), cpus = of_cpus ? n : WIDE;

		expect(n > 0 && cpus <= MAX_CPUS, "how many");
		if (of_cpus)
			make_cpus(n);
		else
			make_processes(n);
		print_read(of_cpus ? "read-cpus" : "read-processes", n, cpus);
		for (int cpu = 0; cpu < cpus; cpu++)
			made_fini(&pools[cpu]);
	}
	return 0;
}
