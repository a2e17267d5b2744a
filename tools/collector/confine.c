// SPDX-License-Identifier: GPL-2.0-or-later
#include "collector/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <seccomp.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/options.h"
#include "sysgate_abi.h"

#define CAPABILITIES_MAX 64 /* more than any kernel has */

int confine_prepare(struct confine *c, const char *user, struct sg_error *e)
{
	const struct passwd *found = getpwnam(user);
	unsigned long long n;

	if (!found && !parse_number(user, UINT32_MAX - 1, &n))
		found = getpwuid((uid_t)n);
	if (!found)
		return sg_fail(e, EINVAL, "bad --user '%.64s': no such user", user);
	if (!found->pw_uid || !found->pw_gid)
		return sg_fail(e, EINVAL, "bad --user '%.64s': root is who it shall no longer be",
			       user);
	c->uid = found->pw_uid;
	c->gid = found->pw_gid;
	return 0;
}

static int drop_capabilities(void)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	const struct __user_cap_data_struct none[2] = { 0 };

	prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	return (int)syscall(SYS_capset, &head, none);
}

static int drop_user(const struct confine *c)
{
	/* While it still may: what a set-uid program could give back. */
	for (unsigned long cap = 0; cap < CAPABILITIES_MAX; cap++)
		prctl(PR_CAPBSET_DROP, cap, 0, 0, 0);
	if (setgroups(0, NULL) || setresgid(c->gid, c->gid, c->gid) ||
	    setresuid(c->uid, c->uid, c->uid))
		return -1;
	return drop_capabilities();
}

/*
 * By name, since not every kernel and ABI has each: 32-bit ones have two of some. What is not here
 * fails with EPERM, which is what a C library that wants something new can live with.
 */
static const char *const allowed[] = {
	/* what is open: the engine, the log, connections */
	"read",
	"pread64",
	"readv",
	"preadv",
	"write",
	"writev",
	"lseek",
	"_llseek",
	"close",
	"fcntl",
	"fcntl64",
	"accept",
	"accept4",
	"recv",
	"recvfrom",
	"recvmsg",
	"send",
	"sendto",
	"sendmsg",
	"shutdown",
	"getsockopt",
	"setsockopt",
	"getsockname",
	"getpeername",
	/* waiting */
	"poll",
	"ppoll",
	"ppoll_time64",
	"epoll_ctl",
	"epoll_wait",
	"epoll_pwait",
	"epoll_pwait2",
	"wait4",
	"waitpid",
	"waitid",
	"futex",
	"futex_time64",
	"sched_yield",
	"restart_syscall",
	/* files, which are opened for reading alone: /proc */
	"fstat",
	"fstat64",
	"stat",
	"stat64",
	"lstat",
	"lstat64",
	"newfstatat",
	"fstatat64",
	"statx",
	"getdents64",
	/* memory, which is never executable */
	"brk",
	"munmap",
	"mremap",
	"madvise",
	/* time, itself, its end */
	"clock_gettime",
	"clock_gettime64",
	"gettimeofday",
	"time",
	"getrandom",
	"getrusage",
	"uname",
	"sysinfo",
	"sched_getaffinity",
	"getpid",
	"gettid",
	"getpriority",
	"setpriority",
	"rt_sigprocmask",
	"rt_sigaction",
	"rt_sigreturn",
	"sigreturn",
	"tgkill",
	"exit",
	"exit_group",
};

/* Those that are allowed with some arguments alone: where the masked argument is the value. */
static const struct {
	const char *name;
	unsigned int argument;
	uint64_t mask, value;
} limited[] = {
	{ "open", 1, O_ACCMODE | O_CREAT | O_TRUNC, O_RDONLY },
	{ "openat", 2, O_ACCMODE | O_CREAT | O_TRUNC, O_RDONLY },
	{ "mmap", 2, PROT_EXEC, 0 },
	{ "mmap2", 2, PROT_EXEC, 0 },
	{ "mprotect", 2, PROT_EXEC, 0 },
	/* the module's device; a terminal takes none of these */
	{ "ioctl", 1, 0xff00, SYSGATE_INFO & 0xff00 },
};

static int fill_filter(scmp_filter_ctx filter)
{
	int ret = 0;

	for (size_t i = 0; i < ARRAY_SIZE(allowed) && !ret; i++) {
		int nr = seccomp_syscall_resolve_name(allowed[i]);

		if (nr != __NR_SCMP_ERROR)
			ret = seccomp_rule_add(filter, SCMP_ACT_ALLOW, nr, 0);
	}
	for (size_t i = 0; i < ARRAY_SIZE(limited) && !ret; i++) {
		int nr = seccomp_syscall_resolve_name(limited[i].name);
		const struct scmp_arg_cmp cmp = SCMP_CMP64(limited[i].argument, SCMP_CMP_MASKED_EQ,
							   limited[i].mask, limited[i].value);

		if (nr != __NR_SCMP_ERROR)
			ret = seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, nr, 1, &cmp);
	}
	return ret;
}

static int take_filter(void)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	int ret = filter ? fill_filter(filter) : -ENOMEM;

	if (!ret)
		ret = seccomp_load(filter); /* sets no_new_privs */
	seccomp_release(filter);
	return ret;
}

int confine_enter(const struct confine *c, struct sg_error *e)
{
	int ret;

	if (!geteuid() && drop_user(c))
		return sg_fail_errno(e, errno, "cannot give up root");
	ret = take_filter();
	return ret ? sg_fail_errno(e, -ret, "cannot filter system calls") : 0;
}
