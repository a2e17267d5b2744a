// SPDX-License-Identifier: GPL-2.0-or-later
#include "collector/logfile.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/options.h"

#define NAMES_TRIED 1000

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000ULL + (uint64_t)t.tv_nsec;
}

/* M is a size and m a time, so here the letter's case tells. */
int logfile_rotation_parse(const char *text, struct logfile_rotation *r, struct sg_error *e)
{
	size_t n = strlen(text), bytes = 0;
	char unit = n ? text[n - 1] : '\0';
	int ret = -EINVAL;

	if (unit && strchr("kKMG", unit)) {
		ret = parse_size(text, &bytes);
		r->bytes = bytes;
	} else if (unit && strchr("smhd", unit)) {
		ret = parse_seconds(text, &r->seconds);
	}
	if (!ret)
		return 0;
	sg_fail(e, EINVAL, "bad --rotate '%.64s': neither a size nor a time", text);
	sg_hint(e, "a size has K, M or G behind it, a time s, m, h or d: 64M, 1h");
	return -EINVAL;
}

static const char *name_of(const struct logfile *f)
{
	return f->path ? f->path : "stdout";
}

/* Where the last whole line of the file ends. */
static int last_line_end(int fd, off_t size, off_t *end)
{
	char buf[4096];

	while (size > 0) {
		off_t from = size > (off_t)sizeof(buf) ? size - (off_t)sizeof(buf) : 0;
		ssize_t n = pread(fd, buf, (size_t)(size - from), from);
		const char *newline;

		if (n < 0)
			return -errno;
		newline = n ? memrchr(buf, '\n', (size_t)n) : NULL;
		if (newline) {
			*end = from + (newline - buf) + 1;
			return 0;
		}
		size = from;
	}
	*end = 0;
	return 0;
}

/* Cuts off a line that somebody was killed in. */
static int mend(struct logfile *f, off_t size, struct sg_error *e)
{
	off_t end = 0;
	int ret = last_line_end(f->fd, size, &end);

	if (!ret && end < size) {
		ret = ftruncate(f->fd, end) ? -errno : 0;
		if (!ret)
			sg_warn("'%s': cut off the last line, which was not whole", f->path);
	}
	f->size = (uint64_t)end;
	return ret ? sg_fail_errno(e, -ret, "mend '%s'", f->path) : 0;
}

/* A file that has lines must have these columns. */
static int check_header(const struct logfile *f, struct sg_error *e)
{
	size_t n = f->header ? strlen(f->header) : 0;
	char *begin = NULL;
	bool same;

	if (!n || !f->size)
		return 0;
	begin = malloc(n);
	same = begin && pread(f->fd, begin, n, 0) == (ssize_t)n && !memcmp(begin, f->header, n);
	free(begin);
	if (same)
		return 0;
	sg_fail(e, EINVAL, "'%.200s' has other columns than what is to be added", f->path);
	sg_hint(e, "move it away, or write another file");
	return -EINVAL;
}

/* Only one may write: two would mix their lines and take back the other's. */
static int lock(const struct logfile *f, struct sg_error *e)
{
	if (!flock(f->fd, LOCK_EX | LOCK_NB) || errno != EWOULDBLOCK)
		return 0;
	return sg_fail(e, EBUSY, "'%.200s' is being written by another process", f->path);
}

static int open_path(struct logfile *f, struct sg_error *e)
{
	struct stat st;
	int ret;

	f->fd = open(f->path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY, 0666);
	/* What cannot be read, such as a FIFO's or another's end. */
	if (f->fd < 0 && (errno == EACCES || errno == ENXIO || errno == EPERM))
		f->fd = open(f->path, O_WRONLY | O_APPEND | O_CLOEXEC | O_NOCTTY);
	if (f->fd < 0 || fstat(f->fd, &st))
		return sg_fail_errno(e, errno, "open '%s'", f->path);
	f->regular = S_ISREG(st.st_mode);
	f->began = now_ns();
	f->size = 0;
	if (!f->regular)
		return 0;
	ret = lock(f, e);
	if (!ret)
		ret = mend(f, st.st_size, e);
	return ret ? ret : check_header(f, e);
}

int logfile_open(struct logfile *f, const char *path, const char *header,
		 const struct logfile_rotation *r, struct sg_error *e)
{
	struct stat st;

	*f = (struct logfile){ .fd = -1, .rotation = *r };
	f->path = path ? strdup(path) : NULL;
	f->header = header ? strdup(header) : NULL;
	if ((path && !f->path) || (header && !f->header))
		return sg_fail_errno(e, ENOMEM, "open '%s'", name_of(f));
	if (path)
		return open_path(f, e);
	f->fd = STDOUT_FILENO;
	f->regular = !fstat(f->fd, &st) && S_ISREG(st.st_mode);
	f->began = now_ns();
	return 0;
}

/* Writes all of it, however slow the reader is. How much was written, with errno if not all. */
static size_t write_all(int fd, const char *data, size_t size)
{
	size_t done = 0;

	while (done < size) {
		ssize_t n = write(fd, data + done, size - done);

		if (n > 0) {
			done += (size_t)n;
			continue;
		}
		if (n < 0 && errno == EAGAIN) {
			/* Somebody else who has the pipe made it so. */
			struct pollfd p = { fd, POLLOUT, 0 };

			poll(&p, 1, -1);
			continue;
		}
		if (n < 0 && errno == EINTR)
			continue;
		if (!n)
			errno = EIO;
		break;
	}
	return done;
}

/* Takes back a part of a line, unless somebody else wrote behind it. */
static bool take_back(int fd, size_t part)
{
	off_t end = lseek(fd, 0, SEEK_CUR);
	struct stat st;

	if (end < (off_t)part || fstat(fd, &st) || st.st_size != end)
		return false;
	return !ftruncate(fd, end - (off_t)part) && lseek(fd, end - (off_t)part, SEEK_SET) >= 0;
}

static int append(struct logfile *f, const char *lines, size_t size, struct sg_error *e)
{
	size_t done = write_all(f->fd, lines, size);
	int err = errno;

	if (done == size) {
		f->size += size;
		return 0;
	}
	if (done && !(f->regular && take_back(f->fd, done)))
		f->stopped = true;
	return sg_fail_errno(e, err, "write '%s'", name_of(f));
}

/* Removes the oldest of the former files. Their names sort by time. */
static void remove_old(const struct logfile *f)
{
	_cleanup_free_ char *pattern = NULL;
	glob_t found;

	if (!f->rotation.keep)
		return;
	if (asprintf(&pattern, "%s.[0-9]*T[0-9]*Z*", f->path) < 0) {
		pattern = NULL;
		return;
	}
	if (!glob(pattern, 0, NULL, &found))
		for (size_t i = 0; i + f->rotation.keep < found.gl_pathc; i++)
			unlink(found.gl_pathv[i]);
	globfree(&found);
}

/* Moves the file away, under the time of now. 0 or -errno. */
static int move_away(const struct logfile *f)
{
	time_t now = time(NULL);
	char when[32];
	struct tm utc;

	strftime(when, sizeof(when), "%Y%m%dT%H%M%SZ", gmtime_r(&now, &utc));
	for (int i = 0; i < NAMES_TRIED; i++) {
		_cleanup_free_ char *name = NULL;

		if (asprintf(&name, i ? "%s.%s-%03d" : "%s.%s", f->path, when, i) < 0) {
			name = NULL;
			return -ENOMEM;
		}
		/* link() replaces nothing, where rename() would. */
		if (!link(f->path, name))
			return unlink(f->path) ? -errno : 0;
		if (errno != EEXIST)
			return -errno;
	}
	return -EEXIST;
}

static int rotate(struct logfile *f, struct sg_error *e)
{
	int ret = move_away(f), fd = f->fd;

	if (ret)
		return sg_fail_errno(e, -ret, "rotate '%s'", f->path);
	ret = open_path(f, e);
	if (ret && f->fd != fd && f->fd >= 0)
		close(f->fd);
	if (ret) {
		f->fd = fd;
		return ret;
	}
	close(fd);
	remove_old(f);
	return 0;
}

static bool rotation_due(const struct logfile *f, size_t more)
{
	const struct logfile_rotation *r = &f->rotation;

	if (!f->path || !f->regular || !f->size)
		return false;
	if (r->bytes && f->size + more > r->bytes)
		return true;
	return r->seconds > 0 && now_ns() - f->began >= (uint64_t)(r->seconds * 1e9);
}

int logfile_write(struct logfile *f, const char *lines, size_t size, struct sg_error *e)
{
	int ret = rotation_due(f, size) ? rotate(f, e) : 0;

	if (ret)
		return ret;
	if (!f->size && f->header) {
		_cleanup_free_ char *both = NULL;
		size_t n = strlen(f->header);

		both = malloc(n + size);
		if (!both)
			return sg_fail_errno(e, ENOMEM, "write '%s'", name_of(f));
		memcpy(both, f->header, n);
		memcpy(both + n, lines, size);
		return append(f, both, n + size, e);
	}
	return append(f, lines, size, e);
}

void logfile_close(struct logfile *f)
{
	if (f->fd >= 0 && f->fd != STDOUT_FILENO)
		close(f->fd);
	free(f->path);
	free(f->header);
	*f = (struct logfile){ .fd = -1 };
}
