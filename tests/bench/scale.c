// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a call costs where there are many of something: scale WHAT NUMBER...
 *
 * Inside a VM under icount, where a nanosecond is an instruction of all CPUs together. Prints lines
 * "WHAT NUMBER INSTRUCTIONS", of one call, the whole machine's. WHAT is
 *
 *	cpus		a process on each of NUMBER CPUs calls getppid, all at one time
 *	tasks		NUMBER threads call getppid in turns
 *	calls		NUMBER different calls, each of which fails
 *	processes	processes that call getppid 100 times, after NUMBER have come and gone
 *
 * With SNAPSHOT, a process, in the environment, "snapshot NUMBER INSTRUCTIONS" follows each of the
 * last: what its SIGUSR1 takes, until it is idle again.
 */
#include <errno.h>
#include <linux/futex.h>
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "machine.h"

#define CALLS	     1000000 /* in all, so that ticks are no matter */
#define MAX_CPUS     64
#define MAX_CALLS    512
#define OF_TASK	     200 /* calls of one, at least: what the kernel does beside is nothing to them */
#define OF_PROCESS   100 /* calls of one */
#define WINDOW	     300 /* processes that are measured */
#define ROUNDS	     5
#define THREAD_STACK 32768

static struct shared {
	atomic_int ready, go, left, over;
	_Atomic uint64_t end; /* the last one's */
} * shared;

static void getppids(long n)
{
	while (n--)
		call(SYS_getppid, 0, 0, 0, 0, 0);
}

static void note_end(void)
{
	uint64_t now = now_ns(), last = atomic_load(&shared->end);

	while (last < now && !atomic_compare_exchange_weak(&shared->end, &last, now))
		;
}

static void begin_anew(void)
{
	atomic_store(&shared->ready, 0);
	atomic_store(&shared->go, 0);
	atomic_store(&shared->end, 0);
	atomic_store(&shared->over, 0);
}

static void wait_until_ready(int n)
{
	while (atomic_load(&shared->ready) < n)
		usleep(1000);
}

/* ---- CPUs ---- */

static void on_cpu(int cpu, long n)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	expect(sched_setaffinity(0, sizeof(set), &set) == 0, "affinity");
	getppids(100);
	atomic_fetch_add(&shared->ready, 1);
	while (!atomic_load(&shared->go))
		;
	getppids(n);
	note_end();
	_exit(0);
}

static double of_cpus(int cpus)
{
	long n = CALLS / cpus;
	uint64_t start;

	begin_anew();
	for (int i = 0; i < cpus; i++)
		if (fork() == 0)
			on_cpu(i, n);
	wait_until_ready(cpus);
	start = now_ns();
	atomic_store(&shared->go, 1);
	while (wait(NULL) > 0)
		;
	return (double)(atomic_load(&shared->end) - start) / (double)(n * cpus);
}

/* ---- tasks ---- */

static void *in_turn(void *calls)
{
	getppids(1);
	atomic_fetch_add(&shared->ready, 1);
	while (!atomic_load(&shared->go))
		call(SYS_futex, (long)&shared->go, FUTEX_WAIT_PRIVATE, 0, 0, 0);
	getppids((long)calls);
	note_end();
	if (atomic_fetch_sub(&shared->left, 1) == 1)
		call(SYS_futex, (long)&shared->left, FUTEX_WAKE_PRIVATE, 1, 0, 0);
	while (!atomic_load(&shared->over))
		call(SYS_futex, (long)&shared->over, FUTEX_WAIT_PRIVATE, 0, 0, 0);
	return NULL;
}

/*
 * What the tasks take, with n calls each. None ends before the last has called: what the kernel does
 * for those that ended comes later, and was in the figure or not.
 */
static uint64_t tasks_take(int tasks, long n)
{
	pthread_t *threads = calloc((size_t)tasks, sizeof(*threads));
	pthread_attr_t attr;
	uint64_t start;

	begin_anew();
	atomic_store(&shared->left, tasks);
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, THREAD_STACK);
	for (int i = 0; i < tasks; i++) {
		errno = pthread_create(&threads[i], &attr, in_turn, (void *)n);
		expect(!errno, "thread");
	}
	wait_until_ready(tasks);
	start = now_ns();
	atomic_store(&shared->go, 1);
	call(SYS_futex, (long)&shared->go, FUTEX_WAKE_PRIVATE, INT_MAX, 0, 0);
	for (int left; (left = atomic_load(&shared->left)) > 0;)
		call(SYS_futex, (long)&shared->left, FUTEX_WAIT_PRIVATE, left, 0, 0);
	atomic_store(&shared->over, 1);
	call(SYS_futex, (long)&shared->over, FUTEX_WAKE_PRIVATE, INT_MAX, 0, 0);
	for (int i = 0; i < tasks; i++)
		pthread_join(threads[i], NULL);
	free(threads);
	return atomic_load(&shared->end) - start;
}

/* The difference leaves out what a task takes to be woken. */
static double of_tasks(int tasks)
{
	long share = CALLS / 2 / tasks, n = share > OF_TASK ? share : OF_TASK;
	uint64_t once = tasks_take(tasks, n), twice = tasks_take(tasks, 2 * n);

	return ((double)twice - (double)once) / (double)(n * tasks);
}

/* ---- calls ---- */

/* What ends, stops or changes the caller whatever its arguments are. This is for a VM alone. */
static const int unasked[] = {
	SYS_exit,
	SYS_exit_group,
	SYS_fork,
	SYS_vfork,
	SYS_pause,
	SYS_rt_sigreturn,
	SYS_sched_yield,
	SYS_setsid,
	SYS_vhangup,
	SYS_sync,
	SYS_alarm,
	SYS_umask,
	SYS_munlockall,
	SYS_brk,
	SYS_set_tid_address,
	SYS_personality,
	SYS_setfsuid,
	SYS_setfsgid,
	335 /* uretprobe: ends who calls it by himself */,
};

static bool asks(int nr)
{
	for (size_t i = 0; i < sizeof(unasked) / sizeof(unasked[0]); i++)
		if (unasked[i] == nr)
			return false;
	return true;
}

static long in_vain(int nr)
{
	return call(nr, -1, -1, -1, -1, -1);
}

/* With arguments that make no sense almost every call fails at once. */
static int find_calls(int nrs[MAX_CALLS])
{
	int n = 0;

	for (int nr = 0; nr < MAX_CALLS; nr++)
		if (asks(nr) && in_vain(nr) < 0 && in_vain(nr) >= -4095)
			nrs[n++] = nr;
	return n;
}

static double of_calls(int calls)
{
	int nrs[MAX_CALLS], found = find_calls(nrs);
	long rounds = CALLS / calls;
	uint64_t start;

	if (calls > found) {
		fprintf(stderr, "scale: only %d calls fail\n", found);
		exit(1);
	}
	/* From all parts of the table. */
	for (int i = 0; i < calls; i++)
		nrs[i] = nrs[(long)i * found / calls];
	for (int i = 0; i < calls; i++)
		in_vain(nrs[i]);
	start = now_ns();
	for (long r = 0; r < rounds; r++)
		for (int i = 0; i < calls; i++)
			in_vain(nrs[i]);
	return (double)(now_ns() - start) / (double)(rounds * calls);
}

/* ---- processes ---- */

static char stack[65536];

static int one_process(void *calls)
{
	getppids((long)calls);
	return 0;
}

static void processes(long n, long calls)
{
	while (n-- > 0) {
		int pid = clone(one_process, stack + sizeof(stack),
				CLONE_VM | CLONE_VFORK | SIGCHLD, (void *)calls);

		expect(pid > 0 && waitpid(pid, NULL, 0) == pid, "process");
	}
}

static void print_snapshot(long step)
{
	const char *who = getenv("SNAPSHOT");
	uint64_t idle, start;

	if (!who)
		return;
	idle = idle_ns();
	start = now_ns();
	kill(atoi(who), SIGUSR1);
	sleep(10);
	start = now_ns() - start;
	printf("snapshot %ld %.0f\n", step, (double)(start - (idle_ns() - idle)));
}

static double of_processes(long step, long *gone)
{
	uint64_t start;

	processes(step - *gone, 1);
	start = now_ns();
	processes(WINDOW, OF_PROCESS);
	start = now_ns() - start;
	*gone = (step > *gone ? step : *gone) + WINDOW;
	return (double)start / WINDOW / OF_PROCESS;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void print_median(const char *what, int n, double (*of)(int n))
{
	double cost[ROUNDS];

	for (int i = 0; i < ROUNDS; i++)
		cost[i] = of(n);
	qsort(cost, ROUNDS, sizeof(cost[0]), by_value);
	printf("%s %d %.2f\n", what, n, cost[ROUNDS / 2]);
}

int main(int argc, char **argv)
{
	const char *what = argc > 2 ? argv[1] : "";
	long gone = 0;

	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		      0);
	expect(shared != MAP_FAILED, "memory");
	setvbuf(stdout, NULL, _IOFBF, 1 << 16);
	idle_ns();
	for (int i = 2; i < argc; i++) {
		int n = atoi(argv[i]);

		if (!strcmp(what, "cpus")) {
			print_median(what, n, of_cpus);
		} else if (!strcmp(what, "tasks")) {
			print_median(what, n, of_tasks);
		} else if (!strcmp(what, "calls")) {
			print_median(what, n, of_calls);
		} else if (!strcmp(what, "processes")) {
			printf("processes %d %.2f\n", n, of_processes(n, &gone));
			print_snapshot(n);
		} else {
			fprintf(stderr, "scale: no '%s'\n", what);
			return 2;
		}
	}
	return 0;
}
