// SPDX-License-Identifier: GPL-2.0-or-later
/* What stands left of a "=", and what the right of it means. */
#include "budget/parse.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "budget/value.h"
#include "sink/text.h"
#include "stats/view.h"

/* A command's name, as the kernel keeps it. */
#define COMM_MAX 15

/* A name on the left of "=" that is no figure. */
struct parse_key {
	const char *name;
	bool on_top;			/* it may only stand before the first section */
	bool in_section;		/* it may only stand in one */
	int (*words)(struct parser *p); /* a list: of p->words */
	/* Else: of one value. NULL or why it is wrong. */
	const char *(*value)(struct parser *p, const char *text);
};

static struct budget_section *section_now(struct parser *p)
{
	return &p->budget->sections[p->section];
}

/* ---- limits ---- */

/* Takes l->calls and l->text over, even when it fails. */
static int add_limit(struct parser *p, const struct budget_limit *l)
{
	struct budget *b = p->budget;
	struct budget_limit *grown = NULL;
	int ret = 0;

	if (b->limits_count == BUDGET_LIMITS_MAX)
		ret = parse_fail(p, l->at, "more than %u limits", BUDGET_LIMITS_MAX);
	else
		grown = reallocarray(b->limits, b->limits_count + 1, sizeof(*grown));
	if (grown) {
		b->limits = grown;
		if (l->text) {
			b->limits[b->limits_count++] = *l;
			return 0;
		}
	}
	callset_free(l->calls);
	free(l->text);
	return ret ? ret : parse_fail_memory(p);
}

static struct budget_limit limit_of(const struct parser *p, enum budget_figure figure,
				    struct budget_place at)
{
	return (struct budget_limit){
		.section = p->section, .figure = figure, .low = 0, .high = 0, .at = at
	};
}

/* Each word is a limit of its own, so that the report can tell them apart. */
static int apply_forbid(struct parser *p)
{
	int ret = 0;

	for (size_t i = 0; !ret && i < p->words_count; i++) {
		const struct word *w = &p->words[i];
		struct budget_limit l = limit_of(p, BUDGET_FORBID, w->at);

		if (w->text[0] == '!') {
			ret = parse_fail(p, w->at, "'%.64s': what is not forbidden needs no word",
					 w->text);
			sg_hint(p->e, "allow-only = names the calls that alone may be made");
			return ret;
		}
		ret = parse_word_set(p, w, &l.calls);
		if (ret)
			return ret;
		if (asprintf(&l.text, "forbid %s", w->text) < 0)
			l.text = NULL;
		ret = add_limit(p, &l);
	}
	return ret;
}

static int apply_allow_only(struct parser *p)
{
	struct budget_limit l = limit_of(p, BUDGET_ALLOW_ONLY, p->words[0].at);
	int ret = parse_words_set(p, &l.calls);

	if (ret)
		return ret;
	l.text = parse_words_text(p, "allow-only");
	return add_limit(p, &l);
}

/* ---- of which calls a section speaks ---- */

static int apply_calls(struct parser *p)
{
	return parse_words_set(p, &section_now(p)->who.calls);
}

static int apply_process(struct parser *p)
{
	struct string_list *list = &section_now(p)->who.processes;

	for (size_t i = 0; i < p->words_count; i++) {
		struct word *w = &p->words[i];
		char kept[COMM_MAX + 1];
		bool pattern = strpbrk(w->text, "*?[\\");
		struct sg_error own = { 0 };

		if (!pattern && strlen(w->text) > COMM_MAX) {
			int ret = parse_fail(p, w->at,
					     "'%.64s': a process has a name of at most %d bytes",
					     w->text, COMM_MAX);

			sg_hint(p->e, "the kernel keeps '%s' of it",
				text_clip(kept, sizeof(kept), w->text));
			return ret;
		}
		if (string_list_add(list, w->text, &own))
			return parse_fail_memory(p);
	}
	return 0;
}

static int apply_errno(struct parser *p)
{
	struct selector *who = &section_now(p)->who;

	who->errnos = calloc(p->words_count, sizeof(*who->errnos));
	if (!who->errnos)
		return parse_fail_memory(p);
	for (size_t i = 0; i < p->words_count; i++) {
		uint16_t err = value_errno(p->words[i].text);

		if (!err)
			return parse_fail(p, p->words[i].at,
					  "'%.64s' is no error's name, such as ENOENT",
					  p->words[i].text);
		who->errnos[who->errnos_count++] = err;
	}
	return 0;
}

/* ---- settings ---- */

static const char *set_tolerance(struct parser *p, const char *text)
{
	return value_tolerance(text, &section_now(p)->settings.tolerance);
}

static const char *set_least(struct parser *p, const char *text)
{
	return value_part(text, &section_now(p)->settings.least);
}

static const char *set_slack(struct parser *p, const char *text)
{
	return value_slack(text, &section_now(p)->settings);
}

static const char *set_exact(struct parser *p, const char *text)
{
	return value_yes(text, &section_now(p)->settings.exact);
}

/* From the budget's folder, so that it is the same from wherever the check runs. */
static const char *set_baseline(struct parser *p, const char *text)
{
	const char *slash = strrchr(p->budget->path, '/');
	int folder = text[0] == '/' || !slash ? 0 : (int)(slash + 1 - p->budget->path);

	if (asprintf(&p->budget->baseline, "%.*s%s", folder, p->budget->path, text) >= 0)
		return NULL;
	p->budget->baseline = NULL;
	return "out of memory";
}

static int apply_by(struct parser *p)
{
	const unsigned int known = GROUP_CALL | GROUP_ABI | GROUP_GATE | GROUP_ERRNO | GROUP_COMM;

	p->budget->by = 0;
	for (size_t i = 0; i < p->words_count; i++) {
		const struct word *w = &p->words[i];
		struct sg_error own = { 0 };
		unsigned int bit = 0;

		if (!strcmp(w->text, "process"))
			bit = GROUP_COMM;
		else if (group_parse(w->text, &bit, &own) || !(bit & known))
			bit = 0;
		if (!bit)
			return parse_fail(p, w->at,
					  "'%.64s': known are process, call, abi, gate and errno",
					  w->text);
		p->budget->by |= bit;
	}
	return 0;
}

static const struct parse_key keys[] = {
	{ "forbid", false, false, apply_forbid, NULL },
	{ "allow-only", false, false, apply_allow_only, NULL },
	{ "calls", false, true, apply_calls, NULL },
	{ "process", false, true, apply_process, NULL },
	{ "errno", false, true, apply_errno, NULL },
	{ "tolerance", false, false, NULL, set_tolerance },
	{ "least", false, false, NULL, set_least },
	{ "slack", false, false, NULL, set_slack },
	{ "exact", false, false, NULL, set_exact },
	{ "baseline", true, false, NULL, set_baseline },
	{ "by", true, false, apply_by, NULL },
};
_Static_assert(ARRAY_SIZE(keys) <= PARSE_KEYS_MAX, "struct parser has no place for all");

int parse_end_list(struct parser *p)
{
	int ret = 0;

	if (p->list && p->comma.line)
		ret = parse_fail(p, p->comma, "a list that ends with a comma");
	else if (p->list)
		ret = p->list->words(p);
	parse_drop_words(p);
	return ret;
}

/* How a limit is written: "count <" stands left of the "=" of "count <= 12". */
static int apply_figure(struct parser *p, const char *name, const char *value, size_t offset)
{
	size_t n = strlen(name);
	char sign = n ? name[n - 1] : '\0';
	_cleanup_free_ char *bare = strdup(name);
	struct budget_limit l =
		limit_of(p, BUDGET_COUNT, parse_here(p, parse_blanks(p->line, p->length)));
	struct value_figure f;
	const char *why;

	if (!bare)
		return parse_fail_memory(p);
	if (sign == '<' || sign == '>')
		n--;
	else
		sign = '\0';
	while (n && isblank((unsigned char)bare[n - 1]))
		n--;
	bare[n] = '\0';
	if (!value_figure(bare, &f)) {
		parse_fail(p, l.at, "there is no '%.32s' to limit or to set", bare);
		sg_hint(p->e,
			"known: %s; calls, process, errno; tolerance, least, slack, exact, "
			"baseline, by",
			value_figures);
		return -EINVAL;
	}
	if (!sign && f.unit != VALUE_COUNT)
		return parse_fail(p, l.at, "'%s' is measured: write %s <= or %s >=", bare, bare,
				  bare);
	l.figure = f.figure;
	l.quantile = f.quantile;
	if (sign)
		why = value_number(value, f.unit, &l.low);
	else
		why = value_range(value, f.unit, &l.low, &l.high);
	if (why)
		return parse_fail(p, parse_here(p, offset), "'%.64s': %s", value, why);
	if (sign == '<') {
		l.high = l.low;
		l.low = 0;
	} else if (sign == '>') {
		l.high = INFINITY;
	}
	if (asprintf(&l.text, "%s %s %s", bare,
		     sign == '<'   ? "<="
		     : sign == '>' ? ">="
				   : "=",
		     value) < 0)
		l.text = NULL;
	return add_limit(p, &l);
}

static int apply_key(struct parser *p, const struct parse_key *k, const char *value, size_t offset)
{
	struct budget_place at = parse_here(p, parse_blanks(p->line, p->length));
	struct budget_place *seen = &p->seen[k - keys];
	const char *why;

	if (k->on_top && p->section)
		return parse_fail(p, at, "'%s' stands before the first section", k->name);
	if (k->in_section && !p->section)
		return parse_fail(p, at, "'%s' stands in a section", k->name);
	if (seen->line && k->words != apply_forbid)
		return parse_fail(p, at, "'%s' was given on line %u already", k->name, seen->line);
	*seen = at;
	if (!k->value) {
		p->list = k;
		return parse_words(p, value, offset);
	}
	why = k->value(p, value);
	return why ? parse_fail(p, parse_here(p, offset), "'%.64s': %s", value, why) : 0;
}

/* A name and a value; the value stands at offset. */
int parse_take(struct parser *p, const char *name, const char *value, size_t offset)
{
	int ret = parse_end_list(p);

	if (ret)
		return ret;
	p->section_lines++;
	if (!*value)
		return parse_fail(p, parse_here(p, offset), "nothing behind the '='");
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		if (!strcmp(keys[i].name, name))
			return apply_key(p, &keys[i], value, offset);
	return apply_figure(p, name, value, offset);
}
