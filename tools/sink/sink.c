// SPDX-License-Identifier: GPL-2.0-or-later
#include "sink/sink.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

const struct sink *const sinks[] = { &sink_table, &sink_json, &sink_csv, &sink_openmetrics };
const size_t sinks_count = ARRAY_SIZE(sinks);

static const struct sink *find(const char *name, size_t n)
{
	for (size_t i = 0; i < sinks_count; i++) {
		if (strlen(sinks[i]->name) == n && !strncmp(sinks[i]->name, name, n))
			return sinks[i];
	}
	return NULL;
}

const struct sink *sink_by_name(const char *name)
{
	return find(name, strlen(name));
}

int output_parse(const char *text, const struct sink **sink, char **path, struct sg_error *e)
{
	size_t n = strcspn(text, ":");
	char known[128] = "";

	*path = NULL;
	*sink = find(text, n);
	if (!*sink) {
		for (size_t i = 0; i < sinks_count; i++) {
			size_t end = strlen(known);

			snprintf(known + end, sizeof(known) - end, "%s%s", i ? ", " : "",
				 sinks[i]->name);
		}
		sg_fail(e, EINVAL, "no output format '%.*s'", (int)(n < 64 ? n : 64), text);
		sg_hint(e, "known: %s; FORMAT:FILE writes to a file", known);
		return -EINVAL;
	}
	if (!text[n] || !strcmp(text + n, ":-"))
		return 0;
	if (!text[n + 1])
		return sg_fail(e, EINVAL, "output '%.64s': no file after the colon", text);
	*path = strdup(text + n + 1);
	return *path ? 0 : sg_fail_errno(e, ENOMEM, "output '%.64s'", text);
}
