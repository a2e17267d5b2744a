// SPDX-License-Identifier: GPL-2.0-only
/* Loading and unloading. A loaded module costs nothing but its memory: hooks come by the device. */
#include "sysgate.h"

#include <linux/module.h>

static int owner;
module_param(owner, int, 0444);
MODULE_PARM_DESC(owner, "pid of the collector that loaded it for itself; 0: it stays");

static unsigned int pool_kb = 1024;
module_param(pool_kb, uint, 0444);
MODULE_PARM_DESC(pool_kb, "KiB for the cells of each CPU (64 to 65536)");

static int __init start(void)
{
	int ret;

	if (pool_kb < 64 || pool_kb > 65536)
		return -EINVAL;
	ret = sg_cells_init(pool_kb << 10);
	if (ret)
		return ret;
	ret = sg_whos_init();
	if (!ret)
		ret = sg_device_init();
	if (ret) {
		sg_whos_exit();
		sg_cells_exit();
	}
	return ret;
}

static void __exit stop(void)
{
	/* Nobody has the device open: every hook is off. */
	sg_device_exit();
	sg_config_exit();
	sg_sites_exit();
	sg_whos_exit();
	sg_cells_exit();
}

module_init(start);
module_exit(stop);
MODULE_LICENSE("GPL v2");
MODULE_AUTHOR("the sysgate authors");
MODULE_DESCRIPTION("Counts and times system calls at their gates");
MODULE_VERSION(SYSGATE_SOURCE_ID);
