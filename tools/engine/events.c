// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The engine that needs no module and no kprobes: raw_syscalls through a tracefs instance of its
 * own, read as binary pages, paired in user space. Where the kernel has probe events they bring
 * the gate.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "engine/clock.h"
#include "engine/engine.h"
#include "engine/extras.h"
#include "engine/gateprobe.h"
#include "engine/ring.h"
#include "target/machine.h"
#include "target/process.h"

#define BUFFER_DEFAULT (16UL << 20) /* a CPU: a tenth of a second of the densest storm */
#define BUFFER_SHARE   16	    /* of the machine's memory, for all CPUs together: a 16th */
#define PERIOD_MIN_MS  2
#define PERIOD_MAX_MS  64
#define NSEC	       1000000000ULL
/* /proc/self/ns/pid of the pid namespace that the kernel itself counts in. */
#define PID_NS_INITIAL 0xeffffffcUL

struct events {
	struct engine base;
	struct engine_config config;
	struct tracing_instance tracing;
	struct tep_handle *tep;
	struct decoder *decoder;
	struct pair pair;
	bool pair_ready;
	struct ring ring;
	int *stats; /* by CPU: its per_cpu/cpuN/stats, open, since privileges may go; -1: none */
	struct trace_clock clock;
	struct gates gates;
	const struct gate_probe *probe;
	bool defined[GATE_POINTS];
	char gate_why[512];
	size_t buffer_pages; /* a CPU */
	int period_ms;
	int nice; /* ours before the attach */
	bool attached;
	uint64_t start_real_ns, start_ns, stop_ns; /* the latter two CLOCK_MONOTONIC */
	uint64_t start_ts, stop_ts; /* the trace clock at the attach and at the detach */
};

/* Events of a task's life, which every way of attaching needs. */
static const struct {
	const char *system, *event;
	enum role role;
} life_events[] = {
	{ "task", "task_newtask", ROLE_FORK },
	{ "sched", "sched_process_exec", ROLE_EXEC },
	{ "sched", "sched_process_exit", ROLE_TASK_EXIT },
};

static uint64_t clock_ns(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return (uint64_t)t.tv_sec * NSEC + (uint64_t)t.tv_nsec;
}

static bool initial_pid_namespace(void)
{
	struct stat st;

	return stat("/proc/self/ns/pid", &st) || st.st_ino == PID_NS_INITIAL;
}

static void check(struct engine_check *out)
{
	struct machine m = { 0 };
	struct sg_error e = { 0 };
	const char *dir;
	char path[128];

	/* The directories are there then, and empty. */
	machine_read_loading(&m, "");
	if (machine_tracing_locked(&m)) {
		engine_refuse(out, "lockdown is confidentiality: no tracing",
			      "boot with lockdown=integrity");
		return;
	}
	if (tracing_reach(&dir, &e)) {
		engine_refuse(out, e.text, e.hint);
		return;
	}
	snprintf(path, sizeof(path), "%s/events/raw_syscalls/sys_enter", dir);
	if (access(path, F_OK)) {
		engine_refuse(out, "this kernel has no raw_syscalls events",
			      "it needs CONFIG_FTRACE_SYSCALLS");
		return;
	}
	if (!initial_pid_namespace()) {
		engine_refuse(out,
			      "this is a pid namespace of its own, in which the kernel's pids mean "
			      "nothing",
			      "run it on the host");
		return;
	}
	out->works = true;
	snprintf(out->why, sizeof(out->why), "raw_syscalls through tracefs");
}

/* ---- opening ---- */

static size_t buffer_size(size_t asked)
{
	long cpus = sysconf(_SC_NPROCESSORS_CONF), page = sysconf(_SC_PAGESIZE);
	unsigned long long memory =
		(unsigned long long)sysconf(_SC_PHYS_PAGES) * (unsigned long long)page;
	size_t share = (size_t)(memory / BUFFER_SHARE / (unsigned long long)(cpus > 0 ? cpus : 1));
	size_t size = asked ? asked : BUFFER_DEFAULT;

	if (!asked && size > share)
		size = share;
	return size < 4096 ? 4096 : size;
}

static int set_up_buffer(struct events *ev, struct sg_error *e)
{
	size_t size = buffer_size(ev->config.buffer_bytes);
	char text[32];
	int ret;

	snprintf(text, sizeof(text), "%zu", (size + 1023) / 1024);
	ret = tracing_write(&ev->tracing, "buffer_size_kb", text, e);
	if (ret) {
		sg_hint(e, "a smaller --buffer may fit");
		return ret;
	}
	ev->buffer_pages = size / 4096 + 1;
	/* The names of tasks that the kernel would keep are not used: /proc and exec tell them. */
	tracefs_instance_file_write(ev->tracing.instance, "options/record-cmd", "0");
	ev->clock = clock_choose();
	ret = tracing_write(&ev->tracing, "trace_clock", ev->clock.name, e);
	if (!ret)
		ret = tracing_write(&ev->tracing, "options/overwrite", "1", e);
	if (!ret)
		ret = tracing_write(&ev->tracing, "options/event-fork", "1", e);
	return ret;
}

static int add_source(struct events *ev, const char *system, const char *event, enum role role,
		      int abi, struct sg_error *e)
{
	_cleanup_free_ char *format =
		tracefs_event_file_read(ev->tracing.instance, system, event, "format", NULL);

	if (!format) {
		sg_fail(e, ENOTSUP, "this kernel has no event '%s:%s'", system, event);
		return -ENOTSUP;
	}
	return decoder_add(ev->decoder, ev->tep, system, event, format, role, abi, e);
}

static int add_sources(struct events *ev, struct sg_error *e)
{
	const struct gate_probe *probe = ev->probe;
	int ret = 0;

	for (size_t i = 0; i < ARRAY_SIZE(life_events) && !ret; i++)
		ret = add_source(ev, life_events[i].system, life_events[i].event,
				 life_events[i].role, 0, e);
	for (size_t i = 0; i < GATE_POINTS && !ret; i++)
		if (ev->defined[i])
			ret = add_source(ev, ev->tracing.group, probe->points[i].event,
					 probe->points[i].role, probe->points[i].abi, e);
	if (!ret && probe->raw_enter)
		ret = add_source(ev, "raw_syscalls", "sys_enter", ROLE_ENTER, 0, e);
	if (!ret && probe->raw_exit)
		ret = add_source(ev, "raw_syscalls", "sys_exit", ROLE_EXIT, 0, e);
	if (!ret && probe->enter_filter &&
	    tracefs_event_file_write(ev->tracing.instance, "raw_syscalls", "sys_enter", "filter",
				     probe->enter_filter) < 0)
		ret = sg_fail_errno(e, errno, "cannot filter raw_syscalls:sys_enter");
	return ret;
}

static int set_up_probes(struct events *ev, struct sg_error *e)
{
	const char *want = ev->config.gate_probe;
	struct sg_error reason = { 0 };

	if (gates_read(&ev->gates, NULL, &reason)) {
		if (want && strcmp(want, "auto") && strcmp(want, "none")) {
			*e = reason;
			return -ENOTSUP;
		}
		snprintf(ev->gate_why, sizeof(ev->gate_why), "%s", reason.text);
		ev->probe = &gate_probe_none;
		return 0;
	}
	return gate_probe_define(&ev->tracing, want, &ev->probe, ev->defined, ev->gate_why,
				 sizeof(ev->gate_why), e);
}

/* A CPU's file, or -1 where the kernel has none of it. 0 or -errno. */
static int open_cpu_file(struct events *ev, int cpu, const char *name, int flags, int *fd,
			 struct sg_error *e)
{
	char file[64];

	snprintf(file, sizeof(file), "per_cpu/cpu%d/%s", cpu, name);
	*fd = tracefs_instance_file_open(ev->tracing.instance, file, O_RDONLY | O_CLOEXEC | flags);
	return *fd < 0 && errno != ENOENT ? sg_fail_errno(e, errno, "cannot open '%s'", file) : 0;
}

static int open_cpus(struct events *ev, size_t long_size, struct sg_error *e)
{
	const struct ring_sink sink = { decoder_run, decoder_gap, ev->decoder };
	int ret, cpus = (int)sysconf(_SC_NPROCESSORS_CONF);

	ret = ring_init(&ev->ring, (size_t)cpus, 4096, long_size, &sink);
	ev->stats = ret ? NULL : malloc((size_t)cpus * sizeof(*ev->stats));
	if (!ev->stats)
		return sg_fail_errno(e, ENOMEM, "trace buffers");
	memset(ev->stats, -1, (size_t)cpus * sizeof(*ev->stats));
	for (int i = 0; i < cpus && !ret; i++) {
		int fd;

		ret = open_cpu_file(ev, i, "trace_pipe_raw", O_NONBLOCK, &fd, e);
		if (!ret)
			ring_add_cpu(&ev->ring, fd);
		if (!ret)
			ret = open_cpu_file(ev, i, "stats", 0, &ev->stats[i], e);
	}
	return ret;
}

/* The format of a page; what the kernel says of it is checked against what ring.h knows. */
static int read_page_format(struct events *ev, size_t *long_size, struct sg_error *e)
{
	int size = 0;
	_cleanup_free_ char *text = tracefs_instance_file_read(NULL, "events/header_page", &size);

	if (!text || tep_parse_header_page(ev->tep, text, (unsigned long)size, sizeof(long)))
		return sg_fail(e, EPROTO, "cannot parse tracefs's 'events/header_page'");
	*long_size = (size_t)tep_get_header_page_size(ev->tep);
	if (*long_size != 4 && *long_size != 8)
		return sg_fail(e, EPROTO, "trace pages have an unknown layout");
	return 0;
}

/* What is picked by a gate that nobody knows is nothing, which would look like an answer. */
static int refuse_gates(const struct events *ev, struct sg_error *e)
{
	if (ev->probe != &gate_probe_none || !callset_needs_gate(ev->config.calls))
		return 0;
	sg_fail(e, ENOTSUP, "calls cannot be picked by gate with engine events: %s", ev->gate_why);
	sg_hint(e, "-e abi:i386 picks those of 32-bit programs");
	return -ENOTSUP;
}

static int open_all(struct events *ev, struct sg_error *e)
{
	struct pair_options options = { .filter = ev->config.filter,
					.dims = ev->config.dims,
					.cells_max = ev->config.cells_max,
					.merge_procs = ev->config.merge_procs };
	size_t long_size = sizeof(long);
	int ret = tracing_instance_open(&ev->tracing, ev->config.say, e);

	if (!ret)
		ret = set_up_buffer(ev, e);
	if (!ret)
		ret = set_up_probes(ev, e);
	if (!ret)
		ret = refuse_gates(ev, e);
	if (ret)
		return ret;
	options.gates = ev->gates.count ? &ev->gates : NULL;
	options.gate_late = ev->probe->late;
	options.abi_by_dispatch = ev->probe->enter_filter != NULL;
	options.mult = ev->clock.mult;
	options.shift = ev->clock.shift;
	ret = pair_init(&ev->pair, &options);
	if (ret)
		return sg_fail_errno(e, -ret, "pairing");
	ev->pair_ready = true;
	decoder_init(ev->decoder, &ev->pair);
	ret = read_page_format(ev, &long_size, e);
	if (!ret)
		ret = add_sources(ev, e);
	if (!ret)
		ret = open_cpus(ev, long_size, e);
	return ret;
}

static void close_events(struct engine *en);

/* Its cells are of processes: of a task it knows no more than the call that it is in. */
static int refuse_extras(const struct engine_config *c, struct sg_error *e)
{
	const char *extra = c->dims & DIM_TASK ? "-b task" : extras_asked(c);

	if (!extra)
		return 0;
	sg_fail(e, ENOTSUP, "'%s' is not possible with engine events", extra);
	sg_hint(e, "try --engine kmod");
	return -ENOTSUP;
}

static int open_events(struct engine **out, const struct engine_config *c, struct sg_error *e)
{
	int ret = refuse_extras(c, e);
	struct events *ev;

	if (ret)
		return ret;
	ev = calloc(1, sizeof(*ev));
	if (!ev)
		return sg_fail_errno(e, ENOMEM, "engine events");
	ev->base.ops = &engine_events;
	ev->config = *c;
	ev->tracing.lock = -1;
	ev->period_ms = PERIOD_MIN_MS;
	ev->tep = tep_alloc();
	ev->decoder = malloc(sizeof(*ev->decoder));
	ret = ev->tep && ev->decoder ? open_all(ev, e) : sg_fail_errno(e, ENOMEM, "engine events");
	if (ret) {
		close_events(&ev->base);
		return ret;
	}
	*out = &ev->base;
	return 0;
}

/* ---- attaching ---- */

/* Turns on or off every event of these roles. 0 or -errno. */
static int switch_events(struct events *ev, unsigned int roles, bool on, struct sg_error *e)
{
	struct tracefs_instance *in = ev->tracing.instance;
	int (*turn)(struct tracefs_instance *, const char *, const char *) =
		on ? tracefs_event_enable : tracefs_event_disable;
	const struct gate_probe *probe = ev->probe;
	int bad = 0;

	for (size_t i = 0; i < ARRAY_SIZE(life_events); i++)
		if (roles & 1U << life_events[i].role)
			bad |= turn(in, life_events[i].system, life_events[i].event);
	if (probe->raw_exit && roles & 1U << ROLE_EXIT)
		bad |= turn(in, "raw_syscalls", "sys_exit");
	for (size_t i = 0; i < GATE_POINTS; i++)
		if (ev->defined[i] && roles & 1U << probe->points[i].role)
			bad |= turn(in, ev->tracing.group, probe->points[i].event);
	if (probe->raw_enter && roles & 1U << ROLE_ENTER)
		bad |= turn(in, "raw_syscalls", "sys_enter");
	return bad ? sg_fail_errno(e, errno ? errno : EIO, "cannot turn events %s",
				   on ? "on" : "off")
		   : 0;
}

#define LIFE_ROLES  (1U << ROLE_FORK | 1U << ROLE_EXEC | 1U << ROLE_TASK_EXIT)
#define EXIT_ROLES  (1U << ROLE_EXIT | 1U << ROLE_GATE)
#define ENTRY_ROLES (1U << ROLE_ENTER | 1U << ROLE_DISPATCH)

static bool print_tid(pid_t tgid, pid_t tid, void *data)
{
	(void)tgid;
	fprintf(data, "%d\n", tid);
	return true;
}

/* Confines the events to the asked processes; their children are followed by event-fork. */
static int set_pids(struct events *ev, struct sg_error *e)
{
	const struct engine_filter *f = &ev->config.filter;
	char *text = NULL;
	size_t size;
	FILE *list = open_memstream(&text, &size);
	int ret = 0;

	if (!list)
		return sg_fail_errno(e, ENOMEM, "list of tasks");
	for (size_t i = 0; i < f->pids_count && !ret; i++) {
		ret = process_each_task(f->pids[i], print_tid, list);
		if (ret)
			sg_fail(e, ESRCH, "no process has the id %d", f->pids[i]);
	}
	if (fclose(list) && !ret)
		ret = sg_fail_errno(e, ENOMEM, "list of tasks");
	if (!ret && tracefs_instance_file_append(ev->tracing.instance, "set_event_pid", text) < 0)
		ret = sg_fail_errno(e, errno, "cannot write 'set_event_pid' of tracefs");
	free(text);
	return ret;
}

/* What a task is: its process and its ABI. */
static bool know(pid_t tgid, pid_t tid, void *data)
{
	struct events *ev = data;

	if (!process_is_kernel(tgid))
		pair_before(&ev->pair, tid, -1, 0);
	return true;
}

/* What it is in since before the attach. */
static bool note_before(pid_t tgid, pid_t tid, void *data)
{
	struct events *ev = data;

	if (!process_is_kernel(tgid))
		pair_before(&ev->pair, tid, process_in_call(tgid, tid), ev->start_ts);
	return true;
}

/* Every task that is to be counted and is there already. */
static void each_task(struct events *ev, process_fn visit)
{
	const struct engine_filter *f = &ev->config.filter;

	for (size_t i = 0; i < f->pids_count; i++)
		process_each_task(f->pids[i], visit, ev);
	if (!f->pids_count)
		process_each_task(0, visit, ev);
}

static int read_stats(struct events *ev, size_t cpu, uint64_t *lost, uint64_t *now);

static int attach(struct engine *en, struct sg_error *e)
{
	struct events *ev = (struct events *)en;
	uint64_t lost = 0;
	int ret = 0;

	/* Twice: a thread that was made while the first list was written is on the second. */
	for (int i = 0; i < 2 && !ret && ev->config.filter.pids_count; i++)
		ret = set_pids(ev, e);
	/*
	 * Without asked processes nothing is filtered in the kernel: set_event_notrace_pid would
	 * cost each event sixty instructions to leave out the collector's own few.
	 */
	if (!ev->config.filter.pids_count && !ev->config.filter.self)
		pair_ignore(&ev->pair, getpid());
	if (!ret)
		ret = switch_events(ev, LIFE_ROLES, true, e);
	if (!ret)
		ret = switch_events(ev, EXIT_ROLES, true, e);
	if (ret)
		return ret;
	/* Forks and execs are seen already: whoever makes a call is one of these or their child. */
	each_task(ev, know);
	ret = switch_events(ev, ENTRY_ROLES, true, e);
	if (ret)
		return ret;
	ev->attached = true;
	ev->start_real_ns = clock_ns(CLOCK_REALTIME);
	ev->start_ns = clock_ns(CLOCK_MONOTONIC);
	read_stats(ev, 0, &lost, &ev->start_ts);
	each_task(ev, note_before);
	/* A reader that waits behind those whom it reads would lose what they do. */
	ev->nice = getpriority(PRIO_PROCESS, 0);
	setpriority(PRIO_PROCESS, 0, -20);
	return 0;
}

static void detach(struct engine *en)
{
	struct events *ev = (struct events *)en;
	uint64_t lost = 0;

	if (!ev->attached)
		return;
	ev->attached = false;
	/* What is entered between here and the last switch would have an exit alone: not counted.
	 */
	if (read_stats(ev, 0, &lost, &ev->stop_ts) || !ev->stop_ts)
		ev->stop_ts = UINT64_MAX;
	ev->stop_ns = clock_ns(CLOCK_MONOTONIC);
	switch_events(ev, ENTRY_ROLES, false, NULL);
	switch_events(ev, EXIT_ROLES, false, NULL);
	switch_events(ev, LIFE_ROLES, false, NULL);
	setpriority(PRIO_PROCESS, 0, ev->nice);
}

/* ---- reading ---- */

/* Adds what the CPU's buffer lost to *lost; sets *now to the trace clock. */
static int read_stats(struct events *ev, size_t cpu, uint64_t *lost, uint64_t *now)
{
	char text[1024];
	ssize_t n = pread(ev->stats[cpu], text, sizeof(text) - 1, 0);

	if (n <= 0)
		return -EIO;
	text[n] = '\0';
	tracing_parse_stats(text, lost, now);
	return 0;
}

/* Reads more often while much comes in, less often while little does: each time has its price. */
static void adapt_period(struct events *ev, int pages)
{
	size_t full = ev->buffer_pages, got = (size_t)pages;

	if (2 * got > full)
		ev->period_ms = PERIOD_MIN_MS;
	else if (8 * got > full && ev->period_ms > PERIOD_MAX_MS / 4)
		ev->period_ms = PERIOD_MAX_MS / 4;
	else if (16 * got < full && ev->period_ms < PERIOD_MAX_MS)
		ev->period_ms *= 2;
}

static int pump(struct engine *en, struct sg_error *e)
{
	struct events *ev = (struct events *)en;
	uint64_t lost = 0, now = ev->stop_ts;
	int pages;

	/* What was recorded before now is there to be read; what is later waits its turn. */
	if (ev->attached && read_stats(ev, 0, &lost, &now))
		return sg_fail(e, EIO, "cannot read 'per_cpu/cpu0/stats' of tracefs");
	pages = ring_read(&ev->ring, 2 * ev->buffer_pages, e);
	if (pages < 0)
		return pages;
	adapt_period(ev, pages);
	ring_merge(&ev->ring, now);
	return 0;
}

static void add_notes(const struct events *ev, struct snapshot *s)
{
	char text[1024];

	if (ev->pair.tasks.procs_count == TASKS_PROCS_MAX)
		snapshot_note(
			s, "too many processes: those after the first 65,535 are not told apart");
	if (ev->pair.procs_full)
		snapshot_note(s, "too many processes: later ones are counted as not known");
	if (s->gate_known)
		return;
	snprintf(text, sizeof(text), "gate unknown (%s)", ev->gate_why);
	snapshot_note(s, text);
	snapshot_note(s,
		      "ABI by each program's ELF class: a 64-bit program's int 0x80 cannot be told "
		      "from its other calls on this kernel");
}

static int take_snapshot(struct engine *en, struct snapshot **out, struct sg_error *e)
{
	struct events *ev = (struct events *)en;
	uint64_t lost = 0, now = 0;
	struct snapshot *s;
	int ret = pump(en, e);

	if (ret)
		return ret;
	s = snapshot_new();
	if (!s)
		return sg_fail_errno(e, ENOMEM, "snapshot");
	engine_name_machine(s);
	snprintf(s->engine, sizeof(s->engine), "events");
	snprintf(s->attach, sizeof(s->attach), "%s",
		 ev->probe == &gate_probe_none ? "raw_syscalls" : ev->probe->name);
	s->gate_known = ev->probe != &gate_probe_none;
	s->start_ns = ev->start_real_ns;
	s->duration_ns = (ev->attached ? clock_ns(CLOCK_MONOTONIC) : ev->stop_ns) - ev->start_ns;
	add_notes(ev, s);
	for (size_t i = 0; i < ev->ring.cpus_count; i++)
		read_stats(ev, i, &lost, &now);
	ret = pair_snapshot(&ev->pair, ev->attached ? now : ev->stop_ts, s);
	if (ret) {
		snapshot_free(s);
		return sg_fail_errno(e, -ret, "snapshot");
	}
	s->loss.ring_lost = lost;
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
	return ((struct events *)en)->period_ms;
}

static void close_events(struct engine *en)
{
	struct events *ev = (struct events *)en;

	if (!ev)
		return;
	detach(en);
	for (size_t i = 0; ev->stats && i < ev->ring.cpus_count; i++)
		if (ev->stats[i] >= 0)
			close(ev->stats[i]);
	free(ev->stats);
	ring_fini(&ev->ring);
	tracing_instance_close(&ev->tracing);
	if (ev->pair_ready)
		pair_fini(&ev->pair);
	if (ev->tep)
		tep_free(ev->tep);
	free(ev->decoder);
	free(ev);
}

const struct engine_ops engine_events = {
	.name = "events",
	.summary = "raw_syscalls through tracefs: no module, no compiler, no kprobes",
	.check = check,
	.open = open_events,
	.attach = attach,
	.detach = detach,
	.pump = pump,
	.snapshot = take_snapshot,
	.fd = fd,
	.period_ms = period_ms,
	.close = close_events,
};
