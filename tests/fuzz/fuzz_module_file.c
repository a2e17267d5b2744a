// SPDX-License-Identifier: GPL-2.0-or-later
/* What a module file says of itself, through libkmod. An input is one. */
#include "fuzz.h"

#include <errno.h>

#include "target/module.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct fuzz_file file;
	struct sg_error e = { 0 };
	char release[65];
	int ret = module_release(fuzz_file(&file, (struct fuzz_part){ (const char *)data, size }),
				 release, sizeof(release), &e);

	fuzz_must(!ret || (ret == -ENOEXEC && e.text[0]));
	fuzz_must_end(release);
	return 0;
}
