// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Pairing: scripts of events and what a user must be told of them.
 *
 * An event is a word and numbers, "WORD:N:N.."; events are separated by blanks:
 *   in:TID:TS:NR[:ADDRESS]  out:TID:TS:NR:RET[:ADDRESS]  disp:TID:TS:NR:ADDRESS:ABI
 *   gate:TID:ADDRESS  fork:PARENT:CHILD  thread:PARENT:CHILD  exec:OLD:NEW  die:TID:TS  gap:TS
 *   before:TID:NR:TS  image:TID:ABI (a task that was looked up)
 * What is told: "ABI.GATE.NR[/ERRNO]=COUNT" with !errors ~restarts ^never returned, then the sums.
 */
#include "unit.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "engine/pair.h"
#include "samples.h"

#define SYSCALL	  0x1010 /* return addresses in the stubs of fake_gates */
#define INT80	  0x2010
#define SYSENTER  0x3100 /* its call is the stub's last instruction */
#define ELSEWHERE 0x9000
#define TID_BASE  4190000 /* no task has these */

static const struct gates fake_gates = {
	.ranges = { { 0x1000, 0x1100, SYSGATE_GATE_SYSCALL, "a" },
		    { 0x2000, 0x2100, SYSGATE_GATE_INT80, "b" },
		    { 0x3000, 0x3100, SYSGATE_GATE_SYSENTER, "c" } },
	.count = 3,
};

static struct pair *new_pair(const struct pair_options *o)
{
	struct pair *p = malloc(sizeof(*p));

	ck_assert_int_eq(pair_init(p, o), 0);
	return p;
}

static void end_pair(struct pair *p)
{
	pair_fini(p);
	free(p);
}

static void set_image(struct pair *p, pid_t tid, int abi)
{
	struct task *t = tasks_get(&p->tasks, tid);

	t->flags |= TASK_KNOWN;
	t->image_abi = (uint8_t)abi;
}

/* One event: word and the numbers that follow it; thread ids are small ones in scripts. */
static void event(struct pair *p, const char *word, const long long n[5])
{
	pid_t tid = (pid_t)n[0] + TID_BASE, other = (pid_t)n[1] + TID_BASE;
	uint64_t ts = (uint64_t)n[1];

	if (!strcmp(word, "in"))
		pair_enter(p, tasks_get(&p->tasks, tid), tid, ts, n[2], (uint64_t)n[3]);
	else if (!strcmp(word, "out"))
		pair_exit(p, tasks_get(&p->tasks, tid), tid, ts, n[2], n[3], (uint64_t)n[4]);
	else if (!strcmp(word, "disp"))
		pair_dispatch(p, tid, ts, n[2], (uint64_t)n[3], (int)n[4]);
	else if (!strcmp(word, "gate"))
		pair_gate(p, tid, (uint64_t)n[1]);
	else if (!strcmp(word, "fork") || !strcmp(word, "thread"))
		pair_fork(p, tid, other, word[0] == 't');
	else if (!strcmp(word, "exec"))
		pair_exec(p, tid, other, NULL);
	else if (!strcmp(word, "die"))
		pair_task_exit(p, tid, ts);
	else if (!strcmp(word, "gap"))
		pair_gap(p, (uint64_t)n[0]);
	else if (!strcmp(word, "before"))
		pair_before(p, tid, (int32_t)n[1], (uint64_t)n[2]);
	else if (!strcmp(word, "image"))
		set_image(p, tid, (int)n[1]);
	else
		ck_abort_msg("no event '%s'", word);
}

static void play(struct pair *p, const char *script)
{
	char *copy = strdup(script), *save, *word;

	for (word = strtok_r(copy, " ", &save); word; word = strtok_r(NULL, " ", &save)) {
		long long n[5] = { 0 };
		char *at = strchr(word, ':');

		for (int i = 0; at && i < 5; i++) {
			*at = '\0';
			n[i] = strtoll(at + 1, &at, 0);
			at = *at == ':' ? at : NULL;
		}
		event(p, word, n);
	}
	free(copy);
}

static bool balanced(const struct conservation *c)
{
	return c->entries == c->exits + c->in_flight + c->never_returned + c->lost;
}

static void tell_sum(FILE *f, const char *name, uint64_t n)
{
	if (n)
		fprintf(f, " %s %llu", name, (unsigned long long)n);
}

static void tell_cell(FILE *f, const struct cell *c)
{
	fprintf(f, " %d.%d.%d", c->key.abi, c->key.gate, c->key.nr);
	if (c->key.err)
		fprintf(f, "/%d", c->key.err);
	fprintf(f, "=%llu", (unsigned long long)c->count);
	if (c->errors)
		fprintf(f, "!%llu", (unsigned long long)c->errors);
	if (c->restarts)
		fprintf(f, "~%llu", (unsigned long long)c->restarts);
	if (c->never_returned)
		fprintf(f, "^%llu", (unsigned long long)c->never_returned);
}

/* What a snapshot says, in the words of the tables below; on the heap. */
static char *tell(struct pair *p)
{
	struct snapshot *s = snapshot_new();
	const struct conservation *c = &s->conservation;
	char *text;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	ck_assert_int_eq(pair_snapshot(p, 1000000, s), 0);
	snapshot_sort(s);
	for (size_t i = 0; i < s->cells_count; i++)
		tell_cell(f, s->cells[i]);
	tell_sum(f, "in", c->entries);
	tell_sum(f, "out", c->exits);
	tell_sum(f, "fly", c->in_flight);
	tell_sum(f, "never", c->never_returned);
	tell_sum(f, "lost", c->lost);
	tell_sum(f, "before", c->before_attach);
	tell_sum(f, "unpaired", s->loss.unpaired_exits);
	tell_sum(f, "suppressed", c->suppressed);
	tell_sum(f, "full", s->loss.pool_full);
	fclose(f);
	ck_assert_msg(balanced(c), "does not balance: %s", text);
	snapshot_free(s);
	return text;
}

struct row {
	const char *name, *script, *told; /* told begins with a blank, unless nothing is */
};

static void check_rows(const struct pair_options *o, const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct pair *p = new_pair(o);
		char *told;

		play(p, rows[i].script);
		told = tell(p);
		ck_assert_msg(!strcmp(told, rows[i].told), "%s: '%s' is not '%s'", rows[i].name,
			      told, rows[i].told);
		free(told);
		end_pair(p);
	}
}

static const struct row plain_rows[] = {
	{ "nothing", "", "" },
	{ "a pair", "image:1:1 in:1:10:0 out:1:30:0:5", " 1.0.0=1 in 1 out 1" },
	{ "several", "image:1:1 in:1:1:0 out:1:2:0:0 in:1:3:0 out:1:4:0:0 in:1:5:1 out:1:6:1:0",
	  " 1.0.0=2 1.0.1=1 in 3 out 3" },
	{ "two tasks", "image:1:1 image:2:1 in:1:1:7 in:2:2:8 out:1:3:7:0 out:2:4:8:0",
	  " 1.0.7=1 1.0.8=1 in 2 out 2" },
	{ "in flight", "image:1:1 in:1:1:7", " in 1 fly 1" },
	{ "an error", "image:1:1 in:1:1:2 out:1:2:2:-2 in:1:3:2 out:1:4:2:3",
	  " 1.0.2=2!1 in 2 out 2" },
	{ "the largest error", "image:1:1 in:1:1:2 out:1:2:2:-4095", " 1.0.2=1!1 in 1 out 1" },
	{ "no error", "image:1:1 in:1:1:9 out:1:2:9:-4096", " 1.0.9=1 in 1 out 1" },
	{ "two entries", "image:1:1 in:1:1:0 in:1:3:1 out:1:4:1:0", " 1.0.1=1 in 2 out 1 lost 1" },
	{ "two exits", "image:1:1 in:1:1:0 out:1:2:0:0 out:1:3:0:0",
	  " 1.0.0=1 in 1 out 1 suppressed 1" },
	{ "an exit before any entry", "image:1:1 out:1:1:0:0 in:1:2:1 out:1:3:1:0",
	  " 1.0.1=1 in 1 out 1 before 1" },
	{ "a call from before", "image:1:1 before:1:7:1 out:1:5:7:0", " before 1" },
	{ "a call from before that goes on", "image:1:1 before:1:7:1", "" },
	{ "an entry after a call from before", "image:1:1 before:1:7:1 in:1:3:0 out:1:4:0:0",
	  " 1.0.0=1 in 1 out 1" },
	{ "before is told too late", "image:1:1 in:1:3:0 before:1:7:1 out:1:4:0:0",
	  " 1.0.0=1 in 1 out 1" },
	{ "a child's first exit",
	  "image:1:1 in:1:1:56 fork:1:2 out:2:2:56:0 in:2:3:0 out:2:4:0:0 out:1:5:56:2",
	  " 1.0.0=1 1.0.56=1 in 2 out 2" },
	{ "a child's second exit",
	  "image:1:1 fork:1:2 out:2:2:56:0 in:2:3:0 out:2:4:0:0 out:2:5:0:0",
	  " 1.0.0=1 in 1 out 1 suppressed 1" },
	{ "sigreturn", "image:1:1 in:1:1:15 out:1:2:-1:-4", " 1.0.15=1!1 in 1 out 1" },
	{ "exit_group", "image:1:1 in:1:1:231 die:1:2", " 1.0.231=1^1 in 1 never 1" },
	{ "killed in a call", "image:1:1 in:1:1:0 out:1:2:0:0 in:1:3:0 die:1:4",
	  " 1.0.0=2^1 in 2 out 1 never 1" },
	{ "killed outside of a call", "image:1:1 in:1:1:0 out:1:2:0:0 die:1:4",
	  " 1.0.0=1 in 1 out 1" },
	{ "killed in a call from before", "image:1:1 before:1:7:1 die:1:4", "" },
	{ "an unknown number", "image:1:1 in:1:1:9999 out:1:2:9999:-38",
	  " 1.0.9999=1!1 in 1 out 1" },
	{ "number -1", "image:1:1 in:1:1:-1 out:1:2:-1:-38", " 1.0.-1=1!1 in 1 out 1" },
	{ "x32", "image:1:1 in:1:1:0x40000001 out:1:2:0x40000001:1", " 3.0.1=1 in 1 out 1" },
	{ "bit 30 of i386", "image:1:2 in:1:1:0x40000001 out:1:2:0x40000001:-38",
	  " 2.0.1073741825=1!1 in 1 out 1" },
	{ "i386, extended with zeros", "image:1:2 in:1:1:3 out:1:2:3:0xfffffffe",
	  " 2.0.3=1!1 in 1 out 1" },
	{ "i386, extended with zeros, no error", "image:1:2 in:1:1:90 out:1:2:90:0xf7000000",
	  " 2.0.90=1 in 1 out 1" },
	{ "x86_64, not an error", "image:1:1 in:1:1:3 out:1:2:3:0xfffffffe",
	  " 1.0.3=1 in 1 out 1" },
};

static const struct row exec_rows[] = {
	{ "64 to 32",
	  "image:1:1 in:1:1:59 exec:1:1 out:1:2:11:0 in:1:3:20 out:1:4:20:7 in:1:5:1 die:1:6",
	  " 1.0.59=1 2.0.1=1^1 2.0.20=1 in 3 out 2 never 1" },
	{ "32 to 64", "image:1:2 in:1:1:11 exec:1:1 out:1:2:59:0 in:1:3:39 out:1:4:39:7",
	  " 1.0.39=1 2.0.11=1 in 2 out 2" },
	{ "64 to x32", "image:1:1 in:1:1:59 exec:1:1 out:1:2:0x40000208:0 in:1:3:0x40000001",
	  " 1.0.59=1 in 2 out 1 fly 1" },
	{ "the same", "image:1:1 in:1:1:322 exec:1:1 out:1:2:59:0 in:1:3:39 out:1:4:39:7",
	  " 1.0.39=1 1.0.322=1 in 2 out 2" },
	{ "one that failed", "image:1:1 in:1:1:59 out:1:2:59:-2", " 1.0.59=1!1 in 1 out 1" },
	{ "the child of one",
	  "image:1:1 in:1:1:59 exec:1:1 out:1:2:11:0 fork:1:2 in:2:4:20 out:2:5:20:1",
	  " 1.0.59=1 2.0.20=1 in 2 out 2" },
	{ "a thread's, after the leader's end",
	  "image:1:1 thread:1:2 in:1:1:202 in:2:2:59 die:1:3 exec:2:1 out:1:5:59:0 in:1:6:39 out:1:7:39:1",
	  " 1.0.39=1 1.0.59=1 1.0.202=1^1 in 3 out 2 never 1" },
};

static const struct row gap_rows[] = {
	{ "a pair that spans it", "image:1:1 in:1:10:0 gap:15 out:1:20:0:0", " in 1 lost 1" },
	{ "fork onto a busy one", "image:1:1 image:2:1 in:2:1:39 gap:2 fork:1:2", " in 1 lost 1" },
	{ "an exit without its entry after it", "image:1:1 in:1:1:0 out:1:2:0:0 gap:3 out:1:4:0:0",
	  " 1.0.0=1 in 1 out 1 unpaired 1" },
	{ "a pair after it", "image:1:1 gap:15 in:1:20:0 out:1:30:0:0", " 1.0.0=1 in 1 out 1" },
	{ "a pair before it", "image:1:1 in:1:10:0 out:1:12:0:0 gap:15", " 1.0.0=1 in 1 out 1" },
	{ "in flight since before it", "image:1:1 in:1:10:0 gap:15", " in 1 lost 1" },
	{ "an end after it", "image:1:1 in:1:10:0 gap:15 die:1:20", " in 1 lost 1" },
	{ "the next call after it", "image:1:1 in:1:10:0 gap:15 in:1:20:0 out:1:21:0:0",
	  " 1.0.0=1 in 2 out 1 lost 1" },
	{ "an older gap", "image:1:1 gap:15 gap:9 in:1:10:0 out:1:20:0:0", " in 1 lost 1" },
};

static const struct row restart_rows[] = {
	{ "-512", "image:1:1 in:1:1:0 out:1:2:0:-512 in:1:3:0 out:1:4:0:1",
	  " 1.0.0=2~1 in 2 out 2" },
	{ "-514", "image:1:1 in:1:1:0 out:1:2:0:-514", " 1.0.0=1~1 in 1 out 1" },
	{ "-511 and -517", "image:1:1 in:1:1:0 out:1:2:0:-511 in:1:3:0 out:1:4:0:-517",
	  " 1.0.0=2!2 in 2 out 2" },
	{ "64-bit restart_syscall",
	  "image:1:1 in:1:1:35 out:1:2:35:-516 in:1:3:219 out:1:4:219:-516 in:1:5:219 out:1:6:219:0",
	  " 1.0.35=3~2 in 3 out 3" },
	{ "i386 restart_syscall", "image:1:2 in:1:1:162 out:1:2:162:-516 in:1:3:0 out:1:4:0:0",
	  " 2.0.162=2~1 in 2 out 2" },
	{ "i386 219 is another", "image:1:2 in:1:1:162 out:1:2:162:-516 in:1:3:219 out:1:4:219:0",
	  " 2.0.162=1~1 2.0.219=1 in 2 out 2" },
	{ "64-bit 0 is read", "image:1:1 in:1:1:35 out:1:2:35:-516 in:1:3:0 out:1:4:0:0",
	  " 1.0.0=1 1.0.35=1~1 in 2 out 2" },
	{ "another call first",
	  "image:1:1 in:1:1:35 out:1:2:35:-516 in:1:3:15 out:1:4:-1:0 in:1:5:219 out:1:6:219:-4",
	  " 1.0.15=1 1.0.35=1~1 1.0.219=1!1 in 3 out 3" },
	{ "without a stop", "image:1:1 in:1:1:219 out:1:2:219:-4", " 1.0.219=1!1 in 1 out 1" },
};

START_TEST(plain)
{
	const struct pair_options o = { 0 };

	check_rows(&o, plain_rows, ARRAY_SIZE(plain_rows));
	check_rows(&o, exec_rows, ARRAY_SIZE(exec_rows));
}
END_TEST

START_TEST(gaps)
{
	const struct pair_options o = { 0 };

	check_rows(&o, gap_rows, ARRAY_SIZE(gap_rows));
}
END_TEST

START_TEST(restarts)
{
	const struct pair_options o = { 0 };

	check_rows(&o, restart_rows, ARRAY_SIZE(restart_rows));
}
END_TEST

static const struct row gate_rows[] = {
	{ "at both ends", "image:1:1 in:1:1:39:0x1010 out:1:2:39:7:0x1010",
	  " 1.1.39=1 in 1 out 1" },
	{ "int 0x80 of a 64-bit program", "image:1:1 in:1:1:20:0x2010 out:1:2:20:7:0x2010",
	  " 2.4.20=1 in 1 out 1" },
	{ "the stub's end", "image:1:2 in:1:1:20:0x3100 out:1:2:20:7:0x3100",
	  " 2.2.20=1 in 1 out 1" },
	{ "the stub's begin is not in it", "image:1:2 in:1:1:20:0x3000", " in 1 fly 1" },
	{ "none", "image:1:2 in:1:1:20:0x9000 out:1:2:20:7:0x9000", " 2.0.20=1 in 1 out 1" },
	{ "x32", "image:1:1 in:1:1:0x40000001:0x1010 out:1:2:0x40000001:7:0x1010",
	  " 3.1.1=1 in 1 out 1" },
	{ "i386, extended with zeros", "image:1:1 in:1:1:3:0x2010 out:1:2:3:0xfffffffe:0x2010",
	  " 2.4.3=1!1 in 1 out 1" },
};

static const struct row late_rows[] = {
	{ "after the exit", "image:1:1 in:1:1:39 out:1:2:39:7 gate:1:0x1010",
	  " 1.1.39=1 in 1 out 1" },
	{ "an interrupt's return first",
	  "image:1:1 in:1:1:39 gate:1:0x9000 out:1:2:39:7 gate:1:0x9000 gate:1:0x2010",
	  " 2.4.39=1 in 1 out 1" },
	{ "not yet there", "image:1:1 in:1:1:39 out:1:2:39:7", " in 1 fly 1" },
	{ "fork onto a returned one", "image:1:1 image:2:1 in:2:1:39 out:2:2:39:7 fork:1:2",
	  " 1.0.39=1 in 1 out 1" },
	{ "never there", "image:1:1 in:1:1:39 out:1:2:39:7 in:1:3:0 out:1:4:0:7 gate:1:0x1010",
	  " 1.0.39=1 1.1.0=1 in 2 out 2" },
	{ "never there, then its end", "image:1:1 in:1:1:39 out:1:2:39:7 die:1:5",
	  " 1.0.39=1 in 1 out 1" },
	{ "of a child's first return", "image:1:1 fork:1:2 out:2:2:56:0 gate:2:0x1010", "" },
	{ "across a gap", "image:1:1 in:1:1:39 gap:2 out:1:3:39:7 gate:1:0x1010", " in 1 lost 1" },
};

static const struct row dispatch_rows[] = {
	{ "alone", "image:1:1 disp:1:1:39:0x1010:1 out:1:2:39:7", " 1.1.39=1 in 1 out 1" },
	{ "i386 of a 64-bit program", "image:1:1 disp:1:1:20:0x2010:2 out:1:2:20:7",
	  " 2.4.20=1 in 1 out 1" },
	{ "x32's number without its bit", "image:1:1 disp:1:1:1:0x1010:3 out:1:2:1:7",
	  " 3.1.1=1 in 1 out 1" },
	{ "after sys_enter", "image:1:1 in:1:1:450 disp:1:2:450:0x2010:2 out:1:3:450:7",
	  " 2.4.450=1 in 1 out 1" },
	{ "x32 after sys_enter",
	  "image:1:1 in:1:1:0x40000001 disp:1:2:1:0x1010:3 out:1:3:0x40000001:7",
	  " 3.1.1=1 in 1 out 1" },
	{ "restart_syscall",
	  "image:1:1 disp:1:1:35:0x1010:1 out:1:2:35:-516 disp:1:3:219:0x1010:1 out:1:4:219:0",
	  " 1.1.35=2~1 in 2 out 2" },
	{ "never dispatched", "image:1:2 in:1:1:9999 out:1:2:9999:-38",
	  " 2.0.9999=1!1 in 1 out 1" },
};

START_TEST(gates)
{
	const struct pair_options early = { .gates = &fake_gates };
	const struct pair_options late = { .gates = &fake_gates, .gate_late = true };

	check_rows(&early, gate_rows, ARRAY_SIZE(gate_rows));
	check_rows(&late, late_rows, ARRAY_SIZE(late_rows));
	check_rows(&early, dispatch_rows, ARRAY_SIZE(dispatch_rows));
}
END_TEST

static const struct row errno_rows[] = {
	{ "of one call",
	  "image:1:1 in:1:1:2 out:1:2:2:-2 in:1:3:2 out:1:4:2:-13 in:1:5:2 out:1:6:2:3",
	  " 1.0.2=1 1.0.2/2=1!1 1.0.2/13=1!1 in 3 out 3" },
	{ "restarts have none", "image:1:1 in:1:1:2 out:1:2:2:-512", " 1.0.2=1~1 in 1 out 1" },
};

START_TEST(by_errno)
{
	const struct pair_options o = { .dims = DIM_ERRNO };

	check_rows(&o, errno_rows, ARRAY_SIZE(errno_rows));
}
END_TEST

static void call(struct pair *p, pid_t tid, uint64_t ts, int64_t nr)
{
	pair_enter(p, tasks_get(&p->tasks, tid), tid, ts, nr, 0);
	pair_exit(p, tasks_get(&p->tasks, tid), tid, ts + 1, nr, 0, 0);
}

START_TEST(by_process)
{
	const struct pair_options o = { .dims = DIM_PROC };
	struct pair *p = new_pair(&o);
	struct snapshot *s = snapshot_new();
	pid_t self = getpid();

	call(p, self, 1, 0);
	pair_fork(p, self, TID_BASE, false);
	pair_fork(p, self, TID_BASE + 1, true);
	call(p, TID_BASE, 10, 0);
	call(p, TID_BASE + 1, 20, 0);
	pair_exec(p, TID_BASE, TID_BASE, "/usr/bin/a-name-longer-than-15");
	call(p, TID_BASE, 30, 0);
	ck_assert_int_eq(pair_snapshot(p, 100, s), 0);
	snapshot_sort(s);
	ck_assert_uint_eq(s->cells_count, 3);
	/* This process and its thread; the child; the child's new program. */
	ck_assert_uint_eq(s->cells[0]->count, 2);
	ck_assert_int_eq(s->procs[s->cells[0]->key.proc].tgid, self);
	ck_assert_int_eq(s->procs[s->cells[1]->key.proc].tgid, TID_BASE);
	ck_assert_int_eq(s->procs[s->cells[2]->key.proc].tgid, TID_BASE);
	ck_assert_str_eq(s->procs[s->cells[2]->key.proc].comm, "a-name-longer-t");
	snapshot_free(s);
	end_pair(p);
}
END_TEST

/* Counts a call of this process and one of a child of it that runs prog. */
static size_t filtered(const struct engine_filter *f)
{
	const struct pair_options o = { .filter = *f };
	struct pair *p = new_pair(&o);
	size_t entries;

	call(p, getpid(), 1, 0);
	pair_fork(p, getpid(), TID_BASE, false);
	call(p, TID_BASE, 10, 0);
	pair_exec(p, TID_BASE, TID_BASE, "/bin/prog");
	call(p, TID_BASE, 20, 0);
	call(p, TID_BASE, 30, 0);
	call(p, TID_BASE + 1, 40, 0); /* of which nothing is known */
	entries = p->conservation.entries;
	free(tell(p));
	end_pair(p);
	return entries;
}

START_TEST(filters)
{
	static const char *const comms[] = { "other", "prog" };
	const uid_t mine[] = { geteuid() }, other[] = { geteuid() + 1 };
	struct engine_filter f = { .comms = comms, .comms_count = 2 };

	ck_assert_uint_eq(filtered(&f), 2);
	f.comms_count = 1;
	ck_assert_uint_eq(filtered(&f), 0);
	f = (struct engine_filter){ .uids = mine, .uids_count = 1 };
	ck_assert_uint_eq(filtered(&f), 4);
	f.uids = other;
	ck_assert_uint_eq(filtered(&f), 0);
	f = (struct engine_filter){
		.uids = mine, .uids_count = 1, .comms = comms, .comms_count = 2
	};
	ck_assert_uint_eq(filtered(&f), 2);
	f = (struct engine_filter){ 0 };
	ck_assert_uint_eq(filtered(&f), 5);
}
END_TEST

/* An exec out of the filter takes its own call with it. */
START_TEST(exec_leaves_filter)
{
	static const char *const comms[] = { "prog" };
	const struct pair_options o = { .filter = { .comms = comms, .comms_count = 1 } };
	struct pair *p = new_pair(&o);
	char *told;

	pair_exec(p, TID_BASE, TID_BASE, "/bin/prog");
	set_image(p, TID_BASE, SYSGATE_ABI_X86_64);
	call(p, TID_BASE, 1, 0);
	play(p, "in:0:5:59");
	pair_exec(p, TID_BASE, TID_BASE, "/bin/other");
	play(p, "out:0:6:59:0 in:0:7:1 out:0:8:1:0");
	/* And one that comes back is not a loss. */
	play(p, "in:0:20:59");
	pair_exec(p, TID_BASE, TID_BASE, "/bin/prog");
	play(p, "out:0:21:59:0");
	told = tell(p);
	ck_assert_str_eq(told, " 1.0.0=1 in 1 out 1");
	free(told);
	end_pair(p);
}
END_TEST

START_TEST(ignored)
{
	const struct pair_options o = { 0 };
	struct pair *p = new_pair(&o);

	pair_ignore(p, TID_BASE);
	call(p, TID_BASE, 1, 0);
	pair_ignore(p, -1);
	pair_ignore(p, INT32_MAX);
	call(p, INT32_MAX, 1, 0);
	ck_assert_uint_eq(p->conservation.entries, 0);
	ck_assert_uint_eq(p->loss.stamp_evicted, 2);
	end_pair(p);
}
END_TEST

START_TEST(full_table)
{
	const struct pair_options o = { .cells_max = 2 };
	const struct row row = { "full",
				 "image:1:1 in:1:1:0 out:1:2:0:0 in:1:3:1 out:1:4:1:0 in:1:5:2 "
				 "out:1:6:2:0 in:1:7:0 out:1:8:0:0 in:1:9:231 die:1:10",
				 " 1.0.0=2 1.0.1=1 in 5 out 4 never 1 full 2" };

	check_rows(&o, &row, 1);
}
END_TEST

/* A shell makes so many children, each of which runs a program and makes two calls. */
static struct snapshot *after_children(const struct pair_options *o, int children)
{
	struct pair *p = new_pair(o);
	struct snapshot *s = snapshot_new();

	set_image(p, TID_BASE, SYSGATE_ABI_X86_64);
	for (int i = 1; i <= children; i++) {
		pair_fork(p, TID_BASE, TID_BASE + i, false);
		pair_exec(p, TID_BASE + i, TID_BASE + i, i % 2 ? "/bin/a" : "/bin/b");
		call(p, TID_BASE + i, 1, 0);
		call(p, TID_BASE + i, 2, 0);
		pair_task_exit(p, TID_BASE + i, 3);
	}
	ck_assert_int_eq(pair_snapshot(p, 1000000, s), 0);
	snapshot_sort(s);
	end_pair(p);
	return s;
}

/* Who runs for long sees more processes than there is room for: no call is lost for that. */
START_TEST(full_of_processes)
{
	const struct pair_options o = { .dims = DIM_PROC, .cells_max = 40 };
	struct snapshot *s = after_children(&o, 1000);
	uint64_t count = 0;

	for (size_t i = 0; i < s->cells_count; i++)
		count += s->cells[i]->count;
	ck_assert_uint_eq(count, 2000);
	ck_assert_uint_eq(s->loss.pool_full, 0);
	ck_assert_uint_le(s->cells_count, 40);
	snapshot_free(s);
}
END_TEST

START_TEST(merged_processes)
{
	const struct pair_options o = { .dims = DIM_PROC, .cells_max = 40, .merge_procs = true };
	struct snapshot *s = after_children(&o, 1000);

	ck_assert_uint_eq(s->cells_count, 2);
	for (size_t i = 0; i < s->cells_count; i++) {
		ck_assert_uint_eq(s->cells[i]->count, 1000);
		ck_assert_uint_ne(s->cells[i]->key.proc, 0);
	}
	ck_assert_uint_lt(s->procs_count, 10);
	snapshot_free(s);
}
END_TEST

/* Against the whole product, for factors of real machines and spans up to a century. */
START_TEST(conversion)
{
	static struct pair p;

	for (int i = 0; i < 100000; i++) {
		uint32_t seed = (uint32_t)i;
		uint64_t ticks, shift = 1 + sample_random(&seed) % 31;
		unsigned __int128 want;

		p.options.shift = (uint16_t)shift;
		p.options.mult = sample_random(&seed) << 8 | 1;
		ticks = ((uint64_t)sample_random(&seed) << 40 | sample_random(&seed)) >>
			(sample_random(&seed) % 60);
		want = (unsigned __int128)ticks * p.options.mult >> shift;
		if (want <= UINT64_MAX && pair_ns(&p, ticks) != (uint64_t)want)
			ck_abort_msg("%llu ticks, case %d", (unsigned long long)ticks, i);
		p.options.mult = p.options.shift = 0;
		if (pair_ns(&p, ticks) != ticks)
			ck_abort_msg("%llu ns", (unsigned long long)ticks);
	}
}
END_TEST

START_TEST(times)
{
	const struct pair_options o = { .mult = 3, .shift = 1 };
	struct pair *p = new_pair(&o);
	struct snapshot *s = snapshot_new();

	play(p,
	     "image:1:1 in:1:100:0 out:1:120:0:0 in:1:200:0 out:1:300:0:0 in:1:400:0 out:1:390:0:0 "
	     "in:1:500:7");
	ck_assert_int_eq(pair_snapshot(p, 600, s), 0);
	ck_assert_uint_eq(s->cells[0]->total_ns, 180);
	ck_assert_uint_eq(s->cells[0]->max_ns, 150);
	ck_assert_uint_eq(s->cells[0]->min_ns, 0); /* a clock that went back */
	ck_assert_uint_eq(s->in_flight[0].age_ns, 150);
	ck_assert(!s->in_flight[0].at_least);
	snapshot_free(s);
	end_pair(p);
}
END_TEST

/* ---- anything at all ---- */

#define RANDOM_EVENTS 40000
#define RANDOM_TASKS  40

static uint64_t pick(uint32_t *seed, const uint64_t *of, size_t n)
{
	return of[sample_random(seed) % n];
}

static void random_life(struct pair *p, uint32_t *seed, long long n[5])
{
	switch (sample_random(seed) % 6) {
	case 0:
	case 1:
		n[1] = sample_random(seed) % RANDOM_TASKS;
		if (n[1] != n[0])
			event(p, sample_random(seed) % 2 ? "fork" : "thread", n);
		break;
	case 2:
		n[1] = sample_random(seed) % 4 ? n[0]
					       : (long long)(sample_random(seed) % RANDOM_TASKS);
		event(p, "exec", n);
		break;
	case 3:
		event(p, "die", n);
		break;
	case 4:
		n[2] = n[1];
		n[1] = sample_random(seed) % 500;
		event(p, "before", n);
		break;
	default:
		if (!(sample_random(seed) % 20))
			pair_gap(p, (uint64_t)n[1] - sample_random(seed) % 100);
	}
}

static void random_event(struct pair *p, uint32_t *seed, uint64_t ts)
{
	static const uint64_t nrs[] = { 0,   1,	  11,	35,	    59,	       219,
					231, 450, 9999, 0x40000001, UINT64_MAX };
	static const uint64_t rets[] = { 0, 5, -2, -512, -516, 0xfffffffe, -4096 };
	static const uint64_t places[] = { 0, SYSCALL, INT80, SYSENTER, ELSEWHERE };
	uint64_t place = p->options.gates ? pick(seed, places, ARRAY_SIZE(places)) : 0;
	long long n[5] = { sample_random(seed) % RANDOM_TASKS, (long long)ts,
			   (long long)pick(seed, nrs, ARRAY_SIZE(nrs)), (long long)place, 0 };

	switch (sample_random(seed) % 8) {
	case 0:
	case 1:
	case 2:
		event(p, "in", n);
		break;
	case 3:
	case 4:
	case 5:
		n[3] = (long long)pick(seed, rets, ARRAY_SIZE(rets));
		n[4] = (long long)place;
		event(p, "out", n);
		break;
	case 6:
		random_life(p, seed, n);
		break;
	default:
		n[4] = 1 + sample_random(seed) % 3;
		if (p->options.gate_late)
			pair_gate(p, TID_BASE + (pid_t)n[0], place ? place : SYSCALL);
		else if (p->options.gates)
			event(p, "disp", n);
	}
}

/* Every entry is somewhere, and every call that ended is in a cell or told as not counted. */
static void check_sums(struct pair *p, int at)
{
	struct snapshot *s = snapshot_new();
	const struct conservation *c = &s->conservation;
	uint64_t calls = 0;

	ck_assert_int_eq(pair_snapshot(p, UINT64_MAX, s), 0);
	for (size_t i = 0; i < s->cells_count; i++)
		calls += s->cells[i]->count;
	if (!balanced(c) || calls + s->loss.pool_full != c->exits + c->never_returned)
		ck_abort_msg("after event %d: in %llu out %llu fly %llu never %llu lost %llu", at,
			     (unsigned long long)c->entries, (unsigned long long)c->exits,
			     (unsigned long long)c->in_flight,
			     (unsigned long long)c->never_returned, (unsigned long long)c->lost);
	snapshot_free(s);
}

START_TEST(random_events)
{
	static const char *const comms[] = { "prog" };
	static const struct pair_options modes[] = {
		{ .dims = 0 },
		{ .gates = &fake_gates },
		{ .gates = &fake_gates, .gate_late = true },
		{ .dims = DIM_ERRNO | DIM_PROC, .cells_max = 50 },
		{ .filter = { .comms = comms, .comms_count = 1 } },
	};

	for (size_t m = 0; m < ARRAY_SIZE(modes); m++) {
		struct pair *p = new_pair(&modes[m]);
		uint32_t seed = 7;

		for (int i = 0; i < RANDOM_TASKS; i++)
			set_image(p, TID_BASE + i, 1 + i % 3);
		for (int i = 0; i < RANDOM_EVENTS; i++) {
			random_event(p, &seed, 1000 + (uint64_t)i);
			if (i % 200 == 0)
				check_sums(p, i);
		}
		check_sums(p, RANDOM_EVENTS);
		end_pair(p);
	}
}
END_TEST

int main(void)
{
	const struct unit_case cases[] = {
		{ "entries and exits are paired; what is half a pair is told as what it is",
		  plain },
		{ "what spans a gap is lost and counted as lost", gaps },
		{ "restarts are no errors, restart_syscall is the call that it goes on with",
		  restarts },
		{ "the gate comes with the events, late, or by the dispatcher", gates },
		{ "calls are split by errno", by_errno },
		{ "calls are split by process, of which exec makes a new one", by_process },
		{ "names and users filter", filters },
		{ "an exec that leaves the filter is not counted", exec_leaves_filter },
		{ "ignored tasks and impossible numbers of tasks make no calls", ignored },
		{ "a full table is told, and conservation holds", full_table },
		{ "more processes than there is room for are counted all the same",
		  full_of_processes },
		{ "processes that differ by their ids alone can be one", merged_processes },
		{ "ticks become nanoseconds to the last one", conversion },
		{ "times are of the clock that ticks", times },
		{ "conservation holds after any events", random_events },
	};

	return unit_main("pair", cases, ARRAY_SIZE(cases));
}
