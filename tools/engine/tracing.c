// SPDX-License-Identifier: GPL-2.0-or-later
#include "engine/tracing.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/cleanup.h"

#define PREFIX	      "sysgate-"
#define GROUP_PREFIX  "sysgate_"
#define OPEN_ATTEMPTS 64
#define NSEC	      1000000000ULL

/* Of linux/mount.h, which cannot be included beside sys/mount.h. */
#define SG_FSOPEN_CLOEXEC      1
#define SG_FSCONFIG_CMD_CREATE 6
#define SG_FSMOUNT_CLOEXEC     1

static char reached[64];

static bool is_tracefs(const char *path)
{
	struct statfs s;

	return !statfs(path, &s) && (unsigned long)s.f_type == TRACEFS_MAGIC;
}

/* A mount that hangs nowhere: it is seen through its descriptor alone, and goes with it. */
static int mount_detached(void)
{
	int mount, err, fs = (int)syscall(SYS_fsopen, "tracefs", SG_FSOPEN_CLOEXEC);

	if (fs < 0)
		return -errno;
	if (syscall(SYS_fsconfig, fs, SG_FSCONFIG_CMD_CREATE, NULL, NULL, 0)) {
		err = errno;
		close(fs);
		return -err;
	}
	mount = (int)syscall(SYS_fsmount, fs, SG_FSMOUNT_CLOEXEC, 0);
	err = errno;
	close(fs);
	return mount < 0 ? -err : mount;
}

static int fail_to_reach(int err, struct sg_error *e)
{
	if (err == EPERM || err == EACCES) {
		sg_fail(e, EPERM, "cannot use tracefs: %s", strerror(err));
		sg_hint(e,
			geteuid()
				? "run as root: tracing the kernel needs it"
				: "this root may not trace: CAP_SYS_ADMIN is missing, or the kernel "
				  "is locked down ('sysgate doctor' tells)");
		return -EPERM;
	}
	if (err == ENODEV) {
		sg_fail(e, ENOTSUP, "this kernel has no tracefs");
		sg_hint(e, "it needs CONFIG_FTRACE and CONFIG_FTRACE_SYSCALLS");
		return -ENOTSUP;
	}
	return sg_fail_errno(e, err, "cannot mount tracefs");
}

int tracing_reach(const char **dir, struct sg_error *e)
{
	static const char *const usual[] = { "/sys/kernel/tracing", "/sys/kernel/debug/tracing" };
	int fd;

	for (size_t i = 0; !reached[0] && i < ARRAY_SIZE(usual); i++)
		if (is_tracefs(usual[i]))
			snprintf(reached, sizeof(reached), "%s", usual[i]);
	if (!reached[0]) {
		fd = mount_detached();
		if (fd < 0)
			return fail_to_reach(-fd, e);
		snprintf(reached, sizeof(reached), "/proc/self/fd/%d", fd);
	}
	if (access(reached, R_OK | W_OK | X_OK))
		return fail_to_reach(errno, e);
	tracefs_set_tracing_dir(reached);
	tracefs_set_loglevel(TEP_LOG_NONE);
	*dir = reached;
	return 0;
}

/* The instance's directory, locked; -EWOULDBLOCK: another run's; -errno. */
static int lock_dir(const char *name)
{
	char path[384];
	int fd, err;

	snprintf(path, sizeof(path), "%s/instances/%s", reached, name);
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (flock(fd, LOCK_EX | LOCK_NB)) {
		err = errno;
		close(fd);
		return -err;
	}
	return fd;
}

/* Removes every probe event of a group; those in use by no instance can be. */
static void remove_probes(const char *group)
{
	_cleanup_free_ char *all = tracefs_instance_file_read(NULL, "dynamic_events", NULL);
	char *save, *line, command[512];
	size_t n = strlen(group);

	for (line = all ? strtok_r(all, "\n", &save) : NULL; line;
	     line = strtok_r(NULL, "\n", &save)) {
		const char *name = strchr(line, ':');

		if (!name || strncmp(name + 1, group, n) || name[1 + n] != '/')
			continue;
		snprintf(command, sizeof(command), "-:%.*s\n", (int)strcspn(name + 1, " "),
			 name + 1);
		tracefs_instance_file_append(NULL, "dynamic_events", command);
	}
}

static void group_of(const char *instance, char *group, size_t size)
{
	snprintf(group, size, "%s", instance);
	for (; *group; group++)
		if (*group == '-')
			*group = '_';
}

/* An open file of an instance keeps it from being removed: so this one is closed at once. */
static void events_off(const char *name)
{
	char path[384];
	int fd;

	snprintf(path, sizeof(path), "%s/instances/%s/events/enable", reached, name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	/* What cannot be turned off keeps the instance, which is then said. */
	if (write(fd, "0", 1) < 0)
		errno = 0;
	close(fd);
}

/* The lock is held. The order matters: events off, the instance gone, then its probe events. */
static int remove_instance(const char *name)
{
	char path[384], group[300];

	events_off(name);
	snprintf(path, sizeof(path), "%s/instances/%s", reached, name);
	if (rmdir(path) && errno != ENOENT)
		return -errno;
	group_of(name, group, sizeof(group));
	remove_probes(group);
	return 0;
}

static void say_removed(tracing_say_fn say, const char *what, const char *name, int ret)
{
	char text[192];

	snprintf(text, sizeof(text), "%s tracefs instance '%.64s'%s%s", what, name, ret ? ": " : "",
		 ret ? strerror(-ret) : "");
	if (say)
		say(text);
}

static void sweep_one(const char *name, tracing_say_fn say)
{
	_cleanup_close_ int lock = lock_dir(name);
	int ret;

	if (lock < 0)
		return;
	ret = remove_instance(name);
	say_removed(say, ret ? "cannot remove left" : "removed what a killed run left:", name, ret);
}

/* Instances whose lock is free belong to runs that are gone. */
static void sweep(tracing_say_fn say)
{
	char path[384];
	DIR *d;
	const struct dirent *entry;

	snprintf(path, sizeof(path), "%s/instances", reached);
	d = opendir(path);
	if (!d)
		return;
	while ((entry = readdir(d)))
		if (!strncmp(entry->d_name, PREFIX, strlen(PREFIX)))
			sweep_one(entry->d_name, say);
	closedir(d);
}

/*
 * Between mkdir and flock another run may take the new instance for a left one and remove it: then
 * the lock cannot be had, or the directory is gone.
 */
static bool take(struct tracing_instance *t)
{
	char path[384];
	struct stat by_name, by_fd;

	t->lock = lock_dir(t->name);
	if (t->lock < 0)
		return false;
	snprintf(path, sizeof(path), "%s/instances/%s", reached, t->name);
	if (!fstat(t->lock, &by_fd) && !stat(path, &by_name) && by_fd.st_ino == by_name.st_ino)
		return true;
	close(t->lock);
	t->lock = -1;
	return false;
}

int tracing_instance_open(struct tracing_instance *t, tracing_say_fn say, struct sg_error *e)
{
	const char *dir;
	int ret = tracing_reach(&dir, e);

	t->instance = NULL;
	t->lock = -1;
	t->say = say;
	if (ret)
		return ret;
	sweep(say);
	for (int i = 0; i < OPEN_ATTEMPTS; i++) {
		snprintf(t->name, sizeof(t->name), PREFIX "%d-%d", (int)getpid(), i);
		group_of(t->name, t->group, sizeof(t->group));
		errno = 0;
		t->instance = tracefs_instance_create(t->name);
		if (!t->instance)
			return sg_fail_errno(e, errno ? errno : EIO,
					     "cannot create tracefs instance '%s'", t->name);
		if (tracefs_instance_is_new(t->instance) && take(t))
			return 0;
		tracefs_instance_free(t->instance);
		t->instance = NULL;
	}
	return sg_fail(e, EAGAIN, "cannot create a tracefs instance: other runs keep removing it");
}

void tracing_instance_close(struct tracing_instance *t)
{
	int ret;

	if (!t->instance)
		return;
	ret = remove_instance(t->name);
	if (ret)
		say_removed(t->say, "cannot remove", t->name, ret);
	tracefs_instance_free(t->instance);
	t->instance = NULL;
	if (t->lock >= 0)
		close(t->lock);
	t->lock = -1;
}

int tracing_probe(struct tracing_instance *t, const char *text, struct sg_error *e)
{
	char line[256];

	snprintf(line, sizeof(line), text, t->group);
	tracefs_error_clear(NULL);
	if (tracefs_instance_file_append(NULL, "dynamic_events", line) < 0) {
		int err = errno;
		_cleanup_free_ char *words = tracefs_error_last(NULL);

		/* "[  12.3] trace_kprobe: error: REASON\n  Command: ..." */
		char *reason = words ? strstr(words, "error: ") : NULL;

		if (reason)
			return sg_fail(e, err, "probe refused: %.*s",
				       (int)strcspn(reason + 7, "\n"), reason + 7);
		return sg_fail_errno(e, err, "probe refused");
	}
	return 0;
}

void tracing_probes_remove(struct tracing_instance *t)
{
	remove_probes(t->group);
}

int tracing_write(struct tracing_instance *t, const char *file, const char *value,
		  struct sg_error *e)
{
	if (tracefs_instance_file_write(t->instance, file, value) >= 0)
		return 0;
	return sg_fail_errno(e, errno ? errno : EIO, "cannot write '%s' to '%s' of tracefs", value,
			     file);
}

/* The number after name; 0 when it is not there. */
static uint64_t stat_of(const char *text, const char *name)
{
	const char *at = strstr(text, name);

	return at ? strtoull(at + strlen(name), NULL, 10) : 0;
}

void tracing_parse_stats(const char *text, uint64_t *lost, uint64_t *now)
{
	const char *at = strstr(text, "\nnow ts:");
	unsigned long long sec, usec;

	*lost += stat_of(text, "\noverrun: ") + stat_of(text, "\ncommit overrun: ") +
		 stat_of(text, "\ndropped events: ");
	if (at && sscanf(at, "\nnow ts: %llu.%6llu", &sec, &usec) == 2)
		*now = sec * NSEC + usec * 1000;
	else if (at)
		*now = stat_of(text, "\nnow ts: ");
}
