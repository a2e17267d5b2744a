// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Budgets and baselines. An input is a budget, "--", and a baseline; a small snapshot is judged by
 * both, and reported in every format.
 */
#include "show.h"

#include <errno.h>
#include <math.h>

#include "budget/baseline.h"
#include "budget/judge.h"
#include "../unit/samples.h"

/* "FILE:LINE:COLUMN: why", with a line and a column that there may be. */
static void check_error(const struct sg_error *e, const char *path, size_t size)
{
	size_t n = strlen(path);
	unsigned int line, column;

	fuzz_must_end(e->text);
	fuzz_must_end(e->hint);
	fuzz_must_be_plain(e->text, strlen(e->text));
	fuzz_must(!strncmp(e->text, path, n) &&
		  sscanf(e->text + n, ":%u:%u: ", &line, &column) == 2);
	fuzz_must(line >= 1 && column >= 1 && line <= size + 1 && column <= size + 2);
}

/* Calls whose names, ABIs, gates, errors and processes are and are not known. */
static struct snapshot *counted(void)
{
	static const struct proc procs[] = { { .uid = (uid_t)-1 },
					     { .tgid = 1, .birth = 1, .comm = "a" },
					     { .tgid = 2, .birth = 2, .comm = "\033[1m<&\"'%#" } };
	struct in_flight f = { .tgid = 1, .tid = 1, .comm = "a", .nr = 1, .abi = 1, .age_ns = 9 };
	struct snapshot *s = snapshot_new();

	fuzz_must(s);
	sample_head(s);
	s->dims = DIM_PROC | DIM_ERRNO;
	for (size_t i = 0; i < ARRAY_SIZE(procs); i++)
		fuzz_must(snapshot_add_proc(s, &procs[i]) == (ssize_t)i);
	for (int i = 0; i < 24; i++) {
		struct cell c = sample_cell(i % SYSGATE_ABIS, i % SYSGATE_GATES, i % 5);

		c.key.proc = (uint32_t)i % 3;
		c.key.err = i % 4 ? 0 : 2;
		for (int k = 0; k < 30; k++)
			sample_time(&c, (uint64_t)(100 + k * i));
		c.errors = c.key.err ? c.count : 0;
		s->conservation.entries += c.count;
		s->conservation.exits += c.count;
		fuzz_must(!snapshot_add_cell(s, &c));
	}
	s->conservation.entries++;
	s->conservation.in_flight++;
	fuzz_must(!snapshot_add_in_flight(s, &f));
	snapshot_sort(s);
	return s;
}

static void write_reports(struct report *r)
{
	for (size_t i = 0; i < report_formats_count; i++) {
		char *text = NULL;
		size_t size;
		FILE *out = open_memstream(&text, &size);

		fuzz_must(out && !report_formats[i]->write(out, r, false) && !fclose(out));
		fuzz_must_be_plain(text, size);
		free(text);
	}
}

static void judge(struct budget *b, const struct baseline *old, bool lossy)
{
	struct snapshot *s = counted();
	struct report r = { .snapshot = s, .names = fuzz_names(), .budget = b->path, .all = true };
	struct baseline *now;
	struct noise noise;
	bool folded;

	s->loss.ring_lost = lossy;
	fuzz_must(!noise_init(&noise, b));
	for (int i = 0; i < 7; i++)
		fuzz_must(!noise_add(&noise, s, &folded) && !folded);
	judge_limits(&r, b, &noise);
	fuzz_must(r.count == b->limits_count);
	/* Nothing that depends on what was lost is kept, unless more would not break it. */
	for (size_t i = 0; lossy && i < r.count; i++)
		fuzz_must(r.results[i].verdict != VERDICT_KEPT || isinf(r.results[i].high));
	fuzz_must(!baseline_of_run(&now, &r, b, &noise));
	if (old) {
		baseline_compare(&r, b, old, now);
		fuzz_must(!baseline_follow(now, old, b, lossy));
	}
	report_close(&r);
	fuzz_must(!r.failed);
	write_reports(&r);
	baseline_free(now);
	report_fini(&r);
	noise_fini(&noise);
	snapshot_free(s);
}

/* What is written of it is the same when it was read. */
static void check_again(const struct baseline *b)
{
	static struct fuzz_file first, second;
	struct baseline *again;
	struct sg_error e = { 0 };
	char one[4096], two[4096];
	ssize_t n, m;

	fuzz_file(&first, (struct fuzz_part){ "", 0 });
	fuzz_file(&second, (struct fuzz_part){ "", 0 });
	fuzz_must(!baseline_write(b, first.path, &e));
	if (baseline_read(&again, first.path, fuzz_names(), &e))
		return;
	fuzz_must(!baseline_write(again, second.path, &e));
	n = pread(first.fd, one, sizeof(one), 0);
	m = pread(second.fd, two, sizeof(two), 0);
	fuzz_must(n == m && !memcmp(one, two, (size_t)n));
	baseline_free(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct fuzz_file file;
	struct fuzz_part rest = { (const char *)data, size }, part = fuzz_part(&rest);
	_cleanup_free_ char *text = fuzz_text(part);
	struct baseline *old = NULL;
	struct budget *b = NULL;
	struct sg_error e = { 0 };
	int ret = budget_parse(&b, "b", text, part.size, fuzz_names(), &e);

	if (ret) {
		fuzz_must(ret == -EINVAL && !b);
		check_error(&e, "b", part.size);
	}
	memset(&e, 0, sizeof(e));
	ret = baseline_read(&old, fuzz_file(&file, rest), fuzz_names(), &e);
	if (ret) {
		fuzz_must(ret == -EINVAL && !old);
		check_error(&e, file.path, rest.size);
	} else {
		check_again(old);
	}
	if (b && (!old || old->by == b->by)) {
		judge(b, old, false);
		judge(b, old, true);
	}
	baseline_free(old);
	budget_free(b);
	return 0;
}
