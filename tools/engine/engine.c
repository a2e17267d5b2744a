// SPDX-License-Identifier: GPL-2.0-or-later
#include "engine/engine.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/cleanup.h"

const struct engine_ops *const engine_ladder[] = {
	&engine_kmod,
	&engine_stap,
	&engine_events,
};
const size_t engine_ladder_count = ARRAY_SIZE(engine_ladder);

void engine_refuse(struct engine_check *out, const char *why, const char *enable)
{
	out->works = false;
	snprintf(out->why, sizeof(out->why), "%.*s", (int)sizeof(out->why) - 1, why);
	snprintf(out->enable, sizeof(out->enable), "%.*s", (int)sizeof(out->enable) - 1, enable);
}

/* Adds "NAME: REASON" to the list of those that it is not. */
static void add_reason(char * not, size_t size, const char *name, const char *reason)
{
	size_t used = strlen(not );

	if (used < size)
		snprintf(not +used, size - used, "%s%s: %s", used ? ", " : "", name, reason);
}

static int open_best(struct engine **out, const struct engine_config *c, char *why, size_t size,
		     struct sg_error *e)
{
	char not [768] = "", hint[sizeof(e->hint)] = "";
	struct engine_config quick = *c;
	struct sg_error own = { 0 };
	int ret = -ENOTSUP;

	quick.quick = true;
	for (size_t i = 0; i < engine_ladder_count; i++) {
		const struct engine_ops *ops = engine_ladder[i];
		struct engine_check check = { 0 };

		ops->check(&check);
		ret = check.works && !check.slow ? ops->open(out, &quick, &own) : -ENOTSUP;
		if (!ret) {
			snprintf(why, size, "%s: %s%s%s", ops->name, check.why,
				 not [0] ? "; not " : "", not );
			return 0;
		}
		/* What was asked for wrongly is no better with another one. */
		if (ret == -EINVAL) {
			*e = own;
			return ret;
		}
		add_reason(not, sizeof(not ), ops->name,
			   check.works && !check.slow ? own.text : check.why);
		if (!hint[0])
			snprintf(hint, sizeof(hint), "%s",
				 check.works && !check.slow ? own.hint : check.enable);
	}
	sg_fail(e, ENOTSUP, "no engine works here: %.450s", not );
	sg_hint(e, "%s", hint[0] ? hint : "'sysgate doctor' tells what each one needs");
	return -ENOTSUP;
}

static const struct engine_ops *by_name(const char *name)
{
	for (size_t i = 0; i < engine_ladder_count; i++)
		if (!strcmp(name, engine_ladder[i]->name))
			return engine_ladder[i];
	return NULL;
}

int engine_open(struct engine **out, const char *name, const struct engine_config *c, char *why,
		size_t size, struct sg_error *e)
{
	const struct engine_ops *ops;
	struct engine_check check = { 0 };

	if (!name || !strcmp(name, "auto"))
		return open_best(out, c, why, size, e);
	ops = by_name(name);
	if (!ops) {
		sg_fail(e, EINVAL, "unknown engine '%s'", name);
		sg_hint(e, "auto or one of those that 'sysgate doctor' lists");
		return -EINVAL;
	}
	ops->check(&check);
	if (!check.works) {
		sg_fail(e, ENOTSUP, "engine '%s' does not work here: %s", name, check.why);
		sg_hint(e, "%s", check.enable);
		return -ENOTSUP;
	}
	snprintf(why, size, "%s: %s", name, check.why);
	return ops->open(out, c, e);
}

void engine_name_machine(struct snapshot *s)
{
	struct utsname u;

	uname(&u);
	snprintf(s->host, sizeof(s->host), "%s", u.nodename);
	snprintf(s->kernel, sizeof(s->kernel), "%s", u.release);
	snprintf(s->machine, sizeof(s->machine), "%s", u.machine);
	s->cpus = (unsigned int)sysconf(_SC_NPROCESSORS_ONLN);
}
