// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>

#include "target/module.h"

int module_ensure(const char *release, module_say say, bool *loaded_here, struct sg_error *e)
{
	(void)release;
	(void)say;
	*loaded_here = false;
	return sg_fail_errno(e, ENOSYS, "cannot load the module");
}

int module_unload(struct sg_error *e)
{
	return sg_fail_errno(e, ENOSYS, "cannot unload the module");
}
