// SPDX-License-Identifier: GPL-2.0-or-later
/* What a script hangs on: one that may hang on any tracepoint is never taken for one of calls alone. */
#include "unit.h"

#include <string.h>

#include "base/cleanup.h"
#include "target/stap_points.h"

static const char *const of_calls[] = {
	"",
	"probe begin {}",
	"probe kernel.trace(\"raw_syscalls:sys_enter\") { a++ }",
	"probe sysgate.enter {}\n\nprobe timer.s(5), end\n{\n}",
	"probe sysgate.exit if (on) { }",
	"/* no probe kernel.trace(\"x\") */ probe never {}",
	"# probe scheduler.ctxswitch {\nprobe end,error {}",
	"probe /* a, b { */ begin, // c\n end {}",
	"probe begin { println(\"probe \\\" kernel.trace(x) {\") }",
	"function f() %{ probe x; %} probe kprobe.function(\"{\"), procfs(\"ask\").write {}",
	"global probes, a_probe probe end {}",
};

static const char *const of_others[] = {
	"probe kernel.trace(\"sched_switch\") {}",
	"probe kernel.trace(\"raw_syscalls:sys_enter\"), kernel.trace(\"*\") {}",
	"probe scheduler.ctxswitch {}",
	"probe begin, /* and */ scheduler.ctxswitch {}",
	"probe syscall.open {}",
	"probe mine = sysgate.enter {}",
	"probe sysgate.enter, mine = begin {}",
	"probe begin {} probe\tkernel.trace(\"x\") {}",
	"probe end",
	"probe",
	"probe /*",
};

START_TEST(calls)
{
	for (size_t i = 0; i < ARRAY_SIZE(of_calls); i++)
		ck_assert_msg(stap_traces_calls_only(of_calls[i], strlen(of_calls[i])), "%s",
			      of_calls[i]);
}
END_TEST

START_TEST(others)
{
	for (size_t i = 0; i < ARRAY_SIZE(of_others); i++)
		ck_assert_msg(!stap_traces_calls_only(of_others[i], strlen(of_others[i])), "%s",
			      of_others[i]);
}
END_TEST

START_TEST(cut)
{
	static const char script[] =
		"probe begin /* */ , end { \"\\\"\" } # x\nprobe never {} %{ %}";

	/* Under ASan, at the end of what is allocated. */
	for (size_t size = 0; size <= strlen(script); size++) {
		char *copy = malloc(size ? size : 1);

		ck_assert_ptr_nonnull(copy);
		memcpy(copy, script, size);
		stap_traces_calls_only(copy, size);
		free(copy);
	}
}
END_TEST

int main(void)
{
	const struct unit_case cases[] = {
		{ "tracepoints of calls alone, and what brings none", calls },
		{ "whatever may bring others is not taken for them", others },
		{ "a script may end anywhere", cut },
	};

	return unit_main("stap_points", cases, ARRAY_SIZE(cases));
}
