// SPDX-License-Identifier: GPL-2.0-or-later
#include "target/path_judge.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "target/blacklist.h"
#include "target/files.h"

#define FUNCTIONS "available_filter_functions"

static bool has(const struct symtab *t, const char *name)
{
	return symtab_find(t, name);
}

static enum answer yes_if(bool yes)
{
	return yes ? YES : NO;
}

static void add_forbidden(uint64_t from, uint64_t to, void *data)
{
	struct judge *j = data;
	struct range *list;

	if (j->forbidden_count == j->forbidden_room) {
		list = reallocarray(j->forbidden, j->forbidden_room + 1024, sizeof(*list));
		if (!list) {
			j->cut = true;
			return;
		}
		j->forbidden = list;
		j->forbidden_room += 1024;
	}
	j->forbidden[j->forbidden_count++] = (struct range){ from, to };
}

static bool add_traced(struct judge *j, uint64_t address)
{
	uint64_t *list;

	if (j->traced_count == j->traced_room) {
		list = reallocarray(j->traced, j->traced_room + (1u << 14), sizeof(*list));
		j->cut = !list;
		if (!list)
			return false;
		j->traced = list;
		j->traced_room += 1u << 14;
	}
	j->traced[j->traced_count++] = address;
	return true;
}

/*
 * "NAME" or "ADDRESS NAME": of functions that share an address one is listed. The address is that
 * of ftrace's place, which is the function's first instruction or its second.
 */
static bool take_function(const char *line, void *data)
{
	struct judge *j = data;
	char first[256], second[256];
	const struct symbol *s;
	int words = sscanf(line, "%255s %255s", first, second);

	if (strchr(line, '[') || words < 1)
		return true;
	s = words == 1 ? symtab_find(j->symbols, first)
		       : symtab_at(j->symbols, strtoull(first, NULL, 16));
	return !s || add_traced(j, s->address);
}

static int compare_addresses(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static void read_functions(struct judge *j, const struct path_ask *ask, struct path *p)
{
	int err = -ENOENT;

	if (ask->functions)
		err = file_lines(ask->functions[0] == '/' ? "" : ".", ask->functions, take_function,
				 j);
	else if (j->live && ask->tracefs)
		err = file_lines(ask->tracefs, FUNCTIONS "_addrs", take_function, j);
	if (err && j->live && ask->tracefs && !ask->functions)
		err = file_lines(ask->tracefs, FUNCTIONS, take_function, j);
	j->traced_known = !err && j->traced_count;
	if (j->traced_count)
		qsort(j->traced, j->traced_count, sizeof(*j->traced), compare_addresses);
	if (j->traced_known || j->ftrace == NO || j->kprobes == NO)
		return;
	if (j->live)
		path_note(p, "which functions ftrace reaches is unknown: tracefs's " FUNCTIONS
			     " cannot be read");
	else
		path_note(p, "which functions ftrace reaches is unknown: give --functions, a copy "
			     "of tracefs's " FUNCTIONS);
}

/* NOKPROBE_SYMBOL(NAME) leaves a pointer of this name: the table then has all of them. */
static bool has_markers(const struct symtab *t)
{
	static const char *const always[] = { "_kbl_addr_do_int3", "_kbl_addr_kprobe_int3_handler",
					      "_kbl_addr_notify_die", "_kbl_addr_get_kprobe",
					      "_kbl_addr_opt_pre_handler" };

	for (size_t i = 0; i < ARRAY_SIZE(always); i++)
		if (has(t, always[i]))
			return true;
	return false;
}

static void read_blacklist(struct judge *j, const struct path_ask *ask, struct path *p)
{
	if (ask->blacklist || j->live)
		j->blacklist_known = !blacklist_each(ask->blacklist, add_forbidden, j);
	/* Before 3.16 it was a section alone. */
	if (!j->blacklist_known)
		j->blacklist_known =
			has_markers(j->symbols) || !has(j->symbols, "arch_within_kprobe_blacklist");
	if (j->blacklist_known || j->kprobes == NO)
		return;
	if (j->live)
		path_note(p, "the blacklist of kprobes is unknown: debugfs's kprobes/blacklist "
			     "cannot be read");
	else
		path_note(p, "the blacklist of kprobes is unknown: give --blacklist, a copy of "
			     "debugfs's kprobes/blacklist");
}

static void look_live(struct judge *j, const struct path_ask *ask)
{
	struct machine m = { 0 };

	machine_read_loading(&m, "");
	j->locked = machine_tracing_locked(&m);
	if (file_number("", "proc/sys/debug/kprobes-optimization", 1) == 0)
		j->optimises = false;
	if (!ask->tracefs)
		return;
	j->raw_syscalls = yes_if(file_exists(ask->tracefs, "events/raw_syscalls/sys_enter"));
	j->kprobe_events = yes_if(file_exists(ask->tracefs, "kprobe_events"));
}

int judge_init(struct judge *j, const struct symtab *symbols, const struct path_ask *ask,
	       struct path *p, struct sg_error *e)
{
	memset(j, 0, sizeof(*j));
	j->symbols = symbols;
	j->live = p->live;
	j->kprobes = yes_if(has(symbols, "register_kprobe"));
	j->kprobe_events =
		yes_if(has(symbols, "kprobe_dispatcher") || has(symbols, "trace_kprobe_create") ||
		       has(symbols, "kprobe_register"));
	j->raw_syscalls = yes_if(has(symbols, "syscall_regfunc"));
	j->ftrace =
		yes_if(has(symbols, "ftrace_location") || has(symbols, "ftrace_location_range"));
	/* Between 4.18 and 5.0 tracefs began to: 5.8's table tells it for certain. */
	j->refuses_notrace =
		p->era && (has(symbols, "asm_exc_page_fault") || has(symbols, "do_SYSENTER_32") ||
			   has(symbols, "__noinstr_text_start"));
	j->optimises = has(symbols, "arch_prepare_optimized_kprobe");
	if (p->live)
		look_live(j, ask);
	if (j->kprobes == YES && j->ftrace == YES)
		read_functions(j, ask, p);
	if (j->kprobes == YES)
		read_blacklist(j, ask, p);
	else
		path_note(p, "this kernel has no kprobes");
	if (j->cut)
		return sg_fail_errno(e, ENOMEM, "cannot keep what may be probed");
	return 0;
}

void judge_fini(struct judge *j)
{
	free(j->forbidden);
	free(j->traced);
}

__attribute__((format(printf, 4, 5))) static void say(struct path_probe *probe, enum answer tracefs,
						      enum answer module, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(probe->why, sizeof(probe->why), fmt, ap);
	va_end(ap);
	probe->tracefs = tracefs;
	probe->module = module;
}

/* What forbids a kprobe at an address; NULL: nothing that is known. */
static const char *forbidden(const struct judge *j, const struct path_step *s)
{
	const struct symtab *t = j->symbols;
	char marker[160];

	if (has(t, "arch_within_kprobe_blacklist") &&
	    symtab_between(t, s->address, "__entry_text_start", "__entry_text_end"))
		return "entry code: on the blacklist of kprobes";
	if (symtab_between(t, s->address, "__noinstr_text_start", "__noinstr_text_end"))
		return "noinstr: on the blacklist of kprobes";
	if (symtab_between(t, s->address, "__kprobes_text_start", "__kprobes_text_end"))
		return "what kprobes themselves need: on their blacklist";
	if (symtab_between(t, s->address, "_sinittext", "_einittext"))
		return "used while booting alone";
	for (size_t i = 0; i < j->forbidden_count; i++)
		if (s->address >= j->forbidden[i].from && s->address < j->forbidden[i].to)
			return "on the blacklist of kprobes";
	snprintf(marker, sizeof(marker), "_kbl_addr_%s", s->symbol);
	return has(t, marker) ? "on the blacklist of kprobes" : NULL;
}

static bool is_traced(const struct judge *j, uint64_t address)
{
	return j->traced_count &&
	       bsearch(&address, j->traced, j->traced_count, sizeof(address), compare_addresses);
}

/* A place that kprobes take: what remains is whether tracefs does, and how it is done. */
static void judge_probeable(const struct judge *j, struct path_step *s)
{
	struct path_probe *p = &s->probe;
	bool traced = is_traced(j, s->address);

	p->how = traced ? "ftrace" : j->optimises ? "optimised" : "int3";
	if (!traced && j->ftrace == YES && !j->traced_known)
		p->how = NULL;
	if (j->kprobe_events == NO)
		say(p, NO, YES, "tracefs has no kprobe_events");
	else if (j->locked)
		say(p, NO, YES, "lockdown is confidentiality: no probe events");
	else if (symtab_count(j->symbols, s->symbol) > 1)
		say(p, UNSEEN, UNSEEN, "several functions have this name");
	else if (traced || j->ftrace == NO)
		say(p, YES, YES, "%s",
		    traced ? "by ftrace, at its first instruction" : "by a breakpoint");
	else if (!j->traced_known)
		say(p, UNSEEN, YES, "whether ftrace reaches it could not be seen");
	else if (j->refuses_notrace)
		say(p, NO, YES, "notrace: tracefs refuses it, a module's breakpoint is taken");
	else
		say(p, has(j->symbols, "__x64_sys_read") ? UNSEEN : YES, YES, "by a breakpoint%s",
		    has(j->symbols, "__x64_sys_read") ? "; whether tracefs refuses is unknown"
						      : "");
}

void judge_step(const struct judge *j, struct path_step *s)
{
	struct path_probe *p = &s->probe;
	const struct symbol *symbol = s->here ? symtab_find(j->symbols, s->symbol) : NULL;
	const char *why;

	if (s->row->flags & WAY_TRACEPOINT) {
		p->how = s->here ? "tracepoint" : NULL;
		say(p, s->here && !j->locked ? j->raw_syscalls : NO, yes_if(s->here), "%s",
		    s->here ? "a tracepoint" : "this kernel has no such tracepoint");
		return;
	}
	if (!symbol)
		say(p, NO, NO, "not in the symbol table");
	else if (!symbol_is_text(symbol))
		say(p, NO, NO, PATH_TABLE);
	else if (s->row->unsafe)
		say(p, NO, NO, "%s", s->row->unsafe);
	else if (j->kprobes == NO)
		say(p, NO, NO, "%s", ""); /* said once, as a note */
	else if ((why = forbidden(j, s)))
		say(p, NO, NO, "%s", why);
	else if (!j->blacklist_known)
		say(p, UNSEEN, UNSEEN, "whether it is on the blacklist could not be seen");
	else
		judge_probeable(j, s);
}
