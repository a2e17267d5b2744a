// SPDX-License-Identifier: GPL-2.0-or-later
/* Names of calls. An input is a unistd header and a --names file, parted by a line "--". */
#include "fuzz.h"

#include <ctype.h>
#include <errno.h>

#include "target/syscalls.h"

/* A name is one of C, and leads back to its number unless another number has it too. */
static void visit(int abi, int32_t nr, const char *name, void *data)
{
	const struct syscalls *t = data;
	char buf[16];

	fuzz_must(nr >= 0 && name[0] && strlen(name) < 64);
	for (const char *p = name; *p; p++)
		fuzz_must(isalnum((unsigned char)*p) || *p == '_');
	fuzz_must(syscalls_name(t, abi, nr, buf, sizeof(buf)) == name);
	fuzz_must(syscalls_number(t, abi, name) >= 0);
}

static void check_error(const struct sg_error *e)
{
	fuzz_must(e->text[0] && e->hint[0]);
	for (const char *p = e->text; *p; p++)
		fuzz_must(!iscntrl((unsigned char)*p));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct fuzz_file header, names;
	struct fuzz_part rest = { (const char *)data, size };
	struct syscalls *t = syscalls_new_empty();
	struct sg_error e = { 0 };
	int ret;

	fuzz_must(t);
	fuzz_file(&header, fuzz_part(&rest));
	for (int abi = SYSGATE_ABI_X86_64; abi < SYSGATE_ABIS; abi++)
		fuzz_must(!syscalls_add_header(t, abi, header.path));
	ret = syscalls_add_file(t, fuzz_file(&names, rest), &e);
	fuzz_must(!ret || ret == -EINVAL);
	if (ret)
		check_error(&e);
	for (int abi = 0; abi < SYSGATE_ABIS; abi++)
		syscalls_each(t, abi, visit, t);
	syscalls_free(t);
	return 0;
}
