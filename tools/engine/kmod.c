// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The engine that counts in the kernel: it has the module loaded (and built), tells it what is
 * asked for, and reads the cells that it keeps. Everything is off again when the device is closed.
 */
#include "engine/kmod.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "engine/kmod_before.h"
#include "target/gates.h"
#include "target/module.h"

#define NSEC	  1000000000ULL
#define CELLS_MAX (1U << 20)

struct kmod {
	struct engine base;
	struct engine_config config;
	struct plan plan;
	struct kmod_request request;
	struct sysgate_info info;
	struct kmod_pool *pools; /* by CPU */
	const struct sysgate_who *whos;
	const struct sysgate_site *sites; /* NULL: not asked for, or not yet */
	struct kmod_before before;
	int fd;
	bool loaded_here, attached;
	double per_call_ns, inside_ns;
	uint64_t start_real_ns;
	struct sysgate_counters at_detach;
};

static uint64_t clock_ns(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return (uint64_t)t.tv_sec * NSEC + (uint64_t)t.tv_nsec;
}

/* ---- can it run here? ---- */

static void check(struct engine_check *out)
{
	struct sg_error e = { 0 };
	struct module_state state;
	struct utsname u;
	char path[PATH_MAX];
	bool built;

	if (geteuid()) {
		engine_refuse(out, "it needs root", "run as root");
		return;
	}
	/* Neither the plan nor the gates can do without addresses. */
	if (gates_hidden()) {
		engine_refuse(out, "kernel.kptr_restrict is 2: the kernel hides its addresses",
			      "sysctl kernel.kptr_restrict=1");
		return;
	}
	module_state(&state);
	uname(&u);
	out->works = true;
	if (state.loaded) {
		snprintf(out->why, sizeof(out->why), "the loaded module");
		return;
	}
	built = !module_find(u.release, path, sizeof(path), &e);
	if (module_can_load(&e) || module_can_load_file(built ? path : NULL, &e) ||
	    (!built && module_can_build(u.release, &e)))
		engine_refuse(out, e.text, e.hint);
	else
		snprintf(out->why, sizeof(out->why), "%s",
			 built ? "the module built for this kernel"
			       : "a module, to be built once for this kernel");
}

/* ---- opening ---- */

static int control(struct kmod *k, unsigned long cmd, void *arg, const char *what,
		   struct sg_error *e)
{
	if (!ioctl(k->fd, cmd, arg))
		return 0;
	return sg_fail_errno(e, errno, "%s: cannot %s", MODULE_DEVICE, what);
}

static int open_device(struct kmod *k, struct sg_error *e)
{
	int ret;

	k->fd = open(MODULE_DEVICE, O_RDWR | O_CLOEXEC);
	if (k->fd < 0) {
		ret = sg_fail_errno(e, errno, "cannot open '%s'", MODULE_DEVICE);
		if (ret == -EBUSY)
			sg_hint(e,
				"another sysgate counts with it: wait for it, or --engine events");
		return ret;
	}
	ret = control(k, SYSGATE_INFO, &k->info, "ask what it is", e);
	if (ret)
		return ret;
	if (k->info.magic == SYSGATE_MAGIC && k->info.version == SYSGATE_ABI_VERSION)
		return 0;
	sg_fail(e, EPROTO, "the loaded module speaks version %u, this sysgate %d", k->info.version,
		SYSGATE_ABI_VERSION);
	sg_hint(e, "sysgate unload");
	return -EPROTO;
}

static void *map_at(struct kmod *k, uint64_t offset, size_t size)
{
	void *at = mmap(NULL, size, PROT_READ, MAP_SHARED, k->fd, (off_t)offset);

	return at == MAP_FAILED ? NULL : at;
}

/* A CPU can come later: what is not there yet is tried again at each snapshot. */
static void map_pools(struct kmod *k)
{
	for (unsigned int i = 0; i < k->info.cpus; i++) {
		if (k->pools[i].base)
			continue;
		k->pools[i].base = map_at(k, SYSGATE_MAP_CPU(i), k->info.pool_bytes);
		k->pools[i].size = k->info.pool_bytes;
	}
}

static int map_all(struct kmod *k, struct sg_error *e)
{
	k->pools = calloc(k->info.cpus, sizeof(*k->pools));
	k->whos = map_at(k, 0, k->info.whos_max * sizeof(*k->whos));
	if (!k->pools || !k->whos)
		return sg_fail_errno(e, k->pools ? errno : ENOMEM, "%s: cannot map it",
				     MODULE_DEVICE);
	map_pools(k);
	return 0;
}

static int make_plan(struct kmod *k, struct sg_error *e)
{
	struct plan_ask ask = { .attach = k->config.attach,
				.calls = k->config.calls,
				.names = k->config.names };
	int ret = plan_make(&k->plan, &ask, e);

	return ret ? ret : kmod_request_init(&k->request, &k->config, &k->plan, e);
}

static int configure(struct kmod *k, struct sg_error *e)
{
	return control(k, SYSGATE_CONFIGURE, &k->request.config, "set it up", e);
}

/* ---- own cost ---- */

/* Many short rounds: one at least is undisturbed. */
#define LOOP_CALLS   200
#define LOOP_REPEATS 50

/* The shortest round, a call's share of it. */
static double loop_ns(void)
{
	uint64_t least = UINT64_MAX;

	for (int i = 0; i < LOOP_REPEATS; i++) {
		uint64_t start = clock_ns(CLOCK_MONOTONIC), took;

		for (int n = 0; n < LOOP_CALLS; n++)
			syscall(SYS_getppid);
		took = clock_ns(CLOCK_MONOTONIC) - start;
		if (took < least)
			least = took;
	}
	return (double)least / LOOP_CALLS;
}

/* A loop of our own with the probes on and off; what is inside of the times the module tells. */
static int calibrate(struct kmod *k, struct sg_error *e)
{
	struct kmod_request own = k->request;
	struct sysgate_calibration c;
	__sg_s32 self = getpid();
	double on = 0, off = loop_ns();
	int ret;

	/* Ourselves, as those are counted who are asked for, by the same handlers. */
	own.config.tids = (uintptr_t)&self;
	own.config.tids_count = 1;
	own.config.tree = own.config.self = true;
	/* Net times go by another way: that one is timed. */
	own.config.net_ns = k->config.net;
	own.config.uids_count = own.config.comms_count = own.config.cgroups_count = 0;
	ret = control(k, SYSGATE_CONFIGURE, &own.config, "set it up", e);
	if (!ret)
		ret = control(k, SYSGATE_CALIBRATE, &c, "time the probes", e);
	if (!ret)
		ret = control(k, SYSGATE_ATTACH, NULL, "attach", e);
	if (ret)
		return ret;
	on = loop_ns();
	ret = control(k, SYSGATE_DETACH, NULL, "detach", e);
	k->per_call_ns = on > off ? on - off : 0;
	k->inside_ns = (double)c.inside_ps / 1000 + k->config.net;
	if (k->config.net)
		k->request.config.net_ns = (__sg_u32)(k->inside_ns + 0.5);
	return ret;
}

static void close_kmod(struct engine *en);

static int open_kmod(struct engine **out, const struct engine_config *c, struct sg_error *e)
{
	struct kmod *k;
	struct utsname u;
	int ret;

	if (c->fast || c->script)
		return sg_fail(e, ENOTSUP, "%s is for engine stap",
			       c->fast ? "--fast" : "--script");
	k = calloc(1, sizeof(*k));
	if (!k)
		return sg_fail_errno(e, ENOMEM, "engine kmod");
	k->base.ops = &engine_kmod;
	k->config = *c;
	k->fd = -1;
	k->per_call_ns = -1;
	uname(&u);
	ret = make_plan(k, e);
	if (!ret)
		ret = module_ensure(u.release, c->say, &k->loaded_here, e);
	if (!ret)
		ret = open_device(k, e);
	if (!ret)
		ret = map_all(k, e);
	if (!ret)
		ret = calibrate(k, e);
	if (!ret)
		ret = configure(k, e);
	if (ret) {
		close_kmod(&k->base);
		return ret;
	}
	*out = &k->base;
	return 0;
}

static void close_kmod(struct engine *en)
{
	struct kmod *k = (struct kmod *)en;
	struct sg_error e = { 0 };

	if (!k)
		return;
	for (unsigned int i = 0; k->pools && i < k->info.cpus; i++)
		if (k->pools[i].base)
			munmap((void *)k->pools[i].base, k->pools[i].size);
	if (k->whos)
		munmap((void *)k->whos, k->info.whos_max * sizeof(*k->whos));
	if (k->sites)
		munmap((void *)k->sites, k->info.sites_max * sizeof(*k->sites));
	if (k->fd >= 0)
		close(k->fd);
	/* Another may have opened it meanwhile: then it goes with the next start. */
	if (k->loaded_here && module_unload(&e) && k->config.say)
		k->config.say(e.text);
	kmod_before_fini(&k->before);
	kmod_request_fini(&k->request);
	plan_fini(&k->plan);
	free(k->pools);
	free(k);
}

/* ---- attaching ---- */

static int attach(struct engine *en, struct sg_error *e)
{
	struct kmod *k = (struct kmod *)en;
	int ret = control(k, SYSGATE_ATTACH, NULL, "attach", e);

	if (ret)
		return ret;
	k->attached = true;
	k->start_real_ns = clock_ns(CLOCK_REALTIME);
	return kmod_before_note(&k->before, &k->config.filter, e);
}

static void detach(struct engine *en)
{
	struct kmod *k = (struct kmod *)en;

	if (!k->attached)
		return;
	k->attached = false;
	control(k, SYSGATE_DETACH, NULL, "detach", NULL);
}

static int pump(struct engine *en, struct sg_error *e)
{
	(void)en, (void)e;
	return 0;
}

/* ---- reading ---- */

static int read_cells(struct kmod *k, struct snapshot *s)
{
	struct cells cells;
	int ret = cells_init(&cells, CELLS_MAX);

	map_pools(k);
	for (unsigned int i = 0; i < k->info.cpus && !ret; i++)
		if (k->pools[i].base)
			ret = kmod_read_pool(&cells, &k->pools[i], !k->config.count_only);
	for (size_t i = 0; !ret && i <= cells.mask; i++) {
		const struct cell *c = cells.slots[i];

		if (!c)
			continue;
		ret = snapshot_add_cell(s, c);
		s->conservation.exits += c->count - c->never_returned;
		s->conservation.never_returned += c->never_returned;
	}
	cells_fini(&cells);
	return ret;
}

static int read_procs(const struct kmod *k, const struct sysgate_counters *c, struct snapshot *s)
{
	uint64_t count = c->whos < k->info.whos_max ? c->whos : k->info.whos_max;

	return kmod_read_whos(s, k->whos, count, kmod_cgroup_path);
}

/* The module makes the table when it is configured so. */
static int read_sites(struct kmod *k, const struct sysgate_counters *c, struct snapshot *s)
{
	if (!k->sites)
		k->sites = map_at(k, SYSGATE_MAP_SITES, k->info.sites_max * sizeof(*k->sites));
	return k->sites ? kmod_read_sites(s, k->fd, k->sites, c) : -errno;
}

static int read_in_flight(const struct kmod *k, uint64_t now_ns, struct snapshot *s)
{
	struct sysgate_in_flight_list list = { .max = k->info.stamps_max };
	_cleanup_free_ struct sysgate_in_flight *calls = calloc(list.max, sizeof(*calls));

	if (!calls)
		return -ENOMEM;
	list.calls = (uintptr_t)calls;
	if (ioctl(k->fd, SYSGATE_IN_FLIGHT, &list))
		return -errno;
	return kmod_read_in_flight(s, calls, list.count < list.max ? list.count : list.max, now_ns,
				   !k->config.count_only);
}

static void add_notes(const struct kmod *k, const struct sysgate_counters *c, struct snapshot *s)
{
	if (c->whos_full)
		snapshot_note(s,
			      "too many processes: those after the first 8,191 are not told apart");
	if (k->plan.points_count && k->plan.points[0].dispatcher)
		snapshot_note(s, "return probes see no call whose number is outside of the table");
	if (k->config.net)
		snapshot_note(s, "times are net: the probes' own part of each is taken off");
}

static int fill(struct kmod *k, struct snapshot *s)
{
	struct sysgate_counters before, c, after;
	uint64_t now;
	int ret = ioctl(k->fd, SYSGATE_COUNTERS, &before) ? -errno : 0;

	if (!ret)
		ret = read_cells(k, s);
	if (!ret && ioctl(k->fd, SYSGATE_COUNTERS, &c))
		ret = -errno;
	now = c.detached_ns ? c.detached_ns : c.now_ns;
	if (!ret)
		ret = read_in_flight(k, now, s);
	if (!ret)
		ret = kmod_before_add(&k->before, now - c.attached_ns, s);
	if (!ret && ioctl(k->fd, SYSGATE_COUNTERS, &after))
		ret = -errno;
	if (!ret && k->config.dims & (DIM_PROC | DIM_TASK))
		ret = read_procs(k, &after, s);
	if (!ret && k->config.dims & DIM_SITE)
		ret = read_sites(k, &after, s);
	if (ret)
		return ret;
	s->duration_ns = now - c.attached_ns;
	kmod_conserve(k->attached, &before, &c, &after, s);
	add_notes(k, &c, s);
	return 0;
}

static int take_snapshot(struct engine *en, struct snapshot **out, struct sg_error *e)
{
	struct kmod *k = (struct kmod *)en;
	struct snapshot *s = snapshot_new();
	int ret;

	if (!s)
		return sg_fail_errno(e, ENOMEM, "snapshot");
	engine_name_machine(s);
	snprintf(s->engine, sizeof(s->engine), "kmod");
	snprintf(s->attach, sizeof(s->attach), "%s", plan_attach_name(k->plan.attach));
	s->gate_known = true;
	s->exit_known = !k->config.count_only;
	s->wait_known = k->config.wait;
	s->dims = k->config.dims;
	s->start_ns = k->start_real_ns;
	s->per_call_ns = k->per_call_ns;
	s->inside_latency_ns = k->config.count_only ? -1 : k->inside_ns;
	snprintf(s->overhead_how, sizeof(s->overhead_how), "calibrated at start");
	ret = fill(k, s);
	if (ret) {
		snapshot_free(s);
		return sg_fail_errno(e, -ret, "%s: cannot read it", MODULE_DEVICE);
	}
	snapshot_sort(s);
	*out = s;
	return 0;
}

static int fd(struct engine *en)
{
	(void)en;
	return -1;
}

static int period_ms(struct engine *en)
{
	(void)en;
	return -1;
}

const struct engine_ops engine_kmod = {
	.name = "kmod",
	.summary = "a kernel module: everything, at a tenth of the price",
	.check = check,
	.open = open_kmod,
	.attach = attach,
	.detach = detach,
	.pump = pump,
	.snapshot = take_snapshot,
	.fd = fd,
	.period_ms = period_ms,
	.close = close_kmod,
};
