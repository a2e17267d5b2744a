/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a comparison found, as a table, JSON (docs/diff.schema.json), CSV or a page. */
#ifndef SYSGATE_COLLECTOR_DIFF_WRITE_H
#define SYSGATE_COLLECTOR_DIFF_WRITE_H

#include <stdbool.h>
#include <stdio.h>

#include "collector/compare.h"
#include "target/syscalls.h"

struct diff_options {
	const char *path_a, *path_b;
	const struct syscalls *names;
	bool all; /* table: what did not change too */
	unsigned int width;
	bool colour;
};

struct diff_format {
	const char *name;
	/* 0 or -errno. */
	int (*write)(FILE *out, const struct compare *c, const struct diff_options *o);
};

extern const struct diff_format diff_table, diff_json, diff_csv, diff_html;

/* A key of a row as text; "" when it is not known. */
struct diff_key {
	unsigned int bit;
	const char *name, *title;
	void (*text)(const struct compare_row *r, const struct syscalls *names, char *buf,
		     size_t size);
};
extern const struct diff_key diff_keys[];
extern const size_t diff_keys_count;
/* Why the times or counts of A and B may not be comparable; NULL when nothing is known. */
const char *diff_caution(const struct compare *c);
/* A figure, a change of it and its noise, for people. */
const char *diff_figure(char *buf, size_t size, int figure, double v);
const char *diff_change(char *buf, size_t size, int figure, const struct compare_result *r);
const char *diff_noise(char *buf, size_t size, int figure, const struct compare_result *r);
bool diff_is_change(const struct compare_result *r);
/* Compared, nothing found, and not merely that nothing failed in either. */
bool diff_is_same(const struct compare_result *r, int figure);

#endif
