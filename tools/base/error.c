// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/error.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/*
 * What a message cites may be of another's making, as a file's text or a process's name, and goes
 * to a terminal: its control characters, those of UTF-8 too, become question marks.
 */
static void make_harmless(char *text)
{
	for (unsigned char *p = (unsigned char *)text; *p; p++) {
		if (*p < 0x20 || *p == 0x7f)
			*p = '?';
		else if (p[0] == 0xc2 && p[1] >= 0x80 && p[1] < 0xa0)
			p[0] = p[1] = '?';
	}
}

static void format(struct sg_error *e, const char *fmt, va_list ap)
{
	if (!e)
		return;
	vsnprintf(e->text, sizeof(e->text), fmt, ap);
	make_harmless(e->text);
	e->hint[0] = '\0';
}

int sg_fail(struct sg_error *e, int err, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	format(e, fmt, ap);
	va_end(ap);
	return -err;
}

int sg_fail_errno(struct sg_error *e, int err, const char *fmt, ...)
{
	va_list ap;
	size_t n;

	va_start(ap, fmt);
	format(e, fmt, ap);
	va_end(ap);
	if (e) {
		n = strlen(e->text);
		snprintf(e->text + n, sizeof(e->text) - n, ": %s", strerror(err));
	}
	return -err;
}

void sg_hint(struct sg_error *e, const char *fmt, ...)
{
	va_list ap;

	if (!e)
		return;
	va_start(ap, fmt);
	vsnprintf(e->hint, sizeof(e->hint), fmt, ap);
	make_harmless(e->hint);
	va_end(ap);
}

/* One write a message, so that messages of several processes do not mix. */
static void say(const char *text)
{
	char line[sizeof(((struct sg_error *)0)->text) + 16];
	int n = snprintf(line, sizeof(line), "sysgate: %s\n", text);

	if (n >= (int)sizeof(line)) {
		n = sizeof(line);
		line[n - 1] = '\n';
	}
	/* Nothing is left to do when stderr cannot be written. */
	if (write(STDERR_FILENO, line, (size_t)n) < 0)
		return;
}

void sg_error_print(const struct sg_error *e)
{
	say(e->text[0] ? e->text : "failed for an unknown reason");
	if (e->hint[0])
		say(e->hint);
}

void sg_warn(const char *fmt, ...)
{
	char text[sizeof(((struct sg_error *)0)->text)];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	make_harmless(text);
	say(text);
}

const char *sg_errno_name(int err, char buf[16])
{
	/* The kernel's own codes, which no user sees, have no name in the C library. */
	static const char *const internal[] = { "ERESTARTSYS", "ERESTARTNOINTR", "ERESTARTNOHAND",
						"ENOIOCTLCMD", "ERESTART_RESTARTBLOCK" };
	const char *name = strerrorname_np(err);

	if (name)
		return name;
	if (err >= 512 && err <= 516)
		return internal[err - 512];
	snprintf(buf, 16, "E%d", err);
	return buf;
}
