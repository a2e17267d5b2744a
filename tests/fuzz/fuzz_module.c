// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the kernel says of the loaded module, and the headers' configuration of their kernel. An
 * input is files, each its path and its lines, parted by lines "--".
 */
#include "fuzz.h"

#include "target/module_internal.h"

static const char *const paths[] = {
	"module/sysgate/initstate",
	"module/sysgate/parameters/gid",
	"module/sysgate/parameters/owner",
	"module/sysgate/parameters/pool_kb",
	"module/sysgate/refcnt",
	"module/sysgate/srcversion",
	"module/sysgate/version",
	"include/config/auto.conf",
	".config",
	NULL,
};

static struct fuzz_tree tree = { .paths = paths };

static void read_config(const char *headers)
{
	char value[64], compiler[160];

	if (!module_config(headers, "CC_VERSION_TEXT", value, sizeof(value)))
		fuzz_must_end(value);
	module_config(headers, "MODULE_SIG_HASH", value, sizeof(value));
	if (!module_compiler(headers, compiler, sizeof(compiler)))
		fuzz_must(compiler[0] == '/');
	fuzz_must_end(compiler);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *root = fuzz_tree(&tree, (struct fuzz_part){ (const char *)data, size });
	struct module_state s;

	module_state_read(&s, root);
	fuzz_must_end(s.version);
	fuzz_must_end(s.source);
	fuzz_must(s.loaded || !s.owner_alive);
	read_config(root);
	return 0;
}
