// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cmd/check.h"

static const struct report_format *format_of(const char *word, size_t n, struct sg_error *e)
{
	char known[128] = "";

	for (size_t i = 0; i < report_formats_count; i++) {
		const char *name = report_formats[i]->name;
		size_t end = strlen(known);

		if (strlen(name) == n && !strncmp(name, word, n))
			return report_formats[i];
		snprintf(known + end, sizeof(known) - end, "%s%s", i ? ", " : "", name);
	}
	sg_fail(e, EINVAL, "no output format '%.*s'", (int)(n < 64 ? n : 64), word);
	sg_hint(e, "known: %s; FORMAT:FILE writes to a file", known);
	return NULL;
}

static int open_one(struct check_outputs *o, const char *word, struct sg_error *e)
{
	size_t n = strcspn(word, ":");
	const struct report_format *format = format_of(word, n, e);
	const char *path = word[n] ? word + n + 1 : NULL;

	if (!format)
		return -EINVAL;
	if (path && !*path)
		return sg_fail(e, EINVAL, "output '%.64s': no file after the colon", word);
	if (path && !strcmp(path, "-"))
		path = NULL;
	o->list[o->count].format = format;
	return output_open(&o->list[o->count++].output, path, e);
}

int check_outputs_open(struct check_outputs *o, const struct string_list *words, struct sg_error *e)
{
	int ret = 0;

	o->list = calloc(words->count + 1, sizeof(*o->list));
	if (!o->list)
		return sg_fail_errno(e, ENOMEM, "output");
	for (size_t i = 0; !ret && i < words->count; i++)
		ret = open_one(o, words->items[i], e);
	return ret || words->count ? ret : open_one(o, "text", e);
}

int check_outputs_write(struct check_outputs *o, const struct report *r, struct sg_error *e)
{
	int ret = 0;

	for (size_t i = 0; !ret && i < o->count; i++) {
		struct output *out = &o->list[i].output;
		bool colour = !out->path && isatty(STDOUT_FILENO) && !getenv("NO_COLOR");

		ret = output_wrote(out, o->list[i].format->write(out->file, r, colour),
				   "the report", e);
		if (!ret)
			ret = output_commit(out, e);
	}
	return ret;
}

void check_outputs_close(struct check_outputs *o)
{
	for (size_t i = 0; i < o->count; i++)
		output_close(&o->list[i].output);
	free(o->list);
	*o = (struct check_outputs){ 0 };
}
