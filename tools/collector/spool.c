// SPDX-License-Identifier: GPL-2.0-or-later
#include "collector/spool.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#define RETRY_SECONDS 1

struct piece {
	struct piece *next;
	size_t size;
	char data[];
};

struct spool {
	struct spool_target target; /* the thread's */
	size_t limit;
	int done_fd;
	pthread_t thread;
	pthread_mutex_t lock; /* of all below */
	pthread_cond_t changed;
	struct piece *first, **last;
	size_t bytes, count;
	bool ending;
	int error; /* for good */
	struct sg_error why;
};

static void pop(struct spool *s)
{
	struct piece *p = s->first;

	s->first = p->next;
	if (!s->first)
		s->last = &s->first;
	s->bytes -= p->size;
	s->count--;
	free(p);
	pthread_cond_broadcast(&s->changed);
}

/* A full disk may have room later. Until then the queue fills, and deltas are merged. */
static void wait_to_retry(struct spool *s)
{
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += RETRY_SECONDS;
	while (!s->ending && !pthread_cond_timedwait(&s->changed, &s->lock, &until))
		;
}

/* Writes the first piece. 0, or an error after which to go on or, with s->error, to end. */
static int write_first(struct spool *s, bool first_time, struct sg_error *e)
{
	struct piece *p = s->first;
	bool last_try = s->ending;
	int ret;

	pthread_mutex_unlock(&s->lock);
	ret = s->target.write(s->target.data, p->data, p->size, e);
	if (ret < 0 && first_time && !last_try)
		sg_warn("%s; it is tried again, and intervals are merged until then", e->text);
	pthread_mutex_lock(&s->lock);
	if (!ret)
		pop(s);
	else if (ret > 0 || last_try)
		s->error = ret > 0 ? -ret : ret;
	return ret;
}

static void *writer(void *data)
{
	struct spool *s = data;
	struct sg_error e = { 0 };
	int ret = 0, ignored;

	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &ignored);
	pthread_mutex_lock(&s->lock);
	while (!s->error) {
		if (!s->first && s->ending)
			break;
		if (!s->first) {
			pthread_cond_wait(&s->changed, &s->lock);
			continue;
		}
		ret = write_first(s, !ret, &e);
		if (ret && !s->error)
			wait_to_retry(s);
	}
	s->why = e;
	pthread_cond_broadcast(&s->changed);
	pthread_mutex_unlock(&s->lock);
	eventfd_write(s->done_fd, 1);
	return NULL;
}

/* Signals are for the main thread. */
static int start(struct spool *s)
{
	sigset_t all, former;
	int ret;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &former);
	ret = pthread_create(&s->thread, NULL, writer, s);
	pthread_sigmask(SIG_SETMASK, &former, NULL);
	return ret;
}

static struct spool *new (const struct spool_target *t, size_t limit)
{
	struct spool *s = calloc(1, sizeof(*s));
	pthread_condattr_t attr;

	if (!s)
		return NULL;
	s->limit = limit;
	s->last = &s->first;
	s->done_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	pthread_mutex_init(&s->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&s->changed, &attr);
	pthread_condattr_destroy(&attr);
	s->target = *t;
	if (s->done_fd >= 0 && !start(s))
		return s;
	if (s->done_fd >= 0)
		close(s->done_fd);
	free(s);
	return NULL;
}

struct spool *spool_new(const struct spool_target *t, size_t limit)
{
	struct spool *s = new (t, limit);

	if (!s)
		t->close(t->data);
	return s;
}

static int write_lines(void *data, const char *piece, size_t size, struct sg_error *e)
{
	struct logfile *f = data;
	int ret, ignored;

	/* A write may never end: there alone spool_free() may stop this thread. */
	pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, &ignored);
	ret = logfile_write(f, piece, size, e);
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &ignored);
	return ret == -EPIPE || f->stopped ? -ret : ret;
}

static void close_lines(void *data)
{
	logfile_close(data);
	free(data);
}

struct spool *spool_new_lines(const struct logfile *f, size_t limit)
{
	struct logfile *own = malloc(sizeof(*own)), unused = *f;
	const struct spool_target t = { write_lines, close_lines, own };

	if (!own) {
		logfile_close(&unused);
		return NULL;
	}
	*own = *f;
	return spool_new(&t, limit);
}

int spool_put(struct spool *s, const void *piece, size_t size, bool force)
{
	struct piece *p;
	int ret;

	pthread_mutex_lock(&s->lock);
	ret = s->error;
	/* One that is larger than the limit alone goes when nothing else waits. */
	if (!ret && !force && s->first && s->bytes + size > s->limit)
		ret = -EAGAIN;
	p = ret ? NULL : malloc(sizeof(*p) + size);
	if (p) {
		p->next = NULL;
		p->size = size;
		memcpy(p->data, piece, size);
		*s->last = p;
		s->last = &p->next;
		s->bytes += size;
		s->count++;
		pthread_cond_broadcast(&s->changed);
	} else if (!ret) {
		ret = -ENOMEM;
	}
	pthread_mutex_unlock(&s->lock);
	return ret;
}

void spool_end(struct spool *s)
{
	pthread_mutex_lock(&s->lock);
	s->ending = true;
	pthread_cond_broadcast(&s->changed);
	pthread_mutex_unlock(&s->lock);
}

int spool_done_fd(const struct spool *s)
{
	return s->done_fd;
}

int spool_error(struct spool *s, struct sg_error *e)
{
	int ret;

	pthread_mutex_lock(&s->lock);
	ret = s->error;
	if (ret && e)
		*e = s->why;
	pthread_mutex_unlock(&s->lock);
	return ret;
}

size_t spool_waiting(struct spool *s)
{
	size_t n;

	pthread_mutex_lock(&s->lock);
	n = s->count;
	pthread_mutex_unlock(&s->lock);
	return n;
}

void spool_free(struct spool *s)
{
	if (!s)
		return;
	spool_end(s);
	/* It may be in a write that never ends. */
	if (spool_waiting(s))
		pthread_cancel(s->thread);
	pthread_join(s->thread, NULL);
	while (s->first) {
		struct piece *p = s->first;

		s->first = p->next;
		free(p);
	}
	s->target.close(s->target.data);
	close(s->done_fd);
	pthread_cond_destroy(&s->changed);
	pthread_mutex_destroy(&s->lock);
	free(s);
}
