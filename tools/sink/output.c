// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Where sinks write. A regular file is written without a name (O_TMPFILE) and given its own when it
 * is whole, so that a reader sees the old file or the new one, and a killed writer leaves nothing.
 */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/options.h"
#include "sink/sink.h"

#define NAMES_TRIED 1000
#define LINKS_MAX   40

/* The folder that a path lies in; heap, NULL: no memory. */
static char *folder_of(const char *path)
{
	_cleanup_free_ char *copy = strdup(path);

	return copy ? strdup(dirname(copy)) : NULL;
}

/* Where a symlink that points to nothing yet leads to. Takes path; heap, NULL with errno. */
static char *follow(char *path)
{
	for (int i = 0; i < LINKS_MAX; i++) {
		_cleanup_free_ char *here = path;
		_cleanup_free_ char *folder = NULL;
		char target[PATH_MAX];
		ssize_t n = readlink(here, target, sizeof(target) - 1);

		if (n < 0) {
			path = here;
			here = NULL;
			return path;
		}
		target[n] = '\0';
		folder = folder_of(here);
		if (!folder)
			return NULL;
		if (asprintf(&path, "%s%s%s", target[0] == '/' ? "" : folder,
			     target[0] == '/' ? "" : "/", target) < 0)
			return NULL;
	}
	free(path);
	errno = ELOOP;
	return NULL;
}

/* The name of the file that path means, all symlinks followed. Heap, NULL with errno. */
static char *resolve(const char *path)
{
	char *real = realpath(path, NULL), *copy;

	if (real || errno != ENOENT)
		return real;
	copy = strdup(path);
	return copy ? follow(copy) : NULL;
}

/* Written in place: what is no regular file, and the other names of open files. */
static bool is_direct(const char *path)
{
	static const char *const prefixes[] = { "/dev/std", "/dev/fd/", "/proc/" };
	struct stat st;

	for (size_t i = 0; i < ARRAY_SIZE(prefixes); i++) {
		if (!strncmp(path, prefixes[i], strlen(prefixes[i])))
			return true;
	}
	return !stat(path, &st) && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode);
}

/* A new name in folder; heap, NULL: no memory. */
static char *temporary_name(const char *folder, unsigned int i)
{
	char *name;

	return asprintf(&name, "%s/.sysgate-%d-%u", folder, getpid(), i) < 0 ? NULL : name;
}

/* For file systems without O_TMPFILE: a file with a name of its own. The descriptor or -errno. */
static int open_named(struct output *o, const char *folder)
{
	for (unsigned int i = 0; i < NAMES_TRIED; i++) {
		char *name = temporary_name(folder, i);
		int fd;

		if (!name)
			return -ENOMEM;
		fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
		if (fd >= 0) {
			o->temporary = name;
			return fd;
		}
		free(name);
		if (errno != EEXIST)
			return -errno;
	}
	return -EEXIST;
}

static int open_nameless(struct output *o)
{
	_cleanup_free_ char *folder = folder_of(o->path);
	int fd;

	if (!folder)
		return -ENOMEM;
	fd = open(folder, O_TMPFILE | O_WRONLY | O_CLOEXEC, 0666);
	if (fd >= 0)
		return fd;
	/* EISDIR: a kernel or file system that does not know the flag. */
	if (errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL)
		return open_named(o, folder);
	return -errno;
}

int output_open(struct output *o, const char *path, struct sg_error *e)
{
	struct stat st;
	int fd;

	*o = (struct output){ 0 };
	if (!path || !strcmp(path, "/dev/stdout")) {
		o->file = stdout;
		o->direct = true;
		return 0;
	}
	if (!*path)
		return sg_fail_errno(e, ENOENT, "output ''");
	if ((!stat(path, &st) && S_ISDIR(st.st_mode)) || path[strlen(path) - 1] == '/')
		return sg_fail_errno(e, EISDIR, "output '%s'", path);
	o->direct = is_direct(path);
	o->path = o->direct ? strdup(path) : resolve(path);
	if (!o->path)
		return sg_fail_errno(e, errno, "output '%s'", path);
	/* Appended: /dev/fd/N may be a file that somebody else has begun. */
	fd = o->direct ? open(path, O_WRONLY | O_APPEND | O_CLOEXEC | O_NOCTTY) : open_nameless(o);
	if (fd < 0) {
		int err = o->direct ? errno : -fd;

		output_close(o);
		return sg_fail_errno(e, err, "output '%s'", path);
	}
	o->file = fdopen(fd, "w");
	if (!o->file) {
		close(fd);
		output_close(o);
		return sg_fail_errno(e, ENOMEM, "output '%s'", path);
	}
	return 0;
}

/*
 * Why an earlier write failed, which the stream has forgotten: most likely for what stops the next
 * one. The output is broken anyway, a line's end more does no harm.
 */
static int forgotten_error(const struct output *o)
{
	return write(fileno(o->file), "\n", 1) < 0 ? errno : EIO;
}

int output_flush(struct output *o, struct sg_error *e)
{
	const char *name = o->path ? o->path : "stdout";

	if (fflush(o->file))
		return sg_fail_errno(e, errno, "write '%s'", name);
	if (ferror(o->file))
		return sg_fail_errno(e, forgotten_error(o), "write '%s'", name);
	return 0;
}

int output_wrote(const struct output *o, int err, const char *what, struct sg_error *e)
{
	if (err && ferror(o->file))
		return sg_fail_errno(e, forgotten_error(o), "write '%s'",
				     o->path ? o->path : "stdout");
	return err ? sg_fail_errno(e, -err, "cannot write %s", what) : 0;
}

/* Gives the nameless file the name of o, or a temporary one when that is taken. 0 or -errno. */
static int link_nameless(struct output *o)
{
	_cleanup_free_ char *folder = folder_of(o->path);
	char from[64];

	if (!folder)
		return -ENOMEM;
	snprintf(from, sizeof(from), "/proc/self/fd/%d", fileno(o->file));
	if (!linkat(AT_FDCWD, from, AT_FDCWD, o->path, AT_SYMLINK_FOLLOW))
		return 0;
	for (unsigned int i = 0; errno == EEXIST && i < NAMES_TRIED; i++) {
		char *name = temporary_name(folder, i);

		if (!name)
			return -ENOMEM;
		if (!linkat(AT_FDCWD, from, AT_FDCWD, name, AT_SYMLINK_FOLLOW)) {
			o->temporary = name;
			return 0;
		}
		free(name);
	}
	return -errno;
}

int output_commit(struct output *o, struct sg_error *e)
{
	int ret = output_flush(o, e);

	if (ret || o->direct)
		return ret;
	/* The data before the name: else a crash could leave an empty file in the old one's place.
	 */
	if (fsync(fileno(o->file)))
		return sg_fail_errno(e, errno, "write '%s'", o->path);
	if (!o->temporary) {
		ret = link_nameless(o);
		if (ret)
			return sg_fail_errno(e, -ret, "create '%s'", o->path);
	}
	if (!o->temporary)
		return 0;
	if (rename(o->temporary, o->path))
		return sg_fail_errno(e, errno, "replace '%s'", o->path);
	free(o->temporary);
	o->temporary = NULL;
	return 0;
}

void output_close(struct output *o)
{
	if (o->file && o->file != stdout)
		fclose(o->file);
	if (o->temporary)
		unlink(o->temporary);
	free(o->temporary);
	free(o->path);
	*o = (struct output){ 0 };
}

unsigned int output_width(const struct output *o)
{
	const char *columns = getenv("COLUMNS");
	unsigned long long n;
	struct winsize size;

	if (columns && !parse_number(columns, 10000, &n) && n)
		return (unsigned int)n;
	if (ioctl(fileno(o->file), TIOCGWINSZ, &size) || !size.ws_col)
		return 0;
	return size.ws_col;
}
