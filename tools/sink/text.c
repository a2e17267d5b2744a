// SPDX-License-Identifier: GPL-2.0-or-later
#include "sink/text.h"

#include <errno.h>
#include <locale.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "base/cleanup.h"

/* The bytes of the UTF-8 sequence at s and its code point; 0 when there is no whole, right one. */
static size_t decode(const char *s, uint32_t *out)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const unsigned char *p = (const unsigned char *)s;
	size_t n = p[0] < 0x80 ? 1 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
	uint32_t code;

	/* With these begins none. */
	if ((p[0] >= 0x80 && p[0] < 0xc2) || p[0] > 0xf4)
		return 0;
	if (n == 1) {
		*out = p[0];
		return 1;
	}
	code = p[0] & (0xffU >> (n + 1));
	for (size_t i = 1; i < n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (p[i] & 0x3f);
	}
	if (code < least[n] || code > 0x10ffff || (code >= 0xd800 && code < 0xe000))
		return 0;
	*out = code;
	return n;
}

/*
 * Columns of a code point; 0 when it must not be shown as it is. The user's own locale need not be
 * set, and in C it would know nothing beyond ASCII.
 */
static int columns_of(uint32_t code)
{
	static locale_t utf8;
	locale_t before;
	int n;

	if (code < 0x80)
		return code >= 0x20 && code < 0x7f;
	if (!utf8)
		utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
	if (!utf8)
		return 0;
	before = uselocale(utf8);
	n = wcwidth((wchar_t)code);
	uselocale(before);
	return n > 0 ? n : 0;
}

char *text_escape(const char *s)
{
	char *copy = malloc(4 * strlen(s) + 1), *p = copy;

	if (!copy)
		return NULL;
	while (*s) {
		uint32_t code;
		size_t n = decode(s, &code);

		if (n && columns_of(code)) {
			if (code == '\\')
				*p++ = '\\';
			memcpy(p, s, n);
			p += n;
			s += n;
		} else {
			p += sprintf(p, "\\x%02x", (unsigned char)*s++);
		}
	}
	*p = '\0';
	return copy;
}

const char *text_clip(char *buf, size_t size, const char *s)
{
	_cleanup_free_ char *safe = text_escape(s);
	size_t n = safe ? strlen(safe) : 0;

	if (n >= size)
		for (n = size - 1; n && ((unsigned char)safe[n] & 0xc0) == 0x80;)
			n--;
	memcpy(buf, safe ? safe : "", n);
	buf[n] = '\0';
	return buf;
}

char *text_utf8(const char *s)
{
	char *copy = strdup(s);

	if (!copy)
		return NULL;
	for (char *p = copy; *p;) {
		uint32_t code;
		size_t n = decode(p, &code);

		if (!n)
			*p = '?';
		p += n ? n : 1;
	}
	return copy;
}

size_t text_char(const char *s, size_t *columns)
{
	uint32_t code;
	size_t n = decode(s, &code);

	*columns = n ? (size_t)columns_of(code) : 0;
	return n ? n : 1;
}

size_t text_fit(const char *s, size_t columns)
{
	size_t used = 0, bytes = 0;

	while (s[bytes]) {
		size_t width, n = text_char(s + bytes, &width);

		if (used + width > columns)
			break;
		used += width;
		bytes += n;
	}
	return bytes;
}

size_t text_columns(const char *s)
{
	size_t used = 0;

	while (*s) {
		size_t columns;

		s += text_char(s, &columns);
		used += columns;
	}
	return used;
}

size_t text_line(const char *s, size_t columns)
{
	size_t fits = text_fit(s, columns), end = fits;

	if (!s[fits])
		return fits;
	while (end && s[end] != ' ')
		end--;
	return end ? end : fits ? fits : 1;
}

int text_write(FILE *out, const char *text, size_t n)
{
	errno = 0;
	if (fwrite(text, 1, n, out) == n)
		return 0;
	return errno ? -errno : -EIO;
}
