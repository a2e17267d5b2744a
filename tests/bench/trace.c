// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A plugin of QEMU's: writes down each instruction that a CPU of the guest executes between two
 * marks, and where it stores; or how often each was executed.
 *
 *	-plugin trace.so,each=FILE
 *	-plugin trace.so,sum=FILE
 *
 * The marks are no-operations with a constant that no compiler makes (see marks.h). Before the
 * first nothing but marks is looked for, so that a boot takes the time that it takes. FILE has
 * lines
 *
 *	i CPU ADDRESS		an instruction
 *	w CPU ADDRESS BYTES	what it stored to
 *	b CPU, e CPU		a mark: begin, end
 *	s ADDRESS TIMES		so often, in all; an address may come again
 *
 * Debian has QEMU with plugins, but not their header: what is used of it is declared here.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "marks.h"

#define EXPORT	 __attribute__((visibility("default")))
#define MAX_CPUS 64

typedef uint64_t plugin_id;
struct qemu_plugin_tb;
struct qemu_plugin_insn;

extern void qemu_plugin_register_vcpu_tb_trans_cb(plugin_id id,
						  void (*cb)(plugin_id, struct qemu_plugin_tb *));
extern void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *insn,
						   void (*cb)(unsigned int cpu, void *data),
						   int flags, void *data);
extern void qemu_plugin_register_vcpu_mem_cb(struct qemu_plugin_insn *insn,
					     void (*cb)(unsigned int cpu, uint32_t info,
							uint64_t address, void *data),
					     int flags, int rw, void *data);
extern void qemu_plugin_register_atexit_cb(plugin_id id, void (*cb)(plugin_id, void *), void *data);
extern void qemu_plugin_reset(plugin_id id, void (*cb)(plugin_id));
extern size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
extern struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb, size_t i);
extern const void *qemu_plugin_insn_data(const struct qemu_plugin_insn *insn);
extern size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *insn);
extern uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *insn);
extern unsigned int qemu_plugin_mem_size_shift(uint32_t info);
extern bool qemu_plugin_mem_is_store(uint32_t info);

enum {
	NO_REGISTERS = 0,
	STORES = 2
};

EXPORT int qemu_plugin_version = 1;
EXPORT int qemu_plugin_install(plugin_id id, const void *info, int argc, char **argv);

struct place {
	uint64_t address, times;
	struct place *next;
};

static plugin_id me;
static FILE *out;
static bool each;
static bool recording[MAX_CPUS];
static struct place *places;

static void executed(unsigned int cpu, void *data)
{
	struct place *p = data;

	if (!recording[cpu])
		return;
	p->times++;
	if (each)
		fprintf(out, "i %u %" PRIx64 "\n", cpu, p->address);
}

static void stored(unsigned int cpu, uint32_t info, uint64_t address, void *unused)
{
	(void)unused;
	/* QEMU 7.2.22 comes here for loads, too. */
	if (recording[cpu] && each && qemu_plugin_mem_is_store(info))
		fprintf(out, "w %u %" PRIx64 " %u\n", cpu, address,
			1U << qemu_plugin_mem_size_shift(info));
}

static void begin(unsigned int cpu, void *unused)
{
	(void)unused;
	if (each)
		fprintf(out, "b %u\n", cpu);
	recording[cpu] = true;
}

static void end(unsigned int cpu, void *unused)
{
	(void)unused;
	recording[cpu] = false;
	if (each)
		fprintf(out, "e %u\n", cpu);
}

static bool is_mark(const struct qemu_plugin_insn *insn, const unsigned char mark[MARK_BYTES])
{
	return qemu_plugin_insn_size(insn) == MARK_BYTES &&
	       memcmp(qemu_plugin_insn_data(insn), mark, MARK_BYTES) == 0;
}

static struct place *place_new(uint64_t address)
{
	struct place *p = calloc(1, sizeof(*p));

	if (!p)
		abort();
	p->address = address;
	p->next = places;
	places = p;
	return p;
}

static void look_at_all(plugin_id id, struct qemu_plugin_tb *tb)
{
	(void)id;
	for (size_t i = 0; i < qemu_plugin_tb_n_insns(tb); i++) {
		struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);

		if (is_mark(insn, mark_begin)) {
			qemu_plugin_register_vcpu_insn_exec_cb(insn, begin, NO_REGISTERS, NULL);
		} else if (is_mark(insn, mark_end)) {
			qemu_plugin_register_vcpu_insn_exec_cb(insn, end, NO_REGISTERS, NULL);
		} else {
			qemu_plugin_register_vcpu_insn_exec_cb(
				insn, executed, NO_REGISTERS,
				place_new(qemu_plugin_insn_vaddr(insn)));
			if (each)
				qemu_plugin_register_vcpu_mem_cb(insn, stored, NO_REGISTERS, STORES,
								 NULL);
		}
	}
}

static void finish(plugin_id id, void *unused)
{
	(void)id;
	(void)unused;
	for (const struct place *p = places; p && !each; p = p->next)
		if (p->times)
			fprintf(out, "s %" PRIx64 " %" PRIu64 "\n", p->address, p->times);
	fclose(out);
}

static void anew(plugin_id id)
{
	qemu_plugin_register_vcpu_tb_trans_cb(id, look_at_all);
	qemu_plugin_register_atexit_cb(id, finish, NULL);
}

/* What was translated before is translated once more, now with all that is to be seen. */
static void arm(unsigned int cpu, void *unused)
{
	static bool armed;

	(void)cpu;
	(void)unused;
	if (!armed)
		qemu_plugin_reset(me, anew);
	armed = true;
}

static void look_for_marks(plugin_id id, struct qemu_plugin_tb *tb)
{
	(void)id;
	for (size_t i = 0; i < qemu_plugin_tb_n_insns(tb); i++) {
		struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);

		if (is_mark(insn, mark_arm))
			qemu_plugin_register_vcpu_insn_exec_cb(insn, arm, NO_REGISTERS, NULL);
	}
}

EXPORT int qemu_plugin_install(plugin_id id, const void *info, int argc, char **argv)
{
	(void)info;
	me = id;
	if (argc != 1)
		return -1;
	each = strncmp(argv[0], "each=", 5) == 0;
	if (!each && strncmp(argv[0], "sum=", 4) != 0)
		return -1;
	out = fopen(strchr(argv[0], '=') + 1, "w");
	if (!out)
		return -1;
	qemu_plugin_register_vcpu_tb_trans_cb(id, look_for_marks);
	return 0;
}
