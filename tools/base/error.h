/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Why something failed, in words, carried from the library function that knows it to the command
 * that prints it. A function that takes a struct sg_error returns 0 or -errno; on failure it may
 * have filled the error, and the caller adds what it was doing.
 */
#ifndef SYSGATE_BASE_ERROR_H
#define SYSGATE_BASE_ERROR_H

#include <stdarg.h>

struct sg_error {
	char text[512]; /* what failed 'object': reason; no control characters; empty: not known */
	char hint[512]; /* the next step, where there is one; else empty */
};

/* Sets the text (and clears the hint); returns -err, so that `return sg_fail(...)` reads well. */
int sg_fail(struct sg_error *e, int err, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* The same with ": strerror(err)" at the end of the text. */
int sg_fail_errno(struct sg_error *e, int err, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* The next step, kept beside the text. */
void sg_hint(struct sg_error *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* One write to stderr each: "sysgate: text", then "sysgate: hint" where there is one. */
void sg_error_print(const struct sg_error *e);
void sg_warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* The errno's name ("ENOENT"), or "E512" style for one without; static storage of the caller. */
const char *sg_errno_name(int err, char buf[16]);

/* Exit statuses of every command. */
enum {
	SG_EXIT_OK = 0,
	SG_EXIT_BROKEN = 1,  /* a budget or conservation failed, events were lost under --strict */
	SG_EXIT_USAGE = 2,   /* wrong use */
	SG_EXIT_MACHINE = 3, /* this machine cannot do it */
};

#endif
