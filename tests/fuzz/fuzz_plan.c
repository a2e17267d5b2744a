// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The plan of the module's probes. An input is "ATTACH SET", the blacklist of kprobes and a symbol
 * table, parted by lines "--".
 */
#include "names.h"

#include <errno.h>

#include "target/plan.h"

static void check_plan(const struct plan *p)
{
	fuzz_must(p->attach == PLAN_TRACEPOINT || p->attach == PLAN_KPROBE);
	fuzz_must(p->attach == PLAN_KPROBE ? p->points_count > 0 : !p->points_count);
	fuzz_must_end(p->why);
	fuzz_must(p->why[0] && p->gates.count);
	for (size_t i = 0; i < p->points_count; i++) {
		fuzz_must_end(p->points[i].symbol);
		fuzz_must_end(p->points[i].why);
		fuzz_must(p->points[i].symbol[0] && p->points[i].why[0]);
		fuzz_must(p->points[i].abi < SYSGATE_ABIS);
	}
}

static int make(struct plan_ask *ask, char *first, struct sg_error *e)
{
	char *set = strchr(first, ' ');
	struct callset *calls = NULL;
	struct plan plan;
	int ret;

	first[strcspn(first, "\n")] = '\0';
	if (set)
		*set++ = '\0';
	ask->attach = plan_attach_by_name(first);
	if (ask->attach < 0 || callset_parse(set, ask->names, &calls, e))
		return 0;
	ask->calls = set ? calls : NULL;
	ret = plan_make(&plan, ask, e);
	if (!ret)
		check_plan(&plan);
	plan_fini(&plan);
	callset_free(calls);
	return ret;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct fuzz_file blacklist, kallsyms;
	struct fuzz_part rest = { (const char *)data, size };
	_cleanup_free_ char *first = fuzz_text(fuzz_part(&rest));
	struct plan_ask ask = { .names = fuzz_names() };
	struct sg_error e = { 0 };
	int ret;

	ask.blacklist = fuzz_file(&blacklist, fuzz_part(&rest));
	ask.kallsyms = fuzz_file(&kallsyms, rest);
	ret = make(&ask, first, &e);
	fuzz_must(!ret || ((ret == -ENOENT || ret == -EPERM || ret == -ENOTSUP) && e.text[0]));
	return 0;
}
