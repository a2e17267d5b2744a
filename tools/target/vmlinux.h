/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A kernel as its vmlinux has it: symbols, what may be probed, debug information. */
#ifndef SYSGATE_TARGET_VMLINUX_H
#define SYSGATE_TARGET_VMLINUX_H

#include "target/debuginfo.h"
#include "target/machine.h"

#define DEBUG_DIR "/usr/lib/debug"

/* A file in memory, by the path under which this process can read it. */
struct memory_file {
	int fd;
	char path[40];
};

struct vmlinux {
	struct elffile *image, *separate; /* NULL: no separate debug file */
	struct debuginfo *info;		  /* NULL: none */
	uint64_t stext;			  /* where the text begins; 0: not known */
	/* As kallsyms, available_filter_functions_addrs and kprobes/blacklist have it; or no path.
	 */
	struct memory_file symbols, functions, blacklist;
};

/*
 * Opens path, and its separate debug file below debug_dir (NULL: DEBUG_DIR) where it was stripped.
 * 0, or what elffile_open() says; -ENOENT: it has no symbols and no debug file. That there is no
 * debug information is no error. The caller releases v with vmlinux_close() in each case.
 */
int vmlinux_open(struct vmlinux *v, const char *path, const char *debug_dir, struct sg_error *e);
/*
 * The same for the debug information of the running kernel, of which nothing else is filled;
 * v->info is NULL where there is none. How it can be had is in e then.
 */
void vmlinux_open_running(struct vmlinux *v, const struct machine *m, const char *debug_dir,
			  struct sg_error *e);
void vmlinux_close(struct vmlinux *v);

/* How the debug information of a kernel can be had: "apt-get install ..."; never empty. */
void vmlinux_package(const struct machine *m, char *text, size_t size);

#endif
