// SPDX-License-Identifier: GPL-2.0-or-later
/* Reads of a script no more than what it hangs on: the lists between "probe" and its block. */
#include "target/stap_points.h"

#include <ctype.h>
#include <string.h>

#include "base/cleanup.h"

struct text {
	const char *at, *end;
};

static bool begins(const struct text *t, const char *with)
{
	size_t size = strlen(with);

	return (size_t)(t->end - t->at) >= size && memcmp(t->at, with, size) == 0;
}

static void skip_past(struct text *t, const char *what)
{
	const char *found = memmem(t->at, (size_t)(t->end - t->at), what, strlen(what));

	t->at = found ? found + strlen(what) : t->end;
}

static void skip_string(struct text *t)
{
	for (t->at++; t->at < t->end && *t->at != '"'; t->at++)
		if (*t->at == '\\' && t->at + 1 < t->end)
			t->at++;
	if (t->at < t->end)
		t->at++;
}

/* A comment, a string or C code: what looks like a probe in it is none. false: it is something else. */
static bool skip_opaque(struct text *t)
{
	if (begins(t, "/*"))
		skip_past(t, "*/");
	else if (begins(t, "%{"))
		skip_past(t, "%}");
	else if (begins(t, "//") || begins(t, "#"))
		skip_past(t, "\n");
	else if (begins(t, "\""))
		skip_string(t);
	else
		return false;
	return true;
}

static bool is_of_word(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

static void skip_space(struct text *t)
{
	while (t->at < t->end &&
	       (isspace((unsigned char)*t->at) || (*t->at != '"' && skip_opaque(t))))
		if (t->at < t->end && isspace((unsigned char)*t->at))
			t->at++;
}

static bool is_known(const struct text *t)
{
	static const char *const known[] = {
		"begin",   "end",      "error",
		"never",   "timer.",   "procfs",
		"kprobe.", "sysgate.", "kernel.trace(\"raw_syscalls:"
	};

	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		if (begins(t, known[i]))
			return true;
	return false;
}

/* From behind "probe" to its block; an alias, which has a '=', is not known. */
static bool points_are_known(struct text *t)
{
	do {
		skip_space(t);
		if (!is_known(t))
			return false;
		while (t->at < t->end && !strchr("{,=", *t->at))
			if (!skip_opaque(t))
				t->at++;
	} while (t->at < t->end && *t->at++ == ',');
	return t->at < t->end && t->at[-1] == '{';
}

bool stap_traces_calls_only(const char *script, size_t size)
{
	struct text t = { script, script + size };

	while (t.at < t.end) {
		const char *word = t.at;

		if (skip_opaque(&t))
			continue;
		while (t.at < t.end && is_of_word(*t.at))
			t.at++;
		if (t.at == word)
			t.at++;
		else if (t.at - word == 5 && !memcmp(word, "probe", 5) && !points_are_known(&t))
			return false;
	}
	return true;
}
