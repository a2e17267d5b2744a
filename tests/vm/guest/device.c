// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Inside a VM: device info | refusals: what the module's device says of itself, and what it
 * refuses.
 *
 * info prints "NAME VALUE" lines of SYSGATE_INFO. refusals prints one line for each thing that it
 * lets happen and should not, and leaves with 1 when there is any.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "sysgate_abi.h"

#define DEVICE "/dev/sysgate"

static bool bad;

static void want(const char *what, bool right)
{
	if (right)
		return;
	printf("%s: %s\n", what, strerror(errno));
	bad = true;
}

/* Mapping fails with err; what was mapped all the same stays for the process's short life. */
static void no_map(const char *what, int fd, int prot, int flags, uint64_t offset, size_t size,
		   int err)
{
	void *at;

	errno = 0;
	at = mmap(NULL, size, prot, flags, fd, (off_t)offset);
	/* To be written by who opened it to be read: the kernel's own refusal. */
	want(what, at == MAP_FAILED && (errno == err || (err == EPERM && errno == EACCES)));
}

static void no_maps(int fd, const struct sysgate_info *info)
{
	const int rw = PROT_READ | PROT_WRITE;
	const uint64_t beyond = SYSGATE_MAP_CPU(info->cpus);
	void *at;

	no_map("a pool mapped to be written", fd, rw, MAP_SHARED, SYSGATE_MAP_CPU(0), 4096, EPERM);
	no_map("whos mapped to be written", fd, rw, MAP_SHARED, 0, 4096, EPERM);
	no_map("a pool's copy mapped to be written", fd, rw, MAP_PRIVATE, SYSGATE_MAP_CPU(0), 4096,
	       EPERM);
	no_map("a CPU that cannot be", fd, PROT_READ, MAP_SHARED, beyond, 4096, EINVAL);
	no_map("within a pool", fd, PROT_READ, MAP_SHARED, SYSGATE_MAP_CPU(0) + 4096, 4096, EINVAL);
	no_map("more than a pool", fd, PROT_READ, MAP_SHARED, SYSGATE_MAP_CPU(0),
	       info->pool_bytes + 4096, EINVAL);
	at = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, SYSGATE_MAP_CPU(0));
	want("a pool mapped to be read", at != MAP_FAILED);
	want("written later", at == MAP_FAILED || (mprotect(at, 4096, rw) && errno == EACCES));
}

static void refusals(void)
{
	int reader = open(DEVICE, O_RDONLY), writer = open(DEVICE, O_RDWR);
	struct sysgate_info info;

	want("opened to be read", reader >= 0);
	want("opened to be written", writer >= 0);
	want("asked", !ioctl(reader, SYSGATE_INFO, &info));
	want("a second writer", open(DEVICE, O_RDWR) < 0 && errno == EBUSY);
	want("attached by a reader", ioctl(reader, SYSGATE_ATTACH) && errno == EBADF);
	want("an unknown question", ioctl(writer, _IO('G', 99)) && errno == ENOTTY);
	want("a bad address", ioctl(writer, SYSGATE_INFO, NULL) && errno == EFAULT);
	no_maps(reader, &info);
	no_maps(writer, &info);
}

static void info(void)
{
	int fd = open(DEVICE, O_RDONLY);
	struct sysgate_info i;

	want("cannot open " DEVICE, fd >= 0);
	if (fd < 0)
		return;
	want("cannot ask " DEVICE, !ioctl(fd, SYSGATE_INFO, &i));
	printf("version %u\ncpus %u\nattached %u\npool_bytes %u\nwhos_max %u\n", i.version, i.cpus,
	       i.attached, i.pool_bytes, i.whos_max);
	printf("memory_once %llu\nmemory_cpu %llu\n", (unsigned long long)i.memory_once,
	       (unsigned long long)i.memory_cpu);
}

int main(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "info"))
		info();
	else if (argc == 2 && !strcmp(argv[1], "refusals"))
		refusals();
	else
		return 2;
	return bad;
}
