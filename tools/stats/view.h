/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A view: the rows that a sink writes, made from a snapshot by filtering, grouping and sorting. */
#ifndef SYSGATE_STATS_VIEW_H
#define SYSGATE_STATS_VIEW_H

#include "base/error.h"
#include "stats/snapshot.h"

/* What can be grouped by, `-b KEY,..`. */
enum group_key {
	GROUP_CALL = 1 << 0, /* (ABI, number) */
	GROUP_GATE = 1 << 1,
	GROUP_EXIT = 1 << 2, /* one row an exit kind; only count is split, see view.c */
	GROUP_ABI = 1 << 3,
	GROUP_PROCESS = 1 << 4, /* (tgid, comm) */
	GROUP_COMM = 1 << 5,
	GROUP_CGROUP = 1 << 6,
	GROUP_UID = 1 << 7,
	GROUP_ERRNO = 1 << 8,
	GROUP_TASK = 1 << 9, /* (tid, comm) */
};
#define GROUP_DEFAULT (GROUP_CALL | GROUP_GATE | GROUP_ABI)

/* The keys in the order in which columns are shown. */
struct group_name {
	const char *name; /* "process" */
	unsigned int bit;
	const char *help;
};
extern const struct group_name group_names[];
extern const size_t group_names_count;

enum sort_key {
	SORT_TOTAL,
	SORT_COUNT,
	SORT_ERRORS,
	SORT_AVG,
	SORT_P99,
	SORT_MAX,
	SORT_WAIT,
	SORT_NAME
};

/* Tells whether a cell belongs to the view: the -e set, as target/callset.h compiles it. */
typedef bool (*view_filter_fn)(const struct key *key, void *data);
/* The call's name for sorting by name; target/syscalls.h gives it. */
typedef const char *(*view_name_fn)(const struct key *key, char *buf, size_t size, void *data);

struct view_options {
	unsigned int group; /* GROUP_ bits; 0: GROUP_DEFAULT */
	enum sort_key sort;
	size_t rows; /* at most that many, 0: all; the rest is folded into view.others */
	view_filter_fn filter;
	void *filter_data;
	view_name_fn name;
	void *name_data;
};

struct row {
	struct cell cell;	 /* cell.key: the dimensions that are grouped by, others 0 */
	const struct proc *proc; /* NULL when not grouped by a process's property */
	uint8_t exit;		 /* with GROUP_EXIT: enum sysgate_exit or ROW_EXIT_NONE */
};
#define ROW_EXIT_NONE SYSGATE_EXITS /* the calls that never returned */

struct view {
	const struct snapshot *snapshot; /* borrowed; outlives the view */
	unsigned int group;
	struct row **rows;
	size_t rows_count;
	struct cell total;  /* of all rows and others */
	struct cell others; /* rows beyond view_options.rows */
	size_t others_rows;
	const struct in_flight **in_flight; /* those that the filter lets pass, oldest first */
	size_t in_flight_count;
};

/* The DIM_ bits that an engine must split by for these GROUP_ bits. */
uint32_t group_dims(unsigned int group);
/* "call,errno" -> GROUP_ bits. 0 or -EINVAL with the names that exist. */
int group_parse(const char *text, unsigned int *group, struct sg_error *e);
int sort_parse(const char *text, enum sort_key *sort, struct sg_error *e);
/* What a cell is sorted by, in that figure's unit, the largest first; 0 by SORT_NAME. */
double view_sort_value(const struct cell *c, enum sort_key key);

/* NULL: no memory. */
struct view *view_new(const struct snapshot *s, const struct view_options *o);
void view_free(struct view *v);

#endif
