// SPDX-License-Identifier: GPL-2.0-or-later
/* Says to the module what is asked for. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "engine/clock.h"
#include "engine/kmod.h"

#define CGROUP_ROOT "/sys/fs/cgroup"
/* Tasks can sleep in a call each: so many return probes are held at once. */
#define INSTANCES_MIN 1024
#define INSTANCES_MAX 12288
#define FILEID_KERNFS 0xfe

/* Handles of cgroup directories are their 64-bit ids. */
struct cgroup_handle {
	struct file_handle handle;
	uint64_t id;
};

int kmod_cgroup_id(const char *path, uint64_t *id)
{
	_cleanup_free_ char *full = NULL;
	struct {
		struct file_handle handle;
		unsigned char bytes[8];
	} h = { .handle.handle_bytes = sizeof(h.bytes) };
	int mount;

	if (asprintf(&full, "%s%s", CGROUP_ROOT, path) < 0)
		return -ENOMEM;
	if (name_to_handle_at(AT_FDCWD, full, &h.handle, &mount, 0))
		return -errno;
	if (h.handle.handle_type != FILEID_KERNFS)
		return -EOPNOTSUPP;
	memcpy(id, h.bytes, sizeof(*id));
	return 0;
}

char *kmod_cgroup_path(uint64_t id)
{
	struct {
		struct file_handle handle;
		unsigned char bytes[8];
	} h = { .handle = { .handle_bytes = 8, .handle_type = FILEID_KERNFS } };
	char link[64], path[4096];
	int root = open(CGROUP_ROOT, O_RDONLY | O_DIRECTORY | O_CLOEXEC), fd;
	ssize_t n = -1;

	memcpy(h.bytes, &id, sizeof(id));
	fd = root < 0 ? -1 : open_by_handle_at(root, &h.handle, O_RDONLY | O_CLOEXEC | O_PATH);
	if (fd >= 0) {
		snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
		n = readlink(link, path, sizeof(path) - 1);
		close(fd);
	}
	if (root >= 0)
		close(root);
	if (n < (ssize_t)strlen(CGROUP_ROOT) || strncmp(path, CGROUP_ROOT, strlen(CGROUP_ROOT)))
		return NULL;
	path[n] = '\0';
	return strdup(path[strlen(CGROUP_ROOT)] ? path + strlen(CGROUP_ROOT) : "/");
}

static unsigned int instances(void)
{
	unsigned int running, all = 0;
	FILE *f = fopen("/proc/loadavg", "re");

	if (!f)
		return INSTANCES_MAX;
	if (fscanf(f, "%*s %*s %*s %u/%u", &running, &all) != 2)
		all = INSTANCES_MAX;
	fclose(f);
	all = 4 * all + 256;
	return all < INSTANCES_MIN ? INSTANCES_MIN : all > INSTANCES_MAX ? INSTANCES_MAX : all;
}

static int set_points(struct kmod_request *r, const struct plan *p, struct sg_error *e)
{
	unsigned int each = instances();

	r->points = calloc(p->points_count + 1, sizeof(*r->points));
	if (!r->points)
		return sg_fail_errno(e, ENOMEM, "probe points");
	/* The dispatchers share the tasks, a handler of many sees few of them. */
	if (p->points_count > 8)
		each = 64;
	for (size_t i = 0; i < p->points_count; i++) {
		snprintf(r->points[i].symbol, sizeof(r->points[i].symbol), "%s",
			 p->points[i].symbol);
		r->points[i].instances = each;
		r->points[i].dispatcher = p->points[i].dispatcher;
		r->points[i].abi = p->points[i].abi;
	}
	r->config.points = (uintptr_t)r->points;
	r->config.points_count = (__sg_u32)p->points_count;
	return 0;
}

static void set_ranges(struct kmod_request *r, const struct gates *gates)
{
	for (size_t i = 0; i < gates->count && i < SYSGATE_RANGES; i++) {
		r->config.ranges[i].start = gates->ranges[i].start;
		r->config.ranges[i].end = gates->ranges[i].end;
		r->config.ranges[i].gate = gates->ranges[i].gate;
		r->config.ranges_count++;
	}
}

static int set_whom(struct kmod_request *r, const struct engine_filter *f, struct sg_error *e)
{
	struct sysgate_config *c = &r->config;

	if (f->uids_count > SYSGATE_FILTER_MAX || f->comms_count > SYSGATE_FILTER_MAX ||
	    f->cgroups_count > SYSGATE_FILTER_MAX)
		return sg_fail(e, EINVAL, "more than %d --uid, --comm or --cgroup",
			       SYSGATE_FILTER_MAX);
	r->tids = calloc(f->pids_count + 1, sizeof(*r->tids));
	if (!r->tids)
		return sg_fail_errno(e, ENOMEM, "list of processes");
	for (size_t i = 0; i < f->pids_count; i++)
		r->tids[i] = f->pids[i];
	c->tids = (uintptr_t)r->tids;
	c->tids_count = (__sg_u32)f->pids_count;
	c->tree = f->pids_count > 0;
	c->self = f->self;
	for (size_t i = 0; i < f->uids_count; i++)
		c->uids[c->uids_count++] = f->uids[i];
	for (size_t i = 0; i < f->comms_count; i++)
		snprintf(c->comms[c->comms_count++], sizeof(c->comms[0]), "%s", f->comms[i]);
	for (size_t i = 0; i < f->cgroups_count; i++) {
		int ret = kmod_cgroup_id(f->cgroups[i], &c->cgroups[c->cgroups_count++]);

		/* One that is not there is the user's mistake, with every engine. */
		if (ret == -ENOENT)
			return sg_fail(e, EINVAL, "no cgroup '%s' below " CGROUP_ROOT,
				       f->cgroups[i]);
		if (ret)
			return sg_fail_errno(e, -ret, "cannot use cgroup '%s'", f->cgroups[i]);
	}
	return 0;
}

/* The probes lie on the asked calls' own functions: few others come by. */
static bool probes_asked_alone(const struct plan *p)
{
	for (size_t i = 0; i < p->points_count; i++)
		if (p->points[i].dispatcher)
			return false;
	return p->attach == PLAN_KPROBE;
}

/* A call is let through when it is in the set by any gate, a gate when any call is by it. */
static void set_calls(struct sysgate_config *c, const struct callset *set)
{
	struct key key = { 0 };

	if (!set)
		return;
	c->calls_set = c->gates_set = true;
	for (int abi = SYSGATE_ABI_X86_64; abi < SYSGATE_ABIS; abi++)
		for (int gate = 0; gate < SYSGATE_GATES; gate++)
			for (int nr = 0; nr <= SYSGATE_FILTER_CALLS; nr++) {
				key.abi = (uint8_t)abi;
				key.gate = (uint8_t)gate;
				key.nr = nr;
				if (!callset_has(&key, (void *)set))
					continue;
				c->gates |= 1U << gate;
				if (nr == SYSGATE_FILTER_CALLS)
					c->calls_others = true;
				else
					c->calls[abi][nr / 64] |= 1ULL << nr % 64;
			}
	/* Numbers beyond can be asked for by #NR: those are few enough to be sorted out later. */
	c->calls_others = true;
}

int kmod_request_init(struct kmod_request *r, const struct engine_config *c, const struct plan *p,
		      struct sg_error *e)
{
	int ret;

	memset(r, 0, sizeof(*r));
	r->config.version = SYSGATE_ABI_VERSION;
	r->config.attach = (__sg_u32)p->attach;
	r->config.by = (c->dims & DIM_ERRNO ? SYSGATE_BY_ERRNO : 0) |
		       (c->dims & DIM_PROC ? SYSGATE_BY_PROCESS : 0) |
		       (c->dims & DIM_TASK ? SYSGATE_BY_TASK : 0) |
		       (c->dims & DIM_SITE ? SYSGATE_BY_SITE : 0);
	r->config.count_only = c->count_only;
	r->config.wait = c->wait;
	r->config.kernel_tsc = clock_kernel_uses_tsc();
	set_ranges(r, &p->gates);
	if (!probes_asked_alone(p))
		set_calls(&r->config, c->calls);
	ret = set_points(r, p, e);
	return ret ? ret : set_whom(r, &c->filter, e);
}

void kmod_request_fini(struct kmod_request *r)
{
	free(r->points);
	free(r->tids);
	memset(r, 0, sizeof(*r));
}
