/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The part of machine.h's facts that tracefs and the symbol table tell. */
#ifndef SYSGATE_TARGET_MACHINE_TRACING_H
#define SYSGATE_TARGET_MACHINE_TRACING_H

#include "target/machine.h"

void machine_read_tracing(struct tracing_facts *t, const char *root, const char *tracefs,
			  const char *why);
void machine_read_symbols(struct symbol_facts *s, const char *root);

#endif
