// SPDX-License-Identifier: GPL-2.0-or-later
/* A command line, and what its values mean. An input is its words, one a line. */
#include "fuzz.h"

#include <errno.h>

#include "cmd/select.h"

#define WORDS 32

/* Those that every command with a selection has, and one of each type that these lack. */
struct fuzz_options {
	struct select_options select;
	double seconds;
};

static const struct option_def defs[] = {
	SELECT_OPTIONS,
	{ 'd', "duration", "SEC", OPTION_SECONDS, offsetof(struct fuzz_options, seconds), "" },
	{ 0 },
};

static void check_values(const struct fuzz_options *o)
{
	fuzz_must(o->seconds >= 0 && o->seconds <= 604800);
	for (size_t i = 0; i < o->select.comms.count; i++)
		fuzz_must(o->select.comms.items[i][0]);
}

/* Without what reads and writes files of the input's choice: those have targets of their own. */
static void select_from(struct select_options *o)
{
	struct sg_error e = { 0 };
	const struct sink *sink;
	struct selection s;
	char *path = NULL;
	int ret;

	if (o->output) {
		ret = output_parse(o->output, &sink, &path, &e);
		fuzz_must(ret ? ret == -EINVAL && e.text[0] : sink != NULL);
		free(path);
	}
	o->names = o->replay = NULL;
	ret = select_init(&s, o, &e);
	fuzz_must(!ret || (ret == -EINVAL && e.text[0]));
	select_fini(&s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_free_ char *text = fuzz_text((struct fuzz_part){ (const char *)data, size });
	char *argv[WORDS + 2] = { text }, *line, *rest = text;
	struct fuzz_options o = { 0 };
	struct sg_error e = { 0 };
	int argc = 1, ret;

	while (argc <= WORDS && (line = strsep(&rest, "\n")))
		argv[argc++] = line;
	ret = options_parse(defs, argc, argv, &o, &e);
	fuzz_must_end(e.text);
	if (ret >= 0) {
		fuzz_must(ret >= 1 && ret <= argc);
		check_values(&o);
		select_from(&o.select);
	} else {
		fuzz_must(ret == -ECANCELED || (ret == -EINVAL && e.text[0]));
	}
	options_release(defs, &o);
	return 0;
}
