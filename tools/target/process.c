// SPDX-License-Identifier: GPL-2.0-or-later
#include "target/process.h"

#include <ctype.h>
#include <dirent.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/options.h"
#include "sysgate_abi.h"
#include "target/syscalls.h"

/* The file as a string of at most size - 1 bytes; its length or -errno. */
static ssize_t read_file(const char *path, char *buf, size_t size)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return errno == ENOENT ? -ESRCH : -errno;
	n = read(fd, buf, size - 1);
	if (n < 0)
		return -errno;
	buf[n] = '\0';
	return n;
}

/*
 * The name in `status` is escaped; `comm` has it as it is, with a newline at the end that a name
 * can also contain.
 */
static int read_comm(pid_t tid, char comm[16])
{
	char path[64], buf[32];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/comm", tid);
	n = read_file(path, buf, sizeof(buf));
	if (n < 0)
		return (int)n;
	if (n && buf[n - 1] == '\n')
		buf[n - 1] = '\0';
	memcpy(comm, buf, 15);
	comm[15] = '\0';
	return 0;
}

static int read_ids(pid_t tid, struct process *p)
{
	char path[64], buf[4096];
	const char *tgid, *uid;
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/status", tid);
	n = read_file(path, buf, sizeof(buf));
	if (n < 0)
		return (int)n;
	tgid = strstr(buf, "\nTgid:");
	uid = strstr(buf, "\nUid:");
	if (!tgid || !uid || sscanf(tgid, "\nTgid: %d", &p->tgid) != 1 ||
	    sscanf(uid, "\nUid: %*u %u", &p->uid) != 1)
		return -EPROTO;
	return 0;
}

/* The unified hierarchy's path where there is one ("0::PATH"), else the first line's. */
static char *read_cgroup(pid_t tid)
{
	char path[64], buf[8192];
	const char *at;

	snprintf(path, sizeof(path), "/proc/%d/cgroup", tid);
	if (read_file(path, buf, sizeof(buf)) <= 0)
		return NULL;
	at = strncmp(buf, "0::", 3) ? strstr(buf, "\n0::") : buf;
	at = at ? strchr(at, '/') : strchr(buf, '/');
	return at ? strndup(at, strcspn(at, "\n")) : NULL;
}

int process_read(pid_t tid, struct process *p)
{
	int ret;

	memset(p, 0, sizeof(*p));
	ret = read_comm(tid, p->comm);
	if (!ret)
		ret = read_ids(tid, p);
	if (!ret)
		p->cgroup = read_cgroup(tid);
	return ret;
}

void process_fini(struct process *p)
{
	free(p->cgroup);
	p->cgroup = NULL;
}

bool process_is_kernel(pid_t tid)
{
	char path[64], target[8];

	/* Its link is there and leads nowhere. */
	snprintf(path, sizeof(path), "/proc/%d/exe", tid);
	return readlink(path, target, sizeof(target)) < 0 && errno == ENOENT &&
	       (snprintf(path, sizeof(path), "/proc/%d", tid), !access(path, F_OK));
}

int process_abi(pid_t tid)
{
	_cleanup_close_ int fd = -1;
	unsigned char head[20];
	char path[64];
	unsigned int machine;

	snprintf(path, sizeof(path), "/proc/%d/exe", tid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return process_is_kernel(tid) ? abi_native() : SYSGATE_ABI_UNKNOWN;
	if (read(fd, head, sizeof(head)) != sizeof(head) || memcmp(head, ELFMAG, SELFMAG))
		return SYSGATE_ABI_UNKNOWN;
	machine = head[18] | (unsigned int)head[19] << 8;
	if (machine == EM_386)
		return SYSGATE_ABI_I386;
	if (machine != EM_X86_64)
		return SYSGATE_ABI_UNKNOWN;
	return head[EI_CLASS] == ELFCLASS64 ? SYSGATE_ABI_X86_64 : SYSGATE_ABI_X32;
}

int32_t process_in_call(pid_t tgid, pid_t tid)
{
	char path[64], buf[256], *end;
	long nr;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/syscall", tgid, tid);
	if (read_file(path, buf, sizeof(buf)) <= 0 || !isdigit((unsigned char)buf[0]))
		return -1;
	errno = 0;
	nr = strtol(buf, &end, 10);
	/* Inside of a call its arguments follow; "-1 sp pc" is a task that sleeps outside of one.
	 */
	if (errno || *end != ' ' || nr > INT32_MAX)
		return -1;
	return (int32_t)nr;
}

/* Calls visit for every entry of path that is a number; -errno when it cannot be listed. */
static int each_number(const char *path, bool (*visit)(pid_t n, void *data), void *data)
{
	DIR *d = opendir(path);
	const struct dirent *entry;
	unsigned long long n;

	if (!d)
		return errno == ENOENT ? -ESRCH : -errno;
	while ((entry = readdir(d)))
		if (!parse_number(entry->d_name, INT32_MAX, &n) && !visit((pid_t)n, data))
			break;
	closedir(d);
	return 0;
}

struct walk {
	pid_t tgid;
	process_fn visit;
	void *data;
	bool stopped;
};

static bool visit_task(pid_t tid, void *data)
{
	struct walk *w = data;

	if (!w->visit(w->tgid, tid, w->data))
		w->stopped = true;
	return !w->stopped;
}

static bool visit_process(pid_t tgid, void *data)
{
	struct walk *w = data;
	char path[64];

	w->tgid = tgid;
	snprintf(path, sizeof(path), "/proc/%d/task", tgid);
	each_number(path, visit_task, w);
	return !w->stopped;
}

int process_each_task(pid_t tgid, process_fn visit, void *data)
{
	struct walk w = { .tgid = tgid, .visit = visit, .data = data };
	char path[64];

	if (!tgid)
		return each_number("/proc", visit_process, &w);
	snprintf(path, sizeof(path), "/proc/%d/task", tgid);
	return each_number(path, visit_task, &w);
}
