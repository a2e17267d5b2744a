// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the kernel says of itself, and what doctor makes of it. An input is files, each its path and
 * its lines, parted by lines "--".
 */
#include "fuzz.h"

#include "target/features.h"

static const char *const paths[] = {
	"etc/os-release",
	"proc/cpuinfo",
	"proc/filesystems",
	"proc/kallsyms",
	"proc/modules",
	"proc/self/status",
	"proc/sys/kernel/ftrace_enabled",
	"proc/sys/kernel/kptr_restrict",
	"proc/sys/kernel/modules_disabled",
	"proc/sys/kernel/osrelease",
	"proc/sys/kernel/perf_event_paranoid",
	"proc/version",
	"sys/devices/system/clocksource/clocksource0/available_clocksource",
	"sys/devices/system/clocksource/clocksource0/current_clocksource",
	"sys/kernel/debug/kprobes/blacklist",
	"sys/kernel/security/lockdown",
	"sys/module/module/parameters/sig_enforce",
	"tracing/README",
	"tracing/available_filter_functions",
	"tracing/kprobe_events",
	NULL,
};

static struct fuzz_tree tree = { .paths = paths };

static void check_machine(const struct machine *m)
{
	fuzz_must_end(m->release);
	fuzz_must_end(m->os_id);
	fuzz_must_end(m->os_name);
	fuzz_must_end(m->cpu.vendor);
	fuzz_must_end(m->cpu.model);
	fuzz_must_end(m->cpu.clocksource);
	fuzz_must_end(m->modules.lockdown);
	fuzz_must_end(m->modules.headers);
	fuzz_must_end(m->modules.built_with);
	fuzz_must(m->cpu.gate32 >= 0 && m->cpu.gate32 < SYSGATE_GATES);
}

static void check_features(const struct machine *m)
{
	struct feature features[FEATURES_MAX];
	size_t n = features_judge(m, features);

	for (size_t i = 0; i < n; i++) {
		fuzz_must_end(features[i].why);
		fuzz_must_end(features[i].enable);
		fuzz_must(features[i].why[0]);
		fuzz_must(features[i].works != YES || !features[i].enable[0]);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_part input = { (const char *)data, size };
	const char *root = fuzz_tree(&tree, input);
	struct machine m;
	char tracefs[96];

	snprintf(tracefs, sizeof(tracefs), "%s/tracing", root);
	machine_read(&m, root, tracefs, NULL);
	check_machine(&m);
	check_features(&m);
	return 0;
}
