/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parts of sysgate check. */
#ifndef SYSGATE_CMD_CHECK_H
#define SYSGATE_CMD_CHECK_H

#include "budget/baseline.h"
#include "budget/noise.h"
#include "budget/report.h"
#include "cmd/session.h"

/* Where a report goes, and how. */
struct check_output {
	const struct report_format *format;
	struct output output;
};

struct check_outputs {
	struct check_output *list;
	size_t count;
};

/* Opens "FORMAT[:FILE]" of each word; none: text. 0, -EINVAL or -errno; to be closed in any case.
 */
int check_outputs_open(struct check_outputs *o, const struct string_list *words,
		       struct sg_error *e);
/* Writes the report to all; files appear. 0 or -errno, of the first that fails. */
int check_outputs_write(struct check_outputs *o, const struct report *r, struct sg_error *e);
void check_outputs_close(struct check_outputs *o);

/* What a failed check leaves behind to be looked into. */
struct check_kept {
	const char *folder;
	const struct budget *budget;
	const char *baseline; /* NULL: none */
	const struct report *report;
	char *const *command; /* NULL-terminated */
};

/* A folder that files can be written into, made when it is not there. 0 or -errno. */
int check_keep_prepare(const char *folder, struct sg_error *e);
/* snapshot.json, report.txt, report.json, versions.json, budget.ini, baseline.jsonl. 0 or -errno.
 */
int check_keep(struct session *s, const struct check_kept *k, struct sg_error *e);

#endif
