// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The path of a call through a kernel. An input is the call's name, tracefs's list of functions,
 * the blacklist of kprobes and a symbol table, parted by lines "--".
 */
#include "names.h"

#include <errno.h>

#include "cmd/path.h"

static void check_step(const struct path_step *s)
{
	fuzz_must_end(s->symbol);
	fuzz_must_end(s->plan);
	fuzz_must_end(s->probe.why);
	fuzz_must(s->symbol[0] || s->row->flags & WAY_CALL_HANDLER);
	fuzz_must(s->probe.tracefs != YES || (s->here && s->probe.how));
	fuzz_must(s->probe.tracefs != YES || s->probe.module == YES);
	fuzz_must(!s->plan[0] || s->here);
}

static void check_path(const struct path *p)
{
	struct path_view view = { .path = p, .kernel = "fuzz" };
	_cleanup_fclose_ FILE *out = fopen("/dev/null", "w");

	fuzz_must(p->era && out);
	for (size_t i = 0; i < p->count; i++)
		for (size_t j = 0; j < p->ways[i].count; j++)
			check_step(&p->ways[i].steps[j]);
	fuzz_must(!path_write_text(out, &view, 80));
	fuzz_must(!path_write_json(out, &view));
	fuzz_must(!path_write_dot(out, &view));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct fuzz_file functions, blacklist, kallsyms;
	struct fuzz_part rest = { (const char *)data, size };
	_cleanup_free_ char *call = fuzz_text(fuzz_part(&rest));
	struct path_ask ask = { .names = fuzz_names() };
	struct sg_error e = { 0 };
	struct path path;
	int ret;

	call[strcspn(call, "\n")] = '\0';
	ask.call = call[0] ? call : NULL;
	ask.functions = fuzz_file(&functions, fuzz_part(&rest));
	ask.blacklist = fuzz_file(&blacklist, fuzz_part(&rest));
	ask.kallsyms = fuzz_file(&kallsyms, rest);
	ret = path_read(&path, &ask, &e);
	if (!ret)
		check_path(&path);
	else
		fuzz_must((ret == -ENOENT || ret == -EPERM) && e.text[0]);
	path_fini(&path);
	return 0;
}
