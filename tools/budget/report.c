// SPDX-License-Identifier: GPL-2.0-or-later
#include "budget/report.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "sink/sink.h"

const struct report_format *const report_formats[] = {
	&report_format_text, &report_format_json,   &report_format_junit,
	&report_format_tap,  &report_format_github,
};
const size_t report_formats_count = ARRAY_SIZE(report_formats);

struct result *report_add(struct report *r)
{
	struct result *grown = reallocarray(r->results, r->count + 1, sizeof(*grown));

	if (!grown) {
		r->failed = true;
		return NULL;
	}
	r->results = grown;
	grown[r->count] = (struct result){ .low = NAN, .high = NAN, .value = NAN, .noise = NAN };
	return &grown[r->count++];
}

char *report_text(struct report *r, const char *fmt, ...)
{
	char *text;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0) {
		text = NULL;
		r->failed = true;
	}
	va_end(ap);
	return text;
}

void report_note(struct report *r, const char *fmt, ...)
{
	char **grown = reallocarray(r->notes, r->notes_count + 1, sizeof(*grown)), *text;
	va_list ap;

	r->notes = grown ? grown : r->notes;
	va_start(ap, fmt);
	if (!grown || vasprintf(&text, fmt, ap) < 0)
		r->failed = true;
	else
		grown[r->notes_count++] = text;
	va_end(ap);
}

static bool same_call(const struct key *a, const struct key *b)
{
	return a->abi == b->abi && a->gate == b->gate && a->nr == b->nr && a->err == b->err;
}

void report_blame(struct report *r, struct result *to, const char *comm, const struct key *key,
		  double amount)
{
	struct culprit *grown, *c;

	if (!(amount > 0))
		return;
	for (size_t i = 0; i < to->culprits_count; i++) {
		c = &to->culprits[i];
		if (!same_call(&c->key, key) || strcmp(c->comm, comm) != 0)
			continue;
		c->amount += amount;
		return;
	}
	grown = reallocarray(to->culprits, to->culprits_count + 1, sizeof(*grown));
	if (!grown) {
		r->failed = true;
		return;
	}
	to->culprits = grown;
	c = &grown[to->culprits_count++];
	*c = (struct culprit){ .key = *key, .amount = amount };
	c->key.proc = 0;
	snprintf(c->comm, sizeof(c->comm), "%s", comm);
}

static int compare_culprits(const void *x, const void *y)
{
	const struct culprit *a = x, *b = y;

	if (a->amount != b->amount)
		return a->amount < b->amount ? 1 : -1;
	if (strcmp(a->comm, b->comm) != 0)
		return strcmp(a->comm, b->comm);
	return key_compare(&a->key, &b->key);
}

void report_close(struct report *r)
{
	for (size_t i = 0; i < r->count; i++) {
		struct result *one = &r->results[i];

		r->verdicts[one->verdict]++;
		if (!one->culprits_count)
			continue;
		qsort(one->culprits, one->culprits_count, sizeof(*one->culprits), compare_culprits);
		if (one->culprits_count <= CULPRITS_MOST)
			continue;
		one->culprits_more = one->culprits_count - CULPRITS_MOST;
		one->culprits_count = CULPRITS_MOST;
	}
}

void report_fini(struct report *r)
{
	for (size_t i = 0; i < r->count; i++) {
		free(r->results[i].name);
		free(r->results[i].expected);
		free(r->results[i].seen);
		free(r->results[i].why);
		free(r->results[i].culprits);
	}
	for (size_t i = 0; i < r->notes_count; i++)
		free(r->notes[i]);
	free(r->results);
	free(r->notes);
	*r = (struct report){ 0 };
}

/* The ABI and the gate are told where they are not those of an ordinary call of this machine. */
const char *report_call(const struct report *r, const struct key *key, char *buf, size_t size)
{
	char name[64], err[16];
	bool abi = key->abi != abi_native();
	bool gate = key->gate != SYSGATE_GATE_UNKNOWN && key->gate != SYSGATE_GATE_SYSCALL;

	snprintf(buf, size, "%s%s%s%s%s%s%s%s",
		 syscalls_name(r->names, key->abi, key->nr, name, sizeof(name)),
		 abi || gate ? " (" : "", abi ? abi_name(key->abi) : "", abi && gate ? ", " : "",
		 gate ? gate_name(key->gate) : "", abi || gate ? ")" : "", key->err ? " " : "",
		 key->err ? sg_errno_name(key->err, err) : "");
	return buf;
}

const char *report_culprit(const struct report *r, const struct result *of, const struct culprit *c,
			   char *buf, size_t size)
{
	char call[128], amount[32];
	const char *unit = "";

	report_call(r, &c->key, call, sizeof(call));
	if (of->blames_ns) {
		format_time(amount, sizeof(amount), cell_whole_ns(c->amount));
	} else {
		format_count(amount, sizeof(amount), (uint64_t)c->amount);
		unit = c->amount == 1 ? " call" : " calls";
	}
	snprintf(buf, size, "%s: %s, %s%s", c->comm[0] ? c->comm : "process not known", call,
		 amount, unit);
	return buf;
}

enum verdict report_verdict(const struct report *r)
{
	if (r->verdicts[VERDICT_BROKEN])
		return VERDICT_BROKEN;
	return r->verdicts[VERDICT_UNKNOWN] ? VERDICT_UNKNOWN : VERDICT_KEPT;
}

const char *verdict_name(enum verdict v)
{
	static const char *const names[] = { "kept", "broken", "not known" };

	return names[v];
}

const char *result_kind_name(enum result_kind k)
{
	static const char *const names[] = { "count", "time", "status" };

	return names[k];
}
