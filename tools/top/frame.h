/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A screen's content, as characters with a tone each, and what a click at them means. It knows of
 * no terminal: screen.c shows it, tests read it.
 */
#ifndef SYSGATE_TOP_FRAME_H
#define SYSGATE_TOP_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* How a text is meant; screen.c knows the colours. */
enum tone {
	TONE_PLAIN,
	TONE_DIM,
	TONE_STRONG,
	TONE_BAD,
	TONE_CHART,
	TONE_BAR,    /* the first line, the tabs */
	TONE_ACTIVE, /* the tab that is open */
	TONE_HEAD,   /* titles of columns */
	TONE_SORTED, /* the one that is sorted by */
	TONE_CURSOR, /* the row that is chosen */
	TONE_KEY,    /* a key, and below: what it does */
	TONE_BUTTON,
	TONE_LABEL,
	TONE_BOX, /* what lies above the rest: help, menus */
	TONES
};

struct glyph {
	char text[5];	 /* one character of UTF-8 */
	uint8_t columns; /* 1, 2; 0: the second half of the one before */
	uint8_t tone;
};

/* A place that can be clicked at. */
struct zone {
	unsigned int y, x, width;
	int action; /* enum top_action */
	size_t argument;
};

#define FRAME_ZONES 512

struct frame {
	unsigned int width, height;
	bool ascii; /* the terminal shows nothing else */
	struct glyph *glyphs;
	struct zone zones[FRAME_ZONES];
	size_t zones_count;
	bool cursor; /* something is being typed, here */
	unsigned int cursor_y, cursor_x;
};

/* All blank. NULL: no memory. */
struct frame *frame_new(unsigned int width, unsigned int height, bool ascii);
void frame_free(struct frame *f);
const struct glyph *frame_at(const struct frame *f, unsigned int y, unsigned int x);

/*
 * Puts a text at (y, x), at most max columns of it, cut with a '+' where it is longer. What must
 * not be shown becomes '?'; outside of the frame nothing is put. Returns the columns that it took.
 */
unsigned int frame_put(struct frame *f, unsigned int y, unsigned int x, unsigned int max,
		       enum tone tone, const char *text);
/* The same so that it ends at x + max. */
void frame_put_right(struct frame *f, unsigned int y, unsigned int x, unsigned int max,
		     enum tone tone, const char *text);
unsigned int frame_printf(struct frame *f, unsigned int y, unsigned int x, unsigned int max,
			  enum tone tone, const char *fmt, ...)
	__attribute__((format(printf, 6, 7)));
/* Puts words into as many lines as they take. */
void frame_wrap(struct frame *f, unsigned int y, unsigned int x, unsigned int width, enum tone tone,
		const char *text);
/* Blanks a part of a line. */
void frame_fill(struct frame *f, unsigned int y, unsigned int x, unsigned int width,
		enum tone tone);
/* Gives what is there another tone. */
void frame_tone(struct frame *f, unsigned int y, unsigned int x, unsigned int width,
		enum tone tone);

void frame_zone(struct frame *f, unsigned int y, unsigned int x, unsigned int width, int action,
		size_t argument);
/* The zone there; the last one of several. NULL: none. */
const struct zone *frame_hit(const struct frame *f, unsigned int y, unsigned int x);

/* Writes it as lines of text, without blanks at their ends. */
void frame_print(const struct frame *f, FILE *out);

#endif
