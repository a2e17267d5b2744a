// SPDX-License-Identifier: GPL-2.0-or-later
#include "engine/engine.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"

const struct engine_ops *const engine_ladder[] = {
	&engine_events,
};
const size_t engine_ladder_count = ARRAY_SIZE(engine_ladder);

static int choose_best(const struct engine_ops **out, char *why, size_t size, struct sg_error *e)
{
	struct engine_check check;
	size_t used = 0;
	char enable[sizeof(check.enable)] = "";

	why[0] = '\0';
	for (size_t i = 0; i < engine_ladder_count; i++) {
		char not_this[512];

		memset(&check, 0, sizeof(check));
		engine_ladder[i]->check(&check);
		if (check.works) {
			char above[1024];

			snprintf(above, sizeof(above), "%s", why);
			snprintf(why, size, "%s: %s%s%s", engine_ladder[i]->name, check.why,
				 above[0] ? "; not " : "", above);
			*out = engine_ladder[i];
			return 0;
		}
		snprintf(not_this, sizeof(not_this), "%s%s: %s", used ? ", " : "",
			 engine_ladder[i]->name, check.why);
		if (used < size)
			used += (size_t)snprintf(why + used, size - used, "%s", not_this);
		if (!enable[0])
			snprintf(enable, sizeof(enable), "%s", check.enable);
	}
	sg_fail(e, ENOTSUP, "no engine works here: %.400s", why);
	sg_hint(e, "%s", enable[0] ? enable : "'sysgate doctor' tells what each one needs");
	return -ENOTSUP;
}

int engine_choose(const char *name, const struct engine_ops **out, char *why, size_t size,
		  struct sg_error *e)
{
	struct engine_check check = { 0 };

	if (!name || !strcmp(name, "auto"))
		return choose_best(out, why, size, e);
	for (size_t i = 0; i < engine_ladder_count; i++) {
		if (strcmp(name, engine_ladder[i]->name))
			continue;
		engine_ladder[i]->check(&check);
		if (!check.works) {
			sg_fail(e, ENOTSUP, "engine '%s' does not work here: %s", name, check.why);
			sg_hint(e, "%s", check.enable);
			return -ENOTSUP;
		}
		snprintf(why, size, "%s: %s", name, check.why);
		*out = engine_ladder[i];
		return 0;
	}
	sg_fail(e, EINVAL, "unknown engine '%s'", name);
	sg_hint(e, "auto or one of those that 'sysgate doctor' lists");
	return -EINVAL;
}
