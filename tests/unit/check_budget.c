// SPDX-License-Identifier: GPL-2.0-or-later
#include "samples.h"
#include "unit.h"

#include <errno.h>
#include <math.h>

#include "base/cleanup.h"
#include "budget/judge.h"

static struct syscalls *names;

static int parse(const char *text, struct budget **b, struct sg_error *e)
{
	memset(e, 0, sizeof(*e));
	if (!names)
		names = syscalls_new(NULL);
	*b = NULL;
	return budget_parse(b, "b.ini", text, strlen(text), names, e);
}

static struct budget *budget(const char *text)
{
	struct sg_error e;
	struct budget *b;

	ck_assert_msg(!parse(text, &b, &e), "%s: %s", text, e.text);
	return b;
}

/* What is said of each, and where. */
static const struct {
	const char *text, *said;
} bad[] = {
	{ "", "b.ini:1:1: nothing is limited" },
	{ "# nothing\n", "b.ini:1:1: nothing is limited" },
	{ "tolerance = 3\n", "b.ini:1:1: nothing is limited" },
	{ "count <= 1\nfrobnicate\n",
	  "b.ini:2:1: neither [SECTION] nor NAME = VALUE nor a comment" },
	{ "[read\n", "b.ini:1:6: no ']' behind the section's name" },
	{ " [read]\ncount = 1\n", "b.ini:1:2: a section begins at the line's begin" },
	{ "[read]\nprocess = a,\n [b]\ncount = 1\n", "b.ini:3:2: a section begins" },
	{ "\n[]\ncount = 1\n", "b.ini:2:2: a section without a name" },
	{ "[read]\n[write]\ncount = 1\n", "b.ini:1:2: a section that limits nothing" },
	{ "[read]\ncount = 1\n[write]\n", "b.ini:3:2: a section that limits nothing" },
	{ "[read] x\ncount = 1\n", "b.ini:1:8: more behind the section's name" },
	{ "[read]\ncount = 1\n[read]\ncount = 2\n",
	  "b.ini:3:2: there is a section 'read' on line 1" },
	{ "cuont = 1\n", "b.ini:1:1: there is no 'cuont' to limit or to set" },
	{ "\t count : 1\n", "b.ini:1:9: a '=' stands between name and value, not a ':'" },
	{ "count =\n", "b.ini:1:8: nothing behind the '='" },
	{ "count = ; none\n", "b.ini:1:9: nothing behind the '='" },
	{ "count =  x\n", "b.ini:1:10: 'x': not a whole number" },
	{ "count = -1\n", "b.ini:1:9: '-1': not a whole number" },
	{ "count = 1.5\n", "b.ini:1:9: '1.5': not a whole number" },
	{ "count = 0x10\n", "b.ini:1:9: '0x10': not a whole number" },
	{ "count <= 99999999999999999999\n",
	  "b.ini:1:10: '99999999999999999999': larger than 10^15" },
	{ "count = 5..4\n", "b.ini:1:9: '5..4': a range that ends before it begins" },
	{ "count <= 5..6\n", "b.ini:1:10: '5..6': not a whole number" },
	{ "count = ..6\n", "b.ini:1:9: '..6': not a whole number" },
	{ "p99 <= 5\n", "b.ini:1:8: '5': not a time with its unit" },
	{ "p99 = 5 ms\n", "b.ini:1:1: 'p99' is measured: write p99 <= or p99 >=" },
	{ "p100 <= 5 ms\n", "b.ini:1:1: there is no 'p100'" },
	{ "p9x <= 5 ms\n", "b.ini:1:1: there is no 'p9x'" },
	{ "p <= 5 ms\n", "b.ini:1:1: there is no 'p'" },
	{ "max <= 1e9 ns\n", "b.ini:1:8: '1e9 ns': not a time with its unit" },
	{ "max <= 999999999999 h\n", "longer than a hundred years" },
	{ "rate <= 5/min\n", "b.ini:1:9: '5/min': not a number of calls a second" },
	{ "<= 5\n", "b.ini:1:1: there is no ''" },
	{ "forbid = read,fsnyc\n", "b.ini:1:15: 'fsnyc' is no call, class, gate: or abi:" },
	{ "forbid = read,\n  write, %fil\n", "b.ini:2:10: '%fil' is no call" },
	{ "forbid = !read\n", "b.ini:1:10: '!read': what is not forbidden needs no word" },
	{ "forbid = read,,write\n", "b.ini:1:15: an empty word in a list" },
	{ "forbid = read,\n", "b.ini:1:14: a list that ends with a comma" },
	{ "forbid = read,\n  # write\n\ncount = 1\n", "b.ini:1:14: a list that ends with a comma" },
	{ "allow-only = read\nallow-only = write\n",
	  "b.ini:2:1: 'allow-only' was given on line 1" },
	{ "count = 1\n  2\n", "b.ini:2:3: an indented line goes on with the list above" },
	{ "[open files]\ncount = 1\n", "b.ini:1:2: 'open files' is no call" },
	{ "[read, wirte]\ncount = 1\n", "b.ini:1:8: 'wirte' is no call" },
	{ "[x]\ncalls = read\n  write\ncount = 1\n[ y]\nerrno = ENONE\n",
	  "b.ini:6:9: 'ENONE' is no error" },
	{ "calls = read\n", "b.ini:1:1: 'calls' stands in a section" },
	{ "[read]\nbaseline = x\n", "b.ini:2:1: 'baseline' stands before the first section" },
	{ "[make]\nprocess = make\ncount = 1\n", "b.ini:1:2: 'make' is no call" },
	{ "[x x]\nprocess = a-process-of-a-long-name\n",
	  "b.ini:2:11: 'a-process-of-a-long-name': a process" },
	{ "by = process, user\nbaseline = x\n", "b.ini:1:15: 'user': known are" },
	{ "tolerance = lots\n", "b.ini:1:13: 'lots': not a number" },
	{ "least = 5\n", "b.ini:1:9: '5': not a percentage" },
	{ "slack = few\n", "b.ini:1:9: 'few': neither a number" },
	{ "exact = maybe\n", "b.ini:1:9: 'maybe': neither 'yes' nor 'no'" },
	{ "count = 1\a\n", "b.ini:1:10: a control character (0x07)" },
	/* What no run could keep. */
	{ "count <= 3\ncount >= 4\n",
	  "b.ini:2:1: 'count >= 4' contradicts 'count <= 3' on line 1" },
	{ "count >= 4\ncount <= 3\n",
	  "b.ini:2:1: 'count <= 3' contradicts 'count >= 4' on line 1" },
	{ "count = 3\ncount = 4\n", "b.ini:2:1: 'count = 4' contradicts 'count = 3' on line 1" },
	{ "count <= 3\ncount <= 3\n", "b.ini:2:1: 'count <= 3' says again what 'count <= 3'" },
	{ "count <= 3\n[read]\ncount = 4\n", "b.ini:3:1: 'count = 4' contradicts 'count <= 3'" },
	{ "forbid = read\n[read]\ncount = 4\n",
	  "b.ini:3:1: 'count = 4' contradicts 'forbid read'" },
	{ "forbid = %desc\n[read]\ncount >= 1\n", "contradicts 'forbid %desc' on line 1" },
	{ "allow-only = write\n[read]\nerrors >= 1\n", "contradicts 'allow-only write' on line 1" },
};

START_TEST(places)
{
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct sg_error e;
		struct budget *b;

		ck_assert_msg(parse(bad[i].text, &b, &e) == -EINVAL, "taken: %s", bad[i].text);
		ck_assert_msg(strstr(e.text, bad[i].said), "%s: %s", bad[i].text, e.text);
		ck_assert_ptr_null(b);
	}
}
END_TEST

/* None of these is a contradiction. */
static const char *const good[] = {
	"count = 0",
	"count >= 1\r\ncount <= 4\r\n",
	"\xef\xbb\xbf"
	"count <= 3\n",
	"forbid = read\n[write]\ncount = 4\n",
	"forbid = gate:int80\n[getpid]\ncount >= 1\n",
	"allow-only = %file\nforbid = unlink\n",
	"[read]\np99 <= 1 ms\np50 <= 1 us\n[%desc]\np99 >= 1 ns\n",
	"[ read , write ] ; both\ncount = 1..3\n",
	"[x x]\nprocess = a*, b b\nrate <= 1.5/s\n",
	"; a comment\n\n[#451]\ncount = 1 ; and one\n",
	"forbid = read, ; a comment\n\twrite,\n\n\tptrace\n",
	"[read]\nerrno = EWOULDBLOCK, E4000\ncount = 1",
	"baseline = x\nslack = any\n[read]\nslack = 5%\n",
};

START_TEST(taken)
{
	struct budget *b;

	for (size_t i = 0; i < ARRAY_SIZE(good); i++)
		budget_free(budget(good[i]));
	b = budget(good[10]);
	ck_assert_uint_eq(b->limits_count, 3);
	ck_assert_str_eq(b->limits[2].text, "forbid ptrace");
	ck_assert_uint_eq(b->limits[2].at.line, 4);
	ck_assert_uint_eq(b->limits[2].at.column, 2);
	budget_free(b);
}
END_TEST

START_TEST(huge)
{
	_cleanup_free_ char *text = malloc(BUDGET_BYTES_MAX);
	struct sg_error e;
	struct budget *b;
	size_t n = 0;

	for (int i = 0; i < 5000; i++)
		n += (size_t)sprintf(text + n, "[%d]\ncalls = #%d\ncount <= %d\n", i, i, i);
	ck_assert_int_eq(parse(text, &b, &e), -EINVAL);
	ck_assert_msg(strstr(e.text, "b.ini:12291:1: more than 4096 limits"), "%s", e.text);
	n = (size_t)sprintf(text, "count <= 1\nforbid = ");
	memset(text + n, 'x', 300);
	text[n + 300] = '\0';
	ck_assert_int_eq(parse(text, &b, &e), -EINVAL);
	ck_assert_msg(strstr(e.text, "b.ini:2:199: a line of more than 198 bytes"), "%s", e.text);
	n = (size_t)sprintf(text, "[");
	memset(text + n, 'x', 60);
	strcpy(text + n + 60, "]\ncount = 1\n");
	ck_assert_int_eq(parse(text, &b, &e), -EINVAL);
	ck_assert_msg(strstr(e.text, "b.ini:1:51: a section's name of more than 49"), "%s", e.text);
}
END_TEST

/* ---- judging ---- */

static struct snapshot *counted(void)
{
	static const struct proc procs[] = {
		{ .uid = (uid_t)-1 },
		{ .tgid = 1, .birth = 1, .uid = 0, .comm = "make" },
		{ .tgid = 2, .birth = 2, .uid = 0, .comm = "cc1" },
	};
	struct snapshot *s = snapshot_new();

	sample_head(s);
	s->dims = DIM_PROC | DIM_ERRNO;
	for (int i = 0; i < 3; i++)
		snapshot_add_proc(s, &procs[i]);
	return s;
}

/* Calls of number nr by a process; each takes ns. */
static void calls(struct snapshot *s, int nr, uint32_t proc, int gate, int err, int n, uint64_t ns)
{
	struct cell c = sample_cell(SYSGATE_ABI_X86_64, gate, nr);

	c.key.proc = proc;
	c.key.err = (uint16_t)err;
	for (int i = 0; i < n; i++)
		sample_time(&c, ns);
	c.errors = err ? c.count : 0;
	s->conservation.entries += c.count;
	s->conservation.exits += c.count;
	snapshot_add_cell(s, &c);
}

/* The verdicts of the limits in their order: k, b or u each. s is freed. */
static const char *verdicts(const char *text, struct snapshot *s)
{
	static char out[16];
	struct budget *b = budget(text);
	struct noise noise;
	struct report r = { .snapshot = s, .names = names };
	size_t n;

	snapshot_sort(s);
	ck_assert_int_eq(noise_init(&noise, b), 0);
	judge_limits(&r, b, &noise);
	ck_assert(!r.failed);
	n = r.count;
	ck_assert_uint_lt(n, sizeof(out));
	for (size_t i = 0; i < n; i++)
		out[i] = "kbu"[r.results[i].verdict];
	out[n] = '\0';
	report_fini(&r);
	noise_fini(&noise);
	budget_free(b);
	snapshot_free(s);
	return out;
}

/* getpid 39 by make, 7; close 3 by cc1: 4 well, 2 with EBADF. */
static struct snapshot *ordinary(void)
{
	struct snapshot *s = counted();

	calls(s, 39, 1, SYSGATE_GATE_SYSCALL, 0, 7, 1000);
	calls(s, 3, 2, SYSGATE_GATE_SYSCALL, 0, 4, 2000);
	calls(s, 3, 2, SYSGATE_GATE_SYSCALL, EBADF, 2, 500);
	return s;
}

START_TEST(counts)
{
	ck_assert_str_eq(verdicts("count = 13", ordinary()), "k");
	ck_assert_str_eq(verdicts("count <= 12\ncount >= 1", ordinary()), "bk");
	ck_assert_str_eq(verdicts("[getpid]\ncount = 6..7", ordinary()), "k");
	ck_assert_str_eq(verdicts("[getpid]\ncount = 8..9", ordinary()), "b");
	ck_assert_str_eq(verdicts("errors = 2\n[close]\nerrors <= 1", ordinary()), "kb");
	ck_assert_str_eq(verdicts("[x x]\nerrno = EBADF\ncount = 2", ordinary()), "k");
	ck_assert_str_eq(verdicts("[x x]\nerrno = ENOENT\ncount = 0", ordinary()), "k");
	ck_assert_str_eq(verdicts("[x x]\nprocess = cc*\ncount = 6", ordinary()), "k");
	ck_assert_str_eq(verdicts("[x x]\nprocess = make\nforbid = close, getpid", ordinary()),
			 "kb");
	ck_assert_str_eq(verdicts("[close]\nprocess = cc1\ncount = 6", ordinary()), "k");
	ck_assert_str_eq(verdicts("[close]\nprocess = make\ncount = 0", ordinary()), "k");
	ck_assert_str_eq(verdicts("allow-only = close, getpid", ordinary()), "k");
	ck_assert_str_eq(verdicts("allow-only = close", ordinary()), "b");
	ck_assert_str_eq(verdicts("[gate:int80]\ncount = 0", ordinary()), "k");
	ck_assert_str_eq(verdicts("rate <= 1.4/s\nrate >= 1.2/s", ordinary()), "kk");
	ck_assert_str_eq(verdicts("rate <= 0.1/s", ordinary()), "b");
}
END_TEST

START_TEST(times)
{
	ck_assert_str_eq(verdicts("[getpid]\ntotal <= 7 us\ntotal >= 6 us", ordinary()), "kk");
	ck_assert_str_eq(verdicts("[getpid]\ntotal <= 6 us", ordinary()), "b");
	ck_assert_str_eq(verdicts("[getpid]\nmax <= 1 us\n[close]\nmax >= 2001 ns", ordinary()),
			 "kb");
	/* What is beyond the limit by each single call is so whatever the noise is. */
	ck_assert_str_eq(verdicts("[close]\navg <= 499 ns\np50 <= 400 ns", ordinary()), "bb");
	ck_assert_str_eq(verdicts("[close]\navg <= 1400 ns", ordinary()), "k");
	ck_assert_str_eq(verdicts("tolerance = 0\n[close]\navg <= 1400 ns", ordinary()), "b");
	/* Where nothing was called nothing took too long. */
	ck_assert_str_eq(verdicts("[fsync]\np99 <= 1 ns\nmax <= 1 ns", ordinary()), "kk");
}
END_TEST

/* What was lost may have been anything: a limit that is broken for sure stays so. */
START_TEST(losses)
{
	struct snapshot *s = ordinary();

	s->loss.ring_lost = 1;
	ck_assert_str_eq(verdicts("count <= 100\n[getpid]\ncount <= 6\n[close]\ncount >= 6", s),
			 "ubk");
	s = ordinary();
	s->conservation.lost = 1;
	s->conservation.entries++;
	ck_assert_str_eq(verdicts("forbid = fsync, close\n[getpid]\ncount = 7", s), "ubu");
	s = ordinary();
	s->conservation.entries++;
	ck_assert_str_eq(
		verdicts("errors = 2\n[getpid]\np50 <= 1 s\nmax <= 1 s\n[close]\nmax <= 10 ns", s),
		"uuub");
}
END_TEST

/* Only the limits that ask for it are not known. */
START_TEST(untold)
{
	struct snapshot *s = ordinary();

	calls(s, 39, 1, SYSGATE_GATE_UNKNOWN, 0, 5, 1000);
	ck_assert_str_eq(verdicts("count = 18\nforbid = gate:int80\n[gate:int80]\ncount <= 5", s),
			 "kuk");
	s = ordinary();
	calls(s, 1, 0, SYSGATE_GATE_SYSCALL, 0, 5, 1000);
	ck_assert_str_eq(
		verdicts("[a]\nprocess = make\ncount = 7\ncalls = getpid\n"
			 "[b x]\nprocess = make\ncount <= 7\n[c x]\nprocess = make\ncount <= 12",
			 s),
		"kuk");
	s = ordinary();
	s->dims = DIM_PROC;
	ck_assert_str_eq(
		verdicts("[a x]\nerrno = EBADF\ncount <= 2\n[b x]\nerrno = EBADF\ncount <= 1", s),
		"ku");
	s = ordinary();
	s->cells[0]->untimed = 1;
	ck_assert_str_eq(verdicts("count = 13\ntotal <= 1 s", s), "ku");
}
END_TEST

START_TEST(in_flight)
{
	struct in_flight f = { .tgid = 1,
			       .tid = 1,
			       .comm = "make",
			       .nr = 61,
			       .abi = SYSGATE_ABI_X86_64,
			       .gate = SYSGATE_GATE_SYSCALL,
			       .age_ns = 3000000000 };
	struct snapshot *s;

	for (int before = 0; before < 2; before++) {
		s = ordinary();
		f.at_least = before;
		snapshot_add_in_flight(s, &f);
		if (!before) {
			s->conservation.entries++;
			s->conservation.in_flight++;
		}
		/* What entered was called; how long it takes is at least its age. */
		ck_assert_str_eq(verdicts("[wait4]\ncount = 0\nin-flight = 0\nmax <= 2 s", s),
				 before ? "kbb" : "bbb");
	}
}
END_TEST

/* Of two that made the call, the one that made more is named first; and both, when it is forbidden.
 */
START_TEST(blame)
{
	struct snapshot *s = ordinary();
	struct budget *b = budget("forbid = getpid");
	struct report r = { .snapshot = s, .names = NULL };
	struct noise noise;
	char buf[256];

	r.names = names;
	calls(s, 39, 2, SYSGATE_GATE_INT80, 0, 9, 1000);
	snapshot_sort(s);
	ck_assert_int_eq(noise_init(&noise, b), 0);
	judge_limits(&r, b, &noise);
	report_close(&r);
	ck_assert_uint_eq(r.results[0].culprits_count, 2);
	report_culprit(&r, &r.results[0], &r.results[0].culprits[0], buf, sizeof(buf));
	ck_assert_msg(strstr(buf, "cc1: getpid (") && strstr(buf, "int80), 9 calls"), "%s", buf);
	report_culprit(&r, &r.results[0], &r.results[0].culprits[1], buf, sizeof(buf));
	ck_assert_msg(!strncmp(buf, "make: getpid", 12) && strstr(buf, "7 calls"), "%s", buf);
	ck_assert_int_eq(report_verdict(&r), VERDICT_BROKEN);
	report_fini(&r);
	noise_fini(&noise);
	budget_free(b);
	snapshot_free(s);
}
END_TEST

int main(void)
{
	struct unit_case cases[] = {
		{ "what is wrong is told with its place", places },
		{ "what is right is taken", taken },
		{ "files too large in any way are told with the place", huge },
		{ "counts are exact", counts },
		{ "times are judged", times },
		{ "a loss makes what depends on it not known, and breaks stay", losses },
		{ "what was not told apart makes what asks for it not known", untold },
		{ "a call that has not returned was made, and is that old", in_flight },
		{ "who made a call is named, the most first", blame },
	};

	return unit_main("budget", cases, ARRAY_SIZE(cases));
}
