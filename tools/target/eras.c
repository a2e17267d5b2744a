// SPDX-License-Identifier: GPL-2.0-or-later
#include "target/eras.h"

#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "target/eras_internal.h"

static const char *const stage_names[WAY_STAGES] = {
	[WAY_CPU] = "cpu",	     [WAY_STUB] = "stub",      [WAY_ENTRY] = "entry",
	[WAY_WORK_IN] = "work-in",   [WAY_DISPATCH] = "table", [WAY_HANDLER] = "handler",
	[WAY_WORK_OUT] = "work-out", [WAY_EXIT] = "exit",
};

const char *way_stage_name(int stage)
{
	return stage >= 0 && stage < WAY_STAGES ? stage_names[stage] : NULL;
}

/* The newest first: the first that fits is it. */
static const struct era eras[] = {
	{ "x86_64 with FRED", "6.9 and later", true, "asm_fred_entrypoint_user", NULL,
	  ways_64_noinstr, WAYS_64_FRED },
	{ "x86_64, entry code in C and not instrumented", "5.8 and later", true,
	  "asm_exc_page_fault __noinstr_text_start do_SYSENTER_32", NULL, ways_64_noinstr,
	  WAYS_64_NOINSTR },
	{ "x86_64, handlers take pt_regs", "4.17 to 5.7", true, "__x64_sys_read __x64_sys_getppid",
	  "asm_exc_page_fault", ways_64_wrapped, WAYS_64_WRAPPED },
	{ "x86_64, entry code rewritten", "4.2 to 4.16", true, "entry_SYSCALL_64", NULL,
	  ways_64_rewritten, WAYS_64_REWRITTEN },
	{ "x86_64, all in assembly", "2.6 to 4.1", true, "system_call", "entry_SYSCALL_64",
	  ways_64_assembly, WAYS_64_ASSEMBLY },
	{ "i386, entry code in C and not instrumented", "5.8 and later", false,
	  "do_SYSENTER_32 asm_exc_page_fault", NULL, ways_32_noinstr, WAYS_32_NOINSTR },
	{ "i386, entry code rewritten", "4.2 to 5.7", false, "entry_SYSENTER_32 entry_INT80_32",
	  NULL, ways_32_rewritten, WAYS_32_REWRITTEN },
	{ "i386, ia32_sysenter_target", "2.6.25 to 4.1", false, "ia32_sysenter_target", NULL,
	  ways_32_target, WAYS_32_TARGET },
	{ "i386, sysenter_entry", "2.6.0 to 2.6.24", false, "sysenter_entry sysenter_past_esp",
	  NULL, ways_32_first, WAYS_32_FIRST },
};

static bool has_any(const struct symtab *t, const char *names)
{
	char words[160], *rest = words, *name;

	snprintf(words, sizeof(words), "%s", names);
	while ((name = strsep(&rest, " ")))
		if (symtab_find(t, name))
			return true;
	return false;
}

const struct era *era_of(const struct symtab *t)
{
	for (size_t i = 0; i < ARRAY_SIZE(eras); i++) {
		const struct era *era = &eras[i];

		if (era->is64 == symtab_is64(t) && has_any(t, era->has) &&
		    !(era->lacks && has_any(t, era->lacks)))
			return era;
	}
	return NULL;
}
