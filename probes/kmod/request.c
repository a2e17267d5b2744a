// SPDX-License-Identifier: GPL-2.0-only
/* Takes over what the collector asks for. */
#include "sysgate.h"

#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#define POINTS_MAX    4096
#define TIDS_MAX      65536
#define INSTANCES_MAX 65536

/* count elements of size from a user address. NULL in *out where there are none. */
static int take_array(void **out, u64 from, u32 count, size_t size, u32 max)
{
	*out = NULL;
	if (count > max)
		return -E2BIG;
	if (!count)
		return 0;
	*out = vmemdup_user(u64_to_user_ptr(from), count * size);
	if (IS_ERR(*out)) {
		int ret = PTR_ERR(*out);

		*out = NULL;
		return ret;
	}
	return 0;
}

static bool valid(const struct sysgate_config *c)
{
	u32 i;

	if (c->attach == SYSGATE_ATTACH_KPROBE && !c->points_count)
		return false;
	/* A cell has room for one of them. */
	if (c->by & SYSGATE_BY_SITE && c->by & (SYSGATE_BY_PROCESS | SYSGATE_BY_TASK))
		return false;
	for (i = 0; i < min_t(u32, c->ranges_count, SYSGATE_RANGES); i++)
		if (c->ranges[i].gate >= SYSGATE_GATES)
			return false;
	return c->version == SYSGATE_ABI_VERSION && c->ranges_count <= SYSGATE_RANGES &&
	       (c->attach == SYSGATE_ATTACH_TRACEPOINT || c->attach == SYSGATE_ATTACH_KPROBE) &&
	       c->uids_count <= SYSGATE_FILTER_MAX && c->cgroups_count <= SYSGATE_FILTER_MAX &&
	       c->comms_count <= SYSGATE_FILTER_MAX;
}

int sg_config_set(const struct sysgate_config __user *from)
{
	struct sysgate_config *c = vmemdup_user(from, sizeof(*c));
	void *new_points = NULL, *new_tids = NULL;
	u32 i;
	int ret;

	if (IS_ERR(c))
		return PTR_ERR(c);
	ret = valid(c) ? 0 : -EINVAL;
	if (!ret && c->by & SYSGATE_BY_SITE)
		ret = sg_sites_init();
	if (!ret)
		ret = take_array(&new_points, c->points, c->points_count,
				 sizeof(struct sysgate_point), POINTS_MAX);
	if (!ret)
		ret = take_array(&new_tids, c->tids, c->tids_count, sizeof(s32), TIDS_MAX);
	if (ret) {
		kvfree(new_points);
		kvfree(c);
		return ret;
	}
	sg_config_exit();
	sg_points = new_points;
	sg_tids = new_tids;
	sg_config = *c;
	kvfree(c);
	for (i = 0; i < sg_config.points_count; i++) {
		sg_points[i].symbol[sizeof(sg_points[i].symbol) - 1] = '\0';
		sg_points[i].instances = min_t(u32, sg_points[i].instances, INSTANCES_MAX);
	}
	sg_config_apply();
	return 0;
}

void sg_config_exit(void)
{
	kvfree(sg_points);
	kvfree(sg_tids);
	sg_points = NULL;
	sg_tids = NULL;
	sg_config.points_count = sg_config.tids_count = 0;
}
