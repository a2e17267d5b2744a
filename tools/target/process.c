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
void process_parse_comm(const char *text, char comm[16])
{
	size_t n = strlen(text);

	if (n && text[n - 1] == '\n')
		n--;
	snprintf(comm, 16, "%.*s", (int)n, text);
}

int process_parse_status(const char *text, struct process *p)
{
	const char *tgid = strstr(text, "\nTgid:"), *uid = strstr(text, "\nUid:");

	if (!tgid || !uid || sscanf(tgid, "\nTgid: %d", &p->tgid) != 1 ||
	    sscanf(uid, "\nUid: %*u %u", &p->uid) != 1)
		return -EPROTO;
	return 0;
}

char *process_parse_cgroup(const char *text)
{
	const char *at = strncmp(text, "0::", 3) ? strstr(text, "\n0::") : text;

	at = at ? strchr(at, '/') : strchr(text, '/');
	return at ? strndup(at, strcspn(at, "\n")) : NULL;
}

static int read_comm(pid_t tid, char comm[16])
{
	char path[64], buf[32];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/comm", tid);
	n = read_file(path, buf, sizeof(buf));
	if (n < 0)
		return (int)n;
	process_parse_comm(buf, comm);
	return 0;
}

static int read_ids(pid_t tid, struct process *p)
{
	char path[64], buf[4096];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/status", tid);
	n = read_file(path, buf, sizeof(buf));
	return n < 0 ? (int)n : process_parse_status(buf, p);
}

static char *read_cgroup(pid_t tid)
{
	char path[64], buf[8192];

	snprintf(path, sizeof(path), "/proc/%d/cgroup", tid);
	return read_file(path, buf, sizeof(buf)) <= 0 ? NULL : process_parse_cgroup(buf);
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

int process_parse_elf(const unsigned char *head, size_t size)
{
	unsigned int machine;

	if (size < PROCESS_ELF_HEAD || memcmp(head, ELFMAG, SELFMAG))
		return SYSGATE_ABI_UNKNOWN;
	machine = head[18] | (unsigned int)head[19] << 8;
	if (machine == EM_386)
		return SYSGATE_ABI_I386;
	if (machine != EM_X86_64)
		return SYSGATE_ABI_UNKNOWN;
	return head[EI_CLASS] == ELFCLASS64 ? SYSGATE_ABI_X86_64 : SYSGATE_ABI_X32;
}

int process_abi(pid_t tid)
{
	_cleanup_close_ int fd = -1;
	unsigned char head[PROCESS_ELF_HEAD];
	char path[64];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/exe", tid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return process_is_kernel(tid) ? abi_native() : SYSGATE_ABI_UNKNOWN;
	n = read(fd, head, sizeof(head));
	return n < 0 ? SYSGATE_ABI_UNKNOWN : process_parse_elf(head, (size_t)n);
}

int32_t process_parse_call(const char *text)
{
	char *end;
	long nr;

	if (!isdigit((unsigned char)text[0]))
		return -1;
	errno = 0;
	nr = strtol(text, &end, 10);
	/* Inside of a call its arguments follow; "-1 sp pc" is a task that sleeps outside of one.
	 */
	if (errno || *end != ' ' || nr > INT32_MAX)
		return -1;
	return (int32_t)nr;
}

int32_t process_in_call(pid_t tgid, pid_t tid)
{
	char path[64], buf[256];

	snprintf(path, sizeof(path), "/proc/%d/task/%d/syscall", tgid, tid);
	return read_file(path, buf, sizeof(buf)) <= 0 ? -1 : process_parse_call(buf);
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
