// SPDX-License-Identifier: GPL-2.0-or-later
#include "cmd/explain.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "cmd/words.h"
#include "sink/text.h"
#include "target/files.h"

#define X32_BIT 0x40000000

bool wrapper_is_of(const struct wrapper *w, int abi)
{
	return !w->abis || text_has_word(w->abis, abi_name(abi));
}

/* "ecx:edx (low:high)", or one register. */
static void registers_text(int gate, const struct explain_argument *a, char *text, size_t size)
{
	const char *low = a->slots ? explain_register(gate, a->first) : NULL;
	const char *high = a->slots == 2 ? explain_register(gate, a->first + 1u) : NULL;

	if (high)
		snprintf(text, size, "%s:%s", low, high);
	else
		snprintf(text, size, "%s", low ? low : "none");
}

static void put_argument(FILE *out, const struct explain_call *c, const struct explain_argument *a)
{
	_cleanup_free_ char *type = text_escape(a->type), *name = text_escape(a->name);
	const char *t = type ? type : "";
	char text[200], words[32];
	size_t n = strlen(t);
	int gates[4];

	snprintf(text, sizeof(text), "%s%s%s", t, n && t[n - 1] == '*' ? "" : " ",
		 name ? name : "");
	fprintf(out, "  %-44s", text);
	for (size_t i = 0, count = explain_gates(c->abi, gates); i < count; i++) {
		registers_text(gates[i], a, words, sizeof(words));
		fprintf(out, " %-10s", words);
	}
	fputc('\n', out);
}

static const char *source_text(const struct explain_call *c)
{
	static const char *const texts[] = {
		[EXPLAIN_NONE] = "arguments unknown",
		[EXPLAIN_DWARF] = "arguments by the kernel's debug information",
		[EXPLAIN_TRACEFS] = "arguments by the kernel's tracepoint",
		[EXPLAIN_BUILTIN] = "arguments by the prototypes that sysgate has",
	};

	return texts[c->source];
}

static void put_head(FILE *out, const struct explain_call *c)
{
	int gates[4];

	fprintf(out, "\n%s: %s is %d", abi_name(c->abi), c->name, c->nr);
	if (c->abi == SYSGATE_ABI_X32)
		fprintf(out, " (0x%x, with bit 30)", (unsigned int)c->nr | X32_BIT);
	fprintf(out, ", in %s; its result comes there too\n", explain_number_register(c->abi));
	if (c->handler[0])
		fprintf(out, "  handler %s%s%s", c->handler, c->place.file[0] ? ", " : "",
			c->place.file);
	if (c->handler[0] && c->place.file[0])
		fprintf(out, ":%d", c->place.line);
	if (c->handler[0])
		fputc('\n', out);
	if (!c->here)
		fprintf(out, "  this kernel does not have it\n");
	fprintf(out, "  %-44s", source_text(c));
	for (size_t i = 0, count = explain_gates(c->abi, gates); i < count && c->count; i++)
		fprintf(out, " %-10s", gate_name(gates[i]));
	fputc('\n', out);
}

static void put_call(FILE *out, const struct explain_call *c)
{
	bool pairs = false, stack = false;

	put_head(out, c);
	if (!c->count && c->source != EXPLAIN_NONE)
		fprintf(out, "  none\n");
	for (size_t i = 0; i < c->count; i++) {
		put_argument(out, c, &c->arguments[i]);
		pairs |= c->arguments[i].slots == 2;
		stack |= c->abi == SYSGATE_ABI_I386 &&
			 c->arguments[i].first + c->arguments[i].slots == EXPLAIN_ARGUMENTS;
	}
	if (pairs)
		fprintf(out, "  of two registers the first has the lower half\n");
	if (stack)
		fprintf(out, "  [ebp], [esp]: the word on the user's stack to which it points\n");
}

static bool concerns(const struct explain *x, const struct wrapper *w)
{
	for (size_t i = 0; i < x->count; i++)
		if (wrapper_is_of(w, x->calls[i].abi))
			return true;
	return false;
}

/* Whose names they are: with a number each ABI has another. */
static void put_library(FILE *out, const struct explain *x, size_t width)
{
	bool any = false;

	for (size_t i = 0; i < x->count; i++) {
		const struct wrapper *w = NULL;
		bool seen = false;

		for (size_t j = 0; j < i && !seen; j++)
			seen = !strcmp(x->calls[j].name, x->calls[i].name);
		while (!seen && (w = wrapper_next(w, x->calls[i].name))) {
			if (!concerns(x, w))
				continue;
			if (!any)
				fprintf(out, "\nthe C library\n");
			any = true;
			fputs("  ", out);
			if (w->abis)
				fprintf(out, "%s: ", w->abis);
			words_put(out, w->text, 2 + (w->abis ? strlen(w->abis) + 2 : 0), 4, width);
		}
	}
	if (!any)
		fprintf(out,
			"\nthe C library: no difference is known but that it returns -1 and sets "
			"errno\n");
}

int explain_write_text(FILE *out, const struct explain_view *v, size_t width)
{
	const struct explain *x = v->explain;

	fprintf(out, "%s, by kernel %s\n", v->call, v->kernel);
	for (size_t i = 0; i < x->count; i++)
		put_call(out, &x->calls[i]);
	put_library(out, x, width);
	if (x->notes_count)
		fputc('\n', out);
	for (size_t i = 0; i < x->notes_count; i++) {
		fputs("note: ", out);
		words_put(out, x->notes[i], 6, 2, width);
	}
	return ferror(out) ? -EIO : 0;
}
