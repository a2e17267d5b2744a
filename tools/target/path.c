// SPDX-License-Identifier: GPL-2.0-or-later
#include "target/path.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "target/files.h"
#include "target/handlers.h"
#include "target/path_judge.h"
#include "target/path_source.h"

#define CALL_SHOWN "getppid"

/* What a path is read from. */
struct walk {
	struct path *path;
	const struct path_ask *ask;
	struct symtab *symbols;
	struct handlers handlers;
	struct judge judge;
	const struct syscalls *names;
};

void path_note(struct path *p, const char *fmt, ...)
{
	va_list ap;

	if (p->notes_count == PATH_NOTES)
		return;
	va_start(ap, fmt);
	vsnprintf(p->notes[p->notes_count++], sizeof(p->notes[0]), fmt, ap);
	va_end(ap);
}

static struct path_step *add_step(struct path_way *w, const struct way_row *row)
{
	struct path_step *steps = reallocarray(w->steps, w->count + 1, sizeof(*steps));

	if (!steps)
		return NULL;
	w->steps = steps;
	steps += w->count++;
	memset(steps, 0, sizeof(*steps));
	steps->row = row;
	return steps;
}

static void place_step(struct path_step *s, const struct symbol *symbol)
{
	s->here = true;
	s->address = symbol->address;
	s->end = symbol->end;
	snprintf(s->symbol, sizeof(s->symbol), "%s", symbol->name);
}

/* The handlers of the call that is shown; one that nobody has is told by its name. */
static int add_handlers(struct walk *k, struct path_way *w, const struct way_row *row)
{
	static const int abis[] = { SYSGATE_ABI_X86_64, SYSGATE_ABI_I386 };
	const char *name = k->path->call;
	size_t before = w->count;

	for (size_t i = 0; i < ARRAY_SIZE(abis); i++) {
		int32_t nr = syscalls_number(k->names, abis[i], name);
		const struct handler *found[HANDLERS_OF_CALL];
		size_t n;

		/* FRED's way is all ABIs'. */
		if ((w->way->abi != SYSGATE_ABI_UNKNOWN && w->way->abi != abis[i]) || nr < 0)
			continue;
		n = handlers_of(&k->handlers, abis[i], nr, name, found);
		for (size_t j = 0; j < n; j++) {
			const struct symbol *symbol = symtab_find(k->symbols, found[j]->name);
			struct path_step *step = symbol ? add_step(w, row) : NULL;

			if (symbol && !step)
				return -ENOMEM;
			if (symbol)
				place_step(step, symbol);
		}
	}
	if (w->count == before) {
		struct path_step *step = add_step(w, row);

		if (!step)
			return -ENOMEM;
		snprintf(step->symbol, sizeof(step->symbol), "%s", name);
	}
	return 0;
}

static int add_row(struct walk *k, struct path_way *w, const struct way_row *row)
{
	char words[160], *rest = words, *name;
	const struct symbol *symbol = NULL;
	struct path_step *step;

	if (row->flags & WAY_CALL_HANDLER)
		return add_handlers(k, w, row);
	snprintf(words, sizeof(words), "%s", row->names);
	while (!symbol && (name = strsep(&rest, " ")))
		symbol = symtab_find_made(k->symbols, name);
	step = add_step(w, row);
	if (!step)
		return -ENOMEM;
	if (row->flags & WAY_TRACEPOINT) {
		step->here = symbol;
		snprintf(step->symbol, sizeof(step->symbol), "%s",
			 row->stage == WAY_WORK_IN ? "sys_enter" : "sys_exit");
	} else if (symbol) {
		place_step(step, symbol);
	} else {
		snprintf(step->symbol, sizeof(step->symbol), "%.*s", (int)strcspn(row->names, " "),
			 row->names);
	}
	return 0;
}

static int add_way(struct walk *k, const struct way *way)
{
	struct path_way *w = &k->path->ways[k->path->count++];

	w->way = way;
	for (size_t i = 0; i < way->count; i++)
		if (add_row(k, w, &way->rows[i]))
			return -ENOMEM;
	for (size_t i = 0; i < w->count; i++)
		judge_step(&k->judge, &w->steps[i]);
	return 0;
}

/* A gate whose stub the kernel lacks (no 32-bit programs, no FRED) is none of its ways. */
static bool has_stub(const struct walk *k, const struct way *way)
{
	for (size_t i = 0; i < way->count; i++) {
		char words[160], *rest = words, *name;

		if (way->rows[i].stage != WAY_STUB || way->rows[i].flags & WAY_OPTIONAL)
			continue;
		snprintf(words, sizeof(words), "%s", way->rows[i].names);
		while ((name = strsep(&rest, " ")))
			if (symtab_find(k->symbols, name))
				return true;
	}
	return false;
}

static int add_ways(struct walk *k)
{
	const struct era *era = k->path->era;

	k->path->ways = calloc(era->count, sizeof(*k->path->ways));
	if (!k->path->ways)
		return -ENOMEM;
	for (size_t i = 0; i < era->count; i++)
		if (has_stub(k, &era->ways[i]) && add_way(k, &era->ways[i]))
			return -ENOMEM;
	return 0;
}

/* A kernel built for FRED runs on CPUs without it, by the gates that there were before. */
static void note_fred(struct path *p)
{
	char flags[4096];

	for (size_t i = 0; p->live && i < p->count; i++) {
		if (p->ways[i].way->gate != SYSGATE_GATE_FRED ||
		    file_field("", "proc/cpuinfo", "flags", ':', flags, sizeof(flags)))
			continue;
		path_note(p, "%s",
			  text_has_word(flags, "fred")
				  ? "this CPU has FRED: all calls come by that gate"
				  : "this CPU has no FRED: calls come by the other gates");
	}
}

static void mark_step(struct path_step *s, const struct plan *plan, const struct symtab *t)
{
	if (s->row->flags & WAY_TRACEPOINT) {
		if (plan->attach == PLAN_TRACEPOINT && s->here)
			snprintf(s->plan, sizeof(s->plan), "every call of every ABI");
		return;
	}
	for (size_t i = 0; s->here && i < plan->points_count; i++) {
		const struct symbol *symbol = symtab_find(t, plan->points[i].symbol);

		if (symbol && symbol->address == s->address)
			snprintf(s->plan, sizeof(s->plan), "%s", plan->points[i].why);
	}
}

static void mark_plan(struct walk *k)
{
	struct path *p = k->path;

	for (size_t i = 0; i < p->count; i++)
		for (size_t j = 0; j < p->ways[i].count; j++)
			mark_step(&p->ways[i].steps[j], &p->plan, k->symbols);
}

static void make_plan(struct walk *k)
{
	const struct path_ask *ask = k->ask;
	struct plan_ask plan = {
		.attach = ask->attach,
		.calls = ask->calls,
		.names = k->names,
		.kallsyms = ask->kallsyms,
		/* Another kernel's is not the running one's. */
		.blacklist = ask->blacklist  ? ask->blacklist
			     : ask->kallsyms ? "/dev/null"
					     : NULL,
	};

	k->path->planned = !plan_make(&k->path->plan, &plan, &k->path->plan_error);
	if (k->path->planned)
		mark_plan(k);
}

static int find_era(struct walk *k, struct sg_error *e)
{
	struct path *p = k->path;
	const char *table = k->ask->kallsyms ? k->ask->kallsyms : "this kernel's symbol table";

	p->is64 = symtab_is64(k->symbols);
	p->era = era_of(k->symbols);
	if (p->era)
		return 0;
	sg_fail(e, ENOENT,
		"cannot find the entry code in '%s': none of the names that x86 kernels have",
		table);
	sg_hint(e, "it takes the symbols of an x86_64 or i386 kernel, 2.6 or later, with the local "
		   "ones");
	return -ENOENT;
}

static void locate(struct walk *k)
{
	const struct symbol *stext = symtab_find(k->symbols, "_stext");
	const struct path_ask *ask = k->ask;

	/* The kernel lies elsewhere than it was linked for, all of it by the same distance. */
	if (ask->debug && stext && ask->debug_stext)
		path_locate(k->path, ask->debug, stext->address - ask->debug_stext);
}

static int walk(struct walk *k, struct sg_error *e)
{
	struct path *p = k->path;
	int err = symtab_new(&k->symbols, k->ask->kallsyms, e);

	if (!err)
		err = find_era(k, e);
	if (!err)
		err = handlers_read(&k->handlers, k->ask->kallsyms,
				    k->ask->kallsyms ? "/dev/null" : NULL, e);
	if (!err)
		err = judge_init(&k->judge, k->symbols, k->ask, p, e);
	if (err)
		return err;
	if (add_ways(k))
		return sg_fail_errno(e, ENOMEM, "cannot keep the path");
	note_fred(p);
	if (p->live)
		path_cpu_read(&p->cpu, "", k->symbols);
	make_plan(k);
	locate(k);
	return 0;
}

int path_read(struct path *p, const struct path_ask *ask, struct sg_error *e)
{
	struct walk k = { .path = p, .ask = ask };
	struct syscalls *own = ask->names ? NULL : syscalls_new(NULL);
	int err;

	memset(p, 0, sizeof(*p));
	p->live = !ask->kallsyms;
	snprintf(p->call, sizeof(p->call), "%s", ask->call ? ask->call : CALL_SHOWN);
	k.names = own ? own : ask->names;
	err = k.names ? walk(&k, e) : sg_fail_errno(e, ENOMEM, "names of calls");
	symtab_free(k.symbols);
	handlers_fini(&k.handlers);
	judge_fini(&k.judge);
	syscalls_free(own);
	return err;
}

void path_fini(struct path *p)
{
	for (size_t i = 0; i < p->count; i++)
		free(p->ways[i].steps);
	free(p->ways);
	plan_fini(&p->plan);
	memset(p, 0, sizeof(*p));
}
