/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between the files that make up the state of 'sysgate top'. */
#ifndef SYSGATE_TOP_INTERNAL_H
#define SYSGATE_TOP_INTERNAL_H

#include "collector/sites.h"
#include "stats/cells.h"
#include "top/keys.h"
#include "top/state.h"

/* By what a row is found again when it has moved. */
struct row_id {
	bool all;
	struct key key;
	pid_t tgid, tid;
	char comm[16];
	uint64_t place; /* a site's */
};

/* A row of the list that is shown. What it points to belongs to the view, the snapshot, the sites.
 */
struct list_row {
	struct row_id id;
	bool all;		 /* the sum of the others */
	const struct cell *cell; /* its figures; NULL: it has none */
	const struct row *row;
	const struct in_flight *flight;
	const struct site_row *site;
	char *text; /* heap: of a site, of a line; else NULL */
	enum tone tone;
};

/* What lists there are: of the calls one for each level. */
enum list_kind {
	LIST_CALLS,
	LIST_PROCESSES,
	LIST_RESULTS,
	LIST_SITES,
	LIST_GATES,
	LIST_FLIGHTS,
	LIST_LOSSES,
	LISTS
};

/* Where one is in a list. */
struct place {
	char filter[64];
	struct row_id id; /* of the row that was chosen */
	bool chosen;	  /* else the first row is, whichever that is */
	size_t cursor;	  /* where it was last */
	size_t offset;	  /* the first row that is seen */
};

enum prompt {
	PROMPT_NONE,
	PROMPT_FILTER,
	PROMPT_SAVE,
	PROMPT_SORT,
	PROMPT_HELP
};

/* Sums over all deltas since the start. */
struct sums {
	struct cells cells;  /* by call, gate and ABI */
	uint64_t cells_full; /* calls that found no room */
	struct conservation conservation;
	struct loss loss;
	uint64_t flights_ended; /* in flight where counting was begun anew */
	uint64_t start_ns, duration_ns;
	size_t deltas;
};

struct top {
	struct top_config config;
	struct history *history;
	struct sums sums;
	struct top_want counts;	      /* what is counted now */
	bool anew;		      /* the next delta is the first one of a new count */
	const struct snapshot *state; /* lent, since that began; NULL: none yet */

	enum top_pane pane;
	enum top_level level;
	/* What was chosen on the way down. */
	struct key call;
	pid_t tgid; /* 0: all processes */
	char comm[16];
	bool has_result;
	uint16_t result;

	enum sort_key sort;
	bool inverted, since;
	bool live;
	bool next;   /* paused, but the one that comes next was asked for */
	uint64_t at; /* the interval that is shown */
	bool ended;

	/* What is made of it. */
	bool moved;		/* another interval is to be shown */
	bool stale;		/* the rows are to be made anew */
	struct snapshot *shown; /* NULL: nothing yet */
	struct view *view;
	struct sites_view sites;
	struct source *source;
	struct list_row *rows;
	size_t rows_count;
	const char *empty; /* why there is none */
	struct place places[LISTS];

	enum prompt prompt;
	char input[256];
	size_t menu; /* the row of the menu that is chosen */
	char about[1024];
	char message[256];
	bool message_bad;

	unsigned int width, height;
	unsigned int page; /* rows of the list that are seen */
	struct frame *frame;
};

/* ---- list.c ---- */

enum list_kind list_kind(const struct top *t);
/* Makes the rows anew if need be. 0 or -ENOMEM. */
int list_make(struct top *t);
void list_fini(struct top *t);
/* The row that is chosen; NULL: the list is empty. */
const struct list_row *list_chosen(const struct top *t);
/* Chooses row i, or the nearest that there is. */
void list_choose(struct top *t, size_t i);
/* A row's texts, by which it is filtered: in buf. */
const char *list_text(const struct top *t, const struct list_row *r, char *buf, size_t size);

/* ---- losses.c ---- */

/* Adds the lines of the pane of losses. 0 or -ENOMEM. */
int losses_list(struct top *t);
/* Adds a row with a text of its own, which it takes (NULL: no memory). 0 or -ENOMEM. */
int list_add_text(struct top *t, char *text, enum tone tone);

/* ---- columns.c ---- */

struct column_at {
	const char *title;
	bool left, chart, sorted;
	int sort; /* enum sort_key; -1: not by this one */
	unsigned int x, width;
	const void *column;
};
#define COLUMNS_AT_MAX 24

/* Which columns fit into width. How many. */
size_t columns_fit(const struct top *t, unsigned int width, struct column_at *out);
/* The text of a row in a column, in buf. */
const char *column_text(const struct top *t, const struct column_at *c, const struct list_row *r,
			char *buf, size_t size);
/* "12.5", "1,234", "12.3 M": so many a second, at most nine columns wide. */
const char *format_rate(char *buf, size_t size, double rate);

/* ---- detail.c ---- */

/* How many lines of the body the selected call's charts take, below it; 0: none. */
unsigned int detail_height(const struct top *t, unsigned int body);
/* How many columns they take beside it; 0: none. */
unsigned int detail_width(const struct top *t, unsigned int body);
void detail_draw(const struct top *t, struct frame *f, unsigned int y, unsigned int x,
		 unsigned int width, unsigned int height);

/* ---- compose.c ---- */

/* What can be sorted by, in the order of the menu. */
struct sort_choice {
	enum sort_key key;
	const char *name;
};
extern const struct sort_choice sort_choices[];
extern const size_t sort_choices_count;
const char *sort_choice_name(enum sort_key key);

/* The span that is shown: of the interval, or since the start; ns, at least 1. */
uint64_t shown_ns(const struct top *t);

#endif
