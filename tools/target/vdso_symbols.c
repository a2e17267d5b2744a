// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <gelf.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "sysgate_abi.h"
#include "target/vdso_internal.h"

static int no_elf(struct sg_error *e, const char *what)
{
	const char *why = elf_errmsg(-1);

	return sg_fail(e, EPROTO, "%s%s%s", what, why ? ": " : "", why ? why : "");
}

static int read_kind(struct vdso *v, Elf *elf, GElf_Ehdr *head, struct sg_error *e)
{
	if (elf_kind(elf) != ELF_K_ELF || !gelf_getehdr(elf, head))
		return sg_fail(e, EPROTO, "it is no ELF file");
	if (head->e_machine != EM_386 && head->e_machine != EM_X86_64)
		return sg_fail(e, EPROTO, "it is for another machine (ELF number %d)",
			       head->e_machine);
	if (head->e_type != ET_DYN)
		return sg_fail(e, EPROTO, "it is no shared library");
	v->bits = head->e_machine == EM_386 ? 32 : 64;
	v->abi = v->bits == 32			    ? SYSGATE_ABI_I386
		 : gelf_getclass(elf) == ELFCLASS64 ? SYSGATE_ABI_X86_64
						    : SYSGATE_ABI_X32;
	return 0;
}

/* The offset in the image of an address that it is linked to; VDSO_NOWHERE: of none. */
static size_t offset_of(Elf *elf, size_t size, uint64_t address)
{
	GElf_Phdr p;
	size_t count;

	if (elf_getphdrnum(elf, &count))
		return VDSO_NOWHERE;
	for (size_t i = 0; i < count; i++) {
		if (!gelf_getphdr(elf, (int)i, &p) || p.p_type != PT_LOAD)
			continue;
		if (address < p.p_vaddr || address - p.p_vaddr >= p.p_filesz)
			continue;
		address = address - p.p_vaddr + p.p_offset;
		return address < size ? (size_t)address : VDSO_NOWHERE;
	}
	return VDSO_NOWHERE;
}

static int add_symbol(struct vdso *v, Elf *elf, const GElf_Sym *sym, const char *name,
		      struct sg_error *e)
{
	struct vdso_symbol *list, *s;
	size_t offset;

	if (sym->st_shndx == SHN_UNDEF || sym->st_shndx == SHN_ABS || !name || !name[0])
		return 0;
	offset = offset_of(elf, v->size, sym->st_value);
	if (offset == VDSO_NOWHERE || sym->st_size > v->size - offset)
		return sg_fail(e, EPROTO, "its symbol '%.60s' lies outside of it", name);
	if (v->symbols_count == VDSO_SYMBOLS)
		return sg_fail(e, EPROTO, "it has more than %d symbols", VDSO_SYMBOLS);
	list = reallocarray(v->symbols, v->symbols_count + 1, sizeof(*list));
	if (!list)
		return sg_fail_errno(e, ENOMEM, "cannot keep its symbols");
	v->symbols = list;
	s = &list[v->symbols_count++];
	*s = (struct vdso_symbol){
		.offset = offset,
		.size = (size_t)sym->st_size,
		.function = GELF_ST_TYPE(sym->st_info) == STT_FUNC,
	};
	snprintf(s->name, sizeof(s->name), "%s", name);
	return 0;
}

static int read_dynsym(struct vdso *v, Elf *elf, Elf_Scn *section, const GElf_Shdr *head,
		       struct sg_error *e)
{
	Elf_Data *data = elf_getdata(section, NULL);
	GElf_Sym sym;
	int err = 0;

	if (!data)
		return no_elf(e, "its symbols cannot be read");
	for (int i = 0; !err && gelf_getsym(data, i, &sym); i++)
		err = add_symbol(v, elf, &sym, elf_strptr(elf, head->sh_link, sym.st_name), e);
	return err;
}

static void read_dynamic(struct vdso *v, Elf *elf, Elf_Scn *section, const GElf_Shdr *head)
{
	Elf_Data *data = elf_getdata(section, NULL);
	const char *name;
	GElf_Dyn dyn;

	for (int i = 0; data && gelf_getdyn(data, i, &dyn); i++) {
		if (dyn.d_tag != DT_SONAME)
			continue;
		name = elf_strptr(elf, head->sh_link, dyn.d_un.d_val);
		snprintf(v->soname, sizeof(v->soname), "%s", name ? name : "");
	}
}

static void read_note(struct vdso *v, Elf_Scn *section)
{
	Elf_Data *data = elf_getdata(section, NULL);
	size_t at = 0, next, name, desc;
	GElf_Nhdr n;

	for (; data && (next = gelf_getnote(data, at, &n, &name, &desc)) > 0; at = next) {
		const uint8_t *id = (const uint8_t *)data->d_buf + desc;

		if (n.n_type != NT_GNU_BUILD_ID || n.n_namesz != sizeof("GNU") ||
		    memcmp((char *)data->d_buf + name, "GNU", sizeof("GNU")))
			continue;
		for (size_t i = 0; i < n.n_descsz && 2 * i + 2 < sizeof(v->build_id); i++)
			snprintf(v->build_id + 2 * i, 3, "%02x", id[i]);
	}
}

static int read_sections(struct vdso *v, Elf *elf, struct sg_error *e)
{
	Elf_Scn *section = NULL;
	GElf_Shdr head;
	int err = 0;

	while (!err && (section = elf_nextscn(elf, section))) {
		if (!gelf_getshdr(section, &head))
			return no_elf(e, "its sections cannot be read");
		if (head.sh_type == SHT_DYNSYM)
			err = read_dynsym(v, elf, section, &head, e);
		else if (head.sh_type == SHT_DYNAMIC)
			read_dynamic(v, elf, section, &head);
		else if (head.sh_type == SHT_NOTE)
			read_note(v, section);
	}
	return err;
}

int vdso_read_symbols(struct vdso *v, struct sg_error *e)
{
	GElf_Ehdr head;
	Elf *elf;
	int err;

	elf_version(EV_CURRENT);
	elf_errno();
	elf = elf_memory((char *)v->image, v->size);
	if (!elf)
		return no_elf(e, "it is no ELF file");
	err = read_kind(v, elf, &head, e);
	if (!err)
		err = read_sections(v, elf, e);
	/* The linker's own choice where no symbol is named: the start of the text. */
	if (!err && head.e_entry && v->bits == 32)
		v->entry = offset_of(elf, v->size, head.e_entry);
	if (!err && !v->symbols_count && v->entry == VDSO_NOWHERE)
		err = sg_fail(e, EPROTO,
			      "it has neither symbols nor an entry: it is cut or damaged");
	elf_end(elf);
	return err;
}
