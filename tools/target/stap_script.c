// SPDX-License-Identifier: GPL-2.0-or-later
#include "target/stap_script.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "base/cleanup.h"
#include "target/machine.h"
#include "target/symbols.h"

#define SCRIPT_MAX (1 << 20)
#define NAMED_MAX  4096
#define FEW_POINTS 64 /* SystemTap's probes are dear to put on, too */

/*
 * What happens to tasks beside their calls: the functions that tell it, the first that a kernel
 * has. Each is called by the task that it happens to.
 */
enum event {
	EVENT_FORK,
	EVENT_DEATH,
	EVENT_EXEC,
	EVENT_SIGNAL,
	EVENTS
};

static const struct {
	enum event event;
	const char *function;
} functions[] = {
	{ EVENT_FORK, "wake_up_new_task" },    { EVENT_DEATH, "do_exit" },
	{ EVENT_EXEC, "proc_exec_connector" }, { EVENT_EXEC, "finalize_exec" },
	{ EVENT_SIGNAL, "signal_setup_done" },
};

struct making {
	struct stap_script *script;
	const struct stap_ask *ask;
	struct plan plan;
	bool has[ARRAY_SIZE(functions)];
	const char *dispatchers[SYSGATE_ABIS];
	size_t dispatchers_count;
	FILE *out;
};

static bool note_symbol(uint64_t address, char type, const char *name, void *data)
{
	struct making *m = data;

	(void)address;
	if (!strchr("tT", type))
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(functions); i++)
		if (!strcmp(name, functions[i].function))
			m->has[i] = true;
	for (int abi = SYSGATE_ABI_UNKNOWN + 1; abi < SYSGATE_ABIS; abi++)
		if (!strcmp(name, dispatcher_name(abi)))
			m->dispatchers[abi] = dispatcher_name(abi);
	return true;
}

static const char *function_of(const struct making *m, enum event event)
{
	for (size_t i = 0; i < ARRAY_SIZE(functions); i++)
		if (functions[i].event == event && m->has[i])
			return functions[i].function;
	return NULL;
}

__attribute__((format(printf, 2, 3))) static void because(struct making *m, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(m->script->why, sizeof(m->script->why), fmt, ap);
	va_end(ap);
}

/* ---- where it hangs ---- */

/* In the script, too: the same words for root and for who is not, or their modules would be two. */
static void no_dispatchers(struct sg_error *e)
{
	sg_fail(e, ENOTSUP,
		"cannot attach by kprobe: this kernel has no function that hands out calls");
}

/* Without addresses, as those who are not root have it: the dispatchers' names are enough. */
static int plan_by_names(struct making *m, struct sg_error *e)
{
	for (int abi = 0; abi < SYSGATE_ABIS; abi++)
		m->dispatchers_count += m->dispatchers[abi] != NULL;
	if (!m->dispatchers_count) {
		no_dispatchers(e);
		sg_hint(e, "try --attach tracepoint");
		return -ENOTSUP;
	}
	because(m, "probes on the dispatchers: every number that the kernel knows");
	return 0;
}

/* The handlers of few calls, else the dispatchers. */
static int plan_kprobe(struct making *m, struct sg_error *e)
{
	struct plan_ask ask = { .attach = PLAN_KPROBE,
				.calls = m->ask->calls,
				.names = m->ask->names,
				.kallsyms = m->ask->kallsyms,
				.blacklist = m->ask->kallsyms ? "/dev/null" : NULL };
	int err = plan_make(&m->plan, &ask, e);

	if (err == -EPERM)
		return plan_by_names(m, e);
	if (!err && m->plan.points_count > FEW_POINTS) {
		no_dispatchers(e);
		sg_hint(e,
			"the %zu handlers are too many for SystemTap: name fewer calls with -e, "
			"or try --attach tracepoint",
			m->plan.points_count);
		return -ENOTSUP;
	}
	because(m, "%s", m->plan.why);
	return err;
}

static int choose_attach(struct making *m, struct sg_error *e)
{
	int err;

	m->script->attach = plan_attach_name(PLAN_TRACEPOINT);
	if (m->ask->fast) {
		because(m, "hooks of its own on the kernel's tracepoints");
		return m->ask->attach == PLAN_KPROBE
			       ? sg_fail(e, EINVAL, "--fast and --attach kprobe exclude each other")
			       : 0;
	}
	if (m->ask->attach == PLAN_TRACEPOINT) {
		because(m, "asked for: SystemTap's own tracepoint probes see every number");
		return 0;
	}
	err = plan_kprobe(m, e);
	if (err == -ENOTSUP && m->ask->attach == PLAN_AUTO) {
		because(m, "%.200s", e->text);
		return 0;
	}
	m->script->attach = plan_attach_name(PLAN_KPROBE);
	return err;
}

/* ---- the text ---- */

static void write_head(const struct making *m)
{
	const struct stap_ask *ask = m->ask;
	struct utsname u;

	uname(&u);
	fprintf(m->out,
		"/*\n"
		" * System calls by the gate through which they came, of kernel %s.\n"
		" * Attach: %s: %s.\n"
		" *\n"
		" * Written by `sysgate gen --engine stap`, to be read and changed. It stands on the\n"
		" * functions of the tapset beside it, which keep the statistics in the kernel:\n"
		" *\n"
		" *	stap %s-DKRETACTIVE=1024 -I tapset count.stp\n"
		" *\n"
		" * What it prints is for sysgate to read: a line \"sysgate\", a line \"cell\" with the\n"
		" * numbers of each kind of call, and \"end\". sysgate stat --script reads it.\n"
		" */\n\n",
		ask->release ? ask->release : u.release, m->script->attach, m->script->why,
		ask->fast ? "-g " : "");
	fprintf(m->out,
		"/* Set when it is loaded: staprun NAME.ko collector=PID asked=PID,PID kernel_tsc=1 */\n"
		"global collector = 0	/* the process that reads: does not count, and ends it by its end */\n"
		"global itself = 0	/* 1: that one counts too */\n"
		"global asked = \"\"	/* only these processes and what they fork; none: all */\n"
		"global kernel_tsc = 0	/* 1: the kernel keeps time by the time stamp counter */\n\n");
}

static void write_quoted(FILE *out, const char *text)
{
	fputc('"', out);
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			fputc('\\', out);
		if ((unsigned char)*text >= ' ')
			fputc(*text, out);
		else
			fprintf(out, "\\%03o", (unsigned char)*text);
	}
	fputc('"', out);
}

static void write_calls(const struct making *m)
{
	struct key *keys = m->ask->calls ? calloc(NAMED_MAX, sizeof(*keys)) : NULL;
	size_t n = keys ? callset_named(m->ask->calls, keys, NAMED_MAX) : CALLSET_ALL;
	char buf[16];

	if (n != CALLSET_ALL && n <= NAMED_MAX)
		for (size_t i = 0; i < n; i++)
			fprintf(m->out, "	sysgate_only_call(%u, %d)	/* %s %s */\n",
				keys[i].abi, keys[i].nr, abi_name(keys[i].abi),
				syscalls_name(m->ask->names, keys[i].abi, keys[i].nr, buf,
					      sizeof(buf)));
	free(keys);
}

static void write_begin(const struct making *m)
{
	const struct stap_ask *ask = m->ask;

	fprintf(m->out, "probe begin\n{\n");
	if (ask->by_errno)
		fprintf(m->out, "	sysgate_by(\"errno\")\n");
	if (ask->by_process || ask->by_task)
		fprintf(m->out, "	sysgate_by(\"%s\")\n", ask->by_task ? "task" : "process");
	if (ask->count_only)
		fprintf(m->out, "	sysgate_count_only()\n");
	for (size_t i = 0; i < ask->uids_count; i++)
		fprintf(m->out, "	sysgate_only_user(%u)\n", ask->uids[i]);
	for (size_t i = 0; i < ask->comms_count; i++) {
		fprintf(m->out, "	sysgate_only_name(");
		write_quoted(m->out, ask->comms[i]);
		fprintf(m->out, ")\n");
	}
	for (size_t i = 0; i < ask->cgroups_count; i++)
		fprintf(m->out, "	sysgate_only_cgroup(%" PRIu64 ")\n", ask->cgroups[i]);
	write_calls(m);
	fprintf(m->out,
		"	if (kernel_tsc) sysgate_trust_tsc()\n"
		"	if (collector) sysgate_collector(collector, itself)\n"
		"	if (asked != \"\") sysgate_follow(asked)\n"
		"	%s()\n"
		"}\n\n",
		ask->fast ? "sysgate_start_fast" : "sysgate_start");
}

static void write_kprobe(const struct making *m, const char *function, const char *why)
{
	fprintf(m->out,
		"/* %s */\n"
		"probe kprobe.function(\"%s\") { sysgate_entered() }\n"
		"probe kprobe.function(\"%s\").return { sysgate_returned() }\n\n",
		why, function, function);
}

/* To the letter as root's plan has them: so a member of stapdev finds what root built. */
static void write_dispatchers(const struct making *m)
{
	char why[64];

	for (int abi = 0; abi < SYSGATE_ABIS; abi++) {
		snprintf(why, sizeof(why), "every call of %s", abi_name(abi));
		if (m->dispatchers[abi])
			write_kprobe(m, m->dispatchers[abi], why);
	}
}

static void write_hooks(const struct making *m)
{
	const struct plan *p = &m->plan;

	if (!strcmp(m->script->attach, plan_attach_name(PLAN_TRACEPOINT))) {
		fprintf(m->out,
			"probe kernel.trace(\"raw_syscalls:sys_enter\") { sysgate_entered() }\n"
			"probe kernel.trace(\"raw_syscalls:sys_exit\") { sysgate_left($ret) }\n\n");
		return;
	}
	for (size_t i = 0; i < p->points_count; i++)
		write_kprobe(m, p->points[i].symbol, p->points[i].why);
	if (!p->points_count)
		write_dispatchers(m);
}

/* The hooks of --fast see these events too. */
static void write_life(const struct making *m)
{
	static const struct {
		enum event event;
		const char *why, *body;
	} rows[] = {
		{ EVENT_FORK, "what an asked process forks is asked for too",
		  "sysgate_forked(pointer_arg(1))" },
		{ EVENT_EXEC, "another program: with \"process\" another one is counted",
		  "sysgate_execed()" },
		{ EVENT_DEATH, "the call that a task ends in never returns", "sysgate_died()" },
		{ EVENT_SIGNAL, "a signal's handler runs: the call before it went back by iret",
		  "if (!int_arg(1)) sysgate_signalled()" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const char *function = function_of(m, rows[i].event);

		if (function)
			fprintf(m->out, "/* %s */\nprobe kprobe.function(\"%s\") { %s }\n",
				rows[i].why, function, rows[i].body);
		else
			fprintf(m->out, "/* not seen in this kernel: %s */\n", rows[i].why);
	}
	fputc('\n', m->out);
}

static void write_end(const struct making *m)
{
	fprintf(m->out, "/* sysgate asks by writing into /proc/systemtap/MODULE/ask. */\n"
			"probe procfs(\"ask\").write\n"
			"{\n"
			"	if (substr($value, 0, 4) == \"stop\") exit()\n"
			"	else sysgate_dump()\n"
			"}\n\n"
			"/* A reader that was killed cannot ask for the end. */\n"
			"probe timer.s(1) { if (!sysgate_collected()) exit() }\n\n");
	if (m->ask->interval > 0)
		fprintf(m->out, "probe timer.ms(%.0f) { sysgate_dump() }\n\n",
			m->ask->interval * 1000);
	fprintf(m->out, "probe end, error\n{\n	sysgate_stop()\n	sysgate_dump()\n}\n");
}

static int write_script(struct making *m, struct sg_error *e)
{
	bool failed;

	m->out = open_memstream(&m->script->text, &m->script->size);
	if (!m->out)
		return sg_fail_errno(e, errno, "cannot write the script");
	write_head(m);
	write_begin(m);
	if (!m->ask->fast) {
		write_hooks(m);
		write_life(m);
	}
	write_end(m);
	failed = ferror(m->out);
	return fclose(m->out) || failed ? sg_fail_errno(e, ENOMEM, "cannot write the script") : 0;
}

int stap_script_make(struct stap_script *s, const struct stap_ask *ask, struct sg_error *e)
{
	struct making m = { .script = s, .ask = ask };
	int err;

	memset(s, 0, sizeof(*s));
	s->fast = ask->fast;
	err = symbols_each(ask->kallsyms ? ask->kallsyms : KALLSYMS_PATH, note_symbol, &m, e);
	if (!err)
		err = choose_attach(&m, e);
	if (!err)
		err = write_script(&m, e);
	s->dispatched = m.dispatchers_count || (m.plan.points_count && m.plan.points[0].dispatcher);
	plan_fini(&m.plan);
	return err;
}

int stap_script_read(struct stap_script *s, const char *path, bool fast, struct sg_error *e)
{
	_cleanup_fclose_ FILE *f = fopen(path, "re");

	memset(s, 0, sizeof(*s));
	if (!f)
		return sg_fail_errno(e, errno, "cannot read '%s'", path);
	s->text = calloc(1, SCRIPT_MAX);
	s->size = s->text ? fread(s->text, 1, SCRIPT_MAX, f) : 0;
	s->fast = fast;
	s->attach = "script";
	if (!s->text || ferror(f))
		return sg_fail_errno(e, s->text ? errno : ENOMEM, "cannot read '%s'", path);
	if (!s->size || s->size == SCRIPT_MAX)
		return sg_fail(e, EINVAL, "'%s' is no script: it has %s", path,
			       s->size ? "more than 1 MiB" : "nothing in it");
	return 0;
}

void stap_script_fini(struct stap_script *s)
{
	free(s->text);
	s->text = NULL;
}
