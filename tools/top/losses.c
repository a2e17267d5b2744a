// SPDX-License-Identifier: GPL-2.0-or-later
/* The pane of losses: does it add up, what was lost, what must one know. */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "sink/text.h"
#include "top/internal.h"

#define INDENT 4 /* of a line that is the rest of one */

static int add(struct top *t, enum tone tone, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static int add(struct top *t, enum tone tone, const char *fmt, ...)
{
	_cleanup_free_ char *text = NULL;
	const char *at;
	va_list ap;
	int n, ret;

	va_start(ap, fmt);
	n = vasprintf(&text, fmt, ap);
	va_end(ap);
	if (n < 0) {
		text = NULL;
		return -ENOMEM;
	}
	/* What is too long goes on in the next line, behind blanks. */
	n = (int)text_line(text, t->width);
	ret = list_add_text(t, strndup(text, (size_t)n), tone);
	for (at = text + n; !ret && *at; at += n) {
		char *more = NULL;

		at += strspn(at, " ");
		n = (int)text_line(at, t->width > INDENT ? t->width - INDENT : 1);
		if (asprintf(&more, "%*s%.*s", INDENT, "", n, at) < 0)
			more = NULL;
		ret = list_add_text(t, more, tone);
	}
	return ret;
}

/* One term of the equation a line, so that it is read at any width. */
static int add_equation(struct top *t, const char *of_what, const struct snapshot *s)
{
	const struct conservation *c = &s->conservation;
	bool holds = snapshot_conserved(s);
	const struct {
		const char *sign, *name;
		uint64_t n;
	} terms[] = {
		{ " ", "entries", c->entries },
		{ "+", "in flight before", c->in_flight_before },
		{ "=", "exits", c->exits },
		{ "+", "in flight", c->in_flight },
		{ "+", "never returned", c->never_returned },
		{ "+", "lost", c->lost },
	};
	int ret = add(t, TONE_STRONG, "Conservation, %s", of_what);
	char n[32];

	for (size_t i = 0; i < ARRAY_SIZE(terms) && !ret; i++)
		ret = add(t, TONE_PLAIN, "%s %20s %s", terms[i].sign,
			  format_count(n, sizeof(n), terms[i].n), terms[i].name);
	if (!ret)
		ret = add(t, holds ? TONE_PLAIN : TONE_BAD, "  %s",
			  holds		      ? "It holds."
			  : s->loss.ring_lost ? "Not known: events were lost."
					      : "It does not hold.");
	return ret ? ret : add(t, TONE_PLAIN, "%s", "");
}

static int add_losses(struct top *t)
{
	struct snapshot sums = { .loss = t->sums.loss };
	int ret = add(t, TONE_STRONG, "%11s %13s  %s", "INTERVAL", "SINCE START", "LOST");
	char a[32], b[32];

	for (size_t i = 0; i < loss_names_count && !ret; i++) {
		uint64_t now = snapshot_loss(t->shown, &loss_names[i]);
		uint64_t all = snapshot_loss(&sums, &loss_names[i]);

		if (loss_names[i].seldom && !all)
			continue;
		ret = add(t, all ? TONE_BAD : TONE_PLAIN, "%11s %13s  %s: %s",
			  t->since ? "-" : format_count(a, sizeof(a), now),
			  format_count(b, sizeof(b), all), loss_names[i].name, loss_names[i].text);
	}
	if (!ret && t->sums.cells_full)
		ret = add(t, TONE_BAD, "%11s %13s  %s", "-",
			  format_count(a, sizeof(a), t->sums.cells_full),
			  "calls of so many numbers that they are not in the sums");
	return ret ? ret : add(t, TONE_PLAIN, "%s", "");
}

static int add_outside(struct top *t)
{
	const struct conservation *c = &t->sums.conservation;
	char n[32];
	int ret = 0;

	if (c->before_attach)
		ret = add(t, TONE_PLAIN, "%25s  exits of calls entered before the attach",
			  format_count(n, sizeof(n), c->before_attach));
	if (!ret && c->suppressed)
		ret = add(t, TONE_PLAIN, "%25s  calls that seccomp or ptrace suppressed",
			  format_count(n, sizeof(n), c->suppressed));
	if (!ret && (c->before_attach || c->suppressed))
		ret = add(t, TONE_PLAIN, "%s", "");
	return ret;
}

static int add_notes(struct top *t)
{
	const struct snapshot *s = t->shown;
	int ret = t->about[0] ? add(t, TONE_PLAIN, "Engine %s.", t->about) : 0;

	if (!ret && s->per_call_ns >= 0)
		ret = add(t, TONE_PLAIN, "The probes cost %.0f ns a call (%s).", s->per_call_ns,
			  s->overhead_how);
	for (size_t i = 0; i < SNAPSHOT_NOTES && s->notes[i] && !ret; i++) {
		_cleanup_free_ char *note = text_escape(s->notes[i]);

		ret = note ? add(t, TONE_PLAIN, "Note: %s", note) : -ENOMEM;
	}
	return ret;
}

static int add_memory(struct top *t)
{
	uint64_t first = history_end_ns(t->history, history_first(t->history));
	uint64_t last = history_end_ns(t->history, history_end(t->history) - 1);
	char time[32];

	return add(t, TONE_PLAIN, "Kept to step back to: %llu intervals, %s, %.1f MiB.",
		   (unsigned long long)(history_end(t->history) - history_first(t->history)),
		   format_time(time, sizeof(time), last > first ? last - first : 0),
		   (double)history_bytes(t->history) / (1 << 20));
}

int losses_list(struct top *t)
{
	struct snapshot sums = { .conservation = t->sums.conservation, .loss = t->sums.loss };
	char time[32], what[64];
	int ret = 0;

	snprintf(what, sizeof(what), "of %s", format_time(time, sizeof(time), shown_ns(t)));
	if (!t->since)
		ret = add_equation(t, what, t->shown);
	if (!ret)
		ret = add_equation(t, "since the start", &sums);
	if (!ret)
		ret = add_losses(t);
	if (!ret)
		ret = add_outside(t);
	if (!ret)
		ret = add_memory(t);
	return ret ? ret : add_notes(t);
}
