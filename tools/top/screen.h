/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The terminal, by ncurses: shows frames, tells keys, and is left as it was whatever happens. */
#ifndef SYSGATE_TOP_SCREEN_H
#define SYSGATE_TOP_SCREEN_H

#include <poll.h>
#include <stdbool.h>

#include "base/error.h"
#include "top/frame.h"

enum screen_theme {
	THEME_AUTO,
	THEME_DARK,
	THEME_LIGHT,
	THEME_NONE
};

struct screen_options {
	enum screen_theme theme;
	bool mouse;
};

enum screen_event_kind {
	SCREEN_KEY,	/* key: see keys.h */
	SCREEN_CLICK,	/* y, x, twice */
	SCREEN_WHEEL,	/* rows */
	SCREEN_RESIZED, /* y, x: the new height and width */
	SCREEN_STOP,	/* Ctrl-Z: screen_stop() does it */
	SCREEN_RESUMED, /* somebody else stopped it, and it goes on */
	SCREEN_GONE,	/* there is no terminal any more */
};

struct screen_event {
	enum screen_event_kind kind;
	int key, rows;
	unsigned int y, x;
	bool twice;
};

struct screen;

/* "auto", "dark", "light", "none"; -EINVAL. NULL: auto. */
int screen_theme_parse(const char *text, enum screen_theme *theme, struct sg_error *e);
/* The locale's characters are not UTF-8: frames have to be ASCII. */
bool screen_is_ascii(void);

int screen_open(struct screen **out, const struct screen_options *o, struct sg_error *e);
/* Leaves the terminal as it was. NULL is fine. */
void screen_close(struct screen *s);
void screen_size(const struct screen *s, unsigned int *width, unsigned int *height);
void screen_show(struct screen *s, const struct frame *f);
/* All that is on the terminal is drawn anew, whatever another program has left there. */
void screen_redraw(struct screen *s);
/* Descriptors to poll for input. How many: two. */
size_t screen_fds(const struct screen *s, struct pollfd *fds);
/* The next event; false: there is none. fds: as they were polled. */
bool screen_next(struct screen *s, const struct pollfd *fds, struct screen_event *e);
/* Gives the terminal back and stops, as Ctrl-Z does; returns when it goes on. */
void screen_stop(struct screen *s);

#endif
