// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Inside a VM: sleepers: threads that sleep in read, futex, pause and, again and again, in
 * nanosleep and poll, until standard input ends. Then each is woken and must have what its call
 * promises.
 *
 * Prints "asleep" when all have begun, and "all came back" at the end.
 */
#include <errno.h>
#include <linux/futex.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static int fds[2];
static _Atomic unsigned int word, begun, stop;

static void want(const char *what, int right)
{
	if (right)
		return;
	perror(what);
	exit(1);
}

static void *reads(void *unused)
{
	char c = 0;

	(void)unused;
	begun++;
	want("read", read(fds[0], &c, 1) == 1 && c == 'x');
	return NULL;
}

static void *waits(void *unused)
{
	(void)unused;
	begun++;
	while (!word)
		want("futex", !syscall(SYS_futex, &word, FUTEX_WAIT, 0, NULL, NULL, 0) ||
				      errno == EAGAIN || errno == EINTR);
	return NULL;
}

static void *pauses(void *unused)
{
	(void)unused;
	begun++;
	want("pause", pause() == -1 && errno == EINTR);
	return NULL;
}

static void *naps(void *unused)
{
	const struct timespec nap = { 0, 30000000 };

	(void)unused;
	begun++;
	while (!stop)
		want("nanosleep", !nanosleep(&nap, NULL));
	return NULL;
}

static void *polls(void *unused)
{
	struct pollfd nothing = { -1, 0, 0 };

	(void)unused;
	begun++;
	while (!stop)
		want("poll", !poll(&nothing, 1, 20));
	return NULL;
}

static void ignore(int sig)
{
	(void)sig;
}

int main(void)
{
	void *(*const all[])(void *) = { pauses, reads, waits, naps, polls };
	const size_t count = sizeof(all) / sizeof(all[0]);
	struct sigaction action = { .sa_handler = ignore };
	pthread_t threads[sizeof(all) / sizeof(all[0])];
	char c;

	want("pipe", !pipe(fds));
	sigaction(SIGUSR1, &action, NULL);
	for (size_t i = 0; i < count; i++)
		want("a thread", !pthread_create(&threads[i], NULL, all[i], NULL));
	while (begun < count)
		usleep(1000);
	puts("asleep");
	fflush(stdout);
	want("the end of input", read(0, &c, 1) == 0);
	stop = word = 1;
	want("write", write(fds[1], "x", 1) == 1);
	syscall(SYS_futex, &word, FUTEX_WAKE, 1, NULL, NULL, 0);
	/* Whoever has not come to its pause yet gets the next one. */
	while (pthread_tryjoin_np(threads[0], NULL)) {
		pthread_kill(threads[0], SIGUSR1);
		usleep(1000);
	}
	for (size_t i = 1; i < count; i++)
		want("join", !pthread_join(threads[i], NULL));
	puts("all came back");
	return 0;
}
