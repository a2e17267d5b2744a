/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the keys of 'sysgate top' do: one table, from which the help and the last line derive. */
#ifndef SYSGATE_TOP_KEYS_H
#define SYSGATE_TOP_KEYS_H

#include <stddef.h>

/* Keys are characters (code points) or one of these. */
enum {
	TOP_KEY_UP = 0x200000,
	TOP_KEY_DOWN,
	TOP_KEY_LEFT,
	TOP_KEY_RIGHT,
	TOP_KEY_PAGE_UP,
	TOP_KEY_PAGE_DOWN,
	TOP_KEY_HOME,
	TOP_KEY_END,
	TOP_KEY_ENTER,
	TOP_KEY_BACKSPACE,
	TOP_KEY_DELETE,
	TOP_KEY_ESCAPE,
	TOP_KEY_TAB,
	TOP_KEY_BACK_TAB,
	TOP_KEY_F1 = 0x200100, /* F2 is one more, and so on */
	TOP_KEY_F12 = TOP_KEY_F1 + 11,
};
#define TOP_KEY_CTRL(c) ((c)&0x1f)

enum top_action {
	TOP_NOTHING,
	TOP_UP,
	TOP_DOWN,
	TOP_PAGE_UP,
	TOP_PAGE_DOWN,
	TOP_HOME,
	TOP_END,
	TOP_INTO,
	TOP_BACK,
	TOP_NEXT_PANE,
	TOP_LAST_PANE,
	TOP_PANE, /* the argument: which one */
	TOP_SORT_MENU,
	TOP_SORT, /* the argument: enum sort_key */
	TOP_INVERT,
	TOP_FILTER,
	TOP_PAUSE,
	TOP_EARLIER,
	TOP_LATER,
	TOP_MUCH_EARLIER,
	TOP_MUCH_LATER,
	TOP_NOW,
	TOP_SINCE,
	TOP_SAVE,
	TOP_HELP,
	TOP_QUIT,
	TOP_REDRAW,
	TOP_ROW, /* of the mouse: the argument is the row in the list */
	TOP_MENU_ROW,
};

struct top_key {
	int key;
	enum top_action action;
	size_t argument;
};

/* The key's row; NULL: it does nothing. */
const struct top_key *top_key_find(int key);

/* A line of the help. */
struct top_help {
	const char *keys; /* "Left [" */
	const char *text; /* NULL: a blank line */
};
extern const struct top_help top_help[];
extern const size_t top_help_count;

/* An entry of the last line. The most useful ones come first when it is narrow. */
struct top_bar {
	const char *key, *label;
	enum top_action action;
	int rank; /* which ones are left out first: the largest */
};
extern const struct top_bar top_bar[];
extern const size_t top_bar_count;

#endif
