// SPDX-License-Identifier: GPL-2.0-or-later
#include "target/gatetime.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <x86intrin.h>

#include "base/cleanup.h"
#include "sysgate_abi.h"
#include "target/gatetime_abi.h"
#include "target/vdso.h"

#define NO_EXEC 100 /* the child's status where no program came to run; above: its errno */
#define SECONDS 20  /* that a helper may take */

#define OUTPUT_MAX (sizeof(struct gatetime_head) + 8UL * GATETIME_SAMPLES_MAX)

static const struct way {
	unsigned int width;
	int gate; /* UNKNOWN: as the 32-bit vDSO has it */
	bool without;
	const char *name; /* to the helper */
} ways[] = {
#ifdef __x86_64__
	{ 64, SYSGATE_GATE_SYSCALL, false, "syscall" },	 { 64, SYSGATE_GATE_INT80, false, "int80" },
	{ 64, SYSGATE_GATE_UNKNOWN, true, "vdso" },
#endif
	{ 32, SYSGATE_GATE_UNKNOWN, false, "vsyscall" }, { 32, SYSGATE_GATE_INT80, false, "int80" },
	{ 32, SYSGATE_GATE_UNKNOWN, true, "vdso" },
};

static int by_value(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

static uint32_t quantile(const uint32_t *sorted, uint32_t n, uint32_t percent, uint32_t off)
{
	uint32_t value = sorted[(uint64_t)(n - 1) * percent / 100];

	return value > off ? value - off : 0;
}

static void summarize(struct gatetime *g, uint32_t *clock, uint32_t *calls, uint32_t n)
{
	qsort(clock, n, sizeof(*clock), by_value);
	qsort(calls, n, sizeof(*calls), by_value);
	g->samples = n;
	g->clock = clock[0];
	g->min = quantile(calls, n, 0, g->clock);
	g->p50 = quantile(calls, n, 50, g->clock);
	g->p90 = quantile(calls, n, 90, g->clock);
	g->p99 = quantile(calls, n, 99, g->clock);
	g->max = quantile(calls, n, 100, g->clock);
	g->measured = true;
}

static int not_so(struct gatetime *g, const char *why)
{
	snprintf(g->why, sizeof(g->why), "%s", why);
	return -EPROTO;
}

int gatetime_parse(struct gatetime *g, const void *data, size_t size, int32_t expected)
{
	_cleanup_free_ uint32_t *clock = NULL;
	struct gatetime_head head;
	const uint8_t *at = data;
	uint32_t *calls;

	if (size < sizeof(head))
		return not_so(g, "the helper's answer is cut off");
	memcpy(&head, data, sizeof(head));
	if (head.magic != GATETIME_MAGIC || head.width != g->width || !head.samples ||
	    head.samples > GATETIME_SAMPLES_MAX)
		return not_so(g, "the helper is not this sysgate's");
	if (size != sizeof(head) + 8UL * head.samples)
		return not_so(g, "the helper's answer is cut off");
	/* What came back by a gate that does not work was not the time of the call. */
	if (head.mixed || head.returned != expected)
		return not_so(g, "the call did not return what it should");
	clock = calloc(2UL * head.samples, sizeof(*clock));
	if (!clock)
		return not_so(g, "out of memory");
	calls = clock + head.samples;
	at += sizeof(head);
	for (uint32_t i = 0; i < head.samples; i++, at += 8) {
		memcpy(&clock[i], at, 4);
		memcpy(&calls[i], at + 4, 4);
	}
	summarize(g, clock, calls, head.samples);
	return 0;
}

/* Beside the binary, as in a build, or where it was installed. */
static int helper_path(unsigned int width, char *path, size_t size)
{
	static const char *const places[] = { "%s/gatetime%u", "%s/../libexec/sysgate/gatetime%u" };
	char self[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	const char *dir;

	if (n < 0)
		return -errno;
	self[n] = '\0';
	dir = dirname(self);
	for (size_t i = 0; i < ARRAY_SIZE(places); i++)
		if (snprintf(path, size, places[i], dir, width) < (int)size && !access(path, X_OK))
			return 0;
	return -ENOENT;
}

static void become(const char *path, char *const argv[], int out)
{
	const struct rlimit no_core = { 0, 0 };

	setrlimit(RLIMIT_CORE, &no_core);
	signal(SIGALRM, SIG_DFL);
	alarm(SECONDS);
	if (dup2(out, STDOUT_FILENO) >= 0)
		execv(path, argv);
	_exit(NO_EXEC + errno);
}

/* Why the child gave nothing; "": it is well. */
static void judge(struct gatetime *g, int status)
{
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV &&
	    (g->gate == SYSGATE_GATE_INT80 || g->width == 32))
		snprintf(g->why, sizeof(g->why), "this kernel refuses it: killed by SIGSEGV");
	else if (WIFSIGNALED(status))
		snprintf(g->why, sizeof(g->why), "the helper was killed by SIG%s",
			 sigabbrev_np(WTERMSIG(status)));
	else if (WEXITSTATUS(status) == NO_EXEC + ENOEXEC)
		snprintf(g->why, sizeof(g->why), "this kernel runs no %u-bit programs: ENOEXEC",
			 g->width);
	else if (WEXITSTATUS(status) > NO_EXEC)
		snprintf(g->why, sizeof(g->why), "cannot run the helper: %s",
			 strerror(WEXITSTATUS(status) - NO_EXEC));
	else if (WEXITSTATUS(status))
		snprintf(g->why, sizeof(g->why), "this kernel gives such programs none");
}

/* Reads to the end, or to one byte beyond what fits. */
static size_t read_all(int fd, uint8_t *data, size_t size)
{
	size_t n = 0;
	ssize_t got;

	while (n < size && (got = TEMP_FAILURE_RETRY(read(fd, data + n, size - n))) > 0)
		n += (size_t)got;
	return n;
}

/* Runs the helper; its output's size, or 0 with the reason in g. data has room for OUTPUT_MAX. */
static size_t run_helper(struct gatetime *g, const char *const args[3], uint8_t *data)
{
	char path[PATH_MAX], *argv[] = { (char *)"gatetime", (char *)args[0], (char *)args[1],
					 (char *)args[2], NULL };
	int out[2], status;
	size_t n;
	pid_t child;

	if (helper_path(g->width, path, sizeof(path))) {
		snprintf(
			g->why, sizeof(g->why),
			"sysgate was built without its helper gatetime%u: the compiler has no -m%u",
			g->width, g->width);
		return 0;
	}
	if (pipe2(out, O_CLOEXEC)) {
		snprintf(g->why, sizeof(g->why), "cannot run the helper: %s", strerror(errno));
		return 0;
	}
	child = fork();
	if (child == 0)
		become(path, argv, out[1]);
	close(out[1]);
	n = child < 0 ? 0 : read_all(out[0], data, OUTPUT_MAX);
	close(out[0]);
	if (child < 0 || TEMP_FAILURE_RETRY(waitpid(child, &status, 0)) < 0) {
		snprintf(g->why, sizeof(g->why), "cannot run the helper: %s", strerror(errno));
		return 0;
	}
	judge(g, status);
	return g->why[0] ? 0 : n;
}

static size_t function_offset(const struct vdso *v, const char *name)
{
	for (size_t i = 0; i < v->symbols_count; i++)
		if (v->symbols[i].function && !strcmp(v->symbols[i].name, name))
			return v->symbols[i].offset;
	return VDSO_NOWHERE;
}

/* What the helper's own vDSO tells: its gate, and where time() is. */
static void look_at_vdso(struct gatetime *g, uint8_t *data, size_t *offset)
{
	const char *const args[3] = { "image", NULL, NULL };
	const struct vdso_function *entry;
	struct sg_error e = { 0 };
	struct vdso v;
	size_t n = run_helper(g, args, data);

	if (g->why[0])
		return;
	if (vdso_parse(&v, data, n, &e)) {
		snprintf(g->why, sizeof(g->why), "cannot read the vDSO: %.100s", e.text);
		return;
	}
	entry = vdso_entry(&v);
	if (!g->without && entry)
		g->gate = entry->gate;
	*offset = function_offset(&v, "__vdso_time");
	if (g->without && *offset == VDSO_NOWHERE)
		snprintf(g->why, sizeof(g->why), "this kernel's vDSO has no time()");
	vdso_fini(&v);
}

static void time_way(struct gatetime *g, const struct way *w, uint32_t samples, uint8_t *data)
{
	char count[16], place[24];
	const char *args[3] = { w->name, count, NULL };
	size_t offset = VDSO_NOWHERE, n;

	*g = (struct gatetime){ .width = w->width, .gate = w->gate, .without = w->without };
	if (w->gate == SYSGATE_GATE_UNKNOWN)
		look_at_vdso(g, data, &offset);
	if (g->why[0])
		return;
	snprintf(count, sizeof(count), "%u", samples);
	snprintf(place, sizeof(place), "%zu", offset);
	if (w->without)
		args[2] = place;
	n = run_helper(g, args, data);
	if (!g->why[0])
		gatetime_parse(g, data, n, w->without ? 1 : getpid());
}

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC_RAW, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void find_fastest(struct gatetimes *t)
{
	for (size_t i = 0; i < t->count; i++) {
		const struct gatetime *g = &t->ways[i];

		if (!g->measured || g->without)
			continue;
		t->gates++;
		if (!t->fastest || g->min < t->fastest->min)
			t->fastest = g;
	}
}

int gatetime_run(struct gatetimes *t, uint32_t samples, struct sg_error *e)
{
	_cleanup_free_ uint8_t *data = malloc(OUTPUT_MAX);
	double began, took;
	uint64_t cycles;
	cpu_set_t before, one;

	*t = (struct gatetimes){ .cpu = sched_getcpu() };
	if (!data)
		return sg_fail_errno(e, ENOMEM, "cannot time gates");
	/* The counters of two CPUs need not agree. */
	CPU_ZERO(&one);
	CPU_SET((size_t)t->cpu, &one);
	if (sched_getaffinity(0, sizeof(before), &before) ||
	    sched_setaffinity(0, sizeof(one), &one))
		return sg_fail_errno(e, errno, "cannot stay on CPU %d", t->cpu);
	began = seconds();
	cycles = __rdtsc();
	for (size_t i = 0; i < ARRAY_SIZE(ways); i++)
		time_way(&t->ways[t->count++], &ways[i], samples, data);
	/* Long enough for the frequency: 50 ms give it to some parts in a million. */
	do {
		took = seconds() - began;
	} while (took < 0.05);
	t->cycles_ns = (double)(__rdtsc() - cycles) / took / 1e9;
	sched_setaffinity(0, sizeof(before), &before);
	find_fastest(t);
	return 0;
}
