// SPDX-License-Identifier: GPL-2.0-or-later
#include "target/disasm.h"

#include <capstone/capstone.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "sysgate_abi.h"

/* SYSCALL's gate is told by the code's width: 32-bit code has it on AMD's CPUs only. */
static int gate_of(const cs_insn *i, unsigned int bits)
{
	if (i->size != 2)
		return SYSGATE_GATE_UNKNOWN;
	if (i->bytes[0] == 0xcd && i->bytes[1] == 0x80)
		return SYSGATE_GATE_INT80;
	if (i->bytes[0] == 0x0f && i->bytes[1] == 0x34)
		return SYSGATE_GATE_SYSENTER;
	if (i->bytes[0] == 0x0f && i->bytes[1] == 0x05)
		return bits == 64 ? SYSGATE_GATE_SYSCALL : SYSGATE_GATE_SYSCALL32;
	return SYSGATE_GATE_UNKNOWN;
}

static bool jumps_back(const cs_insn *i)
{
	return (i->size == 2 && i->bytes[0] == 0xeb && i->bytes[1] & 0x80) ||
	       (i->size == 5 && i->bytes[0] == 0xe9 && i->bytes[4] & 0x80);
}

/* Of a CALL with its distance to the next instruction. */
static uint64_t called(const cs_insn *i)
{
	int32_t distance;

	if (i->size != 5 || i->bytes[0] != 0xe8)
		return UINT64_MAX;
	memcpy(&distance, i->bytes + 1, sizeof(distance));
	return i->address + 5 + (uint64_t)(int64_t)distance;
}

static void fill(struct instruction *out, const cs_insn *in, unsigned int bits)
{
	*out = (struct instruction){
		.address = in->address,
		.size = (uint8_t)(in->size < INSTRUCTION_BYTES ? in->size : INSTRUCTION_BYTES),
		.gate = gate_of(in, bits),
		.nop = in->id == X86_INS_NOP,
		.ret = in->id == X86_INS_RET,
		.jump_back = jumps_back(in),
		.calls = called(in),
	};
	memcpy(out->bytes, in->bytes, out->size);
	snprintf(out->text, sizeof(out->text), "%.31s%s%.79s", in->mnemonic,
		 in->op_str[0] ? " " : "", in->op_str);
}

int disasm_each(const void *code, size_t size, uint64_t address, unsigned int bits,
		bool (*visit)(const struct instruction *i, void *data), void *data,
		struct sg_error *e)
{
	const uint8_t *at = code;
	struct instruction one;
	cs_insn *insn;
	cs_err err;
	csh handle;

	err = cs_open(CS_ARCH_X86, bits == 64 ? CS_MODE_64 : CS_MODE_32, &handle);
	if (err)
		return sg_fail(e, EIO, "cannot disassemble: %s", cs_strerror(err));
	/* What is no instruction is shown as bytes, and the next one is looked for behind it. */
	cs_option(handle, CS_OPT_SYNTAX, CS_OPT_SYNTAX_ATT);
	cs_option(handle, CS_OPT_SKIPDATA, CS_OPT_ON);
	insn = cs_malloc(handle);
	if (!insn) {
		cs_close(&handle);
		return sg_fail_errno(e, ENOMEM, "cannot disassemble");
	}
	while (cs_disasm_iter(handle, &at, &size, &address, insn)) {
		fill(&one, insn, bits);
		if (!visit(&one, data))
			break;
	}
	cs_free(insn, 1);
	cs_close(&handle);
	return 0;
}
