/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A kernel's whole symbol table: by name, by address, and what bounds its sections. */
#ifndef SYSGATE_TARGET_SYMTAB_H
#define SYSGATE_TARGET_SYMTAB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct symbol {
	uint64_t address;
	uint64_t end; /* the next symbol's address; address: there is none */
	const char *name;
	char type; /* as nm has it */
};

struct symtab;

/*
 * Reads a table of lines "ADDRESS TYPE NAME" (NULL: the running kernel's). -ENOENT: it has no
 * symbol, -EPERM: its addresses are hidden, -ENOMEM, or why it cannot be read.
 */
int symtab_new(struct symtab **t, const char *path, struct sg_error *e);
void symtab_free(struct symtab *t);

/* Has the table an address that 32 bits do not hold? */
bool symtab_is64(const struct symtab *t);

/* The symbol of that name, the lowest where there are several; NULL: none. */
const struct symbol *symtab_find(const struct symtab *t, const char *name);
/*
 * The same, and where there is none of that name, the one that the compiler made of it:
 * NAME.isra.0, NAME.constprop.0 and so on.
 */
const struct symbol *symtab_find_made(const struct symtab *t, const char *name);
/* How many different addresses bear that name. */
size_t symtab_count(const struct symtab *t, const char *name);
/*
 * The symbol that begins at address or next below it; of several one without an underscore in
 * front, a global one before a local one; NULL: none.
 */
const struct symbol *symtab_at(const struct symtab *t, uint64_t address);
/* Is address from START (included) to END (not)? Symbols that are not there bound nothing. */
bool symtab_between(const struct symtab *t, uint64_t address, const char *start, const char *end);

/* Is it code? */
bool symbol_is_text(const struct symbol *s);

#endif
