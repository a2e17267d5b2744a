/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The state of reading a budget: between parse.c (lines), words.c (lists) and keys.c (meanings). */
#ifndef SYSGATE_BUDGET_PARSE_H
#define SYSGATE_BUDGET_PARSE_H

#include "budget/budget.h"

#define PARSE_KEYS_MAX 16

struct parse_key; /* of keys.c */

struct word {
	char *text;
	struct budget_place at;
};

struct parser {
	struct budget *budget;
	const struct syscalls *names;
	struct sg_error *e;
	struct budget_place failed; /* line 0: not yet */

	/* The text, and the line that inih has now. */
	const char *text, *end, *next;
	const char *line;
	size_t length; /* of that, without its end */
	unsigned int number;

	struct budget_place bracket; /* a section that began and has no line yet; line 0: none */
	size_t section;
	size_t section_lines;			  /* how many it has had */
	struct budget_place seen[PARSE_KEYS_MAX]; /* where its keys were given; of keys.c */

	/* The list that is being read. */
	const struct parse_key *list;
	struct word *words;
	size_t words_count;
	struct budget_place comma; /* what stands behind it is still to come; line 0: nothing */
};

/* The first failure stays. -EINVAL. */
int parse_fail(struct parser *p, struct budget_place at, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
int parse_fail_memory(struct parser *p); /* -ENOMEM */
/* A place in the line that is read. */
struct budget_place parse_here(const struct parser *p, size_t offset);
/* How many of n bytes are blanks at their begin. */
size_t parse_blanks(const char *text, size_t n);

/* The words between commas of a value that stands at offset in the line. 0 or -errno. */
int parse_words(struct parser *p, const char *value, size_t offset);
/* All the words as one set of calls. Heap in *out. 0 or -errno. */
int parse_words_set(struct parser *p, struct callset **out);
/* The same of one. */
int parse_word_set(struct parser *p, const struct word *w, struct callset **out);
/* "name word, word": heap, NULL: no memory. */
char *parse_words_text(const struct parser *p, const char *name);
void parse_drop_words(struct parser *p);

/* A name and a value, which stands at offset in the line. 0 or -errno. */
int parse_take(struct parser *p, const char *name, const char *value, size_t offset);
/* The list that was read is at its end. 0 or -errno. */
int parse_end_list(struct parser *p);

#endif
