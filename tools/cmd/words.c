// SPDX-License-Identifier: GPL-2.0-or-later
#include "cmd/words.h"

#include <stdbool.h>
#include <string.h>

#include "base/cleanup.h"
#include "sink/text.h"

void words_put(FILE *out, const char *text, size_t at, size_t indent, size_t width)
{
	_cleanup_free_ char *safe = text_escape(text);
	const char *word = safe ? safe : "(out of memory)";
	bool first = true; /* on its line */
	size_t used = at;

	while (*word) {
		size_t bytes = strcspn(word, " ");
		_cleanup_free_ char *one = strndup(word, bytes);
		size_t columns = one ? text_columns(one) : bytes;

		if (width && used + !first + columns > width && used > indent) {
			fprintf(out, "\n%*s", (int)indent, "");
			used = indent;
		} else if (!first) {
			fputc(' ', out);
			used++;
		}
		fprintf(out, "%.*s", (int)bytes, word);
		used += columns;
		first = false;
		word += bytes;
		word += strspn(word, " ");
	}
	fputc('\n', out);
}
