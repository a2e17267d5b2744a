/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Cells and snapshots to test with. */
#ifndef SYSGATE_TESTS_SAMPLES_H
#define SYSGATE_TESTS_SAMPLES_H

#include <string.h>

#include "stats/snapshot.h"

/* The same sequence on every machine. */
static inline uint32_t sample_random(uint32_t *state)
{
	*state = *state * 1664525 + 1013904223;
	return *state >> 8;
}

/* Counts one call that took ns. */
static inline void sample_time(struct cell *c, uint64_t ns)
{
	c->count++;
	c->total_ns += ns;
	c->sumsq_ns += (double)ns * (double)ns;
	c->min_ns = ns < c->min_ns ? ns : c->min_ns;
	c->max_ns = ns > c->max_ns ? ns : c->max_ns;
	c->hist[sysgate_hist_index(ns)]++;
}

static inline void sample_exit(struct cell *c, uint64_t ns, int kind)
{
	sample_time(c, ns);
	c->exits[kind]++;
}

/* Counts n calls that nobody timed. */
static inline void sample_untimed(struct cell *c, uint64_t n)
{
	c->count += n;
	c->untimed += n;
	c->exits[SYSGATE_EXIT_SYSRET] += n;
}

static inline struct cell sample_cell(int abi, int gate, int nr)
{
	struct key key = { .abi = (uint8_t)abi, .gate = (uint8_t)gate, .nr = nr };
	struct cell c;

	cell_init(&c, &key);
	return c;
}

static inline void sample_head(struct snapshot *s)
{
	strcpy(s->host, "host");
	strcpy(s->kernel, "6.1.0-test");
	strcpy(s->machine, "x86_64");
	strcpy(s->engine, "kmod");
	strcpy(s->attach, "tracepoint");
	s->start_ns = 1700000000123456789;
	s->duration_ns = 10000000000;
	s->cpus = 4;
	s->gate_known = true;
	s->exit_known = true;
	s->wait_known = true;
	s->per_call_ns = 41.25;
	s->inside_latency_ns = 12.5;
	strcpy(s->overhead_how, "calibrated at start");
}

/* Calls that did not return: two that never will, two that are in flight. */
static inline void sample_unreturned(struct snapshot *s)
{
	struct cell c = sample_cell(SYSGATE_ABI_X86_64, SYSGATE_GATE_SYSCALL, 231);
	struct in_flight f = { .tgid = 100,
			       .tid = 101,
			       .comm = "sh",
			       .nr = 202,
			       .abi = SYSGATE_ABI_X86_64,
			       .gate = SYSGATE_GATE_SYSCALL,
			       .age_ns = 2500000000,
			       .at_least = true };

	c.count = c.never_returned = 2;
	snapshot_add_cell(s, &c);
	snapshot_add_in_flight(s, &f);
	f.tid = 102;
	f.age_ns = 1000;
	f.at_least = false;
	snapshot_add_in_flight(s, &f);
}

/* Everything that a snapshot can hold: ABIs, gates, errors, processes, a call that never returns.
 */
static inline struct snapshot *sample_snapshot(void)
{
	static const struct proc procs[] = {
		{ .uid = (uid_t)-1 },
		{ .tgid = 100,
		  .tid = 100,
		  .birth = 1,
		  .uid = 0,
		  .comm = "sh",
		  .cgroup = (char *)"/init.scope" },
		{ .tgid = 100, .tid = 101, .birth = 1, .uid = 1000, .comm = "make" },
		{ .tgid = 200, .tid = 200, .birth = 3, .uid = (uid_t)-1, .comm = "sh" },
	};
	struct snapshot *s = snapshot_new();
	uint32_t seed = 1;

	sample_head(s);
	s->dims = DIM_PROC | DIM_TASK | DIM_ERRNO;
	for (int i = 0; i < 4; i++)
		snapshot_add_proc(s, &procs[i]);
	for (int i = 0; i < 60; i++) {
		int abi = i % 7 == 0 ? SYSGATE_ABI_I386 : SYSGATE_ABI_X86_64;
		int gate = abi == SYSGATE_ABI_I386 ? SYSGATE_GATE_INT80 : SYSGATE_GATE_SYSCALL;
		struct cell c = sample_cell(abi, gate, i % 20);

		c.key.proc = (uint32_t)i % 4;
		c.key.err = i % 5 == 0 ? 2 : 0;
		for (int j = 0; j <= i; j++)
			sample_exit(&c, 50 + sample_random(&seed) % 1000000,
				    j % 3 ? SYSGATE_EXIT_SYSRET : SYSGATE_EXIT_IRET);
		c.errors = c.key.err ? c.count : 0;
		c.restarts = i == 30 ? 3 : 0;
		c.wait_ns = c.total_ns / 3;
		if (i == 31)
			sample_untimed(&c, 2);
		s->conservation.exits += c.count;
		snapshot_add_cell(s, &c);
	}
	sample_unreturned(s);
	s->conservation.never_returned = 2;
	s->conservation.in_flight = 2;
	s->conservation.lost = 1;
	s->conservation.before_attach = 5;
	s->conservation.entries = s->conservation.exits + 5;
	s->loss.unpaired_exits = 4;
	snapshot_note(s, "a note for the reader");
	snapshot_sort(s);
	return s;
}

#endif
