/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a check found: a result for each limit and each row of the baseline that says something. */
#ifndef SYSGATE_BUDGET_REPORT_H
#define SYSGATE_BUDGET_REPORT_H

#include <stdio.h>

#include "budget/budget.h"

enum verdict {
	VERDICT_KEPT,
	VERDICT_BROKEN,
	VERDICT_UNKNOWN /* what would tell was not counted */
};

/* What kind of statement it is about. */
enum result_kind {
	RESULT_COUNTED, /* a number of calls: exact */
	RESULT_TIMED,	/* a time or a rate: measured, with noise */
	RESULT_LEFT	/* the command's own exit status */
};

/* Calls of one kind by one process that a figure comes from. */
struct culprit {
	char comm[16]; /* "": not known */
	struct key key;
	double amount; /* calls, or ns where the figure is a time */
};
#define CULPRITS_MOST 16

struct result {
	char *name; /* "fsync: count = 4" */
	enum verdict verdict;
	enum result_kind kind;
	const char *path; /* where it says so; borrowed; NULL: nowhere */
	struct budget_place at;
	char *expected, *seen; /* in words, with units */
	char *why;	       /* how sure it is, or why it is not known; NULL: nothing to say */
	double low, high, value, noise; /* calls, calls/s or ns; NAN: there is none */
	struct culprit *culprits;	/* the largest first; at most CULPRITS_MOST */
	size_t culprits_count, culprits_more;
	bool blames_ns; /* their amounts are times */
};

struct report {
	struct result *results;
	size_t count;
	size_t verdicts[3];
	char **notes; /* what a reader must know beside */
	size_t notes_count;
	/* Borrowed: */
	const char *budget, *baseline; /* paths; baseline NULL: none */
	const char *command;
	const struct snapshot *snapshot;
	const struct syscalls *names;
	bool all;    /* text: what was kept too */
	bool failed; /* memory was out: it is not whole */
};

/* A new result, zeroed but for NANs; NULL: no memory. Valid until the next one. */
struct result *report_add(struct report *r);
/* Heap text from now on; report_fini() frees it. What does not fit is noticed in r->failed. */
char *report_text(struct report *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void report_note(struct report *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Adds up the verdicts; sorts culprits. To be called once, when all results are there. */
void report_close(struct report *r);
void report_fini(struct report *r);

/* Adds amount to the culprit of that key and name. */
void report_blame(struct report *r, struct result *to, const char *comm, const struct key *key,
		  double amount);
/* "openat ENOENT", "getpid (i386, int80)". */
const char *report_call(const struct report *r, const struct key *key, char *buf, size_t size);
/* "make: openat ENOENT 13", of one of the result's culprits. */
const char *report_culprit(const struct report *r, const struct result *of, const struct culprit *c,
			   char *buf, size_t size);
/* Of all results: broken beats not known, since more of what was lost would not mend it. */
enum verdict report_verdict(const struct report *r);
const char *verdict_name(enum verdict v);
const char *result_kind_name(enum result_kind k);

struct report_format {
	const char *name;
	int (*write)(FILE *out, const struct report *r, bool colour); /* 0 or -errno */
};
extern const struct report_format report_format_text, report_format_json, report_format_junit,
	report_format_tap, report_format_github;

/* In the order in which help shows them. */
extern const struct report_format *const report_formats[];
extern const size_t report_formats_count;

#endif
