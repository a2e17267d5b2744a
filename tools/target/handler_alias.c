// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Calls whose handlers go by other names, after arch/x86/entry/syscalls/ of Linux 4.17 to 6.12.
 * Where releases differ, or 32- and 64-bit kernels, all names stand here. Checked against the
 * tables of Debian's 6.1 (amd64, i386) and 6.12, which their headers have: asm/syscalls_*.h.
 */
#include "target/handlers.h"

#include <string.h>

#include "base/cleanup.h"
#include "sysgate_abi.h"

struct alias {
	const char *call, *handlers;
};

/* x32 has these too. */
static const struct alias x86_64[] = {
	{ "_sysctl", "sysctl ni_syscall" },
	{ "afs_syscall", "ni_syscall" },
	{ "create_module", "ni_syscall" },
	{ "epoll_ctl_old", "ni_syscall" },
	{ "epoll_wait_old", "ni_syscall" },
	{ "fstat", "newfstat" },
	{ "get_kernel_syms", "ni_syscall" },
	{ "get_thread_area", "get_thread_area ni_syscall" },
	{ "getpmsg", "ni_syscall" },
	{ "lookup_dcookie", "lookup_dcookie ni_syscall" },
	{ "lstat", "newlstat" },
	{ "nfsservctl", "ni_syscall" },
	{ "putpmsg", "ni_syscall" },
	{ "query_module", "ni_syscall" },
	{ "security", "ni_syscall" },
	{ "sendfile", "sendfile64" },
	{ "set_thread_area", "set_thread_area ni_syscall" },
	{ "stat", "newstat" },
	{ "tuxcall", "ni_syscall" },
	{ "umount2", "umount" },
	{ "uname", "newuname" },
	{ "uselib", "uselib ni_syscall" },
	{ "vserver", "ni_syscall" },
};

static const struct alias x32[] = {
	{ "preadv", "preadv64 preadv" },
	{ "preadv2", "preadv64v2 preadv2" },
	{ "pwritev", "pwritev64 pwritev" },
	{ "pwritev2", "pwritev64v2 pwritev2" },
	{ "recvmmsg", "recvmmsg_time64 recvmmsg" },
	{ "rt_sigreturn", "x32_rt_sigreturn" },
	{ "rt_sigtimedwait", "rt_sigtimedwait_time64 rt_sigtimedwait" },
};

/*
 * On i386 the short names are the old calls: 16-bit users, 32-bit times, small files; and a 64-bit
 * kernel has functions of its own (ia32_, before 5.7 x86_) for arguments in two registers.
 */
static const struct alias i386[] = {
	{ "_llseek", "llseek" },
	{ "_newselect", "select" },
	{ "_sysctl", "sysctl ni_syscall" },
	{ "adjtimex", "adjtimex_time32 adjtimex" },
	{ "afs_syscall", "ni_syscall" },
	{ "bdflush", "bdflush ni_syscall" },
	{ "break", "ni_syscall" },
	{ "chown", "chown16" },
	{ "chown32", "chown" },
	{ "clock_adjtime", "clock_adjtime32 clock_adjtime" },
	{ "clock_adjtime64", "clock_adjtime" },
	{ "clock_getres", "clock_getres_time32 clock_getres" },
	{ "clock_getres_time64", "clock_getres" },
	{ "clock_gettime", "clock_gettime32 clock_gettime" },
	{ "clock_gettime64", "clock_gettime" },
	{ "clock_nanosleep", "clock_nanosleep_time32 clock_nanosleep" },
	{ "clock_nanosleep_time64", "clock_nanosleep" },
	{ "clock_settime", "clock_settime32 clock_settime" },
	{ "clock_settime64", "clock_settime" },
	{ "clone", "ia32_clone x86_clone clone" },
	{ "create_module", "ni_syscall" },
	{ "fadvise64", "ia32_fadvise64 x86_fadvise64 fadvise64" },
	{ "fadvise64_64", "ia32_fadvise64_64 x86_fadvise64_64 fadvise64_64" },
	{ "fallocate", "ia32_fallocate x86_fallocate fallocate" },
	{ "fchown", "fchown16" },
	{ "fchown32", "fchown" },
	{ "fcntl", "fcntl64 fcntl" },
	{ "fstat", "newfstat" },
	{ "fstat64", "ia32_fstat64 x86_fstat64 fstat64" },
	{ "fstatat64", "ia32_fstatat64 x86_fstatat fstatat64" },
	{ "ftime", "ni_syscall" },
	{ "ftruncate64", "ia32_ftruncate64 x86_ftruncate64 ftruncate64" },
	{ "futex", "futex_time32 futex" },
	{ "futex_time64", "futex" },
	{ "futimesat", "futimesat_time32 futimesat" },
	{ "get_kernel_syms", "ni_syscall" },
	{ "getegid", "getegid16" },
	{ "getegid32", "getegid" },
	{ "geteuid", "geteuid16" },
	{ "geteuid32", "geteuid" },
	{ "getgid", "getgid16" },
	{ "getgid32", "getgid" },
	{ "getgroups", "getgroups16" },
	{ "getgroups32", "getgroups" },
	{ "getpmsg", "ni_syscall" },
	{ "getresgid", "getresgid16" },
	{ "getresgid32", "getresgid" },
	{ "getresuid", "getresuid16" },
	{ "getresuid32", "getresuid" },
	{ "getrlimit", "old_getrlimit" },
	{ "getuid", "getuid16" },
	{ "getuid32", "getuid" },
	{ "gtty", "ni_syscall" },
	{ "idle", "ni_syscall" },
	{ "io_getevents", "io_getevents_time32 io_getevents" },
	{ "io_pgetevents", "io_pgetevents_time32 io_pgetevents" },
	{ "io_pgetevents_time64", "io_pgetevents_time64 io_pgetevents" },
	{ "lchown", "lchown16" },
	{ "lchown32", "lchown" },
	{ "lock", "ni_syscall" },
	{ "lookup_dcookie", "lookup_dcookie ni_syscall" },
	{ "lstat", "newlstat" },
	{ "lstat64", "ia32_lstat64 x86_lstat64 lstat64" },
	{ "mmap", "ia32_mmap x86_mmap mmap old_mmap" },
	{ "mmap2", "mmap_pgoff" },
	{ "mpx", "ni_syscall" },
	{ "mq_timedreceive", "mq_timedreceive_time32 mq_timedreceive" },
	{ "mq_timedreceive_time64", "mq_timedreceive" },
	{ "mq_timedsend", "mq_timedsend_time32 mq_timedsend" },
	{ "mq_timedsend_time64", "mq_timedsend" },
	{ "nanosleep", "nanosleep_time32 nanosleep" },
	{ "nfsservctl", "ni_syscall" },
	{ "oldfstat", "fstat" },
	{ "oldlstat", "lstat" },
	{ "oldolduname", "olduname" },
	{ "oldstat", "stat" },
	{ "olduname", "uname" },
	{ "ppoll", "ppoll_time32 ppoll" },
	{ "ppoll_time64", "ppoll_time64 ppoll" },
	{ "pread64", "ia32_pread64 x86_pread pread64" },
	{ "prof", "ni_syscall" },
	{ "profil", "ni_syscall" },
	{ "pselect6", "pselect6_time32 pselect6" },
	{ "pselect6_time64", "pselect6_time64 pselect6" },
	{ "putpmsg", "ni_syscall" },
	{ "pwrite64", "ia32_pwrite64 x86_pwrite pwrite64" },
	{ "query_module", "ni_syscall" },
	{ "readahead", "ia32_readahead x86_readahead readahead" },
	{ "readdir", "old_readdir" },
	{ "recvmmsg", "recvmmsg_time32 recvmmsg" },
	{ "recvmmsg_time64", "recvmmsg_time64 recvmmsg" },
	{ "rt_sigtimedwait", "rt_sigtimedwait_time32 rt_sigtimedwait" },
	{ "rt_sigtimedwait_time64", "rt_sigtimedwait_time64 rt_sigtimedwait" },
	{ "sched_rr_get_interval", "sched_rr_get_interval_time32 sched_rr_get_interval" },
	{ "sched_rr_get_interval_time64", "sched_rr_get_interval" },
	{ "select", "old_select" },
	{ "semtimedop_time64", "semtimedop" },
	{ "setfsgid", "setfsgid16" },
	{ "setfsgid32", "setfsgid" },
	{ "setfsuid", "setfsuid16" },
	{ "setfsuid32", "setfsuid" },
	{ "setgid", "setgid16" },
	{ "setgid32", "setgid" },
	{ "setgroups", "setgroups16" },
	{ "setgroups32", "setgroups" },
	{ "setregid", "setregid16" },
	{ "setregid32", "setregid" },
	{ "setresgid", "setresgid16" },
	{ "setresgid32", "setresgid" },
	{ "setresuid", "setresuid16" },
	{ "setresuid32", "setresuid" },
	{ "setreuid", "setreuid16" },
	{ "setreuid32", "setreuid" },
	{ "setuid", "setuid16" },
	{ "setuid32", "setuid" },
	{ "stat", "newstat" },
	{ "stat64", "ia32_stat64 x86_stat64 stat64" },
	{ "stime", "stime32 stime" },
	{ "stty", "ni_syscall" },
	{ "sync_file_range", "ia32_sync_file_range x86_sync_file_range sync_file_range" },
	{ "time", "time32 time" },
	{ "timer_gettime", "timer_gettime32 timer_gettime" },
	{ "timer_gettime64", "timer_gettime" },
	{ "timer_settime", "timer_settime32 timer_settime" },
	{ "timer_settime64", "timer_settime" },
	{ "timerfd_gettime", "timerfd_gettime32 timerfd_gettime" },
	{ "timerfd_gettime64", "timerfd_gettime" },
	{ "timerfd_settime", "timerfd_settime32 timerfd_settime" },
	{ "timerfd_settime64", "timerfd_settime" },
	{ "truncate64", "ia32_truncate64 x86_truncate64 truncate64" },
	{ "ugetrlimit", "getrlimit" },
	{ "ulimit", "ni_syscall" },
	{ "umount", "oldumount" },
	{ "umount2", "umount" },
	{ "uname", "newuname" },
	{ "uselib", "uselib ni_syscall" },
	{ "utime", "utime32 utime" },
	{ "utimensat", "utimensat_time32 utimensat" },
	{ "utimensat_time64", "utimensat" },
	{ "utimes", "utimes_time32 utimes" },
	{ "vm86", "vm86 ni_syscall" },
	{ "vm86old", "vm86old ni_syscall" },
	{ "vserver", "ni_syscall" },
};

static const char *find(const struct alias *list, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(list[i].call, name))
			return list[i].handlers;
	return NULL;
}

const char *handler_alias(int abi, const char *name)
{
	const char *own = NULL;

	if (abi == SYSGATE_ABI_I386)
		return find(i386, ARRAY_SIZE(i386), name);
	if (abi == SYSGATE_ABI_X32)
		own = find(x32, ARRAY_SIZE(x32), name);
	return own ? own : find(x86_64, ARRAY_SIZE(x86_64), name);
}
