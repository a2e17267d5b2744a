// SPDX-License-Identifier: GPL-2.0-or-later
#include "unit.h"

#include <string.h>

#include "base/cleanup.h"
#include "samples.h"
#include "sink/openmetrics.h"

static struct syscalls *names;

/* What is written of s, all but the last line; heap. */
static char *written(const struct snapshot *s, unsigned int group, struct openmetrics_options *own)
{
	struct view_options vo = { .group = group | GROUP_ERRNO };
	struct sink_options so = { .names = names, .openmetrics = own };
	struct view *v = view_new(s, &vo);
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	ck_assert_int_eq(openmetrics_write(f, v, &so), 0);
	fclose(f);
	view_free(v);
	return text;
}

static bool has(const char *text, const char *line)
{
	const char *at = strstr(text, line);

	return at && (at == text || at[-1] == '\n');
}

/* The sum of a family's samples, and how many they are. */
static unsigned long long sum(const char *text, const char *sample, size_t *count)
{
	unsigned long long all = 0;
	size_t n = strlen(sample);

	*count = 0;
	for (const char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, sample, n) || line[n] != '{')
			continue;
		++*count;
		all += strtoull(strstr(line, "} ") + 2, NULL, 10);
	}
	return all;
}

static struct snapshot *with_calls(const int *numbers, size_t count)
{
	struct snapshot *s = snapshot_new();

	for (size_t i = 0; i < count; i++) {
		struct cell c = sample_cell(SYSGATE_ABI_X86_64, SYSGATE_GATE_SYSCALL, (int)i);

		for (int j = 0; j < numbers[i]; j++)
			sample_time(&c, 1000);
		if (c.count)
			snapshot_add_cell(s, &c);
	}
	snapshot_sort(s);
	return s;
}

START_TEST(folded)
{
	struct snapshot *s = sample_snapshot();
	_cleanup_free_ char *all = written(s, GROUP_DEFAULT, NULL), *few = NULL;
	size_t many, count;
	unsigned long long total = sum(all, "sysgate_calls_total", &many);

	for (size_t max = 1; max < many; max += 3) {
		few = written(s, GROUP_DEFAULT, &(struct openmetrics_options){ .max_series = max });
		ck_assert_uint_eq(sum(few, "sysgate_calls_total", &count), total);
		ck_assert_uint_eq(count, max + 1);
		ck_assert(strstr(
			few, "sysgate_calls_total{abi=\"other\",gate=\"other\",call=\"other\"} "));
		ck_assert(!has(few, "sysgate_series_folded 0\n"));
		free(few);
		few = NULL;
	}
	ck_assert(has(all, "sysgate_series_folded 0\n"));
	snapshot_free(s);
}
END_TEST

/* A counter that fell would be read as one that began anew. */
START_TEST(never_falls)
{
	static const int first[] = { 5, 9, 7, 1 }, second[] = { 50, 9, 70, 100, 3 };
	struct openmetrics_options own = { .max_series = 2, .shown = openmetrics_shown_new() };
	struct snapshot *a = with_calls(first, 4), *b = with_calls(second, 5);
	_cleanup_free_ char *before = written(a, GROUP_CALL, &own);
	_cleanup_free_ char *after = written(b, GROUP_CALL, &own);

	ck_assert(has(before, "sysgate_calls_total{abi=\"x86_64\",call=\"write\"} 9\n"));
	ck_assert(has(before, "sysgate_calls_total{abi=\"x86_64\",call=\"open\"} 7\n"));
	ck_assert(has(before, "sysgate_calls_total{abi=\"other\",call=\"other\"} 6\n"));
	ck_assert(has(after, "sysgate_calls_total{abi=\"x86_64\",call=\"write\"} 9\n"));
	ck_assert(has(after, "sysgate_calls_total{abi=\"x86_64\",call=\"open\"} 70\n"));
	ck_assert(has(after, "sysgate_calls_total{abi=\"other\",call=\"other\"} 153\n"));
	openmetrics_shown_free(own.shown);
	snapshot_free(a);
	snapshot_free(b);
}
END_TEST

/* A time is in the first bucket whose bound it does not exceed, to the nanosecond. */
START_TEST(bounds)
{
	static const struct {
		uint64_t ns;
		const char *without, *with;
	} cases[] = {
		{ 0, NULL, "le=\"0.000000255\"} 1\n" },
		{ 255, NULL, "le=\"0.000000255\"} 1\n" },
		{ 256, "le=\"0.000000255\"} 0\n", "le=\"0.000000511\"} 1\n" },
		{ 1024, "le=\"0.000001023\"} 0\n", "le=\"0.000002047\"} 1\n" },
		{ 17179869183, "le=\"8.589934591\"} 0\n", "le=\"17.179869183\"} 1\n" },
		{ 17179869184, "le=\"17.179869183\"} 0\n", "le=\"+Inf\"} 1\n" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct snapshot *s = snapshot_new();
		struct cell c = sample_cell(SYSGATE_ABI_X86_64, SYSGATE_GATE_SYSCALL, 0);
		_cleanup_free_ char *text = NULL;

		sample_time(&c, cases[i].ns);
		snapshot_add_cell(s, &c);
		text = written(s, GROUP_CALL, NULL);
		ck_assert(strstr(text, cases[i].with));
		ck_assert(!cases[i].without || strstr(text, cases[i].without));
		snapshot_free(s);
	}
}
END_TEST

START_TEST(escaped)
{
	struct snapshot *s = snapshot_new();
	struct cell c = sample_cell(SYSGATE_ABI_X86_64, SYSGATE_GATE_SYSCALL, 0);
	_cleanup_free_ char *text = NULL, *few = NULL;

	snapshot_add_proc(s, &(struct proc){ .uid = (uid_t)-1 });
	snapshot_add_proc(s, &(struct proc){ .tgid = 7, .comm = "a\"b\\c\x1b\xc2\x9b\xff,e=" });
	s->dims = DIM_PROC;
	c.key.proc = 1;
	sample_time(&c, 1);
	snapshot_add_cell(s, &c);
	c.key.nr = 1;
	sample_time(&c, 1);
	snapshot_add_cell(s, &c);
	text = written(s, GROUP_COMM | GROUP_CALL, NULL);
	ck_assert(has(
		text,
		"sysgate_calls_total{comm=\"a\\\"b\\\\c???,e=\",abi=\"x86_64\",call=\"read\"} 1\n"));
	few = written(s, GROUP_COMM | GROUP_CALL, &(struct openmetrics_options){ .max_series = 1 });
	ck_assert(has(few, "sysgate_calls_total{comm=\"other\",abi=\"other\",call=\"other\"} 1\n"));
	snapshot_free(s);
}
END_TEST

/* What knows OpenMetrics gets its types; the older format has the samples' names in the heads. */
START_TEST(formats)
{
	struct snapshot *s = sample_snapshot();
	_cleanup_free_ char *new = written(s, GROUP_DEFAULT, NULL);
	_cleanup_free_ char *old =
		written(s, GROUP_DEFAULT, &(struct openmetrics_options){ .text = true });

	ck_assert(has(new, "# TYPE sysgate_calls counter\n"));
	ck_assert(has(new, "# TYPE sysgate_build info\n"));
	ck_assert(has(old, "# TYPE sysgate_calls_total counter\n"));
	ck_assert(has(old, "# TYPE sysgate_build_info gauge\n"));
	ck_assert(!strstr(old, "# UNIT"));
	snapshot_free(s);
}
END_TEST

int main(void)
{
	const struct unit_case cases[] = {
		{ "what is beyond the bound is in \"other\", and nothing is missing", folded },
		{ "no counter falls when the order of calls changes", never_falls },
		{ "buckets are exact to the nanosecond", bounds },
		{ "hostile names stay inside of their quotes", escaped },
		{ "OpenMetrics and the older format differ where they must", formats },
	};
	int status;

	names = syscalls_new(NULL);
	status = unit_main("openmetrics", cases, ARRAY_SIZE(cases));
	syscalls_free(names);
	return status;
}
