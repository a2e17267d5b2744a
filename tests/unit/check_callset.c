// SPDX-License-Identifier: GPL-2.0-or-later
#include "unit.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "target/callset.h"

static struct syscalls *names;

static struct callset *parse(const char *text)
{
	struct callset *set = NULL;
	struct sg_error e = { 0 };

	if (!names)
		names = syscalls_new(NULL);
	ck_assert_msg(!callset_parse(text, names, &set, &e), "%s: %s", text, e.text);
	return set;
}

/* Is "ABI:NAME@GATE" in the set? */
static bool has(struct callset *set, const char *call)
{
	char abi[16], name[32], gate[16];
	struct key key = { 0 };

	ck_assert_int_eq(sscanf(call, "%15[^:]:%31[^@]@%15s", abi, name, gate), 3);
	key.abi = (uint8_t)abi_by_name(abi);
	key.gate = (uint8_t)gate_by_name(gate);
	key.nr = syscalls_number(names, key.abi, name);
	ck_assert_msg(key.nr >= 0, "no call %s", call);
	return callset_has(&key, set);
}

static const struct {
	const char *set, *in, *out; /* words parted by blanks */
} sets[] = {
	{ NULL, "x86_64:read@syscall i386:ipc@int80 unknown:#7@unknown", "" },
	{ "read", "x86_64:read@syscall i386:read@int80 x32:read@syscall",
	  "x86_64:write@syscall unknown:#0@unknown" },
	{ "getppid", "i386:#64@int80 x86_64:#110@syscall", "x86_64:#64@syscall i386:#110@int80" },
	{ "!read", "x86_64:write@syscall unknown:#0@unknown", "x86_64:read@syscall" },
	{ "#64", "i386:getppid@int80 x86_64:semget@syscall unknown:#64@unknown",
	  "x86_64:getppid@syscall" },
	{ "#99999", "x86_64:#99999@syscall", "x86_64:#99998@syscall" },
	{ "%file", "x86_64:openat@syscall i386:stat64@sysenter", "x86_64:read@syscall" },
	{ "%network", "i386:socketcall@int80 x86_64:socket@syscall", "i386:ipc@int80" },
	{ "%net", "i386:socketcall@int80", "x86_64:read@syscall" },
	{ "%ipc", "i386:ipc@int80 x86_64:semget@syscall", "i386:socketcall@int80" },
	{ "%creds", "i386:getuid32@int80 x86_64:getuid@syscall", "x86_64:getpid@syscall" },
	{ "%memory", "i386:mmap2@int80 x86_64:brk@syscall", "x86_64:read@syscall" },
	{ "%clock", "i386:clock_gettime64@int80 x86_64:time@syscall", "x86_64:nanosleep@syscall" },
	{ "%%stat", "x86_64:stat@syscall i386:fstatat64@int80", "x86_64:statfs@syscall" },
	{ "%file,!open,!%stat", "x86_64:openat@syscall",
	  "x86_64:open@syscall "
	  "x86_64:stat@syscall i386:stat64@int80" },
	{ "read,%file", "x86_64:read@syscall x86_64:openat@syscall", "x86_64:write@syscall" },
	{ "gate:int80", "i386:read@int80 x86_64:write@int80", "i386:read@sysenter" },
	{ "gate:int80,gate:sysenter", "i386:read@int80 i386:read@sysenter", "x86_64:read@syscall" },
	{ "!gate:syscall", "i386:read@int80 i386:read@unknown", "x86_64:read@syscall" },
	{ "abi:i386", "i386:read@int80", "x86_64:read@int80 unknown:#0@unknown" },
	{ "!abi:i386", "x86_64:read@int80", "i386:read@int80" },
	{ " read , !abi:x32 ,gate:syscall", "x86_64:read@syscall",
	  "x32:read@syscall x86_64:read@int80 x86_64:write@syscall" },
	{ "read,!read", "", "x86_64:read@syscall x86_64:write@syscall" },
	{ "socketcall", "i386:socketcall@int80", "x86_64:#102@syscall" },
};

START_TEST(members)
{
	for (size_t i = 0; i < ARRAY_SIZE(sets); i++) {
		struct callset *set = parse(sets[i].set);

		for (int side = 0; side < 2; side++) {
			char *copy = strdup(side ? sets[i].out : sets[i].in), *save;

			for (char *w = strtok_r(copy, " ", &save); w;
			     w = strtok_r(NULL, " ", &save))
				ck_assert_msg(has(set, w) == !side, "%s: %s", sets[i].set, w);
			free(copy);
		}
		callset_free(set);
	}
}
END_TEST

/* Which sets say nothing where no gate is known. */
START_TEST(gates)
{
	static const struct {
		const char *set;
		bool needs;
	} rows[] = {
		{ NULL, false },	   { "read", false },	       { "!read,abi:i386", false },
		{ "gate:unknown", false }, { "gate:int80", true },     { "!gate:syscall", true },
		{ "!gate:unknown", true }, { "read,gate:fred", true },
	};

	ck_assert(!callset_needs_gate(NULL));
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct callset *set = parse(rows[i].set);

		ck_assert_msg(callset_needs_gate(set) == rows[i].needs, "%s", rows[i].set);
		callset_free(set);
	}
}
END_TEST

START_TEST(mistakes)
{
	static const struct {
		const char *text, *word, *hint;
	} rows[] = {
		{ "getppd", "'getppd'", "did you mean 'getppid'?" },
		{ "read,!wirte", "'wirte'", "did you mean 'write'?" },
		{ "READ", "'READ'", "did you mean 'read'?" },
		{ "file", "'file'", "did you mean '%file'?" },
		{ "%fle", "'%fle'", "did you mean '%file'?" },
		{ "int80", "'int80'", "did you mean 'gate:int80'?" },
		{ "gate:int81", "'gate:int81'", "did you mean 'gate:int80'?" },
		{ "i386", "'i386'", "did you mean 'abi:i386'?" },
		{ "64", "'64'", "did you mean '#64'?" },
		{ "abi:mips64el", "'abi:mips64el'", "x86_64" },
		{ "xyzzyxyzzyxyzzy", "'xyzzyxyzzyxyzzy'", "a word is NAME" },
		{ "#", "'#'", "" },
		{ "#1x", "'#1x'", "" },
		{ "!!read", "'!read'", "did you mean 'read'?" },
		{ "", "an empty word", "" },
		{ "read,", "an empty word", "" },
		{ "read,!", "an empty word", "" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct syscalls *t = syscalls_new(NULL);
		struct callset *set = NULL;
		struct sg_error e = { 0 };

		ck_assert_int_eq(callset_parse(rows[i].text, t, &set, &e), -EINVAL);
		ck_assert_ptr_null(set);
		ck_assert_msg(strstr(e.text, rows[i].word), "%s: %s", rows[i].text, e.text);
		ck_assert_msg(strstr(e.hint, rows[i].hint), "%s: %s", rows[i].text, e.hint);
		syscalls_free(t);
	}
}
END_TEST

START_TEST(long_words)
{
	struct syscalls *t = syscalls_new(NULL);
	struct callset *set = NULL;
	struct sg_error e = { 0 };
	static char text[100001];

	memset(text, 'r', sizeof(text) - 1);
	ck_assert_int_eq(callset_parse(text, t, &set, &e), -EINVAL);
	for (size_t n = 60; n < 68; n++) {
		text[n] = '\0';
		ck_assert_int_eq(callset_parse(text, t, &set, &e), -EINVAL);
		text[n] = 'r';
	}
	syscalls_free(t);
}
END_TEST

/* Every name of a class is a call's, and of none twice. The newest are unknown to old tables. */
START_TEST(classes)
{
	callset_free(parse(NULL));
	for (size_t i = 0; i < call_classes_count; i++) {
		const struct call_class *c = &call_classes[i];
		size_t known = 0;

		ck_assert_ptr_nonnull(c->help);
		for (size_t k = 0; c->calls[k]; k++) {
			for (int abi = 1; abi < SYSGATE_ABIS; abi++)
				known += syscalls_number(names, abi, c->calls[k]) >= 0;
			if (k)
				ck_assert_msg(strcmp(c->calls[k - 1], c->calls[k]) < 0, "%s: %s",
					      c->name, c->calls[k]);
		}
		ck_assert_msg(known > 0, "%s has no calls", c->name);
	}
}
END_TEST

int main(void)
{
	const struct unit_case cases[] = {
		{ "names, numbers, classes, gates, ABIs and their negations choose calls",
		  members },
		{ "a set that needs a gate to be known", gates },
		{ "an unknown word is answered with the nearest known one", mistakes },
		{ "absurdly long words are refused", long_words },
		{ "the classes are sorted and have calls", classes },
	};

	return unit_main("callset", cases, ARRAY_SIZE(cases));
}
