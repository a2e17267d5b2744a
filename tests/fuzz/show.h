/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What parsers made of an input, shown in every way that there is. */
#ifndef SYSGATE_TESTS_FUZZ_SHOW_H
#define SYSGATE_TESTS_FUZZ_SHOW_H

#include "names.h"

#include "sink/sink.h"
#include "stats/view.h"

/* What a sink writes goes to a terminal: no text of another's making can speak to it. */
static inline void fuzz_must_be_plain(const char *text, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		unsigned char c = (unsigned char)text[i];

		/* DEL is one that terminals pass over. */
		fuzz_must(c >= 0x20 || c == '\n');
		/* A control character beyond ASCII, in UTF-8. */
		fuzz_must(c != 0xc2 || i + 1 == size || (unsigned char)text[i + 1] >= 0xa0);
	}
}

/* What the sink writes of s grouped so; heap. */
static inline char *fuzz_write(const struct snapshot *s, const struct sink *sink,
			       unsigned int group)
{
	const struct view_options options = { .group = group, .rows = 20 };
	const struct sink_options so = {
		.names = fuzz_names(), .width = 80, .in_flight = true, .header = true
	};
	struct view *v = view_new(s, &options);
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	fuzz_must(v && out && !sink->write(out, v, &so) && !fclose(out));
	/* CSV is for programs: it has the bytes as they are. */
	if (sink != &sink_csv)
		fuzz_must_be_plain(text, size);
	view_free(v);
	return text;
}

static inline void fuzz_show(const struct snapshot *s)
{
	static const unsigned int groups[] = {
		GROUP_DEFAULT,
		GROUP_PROCESS | GROUP_TASK | GROUP_UID | GROUP_CGROUP | GROUP_ERRNO,
		GROUP_COMM | GROUP_EXIT,
	};

	for (size_t i = 0; i < ARRAY_SIZE(groups); i++)
		for (size_t k = 0; k < sinks_count; k++)
			free(fuzz_write(s, sinks[k], groups[i]));
}

#endif
