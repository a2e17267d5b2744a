// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The engine that counts by a script of SystemTap's: it writes the script, has SystemTap build its
 * module, has staprun load it, and reads what it prints when it is asked to.
 */
#include "engine/stap.h"

#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "engine/clock.h"
#include "engine/kmod.h"
#include "engine/kmod_before.h"
#include "target/files.h"
#include "target/module_internal.h"
#include "target/stap_build.h"
#include "target/stap_script.h"

#define NSEC	 1000000000ULL
#define START_MS 120000 /* kprobes on an emulated machine take their time */
#define DUMP_MS	 10000
#define AGAIN_MS 2000
#define TRIES	 3 /* of a dump that was not whole */
#define LOOK_MS	 20

struct stap {
	struct engine base;
	struct engine_config config;
	struct stap_script script;
	char path[PATH_MAX]; /* of the module */
	struct stap_run run;
	struct stap_reader reader;
	struct kmod_before before;
	bool attached, told; /* told: that SystemTap ended it */
	bool stopped;
	uint64_t start_real_ns;
};

static uint64_t clock_ns(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return (uint64_t)t.tv_sec * NSEC + (uint64_t)t.tv_nsec;
}

/* ---- can it run here? ---- */

static bool is_member(const char *name)
{
	const struct group *group = getgrnam(name);
	gid_t groups[256];
	int n = getgroups(ARRAY_SIZE(groups), groups);

	for (int i = 0; group && i < n; i++)
		if (groups[i] == group->gr_gid)
			return true;
	return false;
}

/*
 * SystemTap 4.4 and before reach their modules through debugfs, as who runs staprun; where that one may
 * not enter it the module would be loaded and stay, since only root can remove it.
 */
static int check_reach(const char *module, struct sg_error *e)
{
	static const char debugfs[] = "/sys/kernel/debug", made_there[] = "debugfs_create_dir";

	if (!geteuid() || !access(debugfs, X_OK) ||
	    !file_has(module, made_there, sizeof(made_there)))
		return 0;
	sg_fail(e, EPERM,
		"this SystemTap reaches its modules through debugfs, which only root may enter");
	sg_hint(e, "run as root, or, as root: mount -o remount,mode=755 %s", debugfs);
	return -EPERM;
}

static int check_staprun(const char *release, struct sg_error *e)
{
	char program[160], group[33];
	struct sg_error hint = { 0 };

	if (module_program("staprun", program, sizeof(program)))
		return 0;
	if (module_program_withheld("staprun", group, sizeof(group))) {
		sg_fail(e, EPERM, "staprun, which loads its modules, is for root and the group %s",
			group);
		if (strcmp(group, "root"))
			sg_hint(e, "run as root, or: adduser USER %s", group);
		else
			sg_hint(e, "run as root");
		return -EPERM;
	}
	stap_can_build(release, &hint);
	sg_fail(e, ENOENT, "there is no staprun, which loads its modules");
	sg_hint(e, "%s", hint.hint[0] ? hint.hint : "install systemtap-runtime");
	return -ENOENT;
}

/* What staprun needs; what building needs matters only where nothing is kept. */
static int check_loading(const char *kept, struct sg_error *e)
{
	struct utsname u;
	int ret;

	uname(&u);
	if (geteuid() && !is_member("stapdev")) {
		sg_fail(e, EPERM, "it needs root, or a member of the group stapdev");
		sg_hint(e, "run as root, or: adduser USER stapdev");
		return -EPERM;
	}
	ret = check_staprun(u.release, e) ?: module_kernel_loads(e) ?: module_can_load_file(kept, e);
	return ret || !kept ? ret : check_reach(kept, e);
}

static void check(struct engine_check *out)
{
	struct sg_error e = { 0 };
	struct utsname u;
	char kept[PATH_MAX];
	bool is_kept;

	uname(&u);
	is_kept = stap_kept_any(u.release, kept, sizeof(kept));
	if (check_loading(is_kept ? kept : NULL, &e) ||
	    (!is_kept && stap_can_build(u.release, &e))) {
		engine_refuse(out, e.text, e.hint);
		return;
	}
	out->works = true;
	out->slow = !is_kept;
	if (is_kept)
		snprintf(out->why, sizeof(out->why), "a script of SystemTap's");
	else
		snprintf(out->why, sizeof(out->why),
			 "a script of SystemTap's, to be built first: that takes a minute");
	snprintf(out->enable, sizeof(out->enable), "%s",
		 is_kept ? "" : "sysgate build --engine stap");
}

/* ---- opening ---- */

static int refuse_asked(const struct engine_config *c, struct sg_error *e)
{
	const char *what = c->wait ? "--wait" : c->net ? "--net" : NULL;

	if (!what)
		return 0;
	sg_fail(e, ENOTSUP, "engine stap cannot do %s", what);
	sg_hint(e, "--engine kmod can");
	return -ENOTSUP;
}

static int find_cgroups(const struct engine_filter *f, uint64_t *ids, struct sg_error *e)
{
	for (size_t i = 0; i < f->cgroups_count; i++) {
		int ret = kmod_cgroup_id(f->cgroups[i], &ids[i]);

		if (ret == -ENOENT)
			return sg_fail(e, EINVAL, "no cgroup '%s' below /sys/fs/cgroup",
				       f->cgroups[i]);
		if (ret)
			return sg_fail_errno(e, -ret, "cannot use cgroup '%s'", f->cgroups[i]);
	}
	return 0;
}

/* What is asked in the script's words. It is always by errno: that costs nothing. */
static int make_script(struct stap *s, struct sg_error *e)
{
	const struct engine_config *c = &s->config;
	const struct engine_filter *f = &c->filter;
	struct stap_ask ask = { .attach = c->attach,
				.fast = c->fast,
				.calls = c->calls,
				.names = c->names,
				.by_errno = true,
				.by_process = c->dims & DIM_PROC,
				.by_task = c->dims & DIM_TASK,
				.count_only = c->count_only,
				.uids = f->uids,
				.uids_count = f->uids_count,
				.comms = f->comms,
				.comms_count = f->comms_count,
				.cgroups_count = f->cgroups_count };
	_cleanup_free_ uint64_t *cgroups = calloc(f->cgroups_count + 1, sizeof(*cgroups));
	int ret;

	if (!cgroups)
		return sg_fail_errno(e, ENOMEM, "engine stap");
	ask.cgroups = cgroups;
	ret = find_cgroups(f, cgroups, e);
	return ret ? ret : stap_script_make(&s->script, &ask, e);
}

static void print_other(const char *line, void *data)
{
	const struct stap *s = data;

	if (s->config.say)
		s->config.say(line);
}

static void close_stap(struct engine *en);

static int open_stap(struct engine **out, const struct engine_config *c, struct sg_error *e)
{
	struct stap *s = calloc(1, sizeof(*s));
	struct stap_job job = { .say = c->say, .kept_only = c->quick };
	struct utsname u;
	int ret;

	if (!s)
		return sg_fail_errno(e, ENOMEM, "engine stap");
	s->base.ops = &engine_stap;
	s->config = *c;
	s->run.out = s->run.err = -1;
	s->reader.other = print_other;
	s->reader.data = s;
	uname(&u);
	ret = refuse_asked(c, e);
	if (!ret)
		ret = c->script ? stap_script_read(&s->script, c->script, c->fast, e)
				: make_script(s, e);
	job.text = s->script.text;
	job.size = s->script.size;
	job.guru = s->script.fast;
	job.release = u.release;
	if (!ret)
		ret = stap_obtain(&job, s->path, sizeof(s->path), e) ?: check_reach(s->path, e);
	if (ret) {
		close_stap(&s->base);
		return ret;
	}
	*out = &s->base;
	return 0;
}

static void close_stap(struct engine *en)
{
	struct stap *s = (struct stap *)en;

	if (!s)
		return;
	stap_run_close(&s->run);
	stap_reader_fini(&s->reader);
	kmod_before_fini(&s->before);
	stap_script_fini(&s->script);
	free(s);
}

/* ---- attaching ---- */

/* staprun, or the script, ended before it was asked to: with its own words. */
static int ended(struct stap *s, struct sg_error *e)
{
	char words[400];

	stap_run_words(&s->run, words, sizeof(words));
	sg_fail(e, EIO, "SystemTap does not run the script: %s",
		words[0] ? words : "staprun ended and said nothing");
	sg_hint(e, "run it by hand to see more: staprun -v %.300s", s->path);
	return -EIO;
}

/*
 * Asks until a new dump is there. -ETIMEDOUT; -EIO: it has ended. SystemTap drops what is asked while it
 * still registers probes: the file is there before that is over. So one asks again where nothing comes.
 */
static int get_dump(struct stap *s, int ms, struct sg_error *e)
{
	uint64_t end = clock_ns(CLOCK_MONOTONIC) + (uint64_t)ms * 1000000;
	unsigned long whole = s->reader.whole, lost = s->reader.lost;
	uint64_t again = 0, now;
	int ret = 0, tries = 0;

	while (!ret && s->reader.whole == whole) {
		now = clock_ns(CLOCK_MONOTONIC);
		if (now >= again && !s->reader.within && !stap_run_ask(&s->run, "dump"))
			again = now + (uint64_t)AGAIN_MS * 1000000;
		stap_run_wait(&s->run, LOOK_MS);
		ret = stap_run_pump(&s->run, &s->reader);
		if (ret)
			return sg_fail_errno(e, -ret, "cannot read what the script prints");
		if (s->run.ended && s->reader.whole == whole)
			return ended(s, e);
		if (s->reader.lost != lost) {
			lost = s->reader.lost;
			again = 0;
			ret = ++tries < TRIES ? 0 : -ETIMEDOUT;
		}
		if (now > end)
			ret = -ETIMEDOUT;
	}
	return ret ? sg_fail_errno(e, -ret, "the script prints no whole answer") : 0;
}

static int join_pids(const struct engine_filter *f, char *text, size_t size, struct sg_error *e)
{
	size_t n = (size_t)snprintf(text, size, "asked=");

	for (size_t i = 0; i < f->pids_count && n < size; i++)
		n += (size_t)snprintf(text + n, size - n, "%s%d", i ? "," : "", f->pids[i]);
	/* SystemTap's strings have an end: MAXSTRINGLEN. */
	return n >= size ? sg_fail(e, EINVAL, "too many --pid for a script") : 0;
}

static int attach(struct engine *en, struct sg_error *e)
{
	struct stap *s = (struct stap *)en;
	const struct engine_filter *f = &s->config.filter;
	char asked[480], collector[32];
	const char *params[5] = { collector };
	size_t n = 1;
	int ret = join_pids(f, asked, sizeof(asked), e);

	if (ret)
		return ret;
	snprintf(collector, sizeof(collector), "collector=%d", getpid());
	if (f->pids_count)
		params[n++] = asked;
	if (clock_kernel_uses_tsc())
		params[n++] = "kernel_tsc=1";
	if (f->self)
		params[n++] = "itself=1";
	ret = stap_run_open(&s->run, s->path, params, s->config.say, e);
	if (!ret)
		ret = get_dump(s, START_MS, e);
	if (ret)
		return ret;
	s->attached = true;
	s->start_real_ns = clock_ns(CLOCK_REALTIME);
	return kmod_before_note(&s->before, f, e);
}

static void tell_end(struct stap *s)
{
	char words[400], text[512];

	if (s->told)
		return;
	s->told = true;
	stap_run_words(&s->run, words, sizeof(words));
	snprintf(text, sizeof(text), "SystemTap ended the script, and the counts end there: %s",
		 words[0] ? words : "it does not say why");
	if (s->config.say)
		s->config.say(text);
}

/* Its last dump is printed as it ends. One that cannot be told to end has ended by itself. */
static void detach(struct engine *en)
{
	struct stap *s = (struct stap *)en;
	uint64_t end = clock_ns(CLOCK_MONOTONIC) + (uint64_t)DUMP_MS * 1000000;
	bool gone = s->run.ended;
	int ret = 0;

	if (!s->attached)
		return;
	s->attached = false;
	s->stopped = true;
	if (!gone)
		gone = stap_run_ask(&s->run, "stop");
	while (!ret && !s->run.ended && clock_ns(CLOCK_MONOTONIC) < end) {
		stap_run_wait(&s->run, LOOK_MS);
		ret = stap_run_pump(&s->run, &s->reader);
	}
	/* It ends by its first error; it may do so just now. */
	if (gone || (s->reader.last && s->reader.last->counters[1].errors))
		tell_end(s);
}

static int pump(struct engine *en, struct sg_error *e)
{
	struct stap *s = (struct stap *)en;
	int ret;

	if (s->run.ended)
		return 0;
	ret = stap_run_pump(&s->run, &s->reader);
	if (ret)
		return sg_fail_errno(e, -ret, "cannot read what the script prints");
	if (s->run.ended)
		tell_end(s);
	return 0;
}

/* ---- reading ---- */

static void add_notes(const struct stap *s, const struct stap_counters *c, struct snapshot *to)
{
	if (c->kernel.whos_full)
		snapshot_note(to,
			      "too many processes: those after the first 8,191 are not told apart");
	if (s->script.dispatched)
		snapshot_note(to, "return probes see no call whose number is outside of the table");
}

static int fill(struct stap *s, const struct stap_dump *d, struct snapshot *to)
{
	uint64_t since = stap_dump_now(d) - d->counters[1].kernel.attached_ns;
	int ret = stap_dump_add(d, s->config.dims & (DIM_PROC | DIM_TASK), to);

	if (!ret)
		ret = kmod_before_add(&s->before, since, to);
	to->duration_ns = since;
	to->loss.stap_ended = s->told;
	add_notes(s, &d->counters[1], to);
	return ret;
}

static int take_snapshot(struct engine *en, struct snapshot **out, struct sg_error *e)
{
	struct stap *s = (struct stap *)en;
	int ret = s->run.ended || !s->attached ? 0 : get_dump(s, DUMP_MS, e);
	struct snapshot *to;

	/* One that ended meanwhile has printed its last one. */
	if (ret && !s->run.ended)
		return ret;
	if (s->run.ended && s->attached)
		tell_end(s);
	if (!s->reader.last)
		return ended(s, e);
	if (s->stopped && !s->told && !s->reader.last->counters[1].kernel.detached_ns) {
		sg_fail(e, EIO, "the script's last answer is not whole");
		sg_hint(e, "a shorter run, or fewer rows (-b), print less");
		return -EIO;
	}
	to = snapshot_new();
	if (!to)
		return sg_fail_errno(e, ENOMEM, "snapshot");
	engine_name_machine(to);
	snprintf(to->engine, sizeof(to->engine), "stap");
	snprintf(to->attach, sizeof(to->attach), "%s%s", s->script.attach,
		 s->script.fast ? ", fast" : "");
	to->gate_known = true;
	to->exit_known = !s->config.count_only;
	to->dims = s->config.dims | DIM_ERRNO;
	to->start_ns = s->start_real_ns;
	ret = fill(s, s->reader.last, to);
	if (ret) {
		snapshot_free(to);
		return sg_fail_errno(e, -ret, "cannot keep what the script printed");
	}
	snapshot_sort(to);
	*out = to;
	return 0;
}

static int fd(struct engine *en)
{
	const struct stap *s = (struct stap *)en;

	return s->run.ended ? -1 : s->run.out;
}

static int period_ms(struct engine *en)
{
	(void)en;
	return 500;
}

const struct engine_ops engine_stap = {
	.name = "stap",
	.summary = "a script of SystemTap's: the same rows, to be read and changed",
	.check = check,
	.open = open_stap,
	.attach = attach,
	.detach = detach,
	.pump = pump,
	.snapshot = take_snapshot,
	.fd = fd,
	.period_ms = period_ms,
	.close = close_stap,
};
