/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What 'sysgate top' shows, and how keys change it. It is handed deltas and keys and makes frames;
 * it asks for what it cannot do itself (struct top_want, enum top_ask) and knows neither terminal
 * nor engine.
 */
#ifndef SYSGATE_TOP_STATE_H
#define SYSGATE_TOP_STATE_H

#include <stdbool.h>
#include <stdio.h>

#include "base/error.h"
#include "sink/sink.h"
#include "stats/view.h"
#include "top/frame.h"
#include "top/history.h"

enum top_pane {
	PANE_CALLS,
	PANE_GATES,
	PANE_IN_FLIGHT,
	PANE_LOSSES,
	TOP_PANES
};

/* How deep the calls are looked into. */
enum top_level {
	LEVEL_CALLS,
	LEVEL_PROCESSES,
	LEVEL_RESULTS,
	LEVEL_SITES,
	TOP_LEVELS
};

struct top_config {
	const struct syscalls *names;
	view_filter_fn filter; /* the -e set */
	void *filter_data;
	uint32_t dims; /* what is told apart whatever is shown: DIM_ bits */
	enum sort_key sort;
	struct history_limits history;
	bool replay; /* what is shown was saved: nothing can be counted anew */
	bool ascii;  /* the terminal shows nothing else */
};

/* What is to be counted, for what is shown. */
struct top_want {
	uint32_t dims;
	bool narrow;	 /* that call alone, by any gate */
	struct key call; /* ABI, number */
	pid_t tgid;	 /* of that process alone; 0: of all */
};

enum top_ask {
	TOP_ASK_NOTHING,
	TOP_ASK_QUIT,
	TOP_ASK_SAVE,	/* top_save() to top_save_path() */
	TOP_ASK_STEP,	/* of what is replayed, the next delta, before another key */
	TOP_ASK_REDRAW, /* of the terminal */
};

struct top;

/* NULL: no memory. */
struct top *top_new(const struct top_config *c);
void top_free(struct top *t);

/*
 * Takes a delta. now: the state since counting began, of which it is the newest part; lent until
 * the next one comes, and looked at when it is split by site. 0 or -errno.
 */
int top_add(struct top *t, const struct snapshot *delta, const struct snapshot *now,
	    struct sg_error *e);
/* What is counted from now on; narrow where nothing else is. */
void top_begin(struct top *t, const struct top_want *counts);
/* By which engine it is counted, and why by no other; copied. */
void top_about(struct top *t, const char *text);
/* The state that was lent goes away. */
void top_forget_state(struct top *t);
/* What is to be counted for what is shown. */
struct top_want top_wants(const struct top *t);
bool top_want_same(const struct top_want *a, const struct top_want *b);
/* What was wanted cannot be counted: back to what can. */
void top_refuse_want(struct top *t);

/* A key (see keys.h). */
enum top_ask top_key(struct top *t, int key);
/* A click at a place of the last frame; twice: it is the second of two at the same place. */
enum top_ask top_click(struct top *t, unsigned int y, unsigned int x, bool twice);
/* The wheel, by so many rows. */
void top_scroll(struct top *t, int rows);
void top_resize(struct top *t, unsigned int width, unsigned int height);

/* The newest is shown as it comes; else what is shown stays. */
bool top_live(const struct top *t);
/* What was replayed is over. */
void top_ended(struct top *t);
/* Says something in the last line, until the next key. */
void top_say(struct top *t, bool bad, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* What is to be shown, which belongs to t. NULL: no memory. */
const struct frame *top_compose(struct top *t);

/* Where to save, after TOP_ASK_SAVE. */
const char *top_save_path(const struct top *t);
/* Writes what is shown as JSON. 0 or -errno. */
int top_save(struct top *t, FILE *out, struct sg_error *e);

#endif
