// SPDX-License-Identifier: GPL-2.0-or-later
#include "top/frame.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "sink/text.h"

static struct glyph *at(const struct frame *f, unsigned int y, unsigned int x)
{
	return &f->glyphs[(size_t)y * f->width + x];
}

static void blank(struct glyph *g, enum tone tone)
{
	*g = (struct glyph){ " ", 1, (uint8_t)tone };
}

struct frame *frame_new(unsigned int width, unsigned int height, bool ascii)
{
	struct frame *f = calloc(1, sizeof(*f));

	if (!f)
		return NULL;
	f->width = width;
	f->height = height;
	f->ascii = ascii;
	f->glyphs = calloc((size_t)width * height + 1, sizeof(*f->glyphs));
	if (!f->glyphs) {
		free(f);
		return NULL;
	}
	for (size_t i = 0; i < (size_t)width * height; i++)
		blank(&f->glyphs[i], TONE_PLAIN);
	return f;
}

void frame_free(struct frame *f)
{
	if (!f)
		return;
	free(f->glyphs);
	free(f);
}

const struct glyph *frame_at(const struct frame *f, unsigned int y, unsigned int x)
{
	return at(f, y, x);
}

/* A wide character of which a half is written over, from x up to end, is none any more. */
static void split(struct frame *f, unsigned int y, unsigned int x, unsigned int end)
{
	if (x && x < f->width && !at(f, y, x)->columns)
		blank(at(f, y, x - 1), at(f, y, x - 1)->tone);
	if (end < f->width && !at(f, y, end)->columns)
		blank(at(f, y, end), at(f, y, end)->tone);
}

static void set(struct frame *f, unsigned int y, unsigned int x, enum tone tone, const char *text,
		size_t bytes, size_t columns)
{
	struct glyph *g = at(f, y, x);

	*g = (struct glyph){ .columns = (uint8_t)columns, .tone = (uint8_t)tone };
	memcpy(g->text, text, bytes);
	if (columns == 2)
		g[1] = (struct glyph){ .tone = (uint8_t)tone };
}

/* Puts characters as long as they fit into max columns. */
static unsigned int put(struct frame *f, unsigned int y, unsigned int x, unsigned int max,
			enum tone tone, const char *text)
{
	unsigned int used = 0;

	while (*text) {
		size_t columns, bytes = text_char(text, &columns);
		bool plain = columns && bytes < sizeof(((struct glyph *)0)->text) &&
			     !(f->ascii && bytes > 1);

		columns = plain ? columns : 1;
		if (used + columns > max)
			break;
		set(f, y, x + used, tone, plain ? text : "?", plain ? bytes : 1, columns);
		used += (unsigned int)columns;
		text += bytes;
	}
	return used;
}

unsigned int frame_put(struct frame *f, unsigned int y, unsigned int x, unsigned int max,
		       enum tone tone, const char *text)
{
	unsigned int used;
	bool longer;

	if (y >= f->height || x >= f->width || !max)
		return 0;
	if (max > f->width - x)
		max = f->width - x;
	longer = text_columns(text) > max;
	split(f, y, x, f->width);
	used = put(f, y, x, longer ? max - 1 : max, tone, text);
	if (longer) {
		set(f, y, x + used, tone, "+", 1, 1);
		used++;
	}
	split(f, y, f->width, x + used);
	return used;
}

void frame_put_right(struct frame *f, unsigned int y, unsigned int x, unsigned int max,
		     enum tone tone, const char *text)
{
	size_t columns = text_columns(text);

	if (columns < max) {
		x += max - (unsigned int)columns;
		max = (unsigned int)columns;
	}
	frame_put(f, y, x, max, tone, text);
}

unsigned int frame_printf(struct frame *f, unsigned int y, unsigned int x, unsigned int max,
			  enum tone tone, const char *fmt, ...)
{
	_cleanup_free_ char *text = NULL;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&text, fmt, ap);
	va_end(ap);
	if (n < 0) {
		text = NULL;
		return 0;
	}
	return frame_put(f, y, x, max, tone, text);
}

void frame_wrap(struct frame *f, unsigned int y, unsigned int x, unsigned int width, enum tone tone,
		const char *text)
{
	while (*text) {
		size_t bytes = text_line(text, width);
		_cleanup_free_ char *line = strndup(text, bytes);

		frame_put(f, y++, x, width, tone, line ? line : "");
		text += bytes;
		text += strspn(text, " ");
	}
}

void frame_fill(struct frame *f, unsigned int y, unsigned int x, unsigned int width, enum tone tone)
{
	if (y >= f->height || x >= f->width)
		return;
	if (width > f->width - x)
		width = f->width - x;
	split(f, y, x, x + width);
	for (unsigned int i = 0; i < width; i++)
		blank(at(f, y, x + i), tone);
}

void frame_tone(struct frame *f, unsigned int y, unsigned int x, unsigned int width, enum tone tone)
{
	for (unsigned int i = x; y < f->height && i < f->width && i < x + width; i++)
		at(f, y, i)->tone = (uint8_t)tone;
}

void frame_zone(struct frame *f, unsigned int y, unsigned int x, unsigned int width, int action,
		size_t argument)
{
	if (f->zones_count < FRAME_ZONES)
		f->zones[f->zones_count++] = (struct zone){ y, x, width, action, argument };
}

const struct zone *frame_hit(const struct frame *f, unsigned int y, unsigned int x)
{
	for (size_t i = f->zones_count; i > 0; i--) {
		const struct zone *z = &f->zones[i - 1];

		if (z->y == y && x >= z->x && x - z->x < z->width)
			return z;
	}
	return NULL;
}

void frame_print(const struct frame *f, FILE *out)
{
	for (unsigned int y = 0; y < f->height; y++) {
		unsigned int end = f->width;

		while (end && !strcmp(at(f, y, end - 1)->text, " "))
			end--;
		for (unsigned int x = 0; x < end; x++)
			fputs(at(f, y, x)->text, out);
		fputc('\n', out);
	}
}
