// SPDX-License-Identifier: GPL-2.0-or-later
/* Lists of words, each with its place. */
#include "budget/parse.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

void parse_drop_words(struct parser *p)
{
	for (size_t i = 0; i < p->words_count; i++)
		free(p->words[i].text);
	free(p->words);
	p->words = NULL;
	p->words_count = 0;
	p->list = NULL;
	p->comma.line = 0;
}

static int add_word(struct parser *p, const char *text, size_t n, struct budget_place at)
{
	struct word *grown = reallocarray(p->words, p->words_count + 1, sizeof(*grown));
	char *copy = strndup(text, n);

	p->words = grown ? grown : p->words;
	if (!grown || !copy) {
		free(copy);
		return parse_fail_memory(p);
	}
	p->words[p->words_count++] = (struct word){ copy, at };
	return 0;
}

int parse_words(struct parser *p, const char *value, size_t offset)
{
	const char *word = value;
	int ret = 0;

	p->comma.line = 0;
	while (!ret) {
		size_t n = strcspn(word, ","), lead = parse_blanks(word, n), used = n;
		size_t at = offset + (size_t)(word - value);

		while (used > lead && isblank((unsigned char)word[used - 1]))
			used--;
		if (used == lead) {
			/* A comma at the line's end: the list goes on in the next one. */
			if (word[n] || word == value)
				return parse_fail(p, parse_here(p, at + lead),
						  "an empty word in a list");
			p->comma = parse_here(p, at - 1);
			return 0;
		}
		ret = add_word(p, word + lead, used - lead, parse_here(p, at + lead));
		if (!word[n])
			return ret;
		word += n + 1;
	}
	return ret;
}

int parse_word_set(struct parser *p, const struct word *w, struct callset **out)
{
	struct sg_error own = { 0 };
	int ret = callset_parse(w->text, p->names, out, &own);

	if (!ret)
		return 0;
	if (ret == -ENOMEM)
		return parse_fail_memory(p);
	ret = parse_fail(p, w->at, "'%.64s' is no call, class, gate: or abi:", w->text);
	if (own.hint[0])
		sg_hint(p->e, "%s", own.hint);
	return ret;
}

/* Each by itself first, so that it is known which one is wrong. */
static int check_words(struct parser *p)
{
	int ret = 0;

	for (size_t i = 0; !ret && i < p->words_count; i++) {
		struct callset *set = NULL;

		ret = parse_word_set(p, &p->words[i], &set);
		callset_free(set);
	}
	return ret;
}

int parse_words_set(struct parser *p, struct callset **out)
{
	_cleanup_free_ char *joined = NULL;
	struct sg_error own = { 0 };
	size_t size = 0;
	FILE *f;
	int ret = check_words(p);

	if (ret)
		return ret;
	f = open_memstream(&joined, &size);
	if (!f)
		return parse_fail_memory(p);
	for (size_t i = 0; i < p->words_count; i++)
		fprintf(f, "%s%s", i ? "," : "", p->words[i].text);
	if (fclose(f) || callset_parse(joined, p->names, out, &own))
		return parse_fail_memory(p);
	return 0;
}

char *parse_words_text(const struct parser *p, const char *name)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		return NULL;
	fputs(name, f);
	for (size_t i = 0; i < p->words_count; i++)
		fprintf(f, "%s%s", i ? ", " : " ", p->words[i].text);
	if (!fclose(f))
		return text;
	free(text);
	return NULL;
}
