// SPDX-License-Identifier: GPL-2.0-or-later
#include "cmd/stap_ask.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/select.h"
#include "engine/kmod.h"

int stap_asked_engine(const struct stap_options *o, bool *script, struct sg_error *e)
{
	bool words = o->group || o->comms.count || o->users.count || o->cgroups.count ||
		     o->count_only || o->fast;

	*script = o->engine && !strcmp(o->engine, "stap");
	if (o->engine && !*script && strcmp(o->engine, "kmod")) {
		sg_fail(e, EINVAL, "nothing is built for engine '%s'", o->engine);
		sg_hint(e, "kmod or stap");
		return -EINVAL;
	}
	if (words && !*script) {
		sg_fail(e, EINVAL, "the module is told what to count when it is used");
		sg_hint(e,
			"--engine stap writes a script for -b, -c, -u, -g, --count-only and --fast");
		return -EINVAL;
	}
	return 0;
}

static int find_cgroups(struct stap_asked *a, const struct string_list *paths, struct sg_error *e)
{
	a->cgroups = calloc(paths->count + 1, sizeof(*a->cgroups));
	if (!a->cgroups)
		return sg_fail_errno(e, ENOMEM, "options");
	for (size_t i = 0; i < paths->count; i++) {
		int ret = kmod_cgroup_id(paths->items[i], &a->cgroups[i]);

		if (ret)
			return sg_fail(e, EINVAL, "no cgroup '%s' below /sys/fs/cgroup",
				       paths->items[i]);
	}
	a->ask.cgroups = a->cgroups;
	a->ask.cgroups_count = paths->count;
	return 0;
}

int stap_asked_init(struct stap_asked *a, const struct stap_options *o, struct sg_error *e)
{
	const struct select_options words = { .comms = o->comms,
					      .users = o->users,
					      .calls = o->calls,
					      .group = o->group,
					      .count_only = o->count_only,
					      .attach = o->attach };
	struct selection s;
	int ret;

	memset(a, 0, sizeof(*a));
	ret = select_init(&s, &words, e);
	a->ask = (struct stap_ask){ .attach = s.config.attach,
				    .fast = o->fast,
				    .calls = s.config.calls,
				    .names = s.names,
				    .by_errno = true,
				    .by_process = s.config.dims & DIM_PROC,
				    .by_task = s.config.dims & DIM_TASK,
				    .count_only = s.config.count_only,
				    .uids = s.uids,
				    .uids_count = o->users.count,
				    .comms = (const char *const *)o->comms.items,
				    .comms_count = o->comms.count };
	/* They are the script's now. */
	a->names = s.names;
	a->calls = s.calls;
	a->uids = s.uids;
	s.names = NULL;
	s.calls = NULL;
	s.uids = NULL;
	select_fini(&s);
	return ret ? ret : find_cgroups(a, &o->cgroups, e);
}

void stap_asked_fini(struct stap_asked *a)
{
	callset_free(a->calls);
	syscalls_free(a->names);
	free(a->uids);
	free(a->cgroups);
}
