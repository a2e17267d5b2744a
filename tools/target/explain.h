/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A call as the kernel sees it: its number, its arguments and the registers that carry them. */
#ifndef SYSGATE_TARGET_EXPLAIN_H
#define SYSGATE_TARGET_EXPLAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "sysgate_abi.h"
#include "target/debuginfo.h"
#include "target/syscalls.h"

#define EXPLAIN_ARGUMENTS 6 /* all that registers carry */

enum explain_source {
	EXPLAIN_NONE,	 /* not known */
	EXPLAIN_DWARF,	 /* the kernel's debug information */
	EXPLAIN_TRACEFS, /* the formats of its tracepoints */
	EXPLAIN_BUILTIN, /* the prototypes that sysgate has */
};

struct explain_argument {
	char type[96], name[48];
	uint8_t first; /* of the registers that carry it, from 0 on */
	uint8_t slots; /* how many: two for 64 bits on i386; 0: more than there are */
};

struct explain_call {
	int abi;
	int32_t nr; /* without x32's bit 30 */
	char name[64];
	bool here;	    /* the kernel has it */
	char handler[128];  /* "": not known */
	struct place place; /* of the handler */
	enum explain_source source;
	struct explain_argument arguments[EXPLAIN_ARGUMENTS];
	size_t count;
};

struct explain {
	struct explain_call *calls; /* in the order of the ABIs */
	size_t count;
	char notes[4][256];
	size_t notes_count;
};

/* What calls are explained by; all of it is borrowed. */
struct explain_ask {
	const char *kallsyms;	 /* NULL: the running kernel's */
	const char *tracefs;	 /* NULL: nowhere, or not of that kernel */
	struct debuginfo *debug; /* NULL: none */
	uint64_t debug_stext;	 /* where the text begins by it */
	const struct syscalls *names;
	int by; /* arguments by this source alone; EXPLAIN_NONE: by the best */
};

struct explainer;

/* Reads the symbols; that they cannot be read is noted of each call. NULL: no memory. */
struct explainer *explainer_new(const struct explain_ask *ask);
void explainer_free(struct explainer *r);

/*
 * Explains a call, by its name or its number, which each ABI may have another call of. -ENOENT: no
 * ABI has one. The caller releases x with explain_fini() in each case.
 */
int explain_read(struct explain *x, const struct explainer *r, const char *call,
		 struct sg_error *e);
void explain_fini(struct explain *x);

/*
 * The register that carries the slot'th word (from 0) of a call at a gate, "rdi"; "[ebp]" is the
 * word on the user's stack. NULL: the gate carries none such.
 */
const char *explain_register(int gate, size_t slot);
/* Of a call's number and of its result: "rax", "eax". */
const char *explain_number_register(int abi);
/* The gates of an ABI, parted: fills gates, returns how many. */
size_t explain_gates(int abi, int gates[4]);
/* "dwarf", "tracefs", "built-in"; and back, -1 when there is none of that name. */
const char *explain_source_name(int source);
int explain_source_by_name(const char *name);

/* How the C library's function of a name differs from the call; each text is one difference. */
struct wrapper {
	const char *name;
	const char *abis; /* "i386", "x86_64 x32"; NULL: all */
	const char *text;
};
/* The next of a name behind w (NULL: the first); NULL: no more. */
const struct wrapper *wrapper_next(const struct wrapper *w, const char *name);

/*
 * The built-in parameters of a call, "unsigned int fd, char *buf, size_t count"; "": it takes none;
 * NULL: not known.
 */
const char *prototype_of(int abi, const char *name);

/*
 * Adds what "unsigned int fd" declares; width: its bytes, 0: by the type's name. 0 or -E2BIG: there
 * is no room.
 */
int explain_add(struct explain_call *c, const char *type, const char *name, uint64_t width);

#endif
