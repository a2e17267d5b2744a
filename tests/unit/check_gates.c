// SPDX-License-Identifier: GPL-2.0-or-later
/* The gate by the return address, from symbol tables as kernels of several releases have them. */
#include "unit.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "target/gates.h"

/* Writes a symbol table of size bytes and reads it. */
static int read_bytes(struct gates *g, const char *bytes, size_t size)
{
	char path[] = "/tmp/check_gates.XXXXXX";
	struct sg_error e = { 0 };
	int fd = mkstemp(path), ret;

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, bytes, size), (ssize_t)size);
	close(fd);
	ret = gates_read(g, path, &e);
	unlink(path);
	ck_assert_msg(!ret == !e.text[0], "%d: '%s'", ret, e.text);
	return ret;
}

static int read_text(struct gates *g, const char *text)
{
	return read_bytes(g, text, strlen(text));
}

static const char debian_5_10[] = "0000000000000000 A fixed_percpu_data\n"
				  "ffffffff81a00000 T __entry_text_start\n"
				  "ffffffff81a00010 T entry_SYSCALL_64\n"
				  "ffffffff81a00025 T entry_SYSCALL_64_safe_stack\n"
				  "ffffffff81a00030 T entry_SYSCALL_64_after_hwframe\n"
				  "ffffffff81a00130 T __switch_to_asm\n"
				  "ffffffff81a01400 T entry_SYSENTER_compat\n"
				  "ffffffff81a01420 T entry_SYSENTER_compat_after_hwframe\n"
				  "ffffffff81a014b0 t sysenter_flags_fixed\n"
				  "ffffffff81a014c0 T entry_SYSCALL_compat\n"
				  "ffffffff81a014e0 T entry_SYSCALL_compat_safe_stack\n"
				  "ffffffff81a014f0 T entry_SYSCALL_compat_after_hwframe\n"
				  "ffffffff81a01560 t sysret32_from_system_call\n"
				  "ffffffff81a015f0 T entry_INT80_compat\n"
				  "ffffffff81a01700 T rewind_stack_do_exit\n";

static const char debian_6_1[] = "ffffffff82000040 T entry_SYSCALL_64\n"
				 "ffffffff82000060 T entry_SYSCALL_64_safe_stack\n"
				 "ffffffff8200006b T entry_SYSCALL_64_after_hwframe\n"
				 "ffffffff82000180 T ret_from_fork\n"
				 "ffffffff82001240 T asm_int80_emulation\n"
				 "ffffffff82001270 T asm_exc_page_fault\n"
				 "ffffffff82001800 T entry_SYSENTER_compat\n"
				 "ffffffff82001830 T entry_SYSENTER_compat_after_hwframe\n"
				 "ffffffff820018c0 T entry_SYSCALL_compat\n"
				 "ffffffff820018f0 T entry_SYSCALL_compat_safe_stack\n"
				 "ffffffff820018fb T entry_SYSCALL_compat_after_hwframe\n"
				 "ffffffff82001975 t sysret32_from_system_call\n"
				 "ffffffffc0000000 t init_module\t[some_module]\n";

static const char debian_6_12[] = "ffffffff82400080 T entry_SYSCALL_64\n"
				  "ffffffff824000a6 T entry_SYSCALL_64_safe_stack\n"
				  "ffffffff824000b1 T entry_SYSCALL_64_after_hwframe\n"
				  "ffffffff824001c0 T ret_from_fork_asm\n"
				  "ffffffff82401200 T asm_int80_emulation\n"
				  "ffffffff82401230 T asm_exc_page_fault\n"
				  "ffffffff82401800 T entry_SYSENTER_compat\n"
				  "ffffffff82401830 T entry_SYSENTER_compat_after_hwframe\n"
				  "ffffffff824018e0 T entry_SYSCALL_compat\n"
				  "ffffffff82401910 T entry_SYSCALL_compat_safe_stack\n"
				  "ffffffff8240191b T entry_SYSCALL_compat_after_hwframe\n"
				  "ffffffff82401990 t sysret32_from_system_call\n"
				  "ffffffff82401a00 T asm_fred_entrypoint_user\n"
				  "ffffffff82401a40 T asm_fred_exit_user\n"
				  "ffffffff82401b00 T asm_fred_entrypoint_kernel\n";

static const char debian_i386[] = "c1a00000 T __entry_text_start\n"
				  "c1a00100 T entry_SYSENTER_32\n"
				  "c1a00100 T __begin_SYSENTER_singlestep_region\n"
				  "c1a00220 T __end_SYSENTER_singlestep_region\n"
				  "c1a00220 T entry_INT80_32\n"
				  "c1a00330 t restore_all_switch_stack\n"
				  "c1a00400 T asm_exc_page_fault\n";

static const struct {
	const char *table;
	uint64_t address;
	int gate;
} rows[] = {
	{ debian_5_10, 0xffffffff81a00030 + 0x67, SYSGATE_GATE_SYSCALL },
	{ debian_5_10, 0xffffffff81a015f0 + 0xa8, SYSGATE_GATE_INT80 },
	{ debian_5_10, 0xffffffff81a01420 + 0x70, SYSGATE_GATE_SYSENTER },
	{ debian_5_10, 0xffffffff81a014f0 + 0x60, SYSGATE_GATE_SYSCALL32 },
	{ debian_5_10, 0xffffffff81a00130 + 0x10, SYSGATE_GATE_UNKNOWN },
	{ debian_6_1, 0xffffffff8200006b + 0x6e, SYSGATE_GATE_SYSCALL },
	{ debian_6_1, 0xffffffff82001240 + 0x16, SYSGATE_GATE_INT80 },
	{ debian_6_1, 0xffffffff82001830 + 0x7b, SYSGATE_GATE_SYSENTER },
	{ debian_6_1, 0xffffffff820018fb + 0x6d, SYSGATE_GATE_SYSCALL32 },
	{ debian_6_1, 0xffffffff82001270 + 0x20, SYSGATE_GATE_UNKNOWN },
	{ debian_6_1, 0xffffffff82000180 + 0x20, SYSGATE_GATE_UNKNOWN },
	{ debian_6_12, 0xffffffff824000b1 + 0x76, SYSGATE_GATE_SYSCALL },
	{ debian_6_12, 0xffffffff82401200 + 0x1a, SYSGATE_GATE_INT80 },
	{ debian_6_12, 0xffffffff82401830 + 0x83, SYSGATE_GATE_SYSENTER },
	{ debian_6_12, 0xffffffff82401990, SYSGATE_GATE_SYSCALL32 }, /* sysret32.. +0 */
	{ debian_6_12, 0xffffffff82401991, SYSGATE_GATE_UNKNOWN },
	{ debian_6_12, 0xffffffff82401a40 + 0x10, SYSGATE_GATE_FRED },
	{ debian_6_12, 0xffffffff824001c0 + 0x20, SYSGATE_GATE_UNKNOWN },
	{ debian_i386, 0xc1a00100 + 0x98, SYSGATE_GATE_SYSENTER },
	{ debian_i386, 0xc1a00330, SYSGATE_GATE_INT80 }, /* restore_all_switch_stack+0 */
	{ debian_i386, 0xc1a00331, SYSGATE_GATE_UNKNOWN },
	{ debian_i386, 0xc1a00400 + 8, SYSGATE_GATE_UNKNOWN },
	{ debian_i386, 0, SYSGATE_GATE_UNKNOWN },
	{ debian_i386, UINT64_MAX, SYSGATE_GATE_UNKNOWN },
};

START_TEST(classified)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct gates g;

		ck_assert_int_eq(read_text(&g, rows[i].table), 0);
		ck_assert_msg(gates_classify(&g, rows[i].address) == rows[i].gate, "row %zu: %d", i,
			      gates_classify(&g, rows[i].address));
	}
}
END_TEST

START_TEST(abis)
{
	ck_assert_int_eq(gate_abi(SYSGATE_GATE_SYSCALL), SYSGATE_ABI_X86_64);
	ck_assert_int_eq(gate_abi(SYSGATE_GATE_SYSENTER), SYSGATE_ABI_I386);
	ck_assert_int_eq(gate_abi(SYSGATE_GATE_SYSCALL32), SYSGATE_ABI_I386);
	ck_assert_int_eq(gate_abi(SYSGATE_GATE_INT80), SYSGATE_ABI_I386);
	ck_assert_int_eq(gate_abi(SYSGATE_GATE_FRED), SYSGATE_ABI_UNKNOWN);
	ck_assert_int_eq(gate_abi(SYSGATE_GATE_UNKNOWN), SYSGATE_ABI_UNKNOWN);
}
END_TEST

/* The table's last symbol has no end but its own. */
START_TEST(last_symbol)
{
	struct gates g;

	ck_assert_int_eq(read_text(&g, "ffffffff81000000 T entry_SYSCALL_64\n"), 0);
	ck_assert_int_eq(gates_classify(&g, 0xffffffff81000064), SYSGATE_GATE_SYSCALL);
	ck_assert_int_eq(gates_classify(&g, 0xffffffff81000000), SYSGATE_GATE_UNKNOWN);
	ck_assert_int_eq(gates_classify(&g, 0xffffffff81100000), SYSGATE_GATE_UNKNOWN);
	/* Nor does it reach beyond the last address. */
	ck_assert_int_eq(read_text(&g, "fffffffffffffff0 T entry_SYSCALL_64\n"), 0);
	ck_assert_int_eq(gates_classify(&g, 0xfffffffffffffff8), SYSGATE_GATE_SYSCALL);
	ck_assert_int_eq(gates_classify(&g, 0x8), SYSGATE_GATE_UNKNOWN);
	ck_assert_int_eq(read_text(&g, "ffffffffffffffff T entry_SYSCALL_64\n"), -ENOENT);
}
END_TEST

START_TEST(refused)
{
	struct sg_error e = { 0 };
	struct gates g;

	ck_assert_int_eq(read_text(&g, "0000000000000000 T entry_SYSCALL_64\n"
				       "0000000000000000 T entry_INT80_compat\n"
				       "0000000000000000 T ret_from_fork\n"),
			 -EPERM);
	ck_assert_int_eq(read_text(&g, "ffffffff81000000 T start_kernel\n"), -ENOENT);
	ck_assert_int_eq(read_text(&g, ""), -ENOENT);
	ck_assert_int_eq(gates_read(&g, "/nonexistent/kallsyms", &e), -ENOENT);
	ck_assert_int_lt(gates_read(&g, "/tmp", &e), 0);
}
END_TEST

#define GOOD "ffffffff81000000 T entry_SYSCALL_64\nffffffff81000100 T ret_from_fork\n"

/* Before and after what is no line of a table, the good lines count. */
START_TEST(hostile)
{
	static const char *const lines[] = {
		"\n",
		" \n",
		"T entry_INT80_32\n",
		"ffffffff81000000\n",
		"ffffffff81000000 T\n",
		"ffffffff81000000 T \n",
		"ffffffff81000000Tentry_INT80_32\n",
		"0xffffffff80000000 T entry_INT80_32\n",
		"ffffffffff80000000 T entry_INT80_32\n",
		"ffffffff80000000 1 entry_INT80_32\n",
		"-1 T entry_INT80_32\n",
		"ffffffff80000000 T entry_INT80_32x\n",
		"ffffffff80000000 T xentry_INT80_32\n",
		"\xff\xfe\x80 T entry_INT80_32\n",
	};

	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		_cleanup_free_ char *text = NULL;
		struct gates g;

		ck_assert_int_gt(asprintf(&text, "%s" GOOD "%s", lines[i], lines[i]), 0);
		ck_assert_int_eq(read_text(&g, text), 0);
		ck_assert_msg(g.count == 1, "line %zu counts", i);
		ck_assert_int_eq(gates_classify(&g, 0xffffffff81000100), SYSGATE_GATE_SYSCALL);
	}
}
END_TEST

START_TEST(endless)
{
	size_t size = 3 << 20;
	char *text = malloc(size);
	struct gates g;

	/* One line without an end, of what could be a symbol. */
	memset(text, 'e', size);
	memcpy(text, "ffffffff81000000 T ", 19);
	ck_assert_int_eq(read_bytes(&g, text, size), -ENOENT);
	/* The same before good lines; its own parts are no lines. */
	text[size / 2] = '\n';
	memcpy(text + size / 2 + 1, GOOD, strlen(GOOD));
	text[size / 2 + strlen(GOOD)] = '\n';
	ck_assert_int_eq(read_bytes(&g, text, size), 0);
	ck_assert_uint_eq(g.count, 1);
	memset(text, 0, size);
	ck_assert_int_eq(read_bytes(&g, text, size), -ENOENT);
	free(text);
}
END_TEST

/* More stubs than there are: the table's room is kept. */
START_TEST(many_stubs)
{
	_cleanup_free_ char *text = NULL;
	struct gates g;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	for (unsigned int i = 0; i < 10000; i++)
		fprintf(f, "%x T entry_INT80_32\n", 0xc0000000 + 16 * i);
	fclose(f);
	ck_assert_int_eq(read_text(&g, text), 0);
	ck_assert_uint_eq(g.count, GATE_RANGES);
	ck_assert_int_eq(gates_classify(&g, 0xc0000008), SYSGATE_GATE_INT80);
}
END_TEST

START_TEST(cut_off)
{
	struct gates g;

	ck_assert_int_eq(read_text(&g, GOOD "ffffffff82000000 T entry_INT80_compat"), 0);
	ck_assert_int_eq(gates_classify(&g, 0xffffffff81000080), SYSGATE_GATE_SYSCALL);
}
END_TEST

int main(void)
{
	const struct unit_case cases[] = {
		{ "return addresses of 5.10, 6.1, 6.12 and i386 tell their gates", classified },
		{ "a gate tells its ABI", abis },
		{ "a stub at the table's end has one too", last_symbol },
		{ "hidden addresses and tables without stubs are refused", refused },
		{ "what is no line of a table is passed over", hostile },
		{ "endless lines and zeros do no harm", endless },
		{ "too many stubs do no harm", many_stubs },
		{ "a last line that is cut off does no harm", cut_off },
	};

	return unit_main("gates", cases, ARRAY_SIZE(cases));
}
