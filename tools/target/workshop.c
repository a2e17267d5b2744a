// SPDX-License-Identifier: GPL-2.0-or-later
#include "target/workshop.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>

#include "base/cleanup.h"
#include "target/files.h"
#include "target/trust.h"

/* What begins so in a release's folder is being built, or was when its build was killed. */
#define SCRATCH	   ".build-"
#define LINES_TOLD 8

void workshop_say(const struct workshop *w, const char *fmt, ...)
{
	char text[400];
	va_list ap;

	if (!w->say)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	w->say(text);
}

/* ---- opening ---- */

/* Makes a directory and those above it. 0 or -errno. */
static int make_path(const char *path)
{
	char part[PATH_MAX];
	int err = 0;

	snprintf(part, sizeof(part), "%s", path);
	for (char *slash = strchr(part + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		err = mkdir(part, 0755) ? errno : 0;
		*slash = '/';
		if (err && err != EEXIST && err != EROFS)
			return -err;
	}
	return mkdir(part, 0755) && errno != EEXIST ? -errno : 0;
}

/* What a killed build left; the lock says that there is no other one. */
static void clear_leftovers(const char *folder)
{
	DIR *dir = opendir(folder);
	const struct dirent *entry;
	char path[PATH_MAX];

	while (dir && (entry = readdir(dir))) {
		if (strncmp(entry->d_name, SCRATCH, strlen(SCRATCH)))
			continue;
		if (snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name) <
		    (int)sizeof(path))
			files_remove(path);
	}
	if (dir)
		closedir(dir);
}

int workshop_open(struct workshop *w)
{
	_cleanup_close_ int trusted = -1;
	bool waited = false;
	int err;

	w->lock = -1;
	module_headers(w->release, w->headers, sizeof(w->headers));
	if (snprintf(w->folder, sizeof(w->folder), "%s/%s", module_cache(), w->release) >=
		    (int)sizeof(w->folder) ||
	    snprintf(w->place, sizeof(w->place), "%s/%s", w->folder, w->keeper) >=
		    (int)sizeof(w->place))
		return sg_fail_errno(w->e, ENAMETOOLONG, "cannot build in '%s'", module_cache());
	err = make_path(w->folder);
	if (err) {
		sg_fail_errno(w->e, -err, "cannot make '%s'", w->folder);
		sg_hint(w->e, "run it as root, or set SYSGATE_MODULES to a folder of your own");
		return err;
	}
	/* Not after minutes of building: what is made there could not be loaded. */
	trusted = geteuid() ? -1 : trust_open(w->folder, w->e);
	if (trusted < 0 && !geteuid())
		return trusted;
	w->lock = open(w->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (w->lock < 0)
		return sg_fail_errno(w->e, errno, "cannot open '%s'", w->folder);
	if (flock(w->lock, LOCK_EX | LOCK_NB)) {
		waited = true;
		workshop_say(w, "waiting for another build for %.64s", w->release);
		if (flock(w->lock, LOCK_EX))
			return sg_fail_errno(w->e, errno, "cannot lock '%s'", w->folder);
	}
	clear_leftovers(w->folder);
	return waited ? -EALREADY : 0;
}

void workshop_close(struct workshop *w)
{
	if (w->lock >= 0)
		close(w->lock);
	w->lock = -1;
}

/* ---- building ---- */

/* The log's lines that tell most: from the first error on, else the last ones. */
struct lines {
	char text[LINES_TOLD][256];
	size_t count;
	bool error; /* the first of them is one */
};

static bool keep_line(const char *line, void *data)
{
	struct lines *l = data;
	bool error = strstr(line, "error:") || strstr(line, "Error") || strstr(line, "ERROR");

	if (error && !l->error) {
		l->error = true;
		l->count = 0;
	}
	if (l->count == LINES_TOLD) {
		if (l->error)
			return false;
		memmove(l->text[0], l->text[1], sizeof(l->text) - sizeof(l->text[0]));
		l->count--;
	}
	if (line[0])
		snprintf(l->text[l->count++], sizeof(l->text[0]), "%s", line);
	return true;
}

int workshop_failed(const struct workshop *w, const char *what)
{
	struct lines l = { .count = 0 };
	char kept[PATH_MAX];

	file_lines("", w->log, keep_line, &l);
	for (size_t i = 0; i < l.count; i++)
		workshop_say(w, "  %s", l.text[i]);
	snprintf(kept, sizeof(kept), "%s/log-failed", w->place);
	if (rename(w->log, kept))
		snprintf(kept, sizeof(kept), "(no log)");
	sg_fail(w->e, EIO, "cannot build %s for %s: %s failed: %.200s", w->product, w->release,
		what, l.count ? l.text[0] : "it said nothing");
	sg_hint(w->e, "all that it said is in %.400s", kept);
	return -EIO;
}

int workshop_run(struct workshop *w, char *const argv[])
{
	int err = module_run(&w->signals, argv, w->log);

	if (err == -EINTR)
		sg_fail(w->e, EINTR, "the build for %s was stopped by a signal", w->release);
	return err;
}

static int sign(struct workshop *w)
{
	char tool[200], hash[32];
	char *argv[] = { tool, hash, (char *)w->sign_key, (char *)w->sign_cert, w->made, NULL };
	int err;

	if (!w->sign_key)
		return 0;
	snprintf(tool, sizeof(tool), "%s/scripts/sign-file", w->headers);
	if (access(tool, X_OK)) {
		sg_fail(w->e, ENOENT, "cannot sign the module: there is no '%s'", tool);
		sg_hint(w->e, "the kernel's own headers have it; Debian's are in linux-kbuild");
		return -ENOENT;
	}
	if (module_config(w->headers, "MODULE_SIG_HASH", hash, sizeof(hash)))
		snprintf(hash, sizeof(hash), "sha256");
	err = workshop_run(w, argv);
	if (err)
		return err == -EINTR ? err : workshop_failed(w, "sign-file");
	workshop_say(w, "signed with %s", w->sign_key);
	return 0;
}

static int open_scratch(struct workshop *w)
{
	char path[sizeof(w->scratch)];

	if (mkdir(w->place, 0755) && errno != EEXIST)
		return sg_fail_errno(w->e, errno, "cannot make '%s'", w->place);
	snprintf(path, sizeof(path), "%s/" SCRATCH "XXXXXX", w->folder);
	if (!mkdtemp(path))
		return sg_fail_errno(w->e, errno, "cannot build in '%s'", w->folder);
	memcpy(w->scratch, path, sizeof(path));
	snprintf(w->log, sizeof(w->log), "%s/log", w->scratch);
	snprintf(w->made, sizeof(w->made), "%s/%s", w->scratch, w->file);
	return 0;
}

static int keep(const struct workshop *w, const char *file, char *path, size_t size)
{
	char from[PATH_MAX];

	snprintf(from, sizeof(from), "%s/%s", w->scratch, file);
	if (snprintf(path, size, "%s/%s", w->place, file) >= (int)size)
		return sg_fail_errno(w->e, ENAMETOOLONG, "cannot keep '%s'", from);
	return rename(from, path) ? sg_fail_errno(w->e, errno, "cannot keep '%s'", from) : 0;
}

static int publish(const struct workshop *w, const char *const with[], char *path, size_t size)
{
	_cleanup_close_ int fd = open(w->made, O_RDONLY | O_CLOEXEC);
	int err;

	if (fd < 0 || fsync(fd) || fchmod(fd, 0644))
		return sg_fail_errno(w->e, errno, "cannot keep '%s'", w->made);
	err = keep(w, "log", path, size);
	for (; !err && *with; with++)
		err = keep(w, *with, path, size);
	/* The module last: where it is, all is. */
	return err ? err : keep(w, w->file, path, size);
}

int workshop_build(struct workshop *w, int (*make)(struct workshop *w), const char *const with[],
		   char *path, size_t size)
{
	struct timespec from, to;
	int err;

	clock_gettime(CLOCK_MONOTONIC, &from);
	module_signals_hold(&w->signals);
	err = open_scratch(w);
	if (!err)
		err = make(w);
	if (!err)
		err = sign(w);
	if (!err)
		err = publish(w, with, path, size);
	clock_gettime(CLOCK_MONOTONIC, &to);
	if (!err)
		workshop_say(w, "built in %.1f s: %s",
			     (double)(to.tv_sec - from.tv_sec) +
				     (double)(to.tv_nsec - from.tv_nsec) / 1e9,
			     path);
	if (w->scratch[0])
		files_remove(w->scratch);
	module_signals_end(&w->signals);
	return err;
}
