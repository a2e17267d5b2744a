// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a benchmark counts and times:
 *
 *	load [-n INSTRUCTIONS] [-e INSTRUCTIONS] [-r ROUNDS] [-o FILE] [-x COMMAND]... NAME...
 *
 * With -m N it only makes N units of each, between marks for trace.c; with -p it prints the price of
 * a call, for who waits until somebody counts.
 *
 * Inside a VM under icount, where a nanosecond of the guest's clock is an instruction of the
 * machine. Makes the calls that NAME stands for, so many that they take about -n INSTRUCTIONS when
 * counting adds -e to each, in ROUNDS rounds, and waits after each until whoever counts has had time
 * to read what it recorded. Where that leaves the figure unsure, as whoever counts wakes up more or
 * less often by chance, it makes more rounds. At the end prints
 *
 *	cost NAME UNITS INSTRUCTIONS	of one unit, the whole machine's: the lower quartile of rounds
 *	made CALL COUNT			so many of these calls it and its children made in all
 *
 * What the machine does beside (its timers, a reader that wakes without need) is measured by a round
 * without calls and taken off. -x runs a program with its arguments (a string, cut at blanks) before.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <math.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "machine.h"
#include "marks.h"

#define DRAIN_NS \
	1000000000L /* until a reader is done: the longest wakes by itself every 200 ms \
		     */
#define MOST_UNITS   1000000
#define KIB_64	     65536
#define MAX_ROUNDS   4096
#define UNSURE	     0.002 /* of the figure; more is from boot to boot */
#define MOST_BUDGETS 100   /* that are spent to come below it */

struct counts {
	unsigned long getppid, read, openat, close, futex, pwrite64, clone, wait4, exit_group,
		execve;
};

static struct counts made;
static int zero, file;
static uint32_t word;
static char buf[KIB_64];

static void do_getppid(unsigned long n)
{
	made.getppid += n;
	while (n--)
		call(SYS_getppid, 0, 0, 0, 0, 0);
}

static void do_read(unsigned long n)
{
	made.read += n;
	while (n--)
		expect(call(SYS_read, zero, (long)buf, 1, 0, 0) == 1, "read");
}

static void do_open(unsigned long n)
{
	made.openat += n;
	made.close += n;
	while (n--) {
		long fd = call(SYS_openat, AT_FDCWD, (long)"/tmp/load", O_RDONLY, 0, 0);

		expect(fd >= 0, "openat");
		call(SYS_close, fd, 0, 0, 0, 0);
	}
}

static void do_wake(unsigned long n)
{
	made.futex += n;
	while (n--)
		expect(call(SYS_futex, (long)&word, FUTEX_WAKE_PRIVATE, 1, 0, 0) == 0, "futex");
}

static void do_write(unsigned long n)
{
	made.pwrite64 += n;
	while (n--)
		expect(call(SYS_pwrite64, file, (long)buf, sizeof(buf), 0, 0) == sizeof(buf),
		       "pwrite64");
}

static void do_clone(unsigned long n)
{
	made.clone += n;
	made.wait4 += n;
	made.exit_group += n;
	while (n--) {
		long pid = call(SYS_clone, SIGCHLD, 0, 0, 0, 0);

		if (pid == 0)
			call(SYS_exit_group, 0, 0, 0, 0, 0);
		expect(pid > 0, "clone");
		expect(call(SYS_wait4, pid, 0, 0, 0, 0) == pid, "wait4");
	}
}

static void do_compile(unsigned long n)
{
	while (n--) {
		int status;
		pid_t pid = vfork();

		if (pid == 0) {
			if (!chroot("/tmp/compile") && !chdir("/"))
				execl("/usr/bin/gcc", "gcc", "-O2", "-c", "-o", "/tmp/sample.o",
				      "sample.c", NULL);
			_exit(127);
		}
		expect(pid > 0 && waitpid(pid, &status, 0) == pid && status == 0, "gcc");
	}
}

static const struct unit {
	const char *name;
	void (*make)(unsigned long n);
	unsigned long few;   /* the first, when files, cells and pages come to be */
	double takes, calls; /* about, of one: instructions when nobody counts; system calls */
} units[] = {
	{ "getppid", do_getppid, 50, 330, 1 },	 { "read", do_read, 50, 660, 1 },
	{ "open", do_open, 50, 6300, 2 },	 { "wake", do_wake, 50, 490, 1 },
	{ "write", do_write, 20, 19900, 1 },	 { "clone", do_clone, 20, 126000, 3 },
	{ "compile", do_compile, 1, 95e6, 700 },
};

/* What the machine did while n units were made, and until they were read. */
static uint64_t busy_ns(const struct unit *u, unsigned long n)
{
	const struct timespec drain = { DRAIN_NS / 1000000000, DRAIN_NS % 1000000000 };
	uint64_t idle = idle_ns(), start = now_ns(), end;

	u->make(n);
	nanosleep(&drain, NULL);
	end = now_ns();
	return end - start - (idle_ns() - idle);
}

/* One, two or five times a power of ten, so that a small difference makes no other number. */
static unsigned long round_down(double n)
{
	unsigned long power = 1;

	for (; n >= 10 && power < MOST_UNITS; n /= 10)
		power *= 10;
	return power == MOST_UNITS ? power : power * (n >= 5 ? 5 : n >= 2 ? 2 : 1);
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* What the kernel does by itself every few seconds is in few of the rounds. */
static double lower_quartile(const double *sorted, int n)
{
	for (int i = 0; getenv("LOAD_ROUNDS") && i < n; i++)
		fprintf(stderr, "%.0f%c", sorted[i], i < n - 1 ? ' ' : '\n');
	return sorted[(n - 1) / 4];
}

/* How far from the one of ever so many rounds it may be: its standard deviation, as a part of it. */
static double unsure(const double *sorted, int n)
{
	int middle = (n - 1) / 4, beside = (int)ceil(sqrt(n * 3.0) / 4);
	int from = middle > beside ? middle - beside : 0;
	int to = middle + beside < n ? middle + beside : n - 1;

	return (sorted[to] - sorted[from]) / 2 / sorted[middle];
}

/*
 * How many take so long when counting adds so much to a call. By what was known before and not by a
 * look: what a reader costs depends on how many calls it wakes up for, so that figures are the same
 * again only with the same number of them.
 */
static unsigned long units_in(const struct unit *u, double budget, double added)
{
	double n = budget / (u->takes + u->calls * added);

	return n < 1 ? 1 : round_down(n);
}

static void measure(const struct unit *u, double budget, double added, int rounds)
{
	static double none[MAX_ROUNDS], some[MAX_ROUNDS];
	unsigned long n = units_in(u, budget / rounds, added);
	double spent = 0;
	int made_rounds = 0;

	busy_ns(u, u->few);
	do {
		for (int i = 0; i < rounds; i++, made_rounds++) {
			none[made_rounds] = (double)busy_ns(u, 0);
			some[made_rounds] = (double)busy_ns(u, n);
			spent += some[made_rounds];
		}
		qsort(none, (size_t)made_rounds, sizeof(none[0]), by_value);
		qsort(some, (size_t)made_rounds, sizeof(some[0]), by_value);
	} while (unsure(some, made_rounds) > UNSURE && made_rounds + rounds <= MAX_ROUNDS &&
		 spent < MOST_BUDGETS * budget);
	printf("cost %s %lu %.2f\n", u->name, n * (unsigned long)made_rounds,
	       (lower_quartile(some, made_rounds) - lower_quartile(none, made_rounds)) / (double)n);
}

static void mark(const struct unit *u, int times)
{
	mark_arm_here();
	u->make(2 * u->few);
	for (int i = 0; i < times; i++) {
		mark_begin_here();
		u->make(1);
		mark_end_here();
	}
}

static void run(char *line)
{
	char *argv[16];
	int n = 0;
	pid_t pid;

	for (char *arg = strtok(line, ","); arg && n < 15; arg = strtok(NULL, ","))
		argv[n++] = arg;
	argv[n] = NULL;
	pid = (pid_t)call(SYS_clone, SIGCHLD, 0, 0, 0, 0);
	if (pid == 0) {
		execv(argv[0], argv);
		call(SYS_exit_group, 127, 0, 0, 0, 0);
	}
	expect(pid > 0 && call(SYS_wait4, pid, 0, 0, 0, 0) == pid, argv[0]);
	made.clone++;
	made.wait4++;
	made.execve++;
}

static void print_made(void)
{
	const struct {
		const char *name;
		unsigned long n;
	} rows[] = {
		{ "getppid", made.getppid }, { "read", made.read },
		{ "openat", made.openat },   { "close", made.close },
		{ "futex", made.futex },     { "pwrite64", made.pwrite64 },
		{ "clone", made.clone },     { "wait4", made.wait4 },
		{ "execve", made.execve },   { "exit_group", made.exit_group },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].n)
			printf("made %s %lu\n", rows[i].name, rows[i].n);
}

/* The least that one of a few calls takes that nobody makes otherwise: whether somebody counts. */
static void print_price(void)
{
	uint64_t least = UINT64_MAX;

	for (int round = 0; round < 9; round++) {
		uint64_t start = now_ns(), ns;

		for (int i = 0; i < 100; i++)
			call(SYS_gettid, 0, 0, 0, 0, 0);
		ns = now_ns() - start;
		least = ns < least ? ns : least;
	}
	printf("%lu\n", (unsigned long)(least / 100));
}

static const struct unit *find(const char *name)
{
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (strcmp(units[i].name, name) == 0)
			return &units[i];
	fprintf(stderr, "load: no unit '%s'\n", name);
	exit(2);
}

static void prepare(void)
{
	unlink("/tmp/load");
	zero = open("/dev/zero", O_RDONLY);
	file = memfd_create("load", 0);
	expect(zero >= 0 && file >= 0 && mknod("/tmp/load", S_IFREG | 0600, 0) == 0, "files");
	memset(buf, 1, sizeof(buf));
	idle_ns();
}

int main(int argc, char **argv)
{
	double budget = 4e8, added = 0;
	int rounds = 9, marked = 0, opt;

	while ((opt = getopt(argc, argv, "n:e:r:o:x:m:p")) != -1) {
		switch (opt) {
		case 'n':
			budget = atof(optarg);
			break;
		case 'e':
			added = atof(optarg);
			break;
		case 'r':
			rounds = atoi(optarg);
			break;
		case 'o':
			expect(freopen(optarg, "w", stdout) != NULL, optarg);
			break;
		case 'x':
			run(optarg);
			break;
		case 'm':
			marked = atoi(optarg);
			break;
		case 'p':
			print_price();
			return 0;
		default:
			return 2;
		}
	}
	if (rounds < 1 || rounds > MAX_ROUNDS)
		return 2;
	/* One write at the end: it is none of what is measured. */
	setvbuf(stdout, NULL, _IOFBF, 1 << 16);
	prepare();
	for (; optind < argc; optind++) {
		const struct unit *u = find(argv[optind]);

		if (marked)
			mark(u, marked);
		else
			measure(u, budget, added, rounds);
	}
	unlink("/tmp/load");
	print_made();
	return 0;
}
