// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A call explained by the format of its tracepoint. An input is the call's name, a format and a
 * symbol table, parted by lines "--".
 */
#include "names.h"

#include <errno.h>

#include "cmd/explain.h"

static const char *const paths[] = { "events/syscalls/sys_enter_read/format", NULL };

static void check_call(const struct explain_call *c)
{
	size_t slots = 0;

	fuzz_must(c->count <= EXPLAIN_ARGUMENTS);
	fuzz_must_end(c->handler);
	fuzz_must(c->source != EXPLAIN_NONE || !c->count);
	for (size_t i = 0; i < c->count; i++) {
		fuzz_must_end(c->arguments[i].type);
		fuzz_must_end(c->arguments[i].name);
		fuzz_must(c->arguments[i].slots <= 2);
		slots += c->arguments[i].slots;
	}
	fuzz_must(slots <= EXPLAIN_ARGUMENTS);
}

static void show(const struct explain *x)
{
	struct explain_view view = { .explain = x, .call = "call", .kernel = "fuzz" };
	_cleanup_fclose_ FILE *out = fopen("/dev/null", "w");

	fuzz_must(out);
	for (size_t i = 0; i < x->count; i++)
		check_call(&x->calls[i]);
	fuzz_must(!explain_write_text(out, &view, 80));
	fuzz_must(!explain_write_json(out, &view));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct fuzz_tree tree = { .paths = paths };
	static struct fuzz_file kallsyms;
	struct fuzz_part rest = { (const char *)data, size };
	_cleanup_free_ char *call = fuzz_text(fuzz_part(&rest));
	struct fuzz_part format = fuzz_part(&rest);
	struct explain_ask ask = { .names = fuzz_names() };
	struct sg_error e = { 0 };
	struct explainer *r;
	struct explain x;
	int ret;

	call[strcspn(call, "\n")] = '\0';
	if (!tree.root[0])
		fuzz_tree_make(&tree);
	fuzz_tree_put(&tree, paths[0], format);
	ask.tracefs = tree.root;
	ask.kallsyms = fuzz_file(&kallsyms, rest);
	r = explainer_new(&ask);
	fuzz_must(r);
	ret = explain_read(&x, r, call, &e);
	fuzz_must(!ret || (ret == -ENOENT && e.text[0]));
	if (!ret)
		show(&x);
	explain_fini(&x);
	explainer_free(r);
	return 0;
}
