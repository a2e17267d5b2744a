// SPDX-License-Identifier: GPL-2.0-or-later
/* Opens ten windows with five buttons each. The icons are the library's matter. */
#include <stdio.h>

int find_icon(const char *name, char *path, size_t size); /* of libicons.so */

static const char *const buttons[] = { "open", "save", "print", "undo", "quit" };

int main(void)
{
	char path[64];
	int found = 0;
	FILE *settings = fopen("viewer.conf", "r"); /* nobody has any */

	for (int window = 0; window < 10; window++)
		for (size_t i = 0; i < sizeof(buttons) / sizeof(*buttons); i++)
			found += !find_icon(buttons[i], path, sizeof(path));
	printf("%d icons found\n", found);
	return settings ? fclose(settings) : 0;
}
