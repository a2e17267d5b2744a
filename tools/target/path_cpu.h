/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the CPUs are told to enter the kernel: model-specific registers and vector 0x80. */
#ifndef SYSGATE_TARGET_PATH_CPU_H
#define SYSGATE_TARGET_PATH_CPU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "target/symtab.h"

#define CPU_REGISTERS 8

struct cpu_register {
	const char *name; /* "LSTAR" */
	uint32_t number;
	uint8_t from; /* enum way_source, or WAY_FROM_NONE: no address of a stub */
	bool read;
	bool differs;	/* the CPUs do not have the same */
	uint64_t value; /* of the first CPU */
	char symbol[128];
	uint64_t offset; /* from the symbol */
};

struct path_cpu {
	struct cpu_register registers[CPU_REGISTERS];
	size_t count;
	long cpus;     /* whose registers were read */
	char why[160]; /* why they were not, or not all; "" */
	bool idt_read;
	uint64_t idt80; /* where vector 0x80 goes */
	char idt80_symbol[128];
	char idt_why[160];
};

/* Reads them on this machine, below root ("" for it). Changes nothing. */
void path_cpu_read(struct path_cpu *c, const char *root, const struct symtab *symbols);

#endif
