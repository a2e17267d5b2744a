// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Preloaded into whom random numbers would make dearer or cheaper from run to run: LuaJIT hashes its
 * strings and chooses what it compiles by them. They are the same in each run here.
 */
#include <dlfcn.h>
#include <stdarg.h>
#include <string.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))

EXPORT ssize_t getrandom(void *to, size_t size, unsigned int flags)
{
	(void)flags;
	memset(to, 1, size);
	return (ssize_t)size;
}

EXPORT int getentropy(void *to, size_t size)
{
	memset(to, 1, size);
	return 0;
}

/* LuaJIT asks the kernel by this. */
EXPORT long syscall(long nr, ...)
{
	static long (*libc)(long, ...);
	long arg[6];
	va_list args;

	va_start(args, nr);
	for (int i = 0; i < 6; i++)
		arg[i] = va_arg(args, long);
	va_end(args);
	if (nr == SYS_getrandom)
		return getrandom((void *)arg[0], (size_t)arg[1], (unsigned int)arg[2]);
	if (!libc)
		libc = (long (*)(long, ...))dlsym(RTLD_NEXT, "syscall");
	return libc(nr, arg[0], arg[1], arg[2], arg[3], arg[4], arg[5]);
}
