/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A kernel's ELF file, vmlinux or its separate debug file, read by libelf. */
#ifndef SYSGATE_TARGET_ELFFILE_H
#define SYSGATE_TARGET_ELFFILE_H

#include <gelf.h>
#include <stdbool.h>
#include <stdio.h>

#include "base/error.h"

struct elffile {
	int fd;
	Elf *elf;
	bool is64;
	char path[512];
};

/*
 * Maps a file; nothing is read that is not asked for. -ENOEXEC: it is no ELF file, is cut off, or
 * of another architecture, with what it is in e; or why it cannot be opened.
 */
int elffile_open(struct elffile **f, const char *path, struct sg_error *e);
void elffile_close(struct elffile *f);

/*
 * Writes the symbols as nm does, "ADDRESS TYPE NAME" lines. -ENOENT: it has no symbol table, or
 * -ENOEXEC: a broken one; -EIO.
 */
int elffile_symbols(const struct elffile *f, FILE *out, struct sg_error *e);
/* Size bytes of the image at address: 0, or -ENOENT when the file does not hold them. */
int elffile_read(const struct elffile *f, uint64_t address, void *to, size_t size);
/* The value of a symbol. -ENOENT: there is none. */
int elffile_symbol(const struct elffile *f, const char *name, uint64_t *value);
/* Does it have DWARF? */
bool elffile_has_dwarf(const struct elffile *f);

/* "ab12..." in hex; "" where it has none. */
void elffile_build_id(const struct elffile *f, char hex[64]);
/* The same of notes as /sys/kernel/notes has them. */
void build_id_of_notes(const char *path, char hex[64]);

/*
 * Opens the separate debug file of one that was stripped: by its build-id below dir, else beside
 * it, by .gnu_debuglink's name. -ENOENT: there is none.
 */
int elffile_open_debug(const struct elffile *f, const char *dir, struct elffile **debug,
		       struct sg_error *e);
/* Where that is looked for: "dir/.build-id/ab/12....debug"; "" without a build-id. */
void build_id_path(const char *dir, const char *hex, char *path, size_t size);

#endif
