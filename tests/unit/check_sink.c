// SPDX-License-Identifier: GPL-2.0-or-later
#include "unit.h"

#include <ctype.h>
#include <errno.h>
#include <jansson.h>
#include <locale.h>
#include <wchar.h>

#include "base/cleanup.h"
#include "samples.h"
#include "sink/sink.h"
#include "sink/text.h"

static struct syscalls *names;

/* What a sink writes of s; heap. */
static char *written(const char *sink, const struct snapshot *s, struct view_options vo,
		     struct sink_options so)
{
	struct view *v = view_new(s, &vo);
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	so.names = names;
	ck_assert_int_eq(sink_by_name(sink)->write(f, v, &so), 0);
	fclose(f);
	view_free(v);
	return text;
}

START_TEST(times)
{
	static const struct {
		uint64_t ns;
		const char *text;
	} cases[] = {
		{ 0, "0 ns" },
		{ 999, "999 ns" },
		{ 1000, "1.00 us" },
		{ 1254, "1.25 us" },
		{ 9995, "10.0 us" },
		{ 99949, "99.9 us" },
		{ 99950, "100 us" },
		{ 999499, "999 us" },
		{ 999500, "1.00 ms" },
		{ 12000000000, "12.0 s" },
		{ 999400000000, "999 s" },
		{ 1000000000000, "16.7 min" },
		{ 5998000000000, "100 min" },
		{ 7200000000000, "2.00 h" },
		{ 3599000000000000, "41.7 d" },
		{ UINT64_MAX, "213504 d" },
	};
	char buf[32];

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		ck_assert_str_eq(format_time(buf, sizeof(buf), cases[i].ns), cases[i].text);
}
END_TEST

/* Three digits at most, and never a smaller time for a longer one. */
START_TEST(times_in_order)
{
	char buf[32];

	for (double ns = 1; ns < 8e16; ns *= 1.003) {
		size_t digits = 0;

		format_time(buf, sizeof(buf), (uint64_t)ns);
		for (const char *p = buf; *p; p++)
			digits += isdigit((unsigned char)*p) != 0;
		ck_assert_msg(digits <= 3, "%.0f: %s", ns, buf);
	}
}
END_TEST

START_TEST(counts)
{
	static const struct {
		uint64_t n;
		const char *text;
	} cases[] = {
		{ 0, "0" },
		{ 999, "999" },
		{ 1000, "1,000" },
		{ 1234567, "1,234,567" },
		{ UINT64_MAX, "18,446,744,073,709,551,615" },
	};
	char buf[32], small[5];

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		ck_assert_str_eq(format_count(buf, sizeof(buf), cases[i].n), cases[i].text);
	ck_assert_str_eq(format_count(small, sizeof(small), 1234567), "1,23");
}
END_TEST

START_TEST(escapes)
{
	static const struct {
		const char *raw, *shown, *utf8;
		size_t columns;
	} cases[] = {
		{ "plain", "plain", "plain", 5 },
		{ "a\x1b[31mb", "a\\x1b[31mb", "a\x1b[31mb", 10 },
		{ "back\\slash", "back\\\\slash", "back\\slash", 11 },
		{ "\n\r\t\x7f", "\\x0a\\x0d\\x09\\x7f", "\n\r\t\x7f", 16 },
		{ "Z\xc3\xbcrich", "Z\xc3\xbcrich", "Z\xc3\xbcrich", 6 },
		{ "cut\xc3", "cut\\xc3", "cut?", 7 },
		{ "\xff\xfe", "\\xff\\xfe", "??", 8 },
		{ "\xc0\xaf", "\\xc0\\xaf", "??", 8 },			    /* overlong */
		{ "\xed\xa0\x80", "\\xed\\xa0\\x80", "???", 12 },	    /* surrogate */
		{ "\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80", "????", 16 }, /* too far */
		{ "\xfc\x83\x84\xad", "\\xfc\\x83\\x84\\xad", "????", 16 }, /* no lead byte */
		{ "\xe2\x80\xae", "\\xe2\\x80\\xae", "\xe2\x80\xae", 12 },  /* bidi */
		{ "\xc2\x9b", "\\xc2\\x9b", "\xc2\x9b", 8 },		    /* C1 CSI */
		{ "\xe6\xbc\xa2\xe5\xad\x97", "\xe6\xbc\xa2\xe5\xad\x97",
		  "\xe6\xbc\xa2\xe5\xad\x97", 4 },
		{ "", "", "", 0 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char *shown = text_escape(cases[i].raw), *utf8 = text_utf8(cases[i].raw);

		ck_assert_str_eq(shown, cases[i].shown);
		ck_assert_str_eq(utf8, cases[i].utf8);
		ck_assert_uint_eq(text_columns(shown), cases[i].columns);
		ck_assert_uint_eq(text_fit(shown, 1000), strlen(shown));
		free(shown);
		free(utf8);
	}
}
END_TEST

/* Fails when a line of text is wider than width, by the C library's own measure. */
static void check_lines(const char *text, size_t width, unsigned int group)
{
	wchar_t wide[2048];
	const char *p = text;

	for (const char *end; (end = strchr(p, '\n')); p = end + 1) {
		char line[4096];
		int columns;

		ck_assert_uint_lt((size_t)(end - p), sizeof(line));
		memcpy(line, p, (size_t)(end - p));
		line[end - p] = '\0';
		ck_assert_int_ge((int)mbstowcs(wide, line, ARRAY_SIZE(wide)), 0);
		columns = wcswidth(wide, ARRAY_SIZE(wide));
		ck_assert_msg(columns >= 0 && (size_t)columns <= width,
			      "group %#x, width %zu: %d columns: %s", group, width, columns, line);
	}
	ck_assert_str_eq(p, "");
}

/* A snapshot with everything that other people can choose chosen badly. */
static struct snapshot *hostile_snapshot(void)
{
	struct snapshot *s = sample_snapshot();
	struct in_flight f = { .tgid = 2147483647, .tid = 2147483647, .nr = -1, .age_ns = 1 };

	strcpy(s->procs[1].comm, "\x1b]0;owned\x07\xff\xfe");
	strcpy(s->procs[2].comm, "\xe6\xbc\xa2\xe5\xad\x97\xe6\xbc\xa2\xe5\xad\x97\xe6\xbc");
	free(s->procs[1].cgroup);
	s->procs[1].cgroup = strdup("/a\n\"b\",c/\xe2\x80\xae/a-rather-long-path-of-control-groups/"
				    "user.slice/user-1000.slice/session-with-a-very-long-name");
	memcpy(f.comm, "\x9b\x9b\x9b\x9b\x9b\x9b\x9b\x9b\x9b\x9b\x9b\x9b\x9b\x9b\x9b", 16);
	snapshot_add_in_flight(s, &f);
	snapshot_note(s,
		      "a note\nof two lines, with \x1b[2J and_one_very_long_word_that_no_terminal_"
		      "can_show_on_one_line_when_it_is_as_narrow_as_forty_columns");
	memset(&s->loss, 0xff, sizeof(s->loss));
	strcpy(s->host, "a-very-long-host-name.with-a-domain.that-goes-on.example.org");
	return s;
}

START_TEST(widths)
{
	struct snapshot *s = hostile_snapshot();

	setlocale(LC_ALL, "C.UTF-8");
	for (unsigned int group = 0; group < 1U << group_names_count; group += group < 4 ? 1 : 7) {
		for (unsigned int width = 40; width <= 200; width += group % 5 ? 13 : 1) {
			struct view_options vo = { .group = group, .rows = group % 3 ? 0 : 5 };
			struct sink_options so = { .width = width, .in_flight = true };
			char *text = written("table", s, vo, so);

			check_lines(text, width, group);
			free(text);
		}
	}
	snapshot_free(s);
}
END_TEST

START_TEST(narrow)
{
	struct snapshot *s = sample_snapshot();
	struct sink_options so = { .width = 60 };
	char *text = written("table", s, (struct view_options){ 0 }, so);

	/* Whoever asked for the waiting wants that before all other times. */
	ck_assert_ptr_nonnull(strstr(text, "WAIT"));
	free(text);
	s->wait_known = false;
	text = written("table", s, (struct view_options){ 0 }, so);
	ck_assert_ptr_nonnull(strstr(text, "CALL"));
	ck_assert_ptr_nonnull(strstr(text, "COUNT"));
	ck_assert_ptr_nonnull(strstr(text, "TOTAL"));
	ck_assert_ptr_nonnull(strstr(text, "AVG"));
	ck_assert_ptr_null(strstr(text, "DEV"));
	free(text);
	so.width = 0;
	text = written("table", s, (struct view_options){ 0 }, so);
	ck_assert_ptr_nonnull(strstr(text, "DEV"));
	ck_assert_ptr_nonnull(strstr(text, "RESTARTS"));
	free(text);
	snapshot_free(s);
}
END_TEST

/* No control character but the line's end, whatever others are called. */
START_TEST(hostile)
{
	static const char *const list[] = { "table", "json", "csv" };
	struct snapshot *s = hostile_snapshot();
	struct view_options vo = { .group = GROUP_DEFAULT | GROUP_PROCESS | GROUP_CGROUP };
	struct sink_options so = { .in_flight = true, .header = true };

	for (size_t i = 0; i < 2; i++) {
		char *text = written(list[i], s, vo, so);

		for (const char *p = text; *p; p++)
			ck_assert_msg((unsigned char)*p >= 0x20 || *p == '\n', "%s: control %d",
				      list[i], *p);
		free(text);
	}
	snapshot_free(s);
}
END_TEST

START_TEST(colours)
{
	struct snapshot *s = sample_snapshot();
	struct sink_options so = { .width = 100, .in_flight = true };
	char *plain = written("table", s, (struct view_options){ 0 }, so), *colour, *to;

	so.colour = true;
	colour = written("table", s, (struct view_options){ 0 }, so);
	ck_assert_ptr_null(strchr(plain, '\033'));
	to = colour;
	for (const char *p = colour; *p;) {
		if (*p == '\033')
			p += strcspn(p, "m") + 1;
		else
			*to++ = *p++;
	}
	*to = '\0';
	ck_assert_str_eq(colour, plain);
	free(colour);
	free(plain);
	snapshot_free(s);
}
END_TEST

START_TEST(shown)
{
	static const struct {
		const char *text;
		unsigned int group;
		size_t rows;
	} cases[] = {
		{ "and 8 more", GROUP_CALL, 22 },
		{ ">= 2.50 s", GROUP_CALL, 0 },
		{ "exit_group", GROUP_CALL, 0 },
		{ "note: a note for the reader", GROUP_CALL, 0 },
		{ "unpaired_exits: 4 exits without their entry", GROUP_CALL, 0 },
		{ "2 never returned + 1 lost", GROUP_CALL, 0 },
		{ "int80", GROUP_DEFAULT, 0 },
		{ "i386", GROUP_DEFAULT, 0 },
		{ "ENOENT", GROUP_ERRNO, 0 },
		{ "none", GROUP_EXIT, 0 },
	};
	struct snapshot *s = sample_snapshot();

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct view_options vo = { .group = cases[i].group, .rows = cases[i].rows };
		char *text = written("table", s, vo, (struct sink_options){ .in_flight = true });

		ck_assert_msg(strstr(text, cases[i].text), "no '%s' in\n%s", cases[i].text, text);
		free(text);
	}
	snapshot_free(s);
}
END_TEST

START_TEST(estimates)
{
	struct snapshot *s = sample_snapshot(), *later = snapshot_copy(s), *d;
	char *text;

	for (size_t i = 0; i < later->cells_count; i++)
		sample_time(later->cells[i], 100000);
	d = snapshot_delta(later, s);
	text = written("table", d, (struct view_options){ 0 }, (struct sink_options){ 0 });
	ck_assert_ptr_nonnull(strstr(text, "~106 us"));
	ck_assert_ptr_nonnull(strstr(text, "\n~ estimated"));
	free(text);
	text = written("json", d, (struct view_options){ 0 }, (struct sink_options){ 0 });
	ck_assert_ptr_nonnull(strstr(text, "\"estimated\":[\"min_ns\",\"max_ns\"]"));
	free(text);
	text = written("json", s, (struct view_options){ 0 }, (struct sink_options){ 0 });
	ck_assert_ptr_null(strstr(text, "estimated"));
	free(text);
	snapshot_free(d);
	snapshot_free(later);
	snapshot_free(s);
}
END_TEST

/* How many fields of CSV's second line are empty. */
static size_t empty_fields(const char *csv)
{
	size_t n = 0;

	for (const char *p = strchr(csv, '\n'); p && p[1]; p++)
		n += p[0] == ',' && (p[1] == ',' || p[1] == '\n');
	return n;
}

START_TEST(untimed)
{
	static const char *const columns[] = { "TOTAL", "%TIME", "MIN", "AVG", "DEV",
					       "P50",	"P90",	 "P99", "MAX", "WAIT" };
	struct snapshot *s = snapshot_new();
	struct cell c = sample_cell(SYSGATE_ABI_X86_64, SYSGATE_GATE_SYSCALL, 1);
	struct sink_options so = { .header = true };
	char *text;

	/* An empty result of an engine that takes times has its columns. */
	text = written("table", s, (struct view_options){ 0 }, so);
	ck_assert_ptr_nonnull(strstr(text, "TOTAL"));
	free(text);
	sample_untimed(&c, 12);
	snapshot_add_cell(s, &c);
	text = written("table", s, (struct view_options){ 0 }, so);
	for (size_t i = 0; i < ARRAY_SIZE(columns); i++)
		ck_assert_msg(!strstr(text, columns[i]), "%s in\n%s", columns[i], text);
	ck_assert_ptr_nonnull(strstr(text, "COUNT  ERRORS\n"));
	free(text);
	text = written("json", s, (struct view_options){ 0 }, so);
	ck_assert_ptr_nonnull(strstr(text, "\"total_ns\":0,\"min_ns\":null,"));
	ck_assert_ptr_nonnull(strstr(text, "\"untimed\":12,"));
	free(text);
	text = written("csv", s, (struct view_options){ 0 }, so);
	ck_assert_ptr_nonnull(strstr(text, ",untimed,total_ns,wait_ns,min_ns,"));
	ck_assert_uint_eq(empty_fields(text), 10);
	free(text);
	/* One time among them brings the columns back. */
	sample_time(s->cells[0], 40);
	text = written("table", s, (struct view_options){ 0 }, so);
	ck_assert_ptr_nonnull(strstr(text, "40 ns"));
	free(text);
	snapshot_free(s);
}
END_TEST

START_TEST(waiting)
{
	struct snapshot *s = sample_snapshot();
	char *text = written("table", s, (struct view_options){ 0 }, (struct sink_options){ 0 });

	ck_assert_ptr_nonnull(strstr(text, "  WAIT  %WAIT  "));
	ck_assert_ptr_nonnull(strstr(text, "  33.3  "));
	free(text);
	s->wait_known = false;
	text = written("table", s, (struct view_options){ 0 }, (struct sink_options){ 0 });
	ck_assert_ptr_null(strstr(text, "WAIT"));
	free(text);
	text = written("json", s, (struct view_options){ .rows = 3 }, (struct sink_options){ 0 });
	ck_assert_ptr_null(strstr(text, "wait_ns"));
	free(text);
	snapshot_free(s);
}
END_TEST

START_TEST(large_numbers)
{
	struct snapshot *s = snapshot_new();
	struct cell c = sample_cell(SYSGATE_ABI_X32, SYSGATE_GATE_SYSCALL, 512);
	json_t *json, *row;
	char *text;

	strcpy(s->engine, "test");
	c.count = INT64_MAX;
	c.total_ns = INT64_MAX - 1;
	c.hist[3] = (1ULL << 53) + 1;
	c.sumsq_ns = 1e300;
	snapshot_add_cell(s, &c);
	text = written("json", s, (struct view_options){ 0 }, (struct sink_options){ 0 });
	ck_assert(strchr(text, '\n') == text + strlen(text) - 1);
	json = json_loads(text, 0, NULL);
	row = json_array_get(json_object_get(json, "calls"), 0);
	ck_assert_int_eq(json_integer_value(json_object_get(row, "count")), INT64_MAX);
	ck_assert_int_eq(json_integer_value(json_object_get(row, "total_ns")), INT64_MAX - 1);
	ck_assert(json_is_null(json_object_get(row, "min_ns")));
	ck_assert(json_is_null(json_object_get(json, "overhead")));
	ck_assert_str_eq(json_string_value(json_object_get(row, "abi")), "x32");
	ck_assert_str_eq(json_string_value(json_object_get(row, "name")), "rt_sigaction");
	row = json_array_get(json_array_get(json_object_get(row, "hist"), 0), 1);
	ck_assert_int_eq(json_integer_value(row), (1LL << 53) + 1);
	json_decref(json);
	free(text);
	snapshot_free(s);
}
END_TEST

START_TEST(csv)
{
	struct snapshot *s = hostile_snapshot();
	struct view_options vo = { .group = GROUP_CGROUP };
	struct sink_options so = { .header = true };
	char *with = written("csv", s, vo, so), *without;

	so.header = false;
	without = written("csv", s, vo, so);
	ck_assert(!strncmp(with, "start_ns,duration_ns,cgroup,count,errors,", 41));
	ck_assert_str_eq(strchr(with, '\n') + 1, without);
	ck_assert_ptr_nonnull(strstr(with, ",\"/a\n\"\"b\"\",c/\xe2\x80\xae/"));
	free(with);
	free(without);
	snapshot_free(s);
}
END_TEST

START_TEST(nothing)
{
	static const char *const list[] = { "table", "json", "csv" };
	struct snapshot *s = snapshot_new();
	struct sink_options so = { .width = 60, .in_flight = true, .header = true };

	for (size_t i = 0; i < ARRAY_SIZE(list); i++) {
		char *text = written(list[i], s, (struct view_options){ 0 }, so);

		ck_assert_uint_gt(strlen(text), 20);
		free(text);
	}
	snapshot_free(s);
}
END_TEST

START_TEST(full_disk)
{
	struct snapshot *s = sample_snapshot();
	struct view_options vo = { .group = GROUP_DEFAULT | GROUP_PROCESS };
	struct sink_options so = { .names = names };
	struct view *v = view_new(s, &vo);
	FILE *full = fopen("/dev/full", "w");

	ck_assert_int_eq(sink_json.write(full, v, &so), -ENOSPC);
	fclose(full);
	view_free(v);
	snapshot_free(s);
}
END_TEST

int main(void)
{
	const struct unit_case cases[] = {
		{ "times have a unit and round to three digits", times },
		{ "times have three digits whatever their length", times_in_order },
		{ "counts have separators", counts },
		{ "control characters and broken UTF-8 are shown harmlessly", escapes },
		{ "no line of a table is wider than asked for", widths },
		{ "a narrow table keeps what matters, a free one has all", narrow },
		{ "hostile names reach no terminal", hostile },
		{ "colour changes nothing but colour", colours },
		{ "what a reader must know is in the table", shown },
		{ "estimates are marked", estimates },
		{ "what was not timed has no times, in no format", untimed },
		{ "waiting is shown where it is known", waiting },
		{ "JSON loses no digit, knows x32 and what is unknown", large_numbers },
		{ "CSV quotes and has its header once", csv },
		{ "a snapshot of nothing can be written", nothing },
		{ "a full disk is told", full_disk },
	};
	int status;

	names = syscalls_new(NULL);
	status = unit_main("sink", cases, ARRAY_SIZE(cases));
	syscalls_free(names);
	return status;
}
