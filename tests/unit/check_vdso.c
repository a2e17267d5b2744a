// SPDX-License-Identifier: GPL-2.0-or-later
/* Auxiliary vectors, and the code of vDSOs. Whole images are for tests/cli/vdso. */
#include "unit.h"

#include <elf.h>
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "sysgate_abi.h"
#include "target/vdso.h"

START_TEST(vectors)
{
	const uint64_t wide[] = { AT_SYSINFO_EHDR, 0x7fff12345000, AT_UID, 0, AT_NULL, 0, 1, 1 };
	const uint32_t narrow[] = { AT_SYSINFO, 0xffffe400, AT_SYSINFO_EHDR, 0xffffe000, 0, 0 };
	struct auxv a;

	ck_assert_int_eq(auxv_parse(&a, wide, sizeof(wide), 8), 0);
	ck_assert_uint_eq(a.count, 2);
	ck_assert_uint_eq(auxv_get(&a, AT_SYSINFO_EHDR), 0x7fff12345000);
	ck_assert_int_eq(auxv_parse(&a, narrow, sizeof(narrow), 4), 0);
	ck_assert_uint_eq(auxv_get(&a, AT_SYSINFO), 0xffffe400);
	ck_assert_uint_eq(auxv_get(&a, AT_HWCAP), 0);
}
END_TEST

START_TEST(endless_vectors)
{
	uint64_t many[2 * (AUXV_MAX + 2)];
	struct auxv a;

	for (size_t i = 0; i < ARRAY_SIZE(many); i++)
		many[i] = AT_UID;
	ck_assert_int_eq(auxv_parse(&a, many, 64, 8), -EPROTO);
	ck_assert_int_eq(auxv_parse(&a, many, sizeof(many), 8), -EPROTO);
	ck_assert_int_eq(auxv_parse(&a, many, 0, 8), -EPROTO);
	ck_assert_int_eq(auxv_parse(&a, "\0\0\0", 3, 4), -EPROTO);
}
END_TEST

START_TEST(words)
{
	char buf[192];

	ck_assert_str_eq(auxv_name(AT_SYSINFO), "AT_SYSINFO");
	ck_assert_ptr_null(auxv_name(12345));
	ck_assert_str_eq(auxv_words(AT_HWCAP, 1 << 11 | 1, buf, sizeof(buf)), "fpu sep");
	ck_assert_str_eq(auxv_words(AT_HWCAP2, 2, buf, sizeof(buf)), "fsgsbase");
	ck_assert_str_eq(auxv_words(12345, 1, buf, sizeof(buf)), "");
	ck_assert_str_eq(auxv_words(AT_HWCAP, UINT64_MAX, buf, 6), "fpu v");
}
END_TEST

struct seen {
	int gates[16];
	uint64_t calls[16];
	char text[16][112];
	size_t count;
};

static bool note(const struct instruction *i, void *data)
{
	struct seen *s = data;

	s->gates[s->count] = i->gate;
	s->calls[s->count] = i->calls;
	snprintf(s->text[s->count++], sizeof(s->text[0]), "%s", i->text);
	return s->count < ARRAY_SIZE(s->gates);
}

START_TEST(gates)
{
	const uint8_t code[] = { 0x0f, 0x34, 0xcd, 0x80, 0x0f, 0x05, 0xcd,
				 0x03, 0xb8, 0xcd, 0x80, 0x0f, 0x05 };
	struct seen wide = { 0 }, narrow = { 0 };
	struct sg_error e = { 0 };

	ck_assert_int_eq(disasm_each(code, sizeof(code), 0, 64, note, &wide, &e), 0);
	ck_assert_int_eq(disasm_each(code, sizeof(code), 0, 32, note, &narrow, &e), 0);
	ck_assert_uint_eq(wide.count, 5);
	ck_assert_int_eq(wide.gates[0], SYSGATE_GATE_SYSENTER);
	ck_assert_int_eq(wide.gates[1], SYSGATE_GATE_INT80);
	ck_assert_int_eq(wide.gates[2], SYSGATE_GATE_SYSCALL);
	ck_assert_int_eq(narrow.gates[2], SYSGATE_GATE_SYSCALL32);
	ck_assert_int_eq(wide.gates[3], SYSGATE_GATE_UNKNOWN);
	/* The bytes of gates inside of another instruction are none. */
	ck_assert_int_eq(wide.gates[4], SYSGATE_GATE_UNKNOWN);
	ck_assert_str_eq(narrow.text[0], "sysenter");
	ck_assert_uint_eq(wide.calls[0], UINT64_MAX);
}
END_TEST

START_TEST(calls)
{
	const uint8_t code[] = { 0xe8, 0xfb, 0xff, 0xff, 0xff, 0xff, 0xd0 };
	struct seen seen = { 0 };
	struct sg_error e = { 0 };

	ck_assert_int_eq(disasm_each(code, sizeof(code), 0x40, 32, note, &seen, &e), 0);
	ck_assert_uint_eq(seen.count, 2);
	ck_assert_uint_eq(seen.calls[0], 0x40);
	ck_assert_uint_eq(seen.calls[1], UINT64_MAX);
}
END_TEST

START_TEST(no_images)
{
	static const char *const texts[] = { "", "x",
					     "\x7f"
					     "ELF",
					     "!<arch>\n" };
	struct sg_error e = { 0 };
	struct vdso v;

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		e = (struct sg_error){ 0 };
		ck_assert_int_eq(vdso_parse(&v, texts[i], strlen(texts[i]), &e), -EPROTO);
		ck_assert(e.text[0]);
		ck_assert_ptr_null(vdso_entry(&v));
		vdso_fini(&v);
	}
}
END_TEST

int main(void)
{
	const struct unit_case cases[] = {
		{ "vectors of both widths", vectors },
		{ "a vector without an end is refused", endless_vectors },
		{ "types and values have words", words },
		{ "gates are told by whole instructions", gates },
		{ "calls tell where they go when they name it", calls },
		{ "what is no image is refused", no_images },
	};

	return unit_main("vdso", cases, ARRAY_SIZE(cases));
}
