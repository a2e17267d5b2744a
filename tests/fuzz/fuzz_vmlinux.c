// SPDX-License-Identifier: GPL-2.0-or-later
/* A kernel's ELF file and its DWARF, by libelf and libdw, and the path by them. An input is one. */
#include "names.h"

#include <errno.h>

#include "target/path.h"
#include "target/vmlinux.h"

static void inlined(const char *name, const struct place *call, void *data)
{
	(void)data;
	fuzz_must(name);
	fuzz_must_end(call->file);
}

static void parameter(const char *type, const char *name, uint64_t size, void *data)
{
	(void)data;
	fuzz_must(type[0] && name);
	fuzz_must(size <= 64);
}

static void ask(struct vmlinux *v)
{
	struct place place;
	struct sg_error e = { 0 };
	struct path path;
	struct path_ask asked = { .names = fuzz_names(),
				  .call = "read",
				  .kallsyms = v->symbols.path,
				  .debug = v->info,
				  .debug_stext = v->stext };
	int ret;

	if (v->functions.path[0])
		asked.functions = v->functions.path;
	if (v->blacklist.path[0])
		asked.blacklist = v->blacklist.path;
	ret = path_read(&path, &asked, &e);
	fuzz_must(!ret || e.text[0]);
	for (size_t i = 0; !ret && i < path.count; i++)
		for (size_t j = 0; j < path.ways[i].count; j++)
			fuzz_must_end(path.ways[i].steps[j].place.file);
	path_fini(&path);
	if (!v->info)
		return;
	debuginfo_place(v->info, v->stext + 16, &place);
	debuginfo_inlined(v->info, v->stext + 32, inlined, NULL);
	debuginfo_parameters(v->info, v->stext + 32, "__do_sys_read", parameter, NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct fuzz_file file;
	struct sg_error e = { 0 };
	struct vmlinux v;
	int ret = vmlinux_open(&v, fuzz_file(&file, (struct fuzz_part){ (const char *)data, size }),
			       "/nonexistent", &e);

	if (!ret)
		ask(&v);
	else
		fuzz_must((ret == -ENOEXEC || ret == -ENOENT) && e.text[0]);
	vmlinux_close(&v);
	return 0;
}
