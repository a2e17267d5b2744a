// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A path is walked by hand, since its parts can be looked at only one by one: whoever may write to
 * a directory can exchange all that is below it. A sticky directory is none of root's alone either:
 * everyone can take a name in it before root does.
 */
#include "target/trust.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"

#define LINKS_MAX 40

struct walk {
	int at;		     /* the directory that was reached */
	char rest[PATH_MAX]; /* what is still to go */
	char seen[PATH_MAX]; /* what was gone, for messages */
	unsigned int links;
	struct sg_error *e;
};

static int judge(const struct walk *w, const char *name, const struct stat *st)
{
	const char *slash = w->seen[0] && name[0] ? "/" : "";

	if (st->st_uid)
		sg_fail(w->e, EPERM, "cannot trust '/%s%s%s': user %u owns it, not root", w->seen,
			slash, name, st->st_uid);
	else if (!S_ISLNK(st->st_mode) && st->st_mode & 022)
		sg_fail(w->e, EPERM,
			"cannot trust '/%s%s%s': others than root can write to it (mode %o)",
			w->seen, slash, name, st->st_mode & 07777);
	else
		return 0;
	sg_hint(w->e, "root loads a module only from where nobody else can write");
	return -EPERM;
}

static int go_to_root(struct walk *w)
{
	struct stat st;
	int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (root < 0)
		return -errno;
	if (w->at >= 0)
		close(w->at);
	w->at = root;
	w->seen[0] = '\0';
	return fstat(root, &st) ? -errno : judge(w, "", &st);
}

/* Puts a symlink's target before what is still to go. */
static int follow(struct walk *w, const char *name)
{
	char target[PATH_MAX], rest[PATH_MAX];
	ssize_t n = readlinkat(w->at, name, target, sizeof(target));

	if (n < 0)
		return -errno;
	if (++w->links > LINKS_MAX)
		return -ELOOP;
	if (n == sizeof(target) ||
	    snprintf(rest, sizeof(rest), "%.*s/%s", (int)n, target, w->rest) >= (int)sizeof(rest))
		return -ENAMETOOLONG;
	memcpy(w->rest, rest, sizeof(rest));
	return target[0] == '/' ? go_to_root(w) : 0;
}

/* ".." leads to a directory that was judged on the way down. */
static void note(struct walk *w, const char *name)
{
	size_t n = strlen(w->seen);
	char *slash = strrchr(w->seen, '/');

	if (!strcmp(name, ".."))
		*(slash ? slash : w->seen) = '\0';
	else
		snprintf(w->seen + n, sizeof(w->seen) - n, "%s%s", n ? "/" : "", name);
}

static int step(struct walk *w, const char *name)
{
	struct stat st;
	int next;

	if (fstatat(w->at, name, &st, AT_SYMLINK_NOFOLLOW))
		return -errno;
	next = judge(w, name, &st);
	if (next)
		return next;
	if (S_ISLNK(st.st_mode))
		return follow(w, name);
	next = openat(w->at, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (next < 0)
		return -errno;
	close(w->at);
	w->at = next;
	/* The one that is open now, should the name have changed its meaning meanwhile. */
	next = fstat(w->at, &st) ? -errno : judge(w, name, &st);
	note(w, name);
	return next;
}

static int walk_all(struct walk *w)
{
	int err = go_to_root(w);

	while (!err) {
		char name[NAME_MAX + 1];
		size_t n;

		memmove(w->rest, w->rest + strspn(w->rest, "/"),
			strlen(w->rest + strspn(w->rest, "/")) + 1);
		n = strcspn(w->rest, "/");
		if (!n)
			return 0;
		if (n > NAME_MAX)
			return -ENAMETOOLONG;
		memcpy(name, w->rest, n);
		name[n] = '\0';
		memmove(w->rest, w->rest + n, strlen(w->rest + n) + 1);
		if (strcmp(name, "."))
			err = step(w, name);
	}
	return err;
}

/* A descriptor that can be read of one that only tells a place. */
static int reopen(int place)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", place);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	return fd < 0 ? -errno : fd;
}

int trust_open(const char *path, struct sg_error *e)
{
	struct walk w = { .at = -1, .e = e };
	char here[PATH_MAX] = "";
	int ret;

	if (path[0] != '/' && !getcwd(here, sizeof(here)))
		return sg_fail_errno(e, errno, "cannot find '%s'", path);
	if (snprintf(w.rest, sizeof(w.rest), "%s/%s", here, path) >= (int)sizeof(w.rest))
		return sg_fail_errno(e, ENAMETOOLONG, "cannot open '%s'", path);
	ret = walk_all(&w);
	if (!ret)
		ret = reopen(w.at);
	if (w.at >= 0)
		close(w.at);
	/* A judgement has its own words. */
	return ret < 0 && ret != -EPERM ? sg_fail_errno(e, -ret, "cannot open '%s'", path) : ret;
}
