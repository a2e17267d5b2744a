// SPDX-License-Identifier: GPL-2.0-or-later
#include "engine/extras.h"

#include "base/cleanup.h"
#include "target/plan.h"

const char *extras_asked(const struct engine_config *c)
{
	const struct {
		bool asked;
		const char *option;
	} extras[] = {
		{ c->wait, "--wait" },
		{ c->net, "--net" },
		{ c->count_only, "--count-only" },
		{ c->attach != PLAN_AUTO, "--attach" },
		{ c->fast, "--fast" },
		{ c->script, "--script" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(extras); i++)
		if (extras[i].asked)
			return extras[i].option;
	return NULL;
}
