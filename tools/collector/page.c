// SPDX-License-Identifier: GPL-2.0-or-later
#include "collector/page.h"

#include <string.h>

#include "base/embedded.h"

static const struct {
	const char *suffix, *type;
} types[] = {
	{ ".html", "text/html; charset=utf-8" },
	{ ".css", "text/css; charset=utf-8" },
	{ ".js", "text/javascript; charset=utf-8" },
	{ "", "application/octet-stream" },
};

bool page_find(const char *url, struct page_file *out)
{
	const char *name = strcmp(url, "/") ? url + 1 : "page.html";
	size_t i = 0, n = strlen(name);

	while (i < page_files_count && strcmp(page_files[i].path, name) != 0)
		i++;
	if (i == page_files_count)
		return false;
	out->text = page_files[i].data;
	out->size = (size_t)(page_files[i].end - page_files[i].data);
	for (i = 0; n < strlen(types[i].suffix) ||
		    strcmp(name + n - strlen(types[i].suffix), types[i].suffix) != 0;)
		i++;
	out->type = types[i].type;
	return true;
}
