// SPDX-License-Identifier: GPL-2.0-or-later
/* Runs a script's module by staprun, which loads it, passes on what it prints, and removes it. */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "engine/stap.h"
#include "target/files.h"
#include "target/module_internal.h"
#include "target/stap_build.h"

#define BUFFER_MB	   "16" /* of what is printed and not yet read */
#define PARAMS_MAX	   8
#define END_MS		   10000 /* that a script may take to end by itself */
#define LOOK_NS		   20000000
#define PROC_STAP	   "/proc/systemtap"
#define LINE_SAID(l, what) (!strncmp(l, what, strlen(what)))

/* ---- what it says ---- */

static void keep_words(struct stap_run *r, const char *text)
{
	if (r->words_count == STAP_WORDS) {
		memmove(r->words[0], r->words[1], sizeof(r->words) - sizeof(r->words[0]));
		r->words_count--;
	}
	snprintf(r->words[r->words_count++], sizeof(r->words[0]), "%s", text);
}

void stap_run_heard(struct stap_run *r, const char *line)
{
	if (LINE_SAID(line, "ERROR: ") || LINE_SAID(line, "WARNING: ") || strstr(line, "rror: "))
		keep_words(r, line);
}

void stap_run_words(const struct stap_run *r, char *text, size_t size)
{
	size_t n = 0;

	text[0] = '\0';
	for (size_t i = 0; i < r->words_count && n < size; i++)
		n += (size_t)snprintf(text + n, size - n, "%s%s", i ? "; " : "", r->words[i]);
}

static void hear(struct stap_run *r, const char *data, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		/* Some of its lines end the line above with this. */
		if (data[i] != '\n' && data[i] != '\r') {
			if (r->line_used < sizeof(r->line) - 1)
				r->line[r->line_used++] = data[i];
			continue;
		}
		r->line[r->line_used] = '\0';
		if (r->line_used)
			stap_run_heard(r, r->line);
		r->line_used = 0;
	}
}

/* ---- modules ---- */

static bool is_loaded(const char *name)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "/sys/module/%s", name);
	return !access(path, F_OK);
}

/* Somebody holds it: its stapio is there. */
static bool is_held_now(const char *name)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "sys/module/%s/refcnt", name);
	return file_number("", path, 0) > 0;
}

/* One that is just being loaded is nobody's for a moment. */
static bool is_held(const char *name)
{
	const struct timespec moment = { 0, 500000000 };

	if (is_held_now(name))
		return true;
	nanosleep(&moment, NULL);
	return is_held_now(name);
}

static pid_t start(char *const argv[], int out, int err)
{
	static const char *const environment[] = { "LC_ALL=C", "PATH=/usr/sbin:/usr/bin:/sbin:/bin",
						   NULL };
	pid_t pid = fork();
	sigset_t none;
	int null;

	if (pid)
		return pid;
	for (int s = 1; s < NSIG; s++)
		signal(s, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	/* The terminal's Ctrl-C is for who reads, which asks for the end itself. */
	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	null = open("/dev/null", O_RDWR);
	if (null < 0 || dup2(null, 0) < 0 || dup2(out < 0 ? null : out, 1) < 0 ||
	    dup2(err < 0 ? null : err, 2) < 0)
		_exit(126);
	execve(argv[0], argv, (char *const *)environment);
	dprintf(2, "ERROR: %s cannot be run\n", argv[0]);
	_exit(127);
}

static void remove_module(const char *name)
{
	char program[160];
	char *argv[] = { program, (char *)"-d", (char *)name, NULL };
	pid_t pid = module_program("staprun", program, sizeof(program)) ? start(argv, -1, -1) : -1;

	if (pid > 0)
		waitpid(pid, NULL, 0);
}

void stap_remove_leftovers(module_say say)
{
	DIR *d = opendir("/sys/module");
	const struct dirent *entry;
	char text[NAME_MAX + 64];

	while (d && (entry = readdir(d))) {
		const char *name = entry->d_name;

		if (strncmp(name, STAP_MODULE_PREFIX, strlen(STAP_MODULE_PREFIX)) || is_held(name))
			continue;
		remove_module(name);
		snprintf(text, sizeof(text), "%s the module %s that a killed run left",
			 is_loaded(name) ? "could not remove" : "removed", name);
		if (say)
			say(text);
	}
	if (d)
		closedir(d);
}

/* ---- the run ---- */

static int open_pipes(int out[2], int err[2], struct sg_error *e)
{
	if (pipe2(out, O_CLOEXEC))
		return sg_fail_errno(e, errno, "cannot make a pipe");
	if (pipe2(err, O_CLOEXEC)) {
		close(out[0]);
		close(out[1]);
		return sg_fail_errno(e, errno, "cannot make a pipe");
	}
	fcntl(out[0], F_SETFL, O_NONBLOCK);
	fcntl(err[0], F_SETFL, O_NONBLOCK);
	fcntl(out[1], F_SETPIPE_SZ, 1 << 20);
	return 0;
}

/* The module's name is its file's. */
static void set_name(struct stap_run *r, const char *path)
{
	const char *slash = strrchr(path, '/');

	snprintf(r->name, sizeof(r->name), "%s", slash ? slash + 1 : path);
	r->name[strcspn(r->name, ".")] = '\0';
}

int stap_run_open(struct stap_run *r, const char *path, const char *const *params, module_say say,
		  struct sg_error *e)
{
	char program[160];
	char *argv[PARAMS_MAX + 5] = { program, (char *)"-b", (char *)BUFFER_MB, (char *)path };
	int out[2], err[2], ret;

	memset(r, 0, sizeof(*r));
	r->out = r->err = -1;
	set_name(r, path);
	if (!module_program("staprun", program, sizeof(program)))
		return sg_fail(e, ENOENT, "there is no staprun");
	for (size_t i = 0; params[i] && i < PARAMS_MAX; i++)
		argv[4 + i] = (char *)params[i];
	stap_remove_leftovers(say);
	if (is_loaded(r->name)) {
		sg_fail(e, EBUSY, "the script's module %s is loaded: another run counts with it",
			r->name);
		sg_hint(e, "wait for it, or: staprun -d %s", r->name);
		return -EBUSY;
	}
	ret = open_pipes(out, err, e);
	if (ret)
		return ret;
	r->pid = start(argv, out[1], err[1]);
	ret = r->pid < 0 ? sg_fail_errno(e, errno, "cannot start staprun") : 0;
	close(out[1]);
	close(err[1]);
	r->out = out[0];
	r->err = err[0];
	return ret;
}

static ssize_t read_some(int fd, char *data, size_t size)
{
	return fd < 0 ? 0 : TEMP_FAILURE_RETRY(read(fd, data, size));
}

int stap_run_pump(struct stap_run *r, struct stap_reader *to)
{
	static char data[1 << 16];
	ssize_t n;
	int ret = 0;

	while ((n = read_some(r->err, data, sizeof(data))) > 0)
		hear(r, data, (size_t)n);
	while (!ret && (n = read_some(r->out, data, sizeof(data))) > 0)
		ret = stap_reader_feed(to, data, (size_t)n);
	if (!ret && !n)
		r->ended = true;
	return ret;
}

void stap_run_wait(const struct stap_run *r, int ms)
{
	struct pollfd fds[2] = { { r->out, POLLIN, 0 }, { r->err, POLLIN, 0 } };

	poll(fds, 2, ms);
}

int stap_run_ask(const struct stap_run *r, const char *what)
{
	_cleanup_close_ int fd = -1;
	char path[PATH_MAX];

	snprintf(path, sizeof(path), PROC_STAP "/%s/ask", r->name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	return write(fd, what, strlen(what)) < 0 ? -errno : 0;
}

static bool is_gone(struct stap_run *r)
{
	if (r->pid > 0 && waitpid(r->pid, NULL, WNOHANG) != 0)
		r->pid = 0;
	return r->pid <= 0;
}

/* Until it has ended, at most END_MS. What it says meanwhile must not hold it up. */
static bool wait_for_end(struct stap_run *r)
{
	const struct timespec look = { 0, LOOK_NS };
	char data[4096];
	ssize_t n;

	for (int ms = 0; !is_gone(r); ms += LOOK_NS / 1000000) {
		if (ms >= END_MS)
			return false;
		while ((n = read_some(r->out, data, sizeof(data))) > 0)
			;
		while ((n = read_some(r->err, data, sizeof(data))) > 0)
			hear(r, data, (size_t)n);
		nanosleep(&look, NULL);
	}
	return true;
}

void stap_run_close(struct stap_run *r)
{
	if (r->pid > 0 && !is_gone(r)) {
		if (!r->ended && stap_run_ask(r, "stop"))
			kill(r->pid, SIGTERM);
		if (!wait_for_end(r)) {
			kill(r->pid, SIGKILL);
			waitpid(r->pid, NULL, 0);
			r->pid = 0;
		}
	}
	if (r->out >= 0)
		close(r->out);
	if (r->err >= 0)
		close(r->err);
	r->out = r->err = -1;
	if (r->name[0] && is_loaded(r->name) && !is_held_now(r->name))
		remove_module(r->name);
	r->name[0] = '\0';
}
