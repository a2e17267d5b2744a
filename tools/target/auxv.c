// SPDX-License-Identifier: GPL-2.0-or-later
#include "target/auxv.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"

/* Types that older headers lack. */
#define TYPE_RSEQ_FEATURE_SIZE 27
#define TYPE_RSEQ_ALIGN	       28
#define TYPE_MINSIGSTKSZ       51

static const struct row {
	unsigned int type;
	const char *name, *words;
} rows[] = {
	{ AT_IGNORE, "AT_IGNORE", "" },
	{ AT_EXECFD, "AT_EXECFD", "the program's file descriptor" },
	{ AT_PHDR, "AT_PHDR", "the program's headers" },
	{ AT_PHENT, "AT_PHENT", "bytes of one of them" },
	{ AT_PHNUM, "AT_PHNUM", "how many they are" },
	{ AT_PAGESZ, "AT_PAGESZ", "bytes of a page" },
	{ AT_BASE, "AT_BASE", "where the dynamic linker lies" },
	{ AT_FLAGS, "AT_FLAGS", "" },
	{ AT_ENTRY, "AT_ENTRY", "the program's first instruction" },
	{ AT_NOTELF, "AT_NOTELF", "" },
	{ AT_UID, "AT_UID", "" },
	{ AT_EUID, "AT_EUID", "" },
	{ AT_GID, "AT_GID", "" },
	{ AT_EGID, "AT_EGID", "" },
	{ AT_CLKTCK, "AT_CLKTCK", "ticks a second of times(2)" },
	{ AT_PLATFORM, "AT_PLATFORM", "" },
	{ AT_HWCAP, "AT_HWCAP", "" },
	{ AT_FPUCW, "AT_FPUCW", "" },
	{ AT_DCACHEBSIZE, "AT_DCACHEBSIZE", "" },
	{ AT_ICACHEBSIZE, "AT_ICACHEBSIZE", "" },
	{ AT_UCACHEBSIZE, "AT_UCACHEBSIZE", "" },
	{ AT_SECURE, "AT_SECURE", "1: runs with other rights than its caller's" },
	{ AT_BASE_PLATFORM, "AT_BASE_PLATFORM", "" },
	{ AT_RANDOM, "AT_RANDOM", "16 random bytes" },
	{ AT_HWCAP2, "AT_HWCAP2", "" },
	{ TYPE_RSEQ_FEATURE_SIZE, "AT_RSEQ_FEATURE_SIZE", "bytes of rseq(2) that the kernel uses" },
	{ TYPE_RSEQ_ALIGN, "AT_RSEQ_ALIGN", "" },
	{ AT_EXECFN, "AT_EXECFN", "" },
	{ AT_SYSINFO, "AT_SYSINFO", "__kernel_vsyscall: the way into the kernel" },
	{ AT_SYSINFO_EHDR, "AT_SYSINFO_EHDR", "the vDSO's image" },
	{ TYPE_MINSIGSTKSZ, "AT_MINSIGSTKSZ", "bytes of the smallest signal stack" },
};

static const struct row *row_of(uint64_t type)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (rows[i].type == type)
			return &rows[i];
	return NULL;
}

static uint64_t word_at(const uint8_t *p, unsigned int word)
{
	uint64_t value = 0;

	memcpy(&value, p, word); /* both are little-endian */
	return value;
}

int auxv_parse(struct auxv *a, const void *data, size_t size, unsigned int word)
{
	const uint8_t *p = data;

	a->count = 0;
	for (; size >= 2 * word; size -= 2 * word, p += 2 * word) {
		struct auxv_entry entry = { word_at(p, word), word_at(p + word, word) };

		if (entry.type == AT_NULL)
			return 0;
		if (a->count == AUXV_MAX)
			return -EPROTO;
		a->entries[a->count++] = entry;
	}
	return -EPROTO;
}

int auxv_read(struct auxv *a, pid_t pid, unsigned int word, struct sg_error *e)
{
	_cleanup_close_ int fd = -1;
	uint8_t data[2 * sizeof(uint64_t) * (AUXV_MAX + 1)];
	char path[64];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/auxv", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, data, sizeof(data));
	if (n < 0)
		return sg_fail_errno(e, errno, "cannot read '%s'", path);
	if (n == 0)
		return sg_fail(
			e, ENOENT,
			"process %d has no auxiliary vector: it is the kernel's, or has ended",
			pid);
	if (auxv_parse(a, data, (size_t)n, word))
		return sg_fail(e, EPROTO, "cannot read '%s': it does not end with AT_NULL", path);
	return 0;
}

uint64_t auxv_get(const struct auxv *a, uint64_t type)
{
	for (size_t i = 0; i < a->count; i++)
		if (a->entries[i].type == type)
			return a->entries[i].value;
	return 0;
}

const char *auxv_name(uint64_t type)
{
	const struct row *row = row_of(type);

	return row ? row->name : NULL;
}

int auxv_is_text(uint64_t type)
{
	return type == AT_PLATFORM || type == AT_BASE_PLATFORM || type == AT_EXECFN;
}

/* Bits by name, the lowest first; NULL for one without. */
static const char *flag_words(const char *const *names, size_t count, uint64_t value, char *buf,
			      size_t size)
{
	size_t used = 0;

	for (size_t i = 0; i < count && used < size; i++)
		if (value >> i & 1 && names[i])
			used += (size_t)snprintf(buf + used, size - used, "%s%s", used ? " " : "",
						 names[i]);
	return buf;
}

const char *auxv_words(uint64_t type, uint64_t value, char *buf, size_t size)
{
	/* CPUID leaf 1, EDX: the kernel hands it on as it is. */
	static const char *const hwcap[] = {
		"fpu",	"vme",	 "de",	 "pse",	    "tsc",  "msr", "pae",  "mce",
		"cx8",	"apic",	 NULL,	 "sep",	    "mtrr", "pge", "mca",  "cmov",
		"pat",	"pse36", "pn",	 "clflush", NULL,   "dts", "acpi", "mmx",
		"fxsr", "sse",	 "sse2", "ss",	    "ht",   "tm",  "ia64", "pbe",
	};
	static const char *const hwcap2[] = { "ring3mwait", "fsgsbase" };
	const struct row *row = row_of(type);

	buf[0] = '\0';
	if (type == AT_HWCAP)
		return flag_words(hwcap, ARRAY_SIZE(hwcap), value, buf, size);
	if (type == AT_HWCAP2)
		return flag_words(hwcap2, ARRAY_SIZE(hwcap2), value, buf, size);
	if (row)
		snprintf(buf, size, "%s", row->words);
	return buf;
}
