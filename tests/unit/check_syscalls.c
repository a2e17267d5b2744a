// SPDX-License-Identifier: GPL-2.0-or-later
#include "unit.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "target/syscalls.h"

static const char *name(const struct syscalls *t, int abi, int32_t nr)
{
	static char buf[32];

	return syscalls_name(t, abi, nr, buf, sizeof(buf));
}

START_TEST(by_abi)
{
	struct syscalls *t = syscalls_new(NULL);

	ck_assert_ptr_nonnull(t);
	ck_assert_str_eq(name(t, SYSGATE_ABI_I386, 64), "getppid");
	ck_assert_str_eq(name(t, SYSGATE_ABI_X86_64, 64), "semget");
	ck_assert_str_eq(name(t, SYSGATE_ABI_I386, 20), "getpid");
	ck_assert_str_eq(name(t, SYSGATE_ABI_X86_64, 20), "writev");
	ck_assert_str_eq(name(t, SYSGATE_ABI_X32, 512), "rt_sigaction");
	ck_assert_str_eq(name(t, SYSGATE_ABI_X86_64, 512), "#512");
	ck_assert_int_eq(syscalls_number(t, SYSGATE_ABI_I386, "getppid"), 64);
	ck_assert_int_eq(syscalls_number(t, SYSGATE_ABI_X86_64, "getppid"), 110);
	ck_assert_int_eq(syscalls_number(t, SYSGATE_ABI_X86_64, "mmap2"), -1);
	syscalls_free(t);
}
END_TEST

START_TEST(unknown)
{
	static const int32_t numbers[] = {
		-1, -10001, 4095, 4096, 0x40000000, INT32_MIN, INT32_MAX
	};
	struct syscalls *t = syscalls_new("../../etc");
	char expected[32];

	ck_assert_ptr_nonnull(t);
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		snprintf(expected, sizeof(expected), "#%d", numbers[i]);
		for (int abi = -1; abi <= SYSGATE_ABIS; abi++)
			ck_assert_str_eq(name(t, abi, numbers[i]), expected);
	}
	ck_assert_str_eq(name(t, SYSGATE_ABI_UNKNOWN, 0), "#0");
	ck_assert_int_eq(syscalls_number(t, SYSGATE_ABI_X86_64, "#451"), 451);
	ck_assert_int_eq(syscalls_number(t, SYSGATE_ABI_UNKNOWN, "#99999"), 99999);
	ck_assert_int_eq(syscalls_number(t, SYSGATE_ABI_X86_64, "#"), -1);
	ck_assert_int_eq(syscalls_number(t, SYSGATE_ABI_X86_64, "#-1"), -1);
	ck_assert_int_eq(syscalls_number(t, SYSGATE_ABI_X86_64, "#4294967296"), -1);
	ck_assert_int_eq(syscalls_number(t, SYSGATE_ABI_X86_64, "#1x"), -1);
	ck_assert_int_eq(syscalls_number(t, SYSGATE_ABI_X86_64, ""), -1);
	ck_assert_int_eq(syscalls_number(t, 99, "read"), -1);
	syscalls_free(t);
}
END_TEST

/* Every "__NR_x N" of a header under the name that it has there. Returns how many. */
static int check_header(const struct syscalls *t, int abi, const char *path)
{
	_cleanup_fclose_ FILE *f = fopen(path, "re");
	char line[256], word[64], number[64];
	int count = 0;

	if (!f)
		return 0;
	while (fgets(line, sizeof(line), f)) {
		char *digits = number;

		if (sscanf(line, "#define __NR_%63s %63[^\n]", word, number) != 2)
			continue;
		if (number[0] == '(') {
			ck_assert_ptr_nonnull(strstr(number, "+ "));
			digits = strstr(number, "+ ") + 2;
		}
		ck_assert_str_eq(name(t, abi, atoi(digits)), word);
		ck_assert_int_eq(syscalls_number(t, abi, word), atoi(digits));
		count++;
	}
	return count;
}

START_TEST(headers)
{
	static const struct {
		int abi;
		const char *file;
	} files[] = {
		{ SYSGATE_ABI_X86_64, "unistd_64.h" },
		{ SYSGATE_ABI_I386, "unistd_32.h" },
		{ SYSGATE_ABI_X32, "unistd_x32.h" },
	};
	static const char *const dirs[] = { "/usr/include/x86_64-linux-gnu/asm",
					    "/usr/include/i386-linux-gnu/asm", "/usr/include/asm" };
	struct syscalls *t = syscalls_new(NULL);
	char path[128];

	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		int count = 0;

		for (size_t d = 0; d < ARRAY_SIZE(dirs) && !count; d++) {
			snprintf(path, sizeof(path), "%s/%s", dirs[d], files[i].file);
			count = check_header(t, files[i].abi, path);
		}
		ck_assert_msg(count > 300, "%s: only %d calls", files[i].file, count);
	}
	syscalls_free(t);
}
END_TEST

static void visit(int abi, int32_t nr, const char *call, void *data)
{
	int32_t *last = data;

	ck_assert_int_eq(abi, SYSGATE_ABI_I386);
	ck_assert_int_gt(nr, *last);
	ck_assert(call[0] != '#');
	*last = nr;
}

START_TEST(each)
{
	struct syscalls *t = syscalls_new(NULL);
	int32_t last = -1;

	syscalls_each(t, SYSGATE_ABI_I386, visit, &last);
	ck_assert_int_gt(last, 400);
	syscalls_each(t, SYSGATE_ABI_UNKNOWN, visit, &last);
	syscalls_each(t, 99, visit, &last);
	syscalls_free(t);
}
END_TEST

START_TEST(words)
{
	for (int abi = 0; abi < SYSGATE_ABIS; abi++)
		ck_assert_int_eq(abi_by_name(abi_name(abi)), abi);
	for (int gate = 0; gate < SYSGATE_GATES; gate++)
		ck_assert_int_eq(gate_by_name(gate_name(gate)), gate);
	ck_assert_str_eq(gate_name(SYSGATE_GATE_SYSCALL32), "syscall32");
	ck_assert_str_eq(exit_name(SYSGATE_EXIT_SYSEXIT), "sysexit");
	ck_assert_str_eq(abi_name(-1), "unknown");
	ck_assert_str_eq(gate_name(SYSGATE_GATES), "unknown");
	ck_assert_str_eq(exit_name(1000), "unknown");
	ck_assert_int_eq(gate_by_name("int81"), -1);
	ck_assert_int_eq(abi_by_name(""), -1);
}
END_TEST

/* A names file of size bytes, which the caller removes. */
static void write_names(char path[], const char *text, size_t size)
{
	int fd = mkstemp(path);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, text, size), (ssize_t)size);
	close(fd);
}

static int add_text(struct syscalls *t, const char *text, size_t size, struct sg_error *e)
{
	char path[] = "/tmp/sysgate-names-XXXXXX";
	int err;

	write_names(path, text, size);
	err = syscalls_add_file(t, path, e);
	if (err && strstr(text, "\n"))
		ck_assert_ptr_nonnull(strstr(e->text, path));
	unlink(path);
	return err;
}

START_TEST(names_good)
{
	static const char text[] =
		"# ours\n\nx86_64 470 my_call # the first\n\ti386  470 my_call\r\n"
		"x32 471 other\nx86_64 64 semget\nx86_64 39 our_getpid";
	struct syscalls *t = syscalls_new(NULL);
	struct sg_error e = { 0 };

	ck_assert_msg(!add_text(t, text, strlen(text), &e), "%s", e.text);
	ck_assert_str_eq(name(t, SYSGATE_ABI_X86_64, 470), "my_call");
	ck_assert_str_eq(name(t, SYSGATE_ABI_I386, 470), "my_call");
	ck_assert_str_eq(name(t, SYSGATE_ABI_X32, 471), "other");
	ck_assert_str_eq(name(t, SYSGATE_ABI_X86_64, 39), "our_getpid");
	ck_assert_int_eq(add_text(t, "", 0, &e), 0);
	syscalls_free(t);
}
END_TEST

#define TEXT(s) s, sizeof(s) - 1

START_TEST(names_bad)
{
	static const struct {
		const char *text;
		size_t size;
		const char *says;
	} bad[] = {
		{ TEXT("x86_64 3000 a\nx86_64 3000 b\n"), ":2': x86_64 3000 is 'a' already" },
		{ TEXT("x86_64 3000 a\nx86_64 3001 a\n"), ":2': 'a' is x86_64 3000 already" },
		{ TEXT("x86_64 3000 a\nx86_64 3001 read\n"), ":2': 'read' is x86_64 0 already" },
		{ TEXT("x86_64 3000 a\n\nx86_64 3001\n"), ":3': not 'ABI NR NAME'" },
		{ TEXT("x86_64 3000 a\nx86_64 3001 b c\n"), ":2': not 'ABI NR NAME'" },
		{ TEXT("x86_64 3000 a\narm 1 b\n"), ":2': no ABI 'arm'" },
		{ TEXT("x86_64 3000 a\nunknown 1 b\n"), ":2': no ABI 'unknown'" },
		{ TEXT("x86_64 3000 a\nx86_64 -1 b\n"), ":2': '-1' is no number" },
		{ TEXT("x86_64 3000 a\nx86_64 4096 b\n"), ":2': '4096' is no number" },
		{ TEXT("x86_64 3000 a\nx32 1073742336 b\n"), ":2': '1073742336' is no number" },
		{ TEXT("x86_64 3000 a\ni386 99999999999999999999999 b\n"), ":2': '9999" },
		{ TEXT("x86_64 3000 a\ni386 0x10 b\n"), ":2': '0x10' is no number" },
		{ TEXT("x86_64 3000 a\ni386 3001 1b\n"), ":2': '1b' is no C name" },
		{ TEXT("x86_64 3000 a\ni386 3001 b\x1b[2J\n"), ":2': a control character" },
		{ TEXT("x86_64 3000 a\ni386 3001 \0b\n"), ":2': a NUL byte" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct syscalls *t = syscalls_new(NULL);
		struct sg_error e = { 0 };

		ck_assert_int_eq(add_text(t, bad[i].text, bad[i].size, &e), -EINVAL);
		ck_assert_msg(strstr(e.text, bad[i].says), "'%s' lacks '%s'", e.text, bad[i].says);
		ck_assert_ptr_nonnull(strstr(e.hint, "ABI NR NAME"));
		ck_assert_str_eq(name(t, SYSGATE_ABI_X86_64, 3000), "#3000");
		syscalls_free(t);
	}
}
END_TEST

START_TEST(names_hostile)
{
	static const char *const paths[] = { "/dev/zero", "/tmp", "/nonexistent/names" };
	static const int errors[] = { -EINVAL, -EISDIR, -ENOENT };
	static char endless[(1 << 20) + 1], many[(1 << 18) + 1]; /* the last stays a NUL */
	struct syscalls *t = syscalls_new(NULL);
	struct sg_error e = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(paths); i++)
		ck_assert_int_eq(syscalls_add_file(t, paths[i], &e), errors[i]);
	memset(endless, 'x', sizeof(endless) - 1);
	ck_assert_int_eq(add_text(t, endless, sizeof(endless) - 1, &e), -EINVAL);
	ck_assert_ptr_nonnull(strstr(e.text, ":1': longer than"));
	memset(many, '\n', sizeof(many) - 1);
	ck_assert_int_eq(add_text(t, many, sizeof(many) - 1, &e), -EINVAL);
	ck_assert_ptr_nonnull(strstr(e.text, "more than 65536 lines"));
	syscalls_free(t);
}
END_TEST

int main(void)
{
	const struct unit_case cases[] = {
		{ "a number is named by its ABI: 64 is getppid on i386, semget on x86_64", by_abi },
		{ "an unknown or absurd number is shown as #N", unknown },
		{ "every number of the unistd headers has its header's name, in all ABIs",
		  headers },
		{ "the names of an ABI are visited in the order of the numbers", each },
		{ "ABIs, gates and exits have one word each", words },
		{ "a names file adds and replaces names", names_good },
		{ "a bad line in a names file is told with its number, nothing is added",
		  names_bad },
		{ "endless files, lines and folders as names files are refused", names_hostile },
	};

	return unit_main("syscalls", cases, ARRAY_SIZE(cases));
}
