/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A budget: the limits that a run must keep, as a file of INI says them. sysgate-check(1) describes
 * the file.
 *
 *	forbid = ptrace, gate:int80          limits of all calls, and settings
 *	[fsync]                              a section: the calls that its name says, or
 *	count = 4                            those of its lines calls =, process =, errno =
 */
#ifndef SYSGATE_BUDGET_BUDGET_H
#define SYSGATE_BUDGET_BUDGET_H

#include "base/error.h"
#include "budget/selector.h"

#define BUDGET_BYTES_MAX  (1U << 20)
#define BUDGET_LIMITS_MAX 4096
/* A count beyond that is none; a double holds all below. */
#define BUDGET_COUNT_MAX 1e15

/* From 1 on; column: of the first byte. */
struct budget_place {
	unsigned int line, column;
};

enum budget_figure {
	BUDGET_COUNT,
	BUDGET_ERRORS,
	BUDGET_IN_FLIGHT,
	BUDGET_RATE,  /* calls a second */
	BUDGET_TOTAL, /* times in ns */
	BUDGET_AVG,
	BUDGET_QUANTILE,
	BUDGET_MAX,
	BUDGET_FORBID,	  /* of .calls none */
	BUDGET_ALLOW_ONLY /* of others than .calls none */
};

struct budget_limit {
	size_t section; /* in budget.sections */
	enum budget_figure figure;
	double quantile;  /* 0..1 */
	double low, high; /* it must lie between, both included; 0 and INFINITY: not bounded */
	struct callset *calls;
	char *text; /* as it was written, "count <= 12" */
	struct budget_place at;
};

/* How rows are compared with the baseline. NAN: as the sections before say. */
struct budget_settings {
	double tolerance;  /* times, in units of the noise; limits too */
	double least;	   /* a smaller part by which a time grows does not matter */
	double slack;	   /* so many calls more, */
	double slack_part; /* or that part of them, are as many; INFINITY: any */
	double exact;	   /* 1: fewer calls are a break too */
};

struct budget_section {
	char *title; /* "" for what stands before the first one */
	struct budget_place at;
	struct selector who;
	struct budget_settings settings;
};

struct budget {
	char *path;
	struct budget_section *sections; /* [0] is all calls */
	size_t sections_count;
	struct budget_limit *limits; /* in the order of the file */
	size_t limits_count;
	char *baseline;	 /* its path, from the budget's folder; NULL: none */
	unsigned int by; /* GROUP_ bits of the baseline's rows */
};

/* -EINVAL: "FILE:LINE:COLUMN: why" is in e. NULL names: of this machine. 0 or -errno. */
int budget_read(struct budget **out, const char *path, const struct syscalls *names,
		struct sg_error *e);
/* The same of a text, which need not end with a NUL. */
int budget_parse(struct budget **out, const char *path, const char *text, size_t size,
		 const struct syscalls *names, struct sg_error *e);
void budget_free(struct budget *b);

/* What holds for a counted call: of the last section that speaks of it and says so. */
struct budget_settings budget_settings(const struct budget *b, const struct selected *what);
double budget_tolerance(const struct budget *b, const struct budget_limit *l);
/* "fsync: count = 4", "forbid ptrace": heap, NULL: no memory. */
char *budget_limit_name(const struct budget *b, const struct budget_limit *l);
bool budget_is_time(enum budget_figure figure);
/* Does any limit need calls told apart by errno; by process? */
uint32_t budget_dims(const struct budget *b);

#endif
