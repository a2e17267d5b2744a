// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Inside a VM: crowd N: N threads at one time, each with calls before and after it waited for all
 * others.
 */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static pthread_barrier_t all;

static void *one(void *unused)
{
	syscall(SYS_getppid);
	pthread_barrier_wait(&all);
	syscall(SYS_getppid);
	return unused;
}

int main(int argc, char **argv)
{
	long n = argc > 1 ? atol(argv[1]) : 1000;
	pthread_t *threads = calloc((size_t)n, sizeof(*threads));
	pthread_attr_t attr;
	int err;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 32768);
	pthread_barrier_init(&all, NULL, (unsigned int)n + 1);
	for (long i = 0; threads && i < n; i++) {
		err = pthread_create(&threads[i], &attr, one, NULL);
		if (err) {
			fprintf(stderr, "thread %ld: %s\n", i, strerror(err));
			return 1;
		}
	}
	pthread_barrier_wait(&all);
	for (long i = 0; threads && i < n; i++)
		pthread_join(threads[i], NULL);
	return !threads;
}
