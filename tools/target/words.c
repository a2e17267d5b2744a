// SPDX-License-Identifier: GPL-2.0-or-later
/* The words for ABIs, gates and exits, as they are typed and printed. */
#include "target/syscalls.h"

#include <string.h>

#include "base/cleanup.h"

static const char *const abis[SYSGATE_ABIS] = {
	[SYSGATE_ABI_UNKNOWN] = "unknown",
	[SYSGATE_ABI_X86_64] = "x86_64",
	[SYSGATE_ABI_I386] = "i386",
	[SYSGATE_ABI_X32] = "x32",
};

static const char *const gates[SYSGATE_GATES] = {
	[SYSGATE_GATE_UNKNOWN] = "unknown",   [SYSGATE_GATE_SYSCALL] = "syscall",
	[SYSGATE_GATE_SYSENTER] = "sysenter", [SYSGATE_GATE_SYSCALL32] = "syscall32",
	[SYSGATE_GATE_INT80] = "int80",	      [SYSGATE_GATE_FRED] = "fred",
};

static const char *const exits[SYSGATE_EXITS] = {
	[SYSGATE_EXIT_UNKNOWN] = "unknown", [SYSGATE_EXIT_SYSRET] = "sysret",
	[SYSGATE_EXIT_SYSEXIT] = "sysexit", [SYSGATE_EXIT_IRET] = "iret",
	[SYSGATE_EXIT_FRED] = "fred",
};

/* A value from the kernel that this version does not know is as good as unknown. */
static const char *word(const char *const *words, int count, int value)
{
	return words[value >= 0 && value < count ? value : 0];
}

static int value_of(const char *const *words, int count, const char *name)
{
	for (int i = 0; i < count; i++)
		if (!strcmp(words[i], name))
			return i;
	return -1;
}

const char *abi_name(int abi)
{
	return word(abis, SYSGATE_ABIS, abi);
}

int abi_by_name(const char *name)
{
	return value_of(abis, SYSGATE_ABIS, name);
}

const char *gate_name(int gate)
{
	return word(gates, SYSGATE_GATES, gate);
}

int gate_by_name(const char *name)
{
	return value_of(gates, SYSGATE_GATES, name);
}

const char *exit_name(int exit)
{
	return word(exits, SYSGATE_EXITS, exit);
}

int abi_native(void)
{
#if defined(__x86_64__) && defined(__ILP32__)
	return SYSGATE_ABI_X32;
#elif defined(__x86_64__)
	return SYSGATE_ABI_X86_64;
#elif defined(__i386__)
	return SYSGATE_ABI_I386;
#else
	return SYSGATE_ABI_UNKNOWN;
#endif
}
