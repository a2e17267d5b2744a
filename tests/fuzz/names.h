/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names of a few calls, the same on every machine, and few enough to be looked through often. */
#ifndef SYSGATE_TESTS_FUZZ_NAMES_H
#define SYSGATE_TESTS_FUZZ_NAMES_H

#include "fuzz.h"

#include "target/syscalls.h"

static inline const struct syscalls *fuzz_names(void)
{
	static const char header[] = "#define __NR_read 0\n#define __NR_write 1\n"
				     "#define __NR_stat 4\n#define __NR_getppid 64\n"
				     "#define __NR_getuid 102\n#define __NR_openat 257\n";
	static const char i386[] = "#define __NR_read 3\n#define __NR_stat 106\n"
				   "#define __NR_getuid 24\n#define __NR_waitpid 7\n"
				   "#define __NR_futex 240\n#define __NR_openat 295\n";
	static struct syscalls *names;
	struct fuzz_file file = { 0 };

	if (names)
		return names;
	names = syscalls_new_empty();
	fuzz_must(names);
	fuzz_file(&file, (struct fuzz_part){ header, sizeof(header) - 1 });
	syscalls_add_header(names, SYSGATE_ABI_X86_64, file.path);
	syscalls_add_header(names, SYSGATE_ABI_X32, file.path);
	fuzz_file(&file, (struct fuzz_part){ i386, sizeof(i386) - 1 });
	syscalls_add_header(names, SYSGATE_ABI_I386, file.path);
	close(file.fd);
	return names;
}

#endif
