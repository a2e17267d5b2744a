// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Reading a budget. inih takes the lines apart; what it hands on has no place and may be cut off,
 * so that each line is looked at first, when inih's reader is given it. What a word means is
 * decided where its key ends: a list may go on in indented lines.
 */
#include "budget/parse.h"

#include <ctype.h>
#include <errno.h>
#include <ini.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "budget/contradict.h"
#include "sink/text.h"
#include "stats/view.h"

/* What inih has room for in a line and in a name between brackets; what is longer it would cut. */
#define LINE_MAX_BYTES 198
#define TITLE_MAX      49

int parse_fail(struct parser *p, struct budget_place at, const char *fmt, ...)
{
	char why[256], safe[256];
	va_list ap;

	if (p->failed.line)
		return -EINVAL;
	va_start(ap, fmt);
	vsnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
	p->failed = at;
	return sg_fail(p->e, EINVAL, "%.200s:%u:%u: %s", p->budget->path, at.line, at.column,
		       text_clip(safe, sizeof(safe), why));
}

int parse_fail_memory(struct parser *p)
{
	if (!p->failed.line)
		p->failed.line = 1;
	return sg_fail_errno(p->e, ENOMEM, "budget '%.200s'", p->budget->path);
}

struct budget_place parse_here(const struct parser *p, size_t offset)
{
	return (struct budget_place){ p->number, (unsigned int)offset + 1 };
}

size_t parse_blanks(const char *text, size_t n)
{
	size_t i = 0;

	while (i < n && isblank((unsigned char)text[i]))
		i++;
	return i;
}

/* Several words with blanks between them are no calls, but a title. */
static bool is_title(const struct parser *words)
{
	for (size_t i = 0; i < words->words_count; i++)
		if (strpbrk(words->words[i].text, " \t"))
			return true;
	return false;
}

/* A section that has no line for its calls is about those of its name, unless that is a title. */
static int calls_of_name(struct parser *p)
{
	struct budget_section *s = &p->budget->sections[p->section];
	struct parser named = *p;
	int ret;

	if (s->who.calls)
		return 0;
	named.number = s->at.line;
	named.words = NULL;
	named.words_count = 0;
	ret = parse_words(&named, s->title, s->at.column - 1);
	if (!ret && named.comma.line)
		ret = parse_fail(&named, named.comma, "a list that ends with a comma");
	if (!ret && !(is_title(&named) && (s->who.processes.count || s->who.errnos_count)))
		ret = parse_words_set(&named, &s->who.calls);
	parse_drop_words(&named);
	p->failed = named.failed;
	if (ret == -EINVAL && strncmp(p->e->hint, "did you mean", 12) != 0)
		sg_hint(p->e, "a name is a set of calls, unless there is a line calls =, or it has "
			      "several words and there is a line process = or errno =");
	return ret;
}

static int end_section(struct parser *p)
{
	int ret = parse_end_list(p);

	if (ret || !p->section)
		return ret;
	if (!p->section_lines)
		return parse_fail(p, p->budget->sections[p->section].at,
				  "a section that limits nothing");
	return calls_of_name(p);
}

static int begin_section(struct parser *p, const char *title, struct budget_place at)
{
	struct budget *b = p->budget;
	struct budget_section *grown;
	size_t lead = parse_blanks(title, strlen(title)), n = strlen(title);
	char *copy;

	while (n > lead && isblank((unsigned char)title[n - 1]))
		n--;
	at.column += (unsigned int)lead;
	if (n == lead)
		return parse_fail(p, at, "a section without a name");
	for (size_t i = 1; i < b->sections_count; i++)
		if (strlen(b->sections[i].title) == n - lead &&
		    !strncmp(b->sections[i].title, title + lead, n - lead))
			return parse_fail(p, at, "there is a section '%s' on line %u already",
					  b->sections[i].title, b->sections[i].at.line);
	grown = reallocarray(b->sections, b->sections_count + 1, sizeof(*grown));
	copy = strndup(title + lead, n - lead);
	if (grown)
		b->sections = grown;
	if (!grown || !copy) {
		free(copy);
		return parse_fail_memory(p);
	}
	p->section = b->sections_count++;
	b->sections[p->section] = (struct budget_section){
		.title = copy, .at = at, .settings = { NAN, NAN, NAN, NAN, NAN }
	};
	p->section_lines = 0;
	memset(p->seen, 0, sizeof(p->seen));
	return 0;
}

/* ---- inih's side ---- */

/* Told of each name and value. What is wrong is in p; inih goes on until its reader ends. */
static int handle(void *data, const char *title, const char *name, const char *value)
{
	struct parser *p = data;
	_cleanup_free_ char *line = strndup(p->line, p->length);
	_cleanup_free_ char *copy = strdup(value);
	size_t lead = parse_blanks(p->line, p->length), equals = 0;
	char *comment;

	if (p->failed.line)
		return 1;
	if (!line || !copy) {
		parse_fail_memory(p);
		return 1;
	}
	/* Not every version of inih takes a comment off an indented line. */
	for (comment = copy; (comment = strchr(comment, ';')); comment++)
		if (comment == copy || isblank((unsigned char)comment[-1])) {
			*comment = '\0';
			break;
		}
	for (size_t n = strlen(copy); n && isspace((unsigned char)copy[n - 1]); n--)
		copy[n - 1] = '\0';
	if (p->bracket.line) {
		struct budget_place at = p->bracket;

		p->bracket.line = 0;
		if (end_section(p) || begin_section(p, title, at))
			return 1;
	} else if (lead && p->section_lines) {
		if (!p->list)
			parse_fail(p, parse_here(p, lead),
				   "an indented line goes on with the list above, and "
				   "there is none");
		else
			parse_words(p, copy, lead);
		return 1;
	}
	equals = strcspn(line, "=:");
	if (line[equals] != '=') {
		parse_fail(p, parse_here(p, equals),
			   "a '=' stands between name and value, not a ':'");
		return 1;
	}
	equals++;
	equals += parse_blanks(line + equals, strlen(line + equals));
	parse_take(p, name, copy, equals);
	return 1;
}

/* Whatever would be lost or misunderstood in this line is refused here. */
static int check_line(struct parser *p)
{
	size_t lead = parse_blanks(p->line, p->length), end = p->length;
	const char *bracket;

	for (size_t i = 0; i < p->length; i++)
		if ((unsigned char)p->line[i] < 0x20 && p->line[i] != '\t' &&
		    !(p->line[i] == '\r' && i + 1 == p->length))
			return parse_fail(p, parse_here(p, i), "a control character (0x%02x)",
					  (unsigned char)p->line[i]);
	while (end && isspace((unsigned char)p->line[end - 1]))
		end--;
	if (end > LINE_MAX_BYTES) {
		parse_fail(p, parse_here(p, LINE_MAX_BYTES), "a line of more than %d bytes",
			   LINE_MAX_BYTES);
		sg_hint(p->e, "a list may go on in the next line, which is indented");
		return -EINVAL;
	}
	if (lead >= end || p->line[lead] != '[')
		return 0;
	/* To inih it is a section or more of a list, as the line before has it. */
	if (lead)
		return parse_fail(p, parse_here(p, lead), "a section begins at the line's begin");
	bracket = memchr(p->line, ']', end);
	if (bracket && bracket - p->line - 1 > TITLE_MAX)
		return parse_fail(p, parse_here(p, TITLE_MAX + 1),
				  "a section's name of more than %d bytes", TITLE_MAX);
	if (bracket && bracket + 1 < p->line + end) {
		const char *rest = bracket + 1 +
				   parse_blanks(bracket + 1, end - (size_t)(bracket + 1 - p->line));

		if (*rest != ';' && *rest != '#')
			return parse_fail(p, parse_here(p, (size_t)(rest - p->line)),
					  "more behind the section's name");
	}
	/* Another section began before: it had no line. */
	if (p->bracket.line)
		return parse_fail(p, p->bracket, "a section that limits nothing");
	p->bracket = parse_here(p, 1);
	return 0;
}

/* As fgets() does: the next line in buf, or NULL at the end, and after an error. */
static char *next_line(char *buf, int size, void *data)
{
	struct parser *p = data;
	const char *stop;

	if (p->failed.line || p->next == p->end)
		return NULL;
	p->line = p->next;
	stop = memchr(p->line, '\n', (size_t)(p->end - p->line));
	p->next = stop ? stop + 1 : p->end;
	p->length = (size_t)((stop ? stop : p->end) - p->line);
	p->number++;
	/* A mark of UTF-8 that some editors write. */
	if (p->number == 1 && p->length >= 3 && !memcmp(p->line, "\xef\xbb\xbf", 3)) {
		p->line += 3;
		p->length -= 3;
	}
	if (check_line(p))
		return NULL;
	/* Blanks at the end do not count. */
	while (p->length && isspace((unsigned char)p->line[p->length - 1]))
		p->length--;
	snprintf(buf, (size_t)size, "%.*s\n", (int)p->length, p->line);
	return buf;
}

/* inih says no more than the line. */
static int fail_syntax(struct parser *p, unsigned int number)
{
	const char *line = p->text, *stop;
	size_t n, lead;

	for (unsigned int i = 1; i < number; i++)
		line = (const char *)memchr(line, '\n', (size_t)(p->end - line)) + 1;
	stop = memchr(line, '\n', (size_t)(p->end - line));
	n = (size_t)((stop ? stop : p->end) - line);
	lead = parse_blanks(line, n);
	p->failed.line = 0;
	if (lead < n && line[lead] == '[')
		return parse_fail(p, (struct budget_place){ number, (unsigned int)n + 1 },
				  "no ']' behind the section's name");
	return parse_fail(p, (struct budget_place){ number, (unsigned int)lead + 1 },
			  "neither [SECTION] nor NAME = VALUE nor a comment");
}

static int parse(struct parser *p)
{
	int line = ini_parse_stream(next_line, p, handle, p);

	if (line < 0)
		return parse_fail_memory(p);
	if (line > 0 && (!p->failed.line || (unsigned int)line < p->failed.line))
		return fail_syntax(p, (unsigned int)line);
	if (!p->failed.line && p->bracket.line)
		parse_fail(p, p->bracket, "a section that limits nothing");
	if (!p->failed.line)
		end_section(p);
	return p->failed.line ? -EINVAL : 0;
}

int budget_parse(struct budget **out, const char *path, const char *text, size_t size,
		 const struct syscalls *names, struct sg_error *e)
{
	struct budget *b = calloc(1, sizeof(*b));
	struct parser p = { .budget = b, .names = names, .e = e, .text = text, .next = text };
	int ret = -ENOMEM;

	if (b) {
		b->by = GROUP_DEFAULT | GROUP_ERRNO | GROUP_COMM;
		b->path = strdup(path);
		b->sections = calloc(1, sizeof(*b->sections));
	}
	if (b && b->path && b->sections) {
		b->sections_count = 1;
		b->sections[0].settings = (struct budget_settings){ NAN, NAN, NAN, NAN, NAN };
		b->sections[0].title = strdup("");
		p.end = text + size;
		ret = b->sections[0].title ? parse(&p) : -ENOMEM;
		parse_drop_words(&p);
	}
	if (!ret)
		ret = contradict(b, e);
	if (!ret && !b->limits_count && !b->baseline) {
		sg_fail(e, EINVAL, "%.200s:1:1: nothing is limited", path);
		sg_hint(e, "a line such as 'count <= 100' limits all calls; see sysgate-check(1)");
		ret = -EINVAL;
	}
	if (ret == -ENOMEM)
		sg_fail_errno(e, ENOMEM, "budget '%.200s'", path);
	if (ret)
		budget_free(b);
	else
		*out = b;
	return ret;
}
