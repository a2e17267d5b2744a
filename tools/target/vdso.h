/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The page of code that the kernel maps into every program: a shared library, in which 32-bit code
 * finds its way into the kernel (__kernel_vsyscall) and 64-bit code what needs no way there.
 */
#ifndef SYSGATE_TARGET_VDSO_H
#define SYSGATE_TARGET_VDSO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "target/auxv.h"
#include "target/disasm.h"

#define VDSO_MAX     (1U << 20) /* bytes of an image; kernels have one to four pages */
#define VDSO_SYMBOLS 256

#define VDSO_NOWHERE SIZE_MAX

struct vdso_symbol {
	char name[64];
	size_t offset, size; /* in the image */
	bool function;
};

/* The code at one place, which can have several names. */
struct vdso_function {
	char names[160]; /* parted by ", " */
	size_t offset, size;
	bool guessed_size; /* it has no symbol: up to the first RET */
	struct instruction *code;
	size_t count;
	/*
	 * Of the first instruction that enters the kernel, itself or by calling the function that
	 * is there for it; SYSGATE_GATE_UNKNOWN: there is none.
	 */
	int gate;
	size_t gate_offset;
	/*
	 * Of 32-bit code: where the kernel returns to, and where it restarts a call; VDSO_NOWHERE:
	 * not told by the code.
	 */
	size_t return_offset, restart_offset;
	/* What stands before an INT 0x80 are fillers that a kernel replaces when it boots. */
	bool unpatched;
};

struct vdso {
	uint8_t *image;
	size_t size;
	uint64_t address;  /* where it is mapped; 0: in a file */
	unsigned int bits; /* of its code */
	int abi;
	char soname[64], build_id[2 * 32 + 1]; /* "": it has none */
	size_t entry;			       /* offset; VDSO_NOWHERE: none */
	struct vdso_symbol *symbols;
	size_t symbols_count;
	struct vdso_function *functions; /* by offset */
	size_t functions_count;
};

/* Takes a copy. -EPROTO for what is no vDSO image, with the reason. Release with vdso_fini(). */
int vdso_parse(struct vdso *v, const void *image, size_t size, struct sg_error *e);
int vdso_read_file(struct vdso *v, const char *path, struct sg_error *e);
/*
 * Of a process, with its auxiliary vector. -ENODATA: it has a vector and no vDSO, as under vdso=0;
 * v is then empty.
 */
int vdso_read_process(struct vdso *v, struct auxv *a, pid_t pid, struct sg_error *e);
void vdso_fini(struct vdso *v);

/* The function that 32-bit code enters by; NULL: there is none. */
const struct vdso_function *vdso_entry(const struct vdso *v);

/* A text of a process's memory, of at most size - 1 bytes; "" when it cannot be read. */
void process_text(pid_t pid, uint64_t address, char *text, size_t size);

#endif
