// SPDX-License-Identifier: GPL-2.0-or-later
#include "target/symbols.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"

/* A hex number of at most 16 digits and the blank after it; NULL when there is none. */
static const char *read_address(const char *s, uint64_t *out)
{
	uint64_t v = 0;
	int n = 0;

	for (; isxdigit((unsigned char)*s); s++, n++)
		v = v << 4 |
		    (uint64_t)(isdigit((unsigned char)*s) ? *s - '0' : (*s | 0x20) - 'a' + 10);
	if (!n || n > 16 || *s != ' ')
		return NULL;
	*out = v;
	return s + 1;
}

static bool parse_line(char *line, uint64_t *address, char *type, const char **name)
{
	const char *s = read_address(line, address);
	char *n;
	size_t len;

	if (!s || !isalpha((unsigned char)s[0]) || s[1] != ' ')
		return false;
	*type = s[0];
	n = line + (s - line) + 2;
	len = strcspn(n, " \t\n");
	if (!len || len > SYMBOL_NAME_MAX)
		return false;
	n[len] = '\0';
	*name = n;
	return true;
}

int symbols_each(const char *path, symbol_fn visit, void *data, struct sg_error *e)
{
	char line[SYMBOL_NAME_MAX + 128], buffer[1 << 16];
	_cleanup_fclose_ FILE *f = fopen(path, "re");
	bool whole = true;

	if (!f)
		return sg_fail_errno(e, errno, "cannot read '%s'", path);
	/* What /proc calls its block size is 1 KiB: five thousand reads for one table. */
	setvbuf(f, buffer, _IOFBF, sizeof(buffer));
	while (line[sizeof(line) - 1] = 'x', fgets(line, sizeof(line), f)) {
		bool begins = whole;
		uint64_t address;
		const char *name;
		char type;

		/*
		 * Of a line that is too long the rest is passed over too. It filled the buffer; a
		 * NUL in a line keeps strchr() from telling.
		 */
		whole = line[sizeof(line) - 1] == 'x' || line[sizeof(line) - 2] == '\n';
		if (!begins || !whole || !strchr(line, '\n') ||
		    !parse_line(line, &address, &type, &name))
			continue;
		if (!visit(address, type, name, data))
			return 0;
	}
	if (ferror(f))
		return sg_fail_errno(e, errno ? errno : EIO, "cannot read '%s'", path);
	return 0;
}
