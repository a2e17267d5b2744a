// SPDX-License-Identifier: GPL-2.0-or-later
#include "target/path_cpu.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "target/eras.h"

/* From the manuals of Intel and AMD; the last only where CPUs have FRED. */
static const struct {
	const char *name;
	uint32_t number;
	uint8_t from;
	bool maybe; /* not on every CPU */
	bool own;   /* each CPU has another */
} registers[] = {
	{ "IA32_SYSENTER_CS", 0x174, WAY_FROM_NONE, false, false },
	{ "IA32_SYSENTER_ESP", 0x175, WAY_FROM_NONE, false, true },
	{ "IA32_SYSENTER_EIP", 0x176, WAY_FROM_SYSENTER, false, false },
	{ "STAR", 0xc0000081, WAY_FROM_NONE, true, false },
	{ "LSTAR", 0xc0000082, WAY_FROM_LSTAR, true, false },
	{ "CSTAR", 0xc0000083, WAY_FROM_CSTAR, true, false },
	{ "IA32_FRED_CONFIG", 0x1d4, WAY_FROM_FRED, true, false },
};

#define VECTOR	  0x80
#define CPUS_MAX  8192
#define FRED_MASK 0xfffull /* the low bits are settings */

static int open_msr(const char *root, long cpu)
{
	char path[PATH_MAX];
	int fd;

	if (snprintf(path, sizeof(path), "%s/dev/cpu/%ld/msr", root, cpu) >= (int)sizeof(path))
		return -ENAMETOOLONG;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static void read_registers(struct path_cpu *c, int fd)
{
	for (size_t i = 0; i < ARRAY_SIZE(registers); i++) {
		struct cpu_register *r = &c->registers[i];
		uint64_t value;

		if (pread(fd, &value, sizeof(value), registers[i].number) != sizeof(value)) {
			if (!c->cpus && !registers[i].maybe && !c->why[0])
				snprintf(c->why, sizeof(c->why), "%s cannot be read: %s",
					 registers[i].name, strerror(errno));
			continue;
		}
		if (!r->read)
			r->value = value;
		else if (r->value != value)
			r->differs = true;
		r->read = true;
	}
}

static void say_why(struct path_cpu *c, int err)
{
	if (err == -ENOENT)
		snprintf(c->why, sizeof(c->why), "no msr device; root may load it: modprobe msr");
	else if (err == -EACCES || err == -EPERM)
		snprintf(c->why, sizeof(c->why),
			 "the msr device: %s; run as root, without lockdown", strerror(-err));
	else
		snprintf(c->why, sizeof(c->why), "the msr device: %s", strerror(-err));
}

static void resolve(const struct symtab *t, uint64_t address, char symbol[128], uint64_t *offset)
{
	const struct symbol *s = symtab_at(t, address);

	symbol[0] = '\0';
	*offset = 0;
	if (!s || !symbol_is_text(s) || address >= s->end)
		return;
	snprintf(symbol, 128, "%s", s->name);
	*offset = address - s->address;
}

static void read_msrs(struct path_cpu *c, const char *root, const struct symtab *symbols)
{
	c->count = ARRAY_SIZE(registers);
	for (size_t i = 0; i < c->count; i++) {
		c->registers[i] = (struct cpu_register){ .name = registers[i].name,
							 .number = registers[i].number,
							 .from = registers[i].from };
	}
	for (long cpu = 0; cpu < CPUS_MAX; cpu++) {
		_cleanup_close_ int fd = open_msr(root, cpu);

		if (fd < 0) {
			if (!cpu)
				say_why(c, fd);
			break;
		}
		read_registers(c, fd);
		c->cpus++;
	}
	for (size_t i = 0; i < c->count; i++) {
		struct cpu_register *r = &c->registers[i];
		uint64_t value = r->from == WAY_FROM_FRED ? r->value & ~FRED_MASK : r->value;

		if (registers[i].own)
			r->differs = false;
		if (r->read && r->from != WAY_FROM_NONE && value)
			resolve(symbols, value, r->symbol, &r->offset);
	}
}

/* Reads memory of the kernel's from its core file, of 64 or 32 bits. 0 or -errno. */
static int read_core(int fd, uint64_t address, void *to, size_t size)
{
	unsigned char ident[EI_NIDENT];
	Elf64_Ehdr head;
	Elf32_Ehdr head32;
	bool is64;
	unsigned int count;

	if (pread(fd, ident, sizeof(ident), 0) != sizeof(ident) || memcmp(ident, ELFMAG, SELFMAG))
		return -EPROTO;
	is64 = ident[EI_CLASS] == ELFCLASS64;
	if (is64 ? pread(fd, &head, sizeof(head), 0) != sizeof(head)
		 : pread(fd, &head32, sizeof(head32), 0) != sizeof(head32))
		return -EPROTO;
	count = is64 ? head.e_phnum : head32.e_phnum;
	for (unsigned int i = 0; i < count; i++) {
		Elf64_Phdr p = { 0 };
		Elf32_Phdr p32 = { 0 };

		if (is64 ? pread(fd, &p, sizeof(p), (off_t)(head.e_phoff + i * sizeof(p))) !=
				    sizeof(p)
			 : pread(fd, &p32, sizeof(p32),
				 (off_t)(head32.e_phoff + i * sizeof(p32))) != sizeof(p32))
			return -EPROTO;
		if (!is64)
			p = (Elf64_Phdr){ .p_type = p32.p_type,
					  .p_vaddr = p32.p_vaddr,
					  .p_memsz = p32.p_memsz,
					  .p_offset = p32.p_offset };
		if (p.p_type != PT_LOAD || address < p.p_vaddr || address - p.p_vaddr > p.p_memsz ||
		    size > p.p_memsz - (address - p.p_vaddr))
			continue;
		return pread(fd, to, size, (off_t)(p.p_offset + (address - p.p_vaddr))) ==
				       (ssize_t)size
			       ? 0
			       : -EIO;
	}
	return -ENOENT;
}

/*
 * A gate of the table, little endian:
 *
 *   0  offset 15..0 | selector    4  type | offset 31..16    8  offset 63..32 (64 bits)
 */
static void read_idt(struct path_cpu *c, const char *root, const struct symtab *t)
{
	const struct symbol *table = symtab_find(t, "idt_table");
	size_t size = symtab_is64(t) ? 16 : 8;
	_cleanup_close_ int fd = -1;
	uint32_t gate[4] = { 0 };
	uint64_t offset;
	char path[PATH_MAX];
	int err;

	if (!table) {
		snprintf(c->idt_why, sizeof(c->idt_why), "the symbols have no idt_table");
		return;
	}
	snprintf(path, sizeof(path), "%s/proc/kcore", root);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	err = fd < 0 ? -errno : read_core(fd, table->address + VECTOR * size, gate, size);
	if (err) {
		snprintf(c->idt_why, sizeof(c->idt_why), "/proc/kcore: %s", strerror(-err));
		return;
	}
	c->idt80 = (gate[0] & 0xffff) | (gate[1] & 0xffff0000u) | (uint64_t)gate[2] << 32;
	c->idt_read = true;
	resolve(t, c->idt80, c->idt80_symbol, &offset);
	if (offset)
		c->idt80_symbol[0] = '\0';
}

void path_cpu_read(struct path_cpu *c, const char *root, const struct symtab *symbols)
{
	memset(c, 0, sizeof(*c));
	read_msrs(c, root, symbols);
	read_idt(c, root, symbols);
}
