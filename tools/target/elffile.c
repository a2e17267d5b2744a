// SPDX-License-Identifier: GPL-2.0-or-later
#include "target/elffile.h"

#include <elfutils/libdwelf.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"

/* What people give instead of a vmlinux, by its first bytes. */
static const struct {
	const char *bytes;
	size_t n, at;
	const char *what, *next;
} others[] = {
	{ "\x1f\x8b", 2, 0, "compressed by gzip", "unpack it first: gzip -dc FILE >vmlinux" },
	{ "\xfd"
	  "7zXZ",
	  5, 0, "compressed by xz", "unpack it first: xz -dc FILE >vmlinux" },
	{ "\x28\xb5\x2f\xfd", 4, 0, "compressed by zstd",
	  "unpack it first: zstd -dc FILE >vmlinux" },
	{ "BZh", 3, 0, "compressed by bzip2", "unpack it first: bzip2 -dc FILE >vmlinux" },
	{ "HdrS", 4, 0x202, "a boot image (bzImage), which has no symbols",
	  "give the vmlinux that it was made from" },
	{ "!<arch>", 7, 0, "an archive", "give the vmlinux" },
};

static int no_elf(const struct elffile *f, struct sg_error *e)
{
	char head[0x210] = { 0 };
	ssize_t n = pread(f->fd, head, sizeof(head), 0);

	for (size_t i = 0; i < ARRAY_SIZE(others) && n > 0; i++) {
		if (memcmp(head + others[i].at, others[i].bytes, others[i].n))
			continue;
		sg_fail(e, ENOEXEC, "cannot use '%s': it is %s", f->path, others[i].what);
		sg_hint(e, "%s", others[i].next);
		return -ENOEXEC;
	}
	sg_fail(e, ENOEXEC, "cannot use '%s': it is no ELF file", f->path);
	sg_hint(e, "give a vmlinux, or by --system-map or --kallsyms a symbol table");
	return -ENOEXEC;
}

static int broken(const struct elffile *f, const char *what, struct sg_error *e)
{
	const char *said = elf_errmsg(-1);

	return sg_fail(e, ENOEXEC, "cannot use '%s': %s%s%s", f->path, what, said ? ": " : "",
		       said ? said : "");
}

static const char *machine_name(unsigned int machine, char buf[32])
{
	static const struct {
		unsigned int machine;
		const char *name;
	} names[] = {
		{ EM_ARM, "ARM" },	 { EM_AARCH64, "AArch64" },
		{ EM_PPC64, "PowerPC" }, { EM_S390, "S/390" },
		{ EM_RISCV, "RISC-V" },	 { EM_MIPS, "MIPS" },
		{ EM_SPARCV9, "SPARC" }, { EM_IA_64, "Itanium" },
		{ EM_PPC, "PowerPC" },	 { EM_LOONGARCH, "LoongArch" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (names[i].machine == machine)
			return names[i].name;
	snprintf(buf, 32, "machine %u", machine);
	return buf;
}

/* Sections that lie beyond the file: libelf would say so of each when it is read. */
static int check_whole(const struct elffile *f, struct sg_error *e)
{
	Elf_Scn *section = NULL;
	struct stat st;
	GElf_Shdr h;

	if (fstat(f->fd, &st))
		return sg_fail_errno(e, errno, "cannot read '%s'", f->path);
	while ((section = elf_nextscn(f->elf, section))) {
		if (!gelf_getshdr(section, &h))
			return broken(f, "its section headers are broken", e);
		if (h.sh_type == SHT_NOBITS)
			continue;
		if (h.sh_offset > (uint64_t)st.st_size ||
		    h.sh_size > (uint64_t)st.st_size - h.sh_offset)
			return sg_fail(e, ENOEXEC,
				       "cannot use '%s': it is cut off: a section ends beyond its "
				       "%" PRIu64 " bytes",
				       f->path, (uint64_t)st.st_size);
	}
	return 0;
}

static int check_kernel(struct elffile *f, struct sg_error *e)
{
	char buf[32];
	size_t count;
	GElf_Ehdr h;

	if (elf_kind(f->elf) != ELF_K_ELF)
		return no_elf(f, e);
	if (!gelf_getehdr(f->elf, &h))
		return broken(f, "its header is broken", e);
	f->is64 = h.e_ident[EI_CLASS] == ELFCLASS64;
	if (h.e_machine != EM_X86_64 && h.e_machine != EM_386) {
		sg_fail(e, ENOEXEC, "cannot use '%s': it is of another architecture, %s", f->path,
			machine_name(h.e_machine, buf));
		sg_hint(e, "sysgate knows x86_64 and i386 kernels");
		return -ENOEXEC;
	}
	if (h.e_ident[EI_DATA] != ELFDATA2LSB || (h.e_machine == EM_X86_64) != f->is64)
		return sg_fail(e, ENOEXEC,
			       "cannot use '%s': its header contradicts itself: no kernel is so",
			       f->path);
	if (h.e_type == ET_REL || h.e_type == ET_CORE) {
		sg_fail(e, ENOEXEC, "cannot use '%s': it is %s, no kernel image", f->path,
			h.e_type == ET_REL ? "an object file or a module" : "a core dump");
		sg_hint(e, "give a vmlinux");
		return -ENOEXEC;
	}
	if (!h.e_shoff || elf_getshdrnum(f->elf, &count) || !count)
		return sg_fail(e, ENOEXEC,
			       "cannot use '%s': it has no section headers, or is cut off",
			       f->path);
	return check_whole(f, e);
}

int elffile_open(struct elffile **out, const char *path, struct sg_error *e)
{
	struct elffile *f = calloc(1, sizeof(*f));
	struct stat st;
	int err = 0;

	*out = NULL;
	if (!f)
		return sg_fail_errno(e, ENOMEM, "cannot read '%s'", path);
	elf_version(EV_CURRENT);
	snprintf(f->path, sizeof(f->path), "%s", path);
	f->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (f->fd < 0 || fstat(f->fd, &st))
		err = sg_fail_errno(e, errno, "cannot read '%s'", path);
	else if (!S_ISREG(st.st_mode))
		err = sg_fail(e, ENOEXEC, "cannot use '%s': it is no file", path);
	if (!err) {
		f->elf = elf_begin(f->fd, ELF_C_READ_MMAP, NULL);
		err = f->elf ? check_kernel(f, e) : broken(f, "it cannot be read", e);
	}
	if (err)
		elffile_close(f);
	else
		*out = f;
	return err;
}

void elffile_close(struct elffile *f)
{
	if (!f)
		return;
	if (f->elf)
		elf_end(f->elf);
	if (f->fd >= 0)
		close(f->fd);
	free(f);
}

/* The section of symbols, with its header; NULL: none. */
static Elf_Scn *symbol_section(const struct elffile *f, GElf_Shdr *h)
{
	Elf_Scn *section = NULL;

	while ((section = elf_nextscn(f->elf, section)))
		if (gelf_getshdr(section, h) && h->sh_type == SHT_SYMTAB && h->sh_entsize)
			return section;
	return NULL;
}

/* As nm has it: T text, D data, W weak, A absolute; small letters are local. 0: none of these. */
static char letter_of(const struct elffile *f, const GElf_Sym *s)
{
	Elf_Scn *section;
	bool text, local = GELF_ST_BIND(s->st_info) == STB_LOCAL;
	GElf_Shdr h;

	if (s->st_shndx == SHN_ABS)
		return local ? 'a' : 'A';
	if (s->st_shndx == SHN_UNDEF || s->st_shndx >= SHN_LORESERVE)
		return 0;
	section = elf_getscn(f->elf, s->st_shndx);
	if (!section || !gelf_getshdr(section, &h) || !(h.sh_flags & SHF_ALLOC))
		return 0;
	/* Offsets into a CPU's own data are no addresses. */
	if (!h.sh_addr)
		return local ? 'a' : 'A';
	text = h.sh_flags & SHF_EXECINSTR;
	if (GELF_ST_BIND(s->st_info) == STB_WEAK)
		return text ? 'W' : 'V';
	if (text)
		return local ? 't' : 'T';
	return local ? 'd' : 'D';
}

/* Calls visit for each named symbol until it returns false. 0 or -errno as elffile_symbols(). */
static int each_symbol(const struct elffile *f,
		       bool (*visit)(const struct elffile *f, const GElf_Sym *s, const char *name,
				     void *data),
		       void *data, struct sg_error *e)
{
	GElf_Shdr h;
	Elf_Scn *section = symbol_section(f, &h);
	Elf_Data *symbols;
	size_t count;

	if (!section)
		return sg_fail(e, ENOENT, "cannot use '%s': it was stripped of its symbols",
			       f->path);
	symbols = elf_getdata(section, NULL);
	if (!symbols)
		return broken(f, "its symbol table is broken", e);
	count = symbols->d_size / gelf_fsize(f->elf, ELF_T_SYM, 1, EV_CURRENT);
	for (size_t i = 1; i < count; i++) {
		const char *name;
		GElf_Sym s;

		if (!gelf_getsym(symbols, (int)i, &s))
			return broken(f, "its symbol table is broken", e);
		if (GELF_ST_TYPE(s.st_info) == STT_SECTION || GELF_ST_TYPE(s.st_info) == STT_FILE)
			continue;
		name = elf_strptr(f->elf, h.sh_link, s.st_name);
		if (name && name[0] && !visit(f, &s, name, data))
			break;
	}
	return 0;
}

static bool write_symbol(const struct elffile *f, const GElf_Sym *s, const char *name, void *data)
{
	char letter = letter_of(f, s);

	if (letter && !strpbrk(name, " \t\n") && strncmp(name, ".L", 2))
		fprintf(data, "%016" PRIx64 " %c %s\n", s->st_value, letter, name);
	return !ferror((FILE *)data);
}

int elffile_symbols(const struct elffile *f, FILE *out, struct sg_error *e)
{
	int err = each_symbol(f, write_symbol, out, e);

	if (!err && (fflush(out) || ferror(out)))
		return sg_fail_errno(e, EIO, "cannot keep the symbols of '%s'", f->path);
	return err;
}

struct wanted {
	const char *name;
	uint64_t value;
	bool found;
};

static bool match_symbol(const struct elffile *f, const GElf_Sym *s, const char *name, void *data)
{
	struct wanted *w = data;

	(void)f;
	if (!strcmp(name, w->name)) {
		w->value = s->st_value;
		w->found = true;
	}
	return !w->found;
}

int elffile_symbol(const struct elffile *f, const char *name, uint64_t *value)
{
	struct wanted w = { .name = name };
	struct sg_error e;

	if (each_symbol(f, match_symbol, &w, &e) || !w.found)
		return -ENOENT;
	*value = w.value;
	return 0;
}

int elffile_read(const struct elffile *f, uint64_t address, void *to, size_t size)
{
	Elf_Scn *section = NULL;
	GElf_Shdr h;

	while ((section = elf_nextscn(f->elf, section))) {
		if (!gelf_getshdr(section, &h) || h.sh_type != SHT_PROGBITS ||
		    !(h.sh_flags & SHF_ALLOC) || address < h.sh_addr ||
		    address - h.sh_addr > h.sh_size || size > h.sh_size - (address - h.sh_addr))
			continue;
		return pread(f->fd, to, size, (off_t)(h.sh_offset + (address - h.sh_addr))) ==
				       (ssize_t)size
			       ? 0
			       : -ENOENT;
	}
	return -ENOENT;
}

bool elffile_has_dwarf(const struct elffile *f)
{
	Elf_Scn *section = NULL;
	size_t names;
	GElf_Shdr h;

	if (elf_getshdrstrndx(f->elf, &names))
		return false;
	while ((section = elf_nextscn(f->elf, section))) {
		const char *name =
			gelf_getshdr(section, &h) ? elf_strptr(f->elf, names, h.sh_name) : NULL;

		if (name && h.sh_type == SHT_PROGBITS && h.sh_size &&
		    (!strcmp(name, ".debug_info") || !strcmp(name, ".zdebug_info")))
			return true;
	}
	return false;
}

static void to_hex(const unsigned char *bytes, size_t n, char hex[64])
{
	hex[0] = '\0';
	for (size_t i = 0; i < n && i < 31; i++)
		snprintf(hex + 2 * i, 3, "%02x", bytes[i]);
}

void elffile_build_id(const struct elffile *f, char hex[64])
{
	const void *bits;
	ssize_t n = dwelf_elf_gnu_build_id(f->elf, &bits);

	to_hex(bits, n > 0 ? (size_t)n : 0, hex);
}

void build_id_of_notes(const char *path, char hex[64])
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	unsigned char notes[4096];
	ssize_t size = fd < 0 ? -1 : read(fd, notes, sizeof(notes));

	hex[0] = '\0';
	for (size_t at = 0; size > 0 && at + sizeof(Elf64_Nhdr) <= (size_t)size;) {
		Elf64_Nhdr h;
		size_t name = at + sizeof(h), data;

		memcpy(&h, notes + at, sizeof(h));
		if (h.n_namesz > sizeof(notes) || h.n_descsz > sizeof(notes))
			return;
		data = name + ((h.n_namesz + 3) & ~3u);
		if (data + h.n_descsz > (size_t)size)
			return;
		if (h.n_type == NT_GNU_BUILD_ID && h.n_namesz == 4 &&
		    !memcmp(notes + name, "GNU", 4)) {
			to_hex(notes + data, h.n_descsz, hex);
			return;
		}
		at = data + ((h.n_descsz + 3) & ~3u);
	}
}

void build_id_path(const char *dir, const char *hex, char *path, size_t size)
{
	path[0] = '\0';
	if (strlen(hex) > 2)
		snprintf(path, size, "%s/.build-id/%.2s/%s.debug", dir, hex, hex + 2);
}

/* The name that .gnu_debuglink has, beside the file: as objcopy leaves it. */
static void link_path(const struct elffile *f, char *path, size_t size)
{
	const char *slash = strrchr(f->path, '/');
	GElf_Word crc;
	const char *name = dwelf_elf_gnu_debuglink(f->elf, &crc);

	path[0] = '\0';
	if (name && name[0] && !strchr(name, '/'))
		snprintf(path, size, "%.*s%s", slash ? (int)(slash - f->path + 1) : 0, f->path,
			 name);
}

int elffile_open_debug(const struct elffile *f, const char *dir, struct elffile **debug,
		       struct sg_error *e)
{
	char path[600], own[64], other[64];
	int err;

	*debug = NULL;
	elffile_build_id(f, own);
	build_id_path(dir, own, path, sizeof(path));
	if (!path[0] || access(path, R_OK))
		link_path(f, path, sizeof(path));
	if (!path[0] || access(path, R_OK))
		return sg_fail(e, ENOENT, "no debug file of '%s'", f->path);
	err = elffile_open(debug, path, e);
	if (err)
		return err;
	elffile_build_id(*debug, other);
	if (own[0] && strcmp(own, other)) {
		elffile_close(*debug);
		*debug = NULL;
		return sg_fail(e, ENOENT, "cannot use '%s': it is of another build than '%s'", path,
			       f->path);
	}
	return 0;
}
