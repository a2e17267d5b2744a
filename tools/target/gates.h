/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The gate of a call, told by the return address into the entry stub that lies just below
 * struct pt_regs during the whole call.
 */
#ifndef SYSGATE_TARGET_GATES_H
#define SYSGATE_TARGET_GATES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "sysgate_abi.h"

struct gate_range {
	uint64_t start, end; /* [start, end): text of the stub's part that begins at symbol */
	uint8_t gate;
	char symbol[40];
};

#define GATE_RANGES 16

struct gates {
	struct gate_range ranges[GATE_RANGES];
	size_t count;
};

/* Does the kernel hide its addresses from root too? */
bool gates_hidden(void);

/*
 * Reads the stubs' ranges from a symbol table (NULL: the running kernel's). -ENOENT when it has
 * none of them, -EPERM when its addresses are hidden.
 */
int gates_read(struct gates *g, const char *kallsyms, struct sg_error *e);

/*
 * The gate whose stub holds the call that returns to address. The byte before it is looked up:
 * the call can be the stub's last instruction. SYSGATE_GATE_UNKNOWN: in none.
 */
int gates_classify(const struct gates *g, uint64_t address);

/* The ABI of a call through gate; for x32 bit 30 of its number tells. */
int gate_abi(int gate);

#endif
