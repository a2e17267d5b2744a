// SPDX-License-Identifier: GPL-2.0-or-later
/* A library that finds icons: it looks for each in every theme, each time anew. */
#include <stdio.h>
#include <unistd.h>

static const char *const themes[] = { "dark", "large", "seasonal", "plain" };

int find_icon(const char *name, char *path, size_t size);

int find_icon(const char *name, char *path, size_t size)
{
	for (size_t i = 0; i < sizeof(themes) / sizeof(*themes); i++) {
		snprintf(path, size, "icons/%s/%s.png", themes[i], name);
		if (access(path, R_OK) == 0)
			return 0;
	}
	return -1;
}
