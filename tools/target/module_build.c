// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>

#include "target/module.h"

int module_can_build(const char *release, struct sg_error *e)
{
	return sg_fail(e, ENOENT, "cannot build the module for %s: not yet", release);
}
