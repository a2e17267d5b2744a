/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a run counted, kept beside a budget to compare later runs with: JSON Lines, the first one of
 * the whole, then a row a line, sorted, so that a change of it reads as what changed.
 *
 *	{"sysgate_baseline":1,"by":["process","call","abi","gate","errno"],"gates":true, ..}
 *	{"process":"ls","call":"openat","abi":"x86_64","gate":"syscall","errno":"ENOENT","count":13}
 */
#ifndef SYSGATE_BUDGET_BASELINE_H
#define SYSGATE_BUDGET_BASELINE_H

#include "budget/noise.h"
#include "budget/report.h"

struct baseline_row {
	char comm[16];		 /* "": not known, or not told apart */
	char *call;		 /* its name; "": not told apart */
	struct key key;		 /* nr -1: of a name that is not known here */
	double low, high;	 /* calls */
	struct estimate typical; /* the median time in ns; not known: not compared */
	unsigned int line;	 /* in the file; 0: in none */
};

struct baseline {
	char *path;
	unsigned int by; /* GROUP_ bits */
	bool gates;	 /* gates are told apart in it */
	char engine[16];
	struct baseline_row *rows; /* sorted */
	size_t count;
};

/* 0 or -errno; -EINVAL: "FILE:LINE:COLUMN: why" is in e. */
int baseline_read(struct baseline **out, const char *path, const struct syscalls *names,
		  struct sg_error *e);
/* Of what r's snapshot counted. 0 or -ENOMEM. */
int baseline_of_run(struct baseline **out, const struct report *r, const struct budget *b,
		    const struct noise *n);
/* Adds results to r: a broken one for each row that grew, and what all others are. */
void baseline_compare(struct report *r, const struct budget *b, const struct baseline *old,
		      const struct baseline *now);
/*
 * Makes now the next baseline after old (NULL: there was none): a row that the run kept stays as it
 * was. widen: others are widened to what both runs did, instead of replaced. 0 or -ENOMEM.
 */
int baseline_follow(struct baseline *now, const struct baseline *old, const struct budget *b,
		    bool widen);
/* The file appears when it is whole. 0 or -errno. */
int baseline_write(const struct baseline *now, const char *path, struct sg_error *e);
void baseline_free(struct baseline *b);

/* For the files of baseline alone. */
int baseline_order(const struct baseline_row *a, const struct baseline_row *b);
void baseline_sort(struct baseline *b);

#endif
