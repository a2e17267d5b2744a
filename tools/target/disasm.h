/* SPDX-License-Identifier: GPL-2.0-or-later */
/* x86 code as text, by capstone, with what matters here: the instructions that enter the kernel. */
#ifndef SYSGATE_TARGET_DISASM_H
#define SYSGATE_TARGET_DISASM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

#define INSTRUCTION_BYTES 16

struct instruction {
	uint64_t address;
	uint8_t size, bytes[INSTRUCTION_BYTES];
	char text[112]; /* AT&T's syntax; ".byte 0x0f" for what is no instruction */
	int gate;	/* enum sysgate_gate that it enters by; SYSGATE_GATE_UNKNOWN: by none */
	bool nop, ret, jump_back;
	uint64_t calls; /* the address that it calls; UINT64_MAX: none that it names itself */
};

/*
 * Calls visit for each instruction of size bytes of code until it returns false. bits: 32 or 64.
 * 0, or -errno with the disassembler's own words.
 */
int disasm_each(const void *code, size_t size, uint64_t address, unsigned int bits,
		bool (*visit)(const struct instruction *i, void *data), void *data,
		struct sg_error *e);

#endif
