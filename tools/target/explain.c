// SPDX-License-Identifier: GPL-2.0-or-later
#include "target/explain.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "target/files.h"
#include "target/handlers.h"
#include "target/symtab.h"

/*
 * SYSENTER does not save esp, so the vDSO passes it in ebp, and ebp's own value lies where it
 * points. SYSCALL puts the return address into ecx, so the vDSO passes ecx in ebp, and ebp's own
 * value lies on top of the stack.
 */
static const char *const registers[SYSGATE_GATES][EXPLAIN_ARGUMENTS] = {
	[SYSGATE_GATE_SYSCALL] = { "rdi", "rsi", "rdx", "r10", "r8", "r9" },
	[SYSGATE_GATE_SYSENTER] = { "ebx", "ecx", "edx", "esi", "edi", "[ebp]" },
	[SYSGATE_GATE_SYSCALL32] = { "ebx", "ebp", "edx", "esi", "edi", "[esp]" },
	[SYSGATE_GATE_INT80] = { "ebx", "ecx", "edx", "esi", "edi", "ebp" },
};

const char *explain_register(int gate, size_t slot)
{
	return gate >= 0 && gate < SYSGATE_GATES && slot < EXPLAIN_ARGUMENTS ? registers[gate][slot]
									     : NULL;
}

const char *explain_number_register(int abi)
{
	return abi == SYSGATE_ABI_I386 ? "eax" : "rax";
}

size_t explain_gates(int abi, int gates[4])
{
	if (abi != SYSGATE_ABI_I386) {
		gates[0] = SYSGATE_GATE_SYSCALL;
		return 1;
	}
	gates[0] = SYSGATE_GATE_INT80;
	gates[1] = SYSGATE_GATE_SYSENTER;
	gates[2] = SYSGATE_GATE_SYSCALL32;
	return 3;
}

static const char *const source_names[] = { [EXPLAIN_NONE] = "unknown",
					    [EXPLAIN_DWARF] = "dwarf",
					    [EXPLAIN_TRACEFS] = "tracefs",
					    [EXPLAIN_BUILTIN] = "built-in" };

const char *explain_source_name(int source)
{
	return source >= 0 && source < (int)ARRAY_SIZE(source_names) ? source_names[source] : NULL;
}

int explain_source_by_name(const char *name)
{
	for (size_t i = EXPLAIN_NONE + 1; i < ARRAY_SIZE(source_names); i++)
		if (!strcmp(source_names[i], name))
			return (int)i;
	return -1;
}

/* What is 64 bits wide on i386 too. */
static bool is_wide(const char *type)
{
	static const char *const wide[] = {
		"loff_t", "u64",     "__u64",	  "s64",
		"__s64",  "off64_t", "long long", "unsigned long long"
	};

	for (size_t i = 0; i < ARRAY_SIZE(wide); i++)
		if (!strcmp(type, wide[i]))
			return true;
	return false;
}

int explain_add(struct explain_call *c, const char *type, const char *name, uint64_t width)
{
	struct explain_argument *a;
	size_t first = 0;

	if (c->count == EXPLAIN_ARGUMENTS)
		return -E2BIG;
	if (c->count) {
		a = &c->arguments[c->count - 1];
		first = a->slots ? (size_t)a->first + a->slots : EXPLAIN_ARGUMENTS;
	}
	a = &c->arguments[c->count++];
	snprintf(a->type, sizeof(a->type), "%s", type);
	snprintf(a->name, sizeof(a->name), "%s", name);
	a->first = (uint8_t)first;
	a->slots = c->abi == SYSGATE_ABI_I386 && (width > 4 || is_wide(type)) ? 2 : 1;
	if (first + a->slots > EXPLAIN_ARGUMENTS)
		a->slots = 0;
	return 0;
}

struct explainer {
	struct explain_ask ask;
	struct symtab *symbols; /* NULL: they could not be read */
	struct sg_error no_symbols;
	struct handlers handlers;
	uint64_t slide;
	bool wide; /* the kernel is 64-bit: what its types are wide says nothing of i386 */
};

static void note(struct explain *x, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void note(struct explain *x, const char *fmt, ...)
{
	va_list ap;

	if (x->notes_count == ARRAY_SIZE(x->notes))
		return;
	va_start(ap, fmt);
	vsnprintf(x->notes[x->notes_count++], sizeof(x->notes[0]), fmt, ap);
	va_end(ap);
}

struct taking {
	struct explain_call *call;
	bool wide;
};

static void take_parameter(const char *type, const char *name, uint64_t size, void *data)
{
	struct taking *t = data;

	/* SYSCALL_DEFINE0 has one, so that its type is the others'. */
	if (!strcmp(name, "__unused"))
		return;
	explain_add(t->call, type, name, t->wide && t->call->abi == SYSGATE_ABI_I386 ? 0 : size);
}

/* How the functions are called that take a handler's arguments; the first that is there. */
static const struct {
	const char *handler, *inner;
} inners[] = {
	{ "__ia32_compat_sys_", "__do_compat_sys_" },
	{ "__x64_compat_sys_", "__do_compat_sys_" },
	{ "__x32_compat_sys_", "__do_compat_sys_" },
	{ "__x64_sys_", "__do_sys_" },
	{ "__ia32_sys_", "__do_sys_" },
	{ "compat_sys_", "C_SYSC_" },
	{ "compat_sys_", "compat_sys_" },
	{ "sys_", "SYSC_" },
	{ "sys_", "sys_" },
};

static bool ask_dwarf(const struct explainer *a, struct explain_call *c,
		      const struct symbol *handler)
{
	struct taking t = { c, a->wide };
	uint64_t address = handler->address - a->slide;
	char name[160];

	if (!a->ask.debug)
		return false;
	debuginfo_place(a->ask.debug, address, &c->place);
	for (size_t i = 0; i < ARRAY_SIZE(inners); i++) {
		size_t n = strlen(inners[i].handler);

		if (strncmp(handler->name, inners[i].handler, n))
			continue;
		snprintf(name, sizeof(name), "%s%s", inners[i].inner, handler->name + n);
		if (debuginfo_parameters(a->ask.debug, address, name, take_parameter, &t) < 0)
			continue;
		c->source = EXPLAIN_DWARF;
		return true;
	}
	return false;
}

/* "	field:char * buf;	offset:24;	size:8;	signed:0;" */
static bool take_field(const char *line, void *data)
{
	struct taking *t = data;
	char text[160], *name, *end;
	const char *size = strstr(line, "size:");

	line += strspn(line, "\t ");
	if (strncmp(line, "field:", 6) || strlen(line) > sizeof(text))
		return true;
	snprintf(text, sizeof(text), "%.*s", (int)strcspn(line + 6, ";"), line + 6);
	name = strrchr(text, ' ');
	/* 7.2 copies what some arguments point to behind them: no arguments themselves. */
	if (!name || !strncmp(name + 1, "common_", 7) || !strcmp(name + 1, "__syscall_nr") ||
	    !strncmp(text, "__data_loc ", 11))
		return true;
	for (end = name; end > text && end[-1] == ' '; end--)
		;
	*end = '\0';
	while ((end = strstr(text, "* *")))
		memmove(end + 1, end + 2, strlen(end + 2) + 1);
	explain_add(t->call, text, name + 1,
		    t->wide && t->call->abi == SYSGATE_ABI_I386 ? 0
		    : size					? strtoull(size + 5, NULL, 10)
								: 0);
	return true;
}

/* A compat handler has no format of its own. */
static bool ask_tracefs(const struct explainer *a, struct explain_call *c,
			const struct symbol *handler)
{
	struct taking t = { c, a->wide };
	const char *base = strstr(handler->name, "compat_") ? NULL : strstr(handler->name, "sys_");
	char path[200];

	if (!a->ask.tracefs || !base)
		return false;
	snprintf(path, sizeof(path), "events/syscalls/sys_enter_%.120s/format", base + 4);
	if (file_lines(a->ask.tracefs, path, take_field, &t))
		return false;
	c->source = EXPLAIN_TRACEFS;
	return true;
}

/* "unsigned int fd, char *buf": the type ends where the last word begins. */
static void take_prototype(struct explain_call *c, const char *text)
{
	while (*text) {
		size_t n = strcspn(text, ","), type = n;
		char first[128], name[64];

		while (type && (isalnum((unsigned char)text[type - 1]) || text[type - 1] == '_'))
			type--;
		snprintf(name, sizeof(name), "%.*s", (int)(n - type), text + type);
		while (type && text[type - 1] == ' ')
			type--;
		snprintf(first, sizeof(first), "%.*s", (int)type, text);
		explain_add(c, first, name, 0);
		text += n;
		text += strspn(text, ", ");
	}
}

static bool is_ni(const char *handler)
{
	size_t n = strlen(handler);

	return n > 10 && !strcmp(handler + n - 10, "ni_syscall");
}

/* Where the tables of all kernels take another function than the names tell. */
static const struct {
	int abi;
	const char *call, *handler; /* how the handler's name ends */
} exceptions[] = {
	{ SYSGATE_ABI_X86_64, "get_thread_area", "ni_syscall" },
	{ SYSGATE_ABI_X86_64, "set_thread_area", "ni_syscall" },
	{ SYSGATE_ABI_X86_64, "uselib", "ni_syscall" },
	{ SYSGATE_ABI_I386, "epoll_pwait", "_sys_epoll_pwait" },
	{ SYSGATE_ABI_I386, "sendfile64", "_sys_sendfile64" },
};

static bool is_exception(const struct explain_call *c, const char *handler)
{
	size_t n = strlen(handler), m;

	for (size_t i = 0; i < ARRAY_SIZE(exceptions); i++) {
		if (exceptions[i].abi != c->abi || strcmp(exceptions[i].call, c->name))
			continue;
		m = strlen(exceptions[i].handler);
		if (n < m || strcmp(handler + n - m, exceptions[i].handler) ||
		    strstr(handler, "compat"))
			return true;
	}
	return false;
}

/*
 * Of the functions that a call's names lead to the first, which is the most special. A weak one
 * stands for what the kernel was built without.
 */
static const struct symbol *choose_handler(const struct explainer *a, const struct explain_call *c)
{
	const struct handler *found[HANDLERS_OF_CALL];
	size_t n = handlers_of(&a->handlers, c->abi, c->nr, c->name, found);
	const struct symbol *weak = NULL;

	for (size_t i = 0; i < n; i++) {
		const struct symbol *s = symtab_find(a->symbols, found[i]->name);

		if (!s || is_exception(c, s->name))
			continue;
		if (s->type != 'W' && s->type != 'w')
			return s;
		weak = s;
	}
	return weak;
}

static bool may_ask(const struct explainer *a, int source)
{
	return a->ask.by == EXPLAIN_NONE || a->ask.by == source;
}

static void find_arguments(const struct explainer *a, struct explain_call *c)
{
	const char *prototype = prototype_of(c->abi, c->name);
	const struct symbol *handler = NULL;

	if (a->symbols && handlers_have_abi(&a->handlers, c->abi))
		handler = choose_handler(a, c);
	c->here = !a->symbols || (handler && !is_ni(handler->name) && handler->type != 'W' &&
				  handler->type != 'w');
	if (handler)
		snprintf(c->handler, sizeof(c->handler), "%s", handler->name);
	if (handler && c->here && may_ask(a, EXPLAIN_DWARF) && ask_dwarf(a, c, handler))
		return;
	if (handler && c->here && may_ask(a, EXPLAIN_TRACEFS) && ask_tracefs(a, c, handler))
		return;
	if (!prototype || !may_ask(a, EXPLAIN_BUILTIN))
		return;
	c->source = EXPLAIN_BUILTIN;
	take_prototype(c, prototype);
}

static int add_call(const struct explainer *a, struct explain *x, int abi, int32_t nr,
		    const char *name)
{
	struct explain_call *calls = reallocarray(x->calls, x->count + 1, sizeof(*calls));

	if (!calls)
		return -ENOMEM;
	x->calls = calls;
	calls += x->count++;
	memset(calls, 0, sizeof(*calls));
	calls->abi = abi;
	calls->nr = nr;
	snprintf(calls->name, sizeof(calls->name), "%s", name);
	find_arguments(a, calls);
	return 0;
}

int explain_read(struct explain *x, const struct explainer *a, const char *call, struct sg_error *e)
{
	static const int abis[] = { SYSGATE_ABI_X86_64, SYSGATE_ABI_I386, SYSGATE_ABI_X32 };
	bool number = call[0] == '#' || isdigit((unsigned char)call[0]);
	char text[32], buf[16];

	memset(x, 0, sizeof(*x));
	if (!a->symbols)
		note(x, "the handlers are unknown: %s", a->no_symbols.text);
	snprintf(text, sizeof(text), "#%.20s", call + (call[0] == '#'));
	for (size_t i = 0; i < ARRAY_SIZE(abis); i++) {
		int32_t nr = syscalls_number(a->ask.names, abis[i], number ? text : call);
		const char *name =
			nr < 0 ? NULL : syscalls_name(a->ask.names, abis[i], nr, buf, sizeof(buf));

		if (!name || name[0] == '#')
			continue;
		if (add_call(a, x, abis[i], nr, name))
			return sg_fail_errno(e, ENOMEM, "cannot explain '%s'", call);
	}
	return x->count ? 0 : sg_fail(e, ENOENT, "no ABI has a call '%s'", call);
}

void explain_fini(struct explain *x)
{
	free(x->calls);
	memset(x, 0, sizeof(*x));
}

struct explainer *explainer_new(const struct explain_ask *ask)
{
	struct explainer *a = calloc(1, sizeof(*a));
	const struct symbol *stext;

	if (!a)
		return NULL;
	a->ask = *ask;
	if (symtab_new(&a->symbols, ask->kallsyms, &a->no_symbols))
		return a;
	if (handlers_read(&a->handlers, ask->kallsyms, "/dev/null", &a->no_symbols)) {
		symtab_free(a->symbols);
		a->symbols = NULL;
		return a;
	}
	a->wide = symtab_is64(a->symbols);
	stext = symtab_find(a->symbols, "_stext");
	a->slide = stext && ask->debug_stext ? stext->address - ask->debug_stext : 0;
	return a;
}

void explainer_free(struct explainer *a)
{
	if (!a)
		return;
	handlers_fini(&a->handlers);
	symtab_free(a->symbols);
	free(a);
}
