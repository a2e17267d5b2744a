// SPDX-License-Identifier: GPL-2.0-or-later
#include "target/source.h"

#include <elfutils/libdwfl.h>
#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"

/* One file; each has a Dwfl of its own, so that a damaged one disturbs no other. */
struct opened {
	char *path;
	Dwfl *dwfl;
	Dwfl_Module *module;
	char why[160]; /* "": it is open */
};

struct source {
	struct opened **files; /* each stays where it is: places refer to it */
	size_t count;
};

struct source *source_new(void)
{
	return calloc(1, sizeof(struct source));
}

void source_free(struct source *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->count; i++) {
		if (s->files[i]->dwfl)
			dwfl_end(s->files[i]->dwfl);
		free(s->files[i]->path);
		free(s->files[i]);
	}
	free(s->files);
	free(s);
}

static uint64_t ns_of(const struct timespec *t)
{
	return (uint64_t)t->tv_sec * 1000000000ULL + (uint64_t)t->tv_nsec;
}

/*
 * Is it the one that the kernel has mapped? Overlays put bits of their own above an inode's number,
 * so its lower half is compared.
 */
static int check_file(int fd, const struct source_file *f, char *why, size_t size)
{
	struct stat st;

	if (fstat(fd, &st))
		snprintf(why, size, "cannot look at it: %s", strerror(errno));
	else if (!S_ISREG(st.st_mode))
		snprintf(why, size, "it is no regular file");
	else if ((uint32_t)st.st_ino != (uint32_t)f->inode || (uint64_t)st.st_size != f->size)
		snprintf(why, size, "another file is at its path");
	else if (f->since_ns && ns_of(&st.st_ctim) > f->since_ns)
		snprintf(why, size, "it was changed since");
	return why[0] ? -ESTALE : 0;
}

static void open_file(struct opened *o, const struct source_file *f)
{
	static char *debug_path;
	static const Dwfl_Callbacks callbacks = {
		.find_elf = dwfl_build_id_find_elf,
		.find_debuginfo = dwfl_standard_find_debuginfo,
		.section_address = dwfl_offline_section_address,
		.debuginfo_path = &debug_path,
	};
	/* A pipe or device that took the path's place is not waited for. */
	int fd = open(f->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd < 0) {
		snprintf(o->why, sizeof(o->why), "cannot open it: %s", strerror(errno));
		return;
	}
	if (check_file(fd, f, o->why, sizeof(o->why))) {
		close(fd);
		return;
	}
	o->dwfl = dwfl_begin(&callbacks);
	/* It takes the descriptor when it succeeds. */
	if (o->dwfl)
		o->module = dwfl_report_offline(o->dwfl, f->path, f->path, fd);
	if (!o->module) {
		snprintf(o->why, sizeof(o->why), "cannot read it: %.120s", dwfl_errmsg(-1));
		close(fd);
		return;
	}
	dwfl_report_end(o->dwfl, NULL, NULL);
}

static struct opened *get(struct source *s, const struct source_file *f)
{
	struct opened **list, *o;

	for (size_t i = 0; i < s->count; i++)
		if (!strcmp(s->files[i]->path, f->path))
			return s->files[i];
	list = reallocarray(s->files, s->count + 1, sizeof(*list));
	if (!list)
		return NULL;
	s->files = list;
	o = calloc(1, sizeof(*o));
	if (!o)
		return NULL;
	o->path = strdup(f->path);
	if (!o->path) {
		free(o);
		return NULL;
	}
	list[s->count++] = o;
	open_file(o, f);
	return o;
}

/* The address that the byte at offset is loaded to. 0 or -ENOENT. */
static int address_of(Dwfl_Module *module, uint64_t offset, Dwarf_Addr *out)
{
	GElf_Addr bias;
	Elf *elf = dwfl_module_getelf(module, &bias);
	GElf_Phdr p;
	size_t count;

	if (!elf || elf_getphdrnum(elf, &count))
		return -ENOENT;
	for (size_t i = 0; i < count; i++) {
		if (!gelf_getphdr(elf, (int)i, &p) || p.p_type != PT_LOAD)
			continue;
		if (offset < p.p_offset || offset - p.p_offset >= p.p_filesz)
			continue;
		*out = offset - p.p_offset + p.p_vaddr + bias;
		return 0;
	}
	return -ENOENT;
}

void source_find(struct source *s, const struct source_file *f, uint64_t offset,
		 struct source_place *out)
{
	struct opened *o = get(s, f);
	Dwarf_Addr address;
	Dwfl_Line *line;
	GElf_Off into;
	GElf_Sym sym;

	*out = (struct source_place){ 0 };
	if (!o) {
		out->why = "out of memory";
		return;
	}
	if (o->why[0]) {
		out->why = o->why;
		return;
	}
	/* The instruction before: where a call returns to can be another line's, or function's. */
	if (!offset || address_of(o->module, offset - 1, &address)) {
		out->why = "its headers do not have that place";
		return;
	}
	out->symbol = dwfl_module_addrinfo(o->module, address, &into, &sym, NULL, NULL, NULL);
	if (out->symbol)
		out->symbol_offset = into + 1;
	line = dwfl_module_getsrc(o->module, address);
	if (line)
		out->file = dwfl_lineinfo(line, NULL, &out->line, NULL, NULL, NULL);
}
