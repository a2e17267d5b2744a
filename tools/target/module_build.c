// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Building the module. All is done in a private folder inside the cache, under a lock of the
 * release's; only what is whole gets its name.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>

#include "base/cleanup.h"
#include "target/files.h"
#include "target/module_internal.h"
#include "target/module_source.h"
#include "target/trust.h"

#define SCRATCH	   MODULE_SCRATCH
#define LINES_TOLD 8

struct build {
	const char *release;
	const struct module_build_options *options;
	struct sg_error *e;
	struct module_signals signals;
	char folder[PATH_MAX - 256];  /* of the release, in the cache */
	char scratch[PATH_MAX - 128]; /* "" while there is none */
	char log[PATH_MAX - 64], made[PATH_MAX - 64];
	char headers[160], compiler[160];
	int lock;
};

__attribute__((format(printf, 2, 3))) static void say(const struct build *b, const char *fmt, ...)
{
	char text[400];
	va_list ap;

	if (!b->options->say)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	b->options->say(text);
}

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

int module_folder_open(const char *release, module_say say_to, char *folder, size_t size, int *lock,
		       struct sg_error *e)
{
	_cleanup_close_ int trusted = -1;
	char text[128];
	bool waited = false;
	int err;

	if (snprintf(folder, size, "%s/%s", module_cache(), release) >= (int)size)
		return sg_fail_errno(e, ENAMETOOLONG, "cannot build in '%s'", module_cache());
	err = make_path(folder);
	if (err) {
		sg_fail_errno(e, -err, "cannot make '%s'", folder);
		sg_hint(e, "run it as root, or set SYSGATE_MODULES to a folder of your own");
		return err;
	}
	/* Not after minutes of building: what is made there could not be loaded. */
	trusted = geteuid() ? -1 : trust_open(folder, e);
	if (trusted < 0 && !geteuid())
		return trusted;
	*lock = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (*lock < 0)
		return sg_fail_errno(e, errno, "cannot open '%s'", folder);
	if (flock(*lock, LOCK_EX | LOCK_NB)) {
		waited = true;
		snprintf(text, sizeof(text), "waiting for another build for %.64s", release);
		if (say_to)
			say_to(text);
		if (flock(*lock, LOCK_EX))
			return sg_fail_errno(e, errno, "cannot lock '%s'", folder);
	}
	clear_leftovers(folder);
	return waited ? -EALREADY : 0;
}

static int open_scratch(struct build *b)
{
	char path[sizeof(b->scratch)];
	int err;

	snprintf(path, sizeof(path), "%s/" SCRATCH "XXXXXX", b->folder);
	if (!mkdtemp(path))
		return sg_fail_errno(b->e, errno, "cannot build in '%s'", b->folder);
	memcpy(b->scratch, path, sizeof(path));
	snprintf(b->log, sizeof(b->log), "%s/log", b->scratch);
	snprintf(b->made, sizeof(b->made), "%s/" MODULE_NAME ".ko", b->scratch);
	err = module_source_write(b->scratch, b->e);
	if (!err && b->compiler[0])
		say(b, "building the module for %s with %s ...", b->release, b->compiler);
	return err;
}

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

void module_log_words(const char *log, module_say say_to, char *first, size_t size)
{
	struct lines l = { .count = 0 };
	char text[300];

	file_lines("", log, keep_line, &l);
	for (size_t i = 0; i < l.count && say_to; i++) {
		snprintf(text, sizeof(text), "  %s", l.text[i]);
		say_to(text);
	}
	snprintf(first, size, "%s", l.count ? l.text[0] : "it said nothing");
}

/* Keeps the log of a build that failed, and tells the reason from it. */
static int tell_failure(const struct build *b, const char *what)
{
	char kept[PATH_MAX], first[256];

	module_log_words(b->log, b->options->say, first, sizeof(first));
	if (module_kept_path(b->release, "log-failed", kept, sizeof(kept)) || rename(b->log, kept))
		snprintf(kept, sizeof(kept), "(no log)");
	sg_fail(b->e, EIO, "cannot build the module for %s: %s failed: %.200s", b->release, what,
		first);
	sg_hint(b->e, "all that it said is in %.400s", kept);
	return -EIO;
}

static int stopped(const struct build *b)
{
	return sg_fail(b->e, EINTR, "the build for %s was stopped by a signal", b->release);
}

static int make(struct build *b)
{
	char kdir[200], cc[200], id[64], program[160];
	char *argv[] = { program, (char *)"-C", b->scratch, kdir, cc, id, NULL, NULL };
	int err;

	module_program("make", program, sizeof(program));
	snprintf(kdir, sizeof(kdir), "KDIR=%s", b->headers);
	snprintf(cc, sizeof(cc), "CC=%s", b->compiler);
	snprintf(id, sizeof(id), "SOURCE_ID=%s", module_source_id());
	/* Kernels by clang want its linker too. */
	if (strstr(b->compiler, "clang"))
		argv[6] = (char *)"LLVM=1";
	err = module_run(&b->signals, argv, b->log);
	if (err == -EINTR)
		return stopped(b);
	if (err || access(b->made, R_OK))
		return tell_failure(b, "make");
	return 0;
}

int module_sign(struct module_signals *signals, const char *headers, const char *key,
		const char *cert, const char *file, const char *log, struct sg_error *e)
{
	char tool[200], hash[32];
	char *argv[] = { tool, hash, (char *)key, (char *)cert, (char *)file, NULL };

	snprintf(tool, sizeof(tool), "%s/scripts/sign-file", headers);
	if (access(tool, X_OK)) {
		sg_fail(e, ENOENT, "cannot sign the module: there is no '%s'", tool);
		sg_hint(e, "the kernel's own headers have it; Debian's are in linux-kbuild");
		return -ENOENT;
	}
	if (module_config(headers, "MODULE_SIG_HASH", hash, sizeof(hash)))
		snprintf(hash, sizeof(hash), "sha256");
	return module_run(signals, argv, log);
}

static int sign(struct build *b)
{
	const struct module_build_options *o = b->options;
	int err;

	if (!o->sign_key)
		return 0;
	err = module_sign(&b->signals, b->headers, o->sign_key, o->sign_cert, b->made, b->log,
			  b->e);
	if (err == -EINTR)
		return stopped(b);
	if (err == -ENOENT)
		return err;
	if (err)
		return tell_failure(b, "sign-file");
	say(b, "signed with %s", o->sign_key);
	return 0;
}

/* A module for another kernel would only be refused at load. */
static int check_made(const struct build *b)
{
	char built_for[65];
	int err = module_release(b->made, built_for, sizeof(built_for), b->e);

	if (err)
		return err;
	if (strcmp(built_for, b->release))
		return sg_fail(b->e, EIO, "'%s' builds for kernel %s, not %s", b->headers,
			       built_for, b->release);
	return 0;
}

static int publish(const struct build *b, char *path, size_t size)
{
	static const char *const files[] = { "log", MODULE_NAME ".ko" };
	char from[PATH_MAX], to[PATH_MAX];
	_cleanup_close_ int fd = open(b->made, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || fsync(fd) || fchmod(fd, 0644))
		return sg_fail_errno(b->e, errno, "cannot keep '%s'", b->made);
	/* The module last: where it is, all is. */
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		snprintf(from, sizeof(from), "%s/%s", b->scratch, files[i]);
		if (module_kept_path(b->release, files[i], to, sizeof(to)) || rename(from, to))
			return sg_fail_errno(b->e, errno, "cannot keep '%s'", from);
	}
	if (snprintf(path, size, "%s", to) >= (int)size)
		return sg_fail_errno(b->e, ENAMETOOLONG, "cannot keep '%s'", to);
	return 0;
}

/* The folder of this source, where the module or the log of its failure will be. */
static int make_place(const struct build *b)
{
	char place[PATH_MAX];
	int err = module_kept_path(b->release, "", place, sizeof(place));

	if (!err && mkdir(place, 0755) && errno != EEXIST)
		err = -errno;
	return err ? sg_fail_errno(b->e, -err, "cannot make '%s'", place) : 0;
}

static int build(struct build *b, char *path, size_t size)
{
	struct timespec from, to;
	int err;

	clock_gettime(CLOCK_MONOTONIC, &from);
	err = make_place(b);
	if (!err)
		err = open_scratch(b);
	if (!err)
		err = make(b);
	if (!err)
		err = check_made(b);
	if (!err)
		err = sign(b);
	if (!err)
		err = publish(b, path, size);
	clock_gettime(CLOCK_MONOTONIC, &to);
	if (!err)
		say(b, "built in %.1f s: %s",
		    (double)(to.tv_sec - from.tv_sec) + (double)(to.tv_nsec - from.tv_nsec) / 1e9,
		    path);
	return err;
}

int module_build(const char *release, const struct module_build_options *o, char *path, size_t size,
		 struct sg_error *e)
{
	struct build b = { .release = release, .options = o, .e = e, .lock = -1 };
	int err = module_can_build(release, e);

	if (err)
		return err;
	module_headers(release, b.headers, sizeof(b.headers));
	module_compiler(b.headers, b.compiler, sizeof(b.compiler));
	err = module_folder_open(release, o->say, b.folder, sizeof(b.folder), &b.lock, e);
	/* What the other one has made is as good, unless it has to be signed. */
	if (err == -EALREADY && (o->sign_key || module_find(release, path, size, e)))
		err = 0;
	if (!err) {
		module_signals_hold(&b.signals);
		err = build(&b, path, size);
		if (b.scratch[0])
			files_remove(b.scratch);
		module_signals_end(&b.signals);
	}
	if (b.lock >= 0)
		close(b.lock);
	return err == -EALREADY ? 0 : err;
}
