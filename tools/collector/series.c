// SPDX-License-Identifier: GPL-2.0-or-later
#include "collector/series.h"

#include <errno.h>
#include <stdio.h>

#include "collector/pack.h"
#include "stats/view.h"

/* Rows that are so near to each other follow each other. */
#define GAP_NS 1000000000ULL

struct series {
	struct recording *recording;
	uint64_t least_ns;
	series_fn fn;
	void *data;
	struct tally tally; /* of the period that is begun */
	bool begun;
	int64_t run;
	size_t runs;
	uint64_t start_ns, end_ns, duration_ns;
	size_t periods;
};

static int end_period(struct series *s, struct sg_error *e)
{
	struct snapshot *sum;
	char note[64];
	int ret;

	if (!s->begun)
		return 0;
	s->begun = false;
	s->periods++;
	sum = tally_take(&s->tally);
	tally_fini(&s->tally);
	if (!sum)
		return sg_fail_errno(e, ENOMEM, "recording");
	sum->start_ns = s->start_ns;
	sum->duration_ns = s->duration_ns;
	ret = recording_name_run(s->recording, s->run, sum, e);
	if (s->runs > 1) {
		snprintf(note, sizeof(note), "of %zu runs, the last of which is named", s->runs);
		snapshot_note(sum, note);
	}
	if (!ret)
		ret = s->fn(sum, s->data, e);
	snapshot_free(sum);
	return ret;
}

static bool goes_on(const struct series *s, const struct recording_row *row)
{
	if (s->least_ns == SERIES_WHOLE)
		return true;
	return s->duration_ns < s->least_ns && row->run == s->run &&
	       row->start_ns + GAP_NS >= s->end_ns && row->start_ns <= s->end_ns + GAP_NS;
}

static int begin_period(struct series *s, const struct recording_row *row, struct sg_error *e)
{
	if (tally_init(&s->tally))
		return sg_fail_errno(e, ENOMEM, "recording");
	s->begun = true;
	s->start_ns = row->start_ns;
	s->duration_ns = 0;
	s->run = row->run;
	s->runs = 1;
	return 0;
}

static int add_row(const struct recording_row *row, void *data, struct sg_error *e)
{
	struct series *s = data;
	struct sg_error why = { 0 };
	bool new_run;
	int ret = 0;

	if (s->begun && !goes_on(s, row))
		ret = end_period(s, e);
	if (!ret && !s->begun)
		ret = begin_period(s, row, e);
	if (ret)
		return ret;
	new_run = row->run != s->run;
	s->runs += new_run;
	s->run = row->run;
	s->end_ns = row->start_ns + row->duration_ns;
	s->duration_ns += row->duration_ns;
	ret = tally_add(&s->tally, row->data, row->size, new_run, &why);
	if (ret)
		sg_fail(e, -ret, "'%.200s': row %lld: %.200s", recording_path(s->recording),
			(long long)row->id, why.text);
	return ret;
}

int series_each(struct recording *r, const struct recording_range *range, uint64_t least_ns,
		series_fn fn, void *data, struct sg_error *e)
{
	struct series s = { .recording = r, .least_ns = least_ns, .fn = fn, .data = data };
	int ret = recording_each(r, range, add_row, &s, e);

	if (!ret)
		ret = end_period(&s, e);
	else if (s.begun)
		tally_fini(&s.tally);
	if (!ret && !s.periods)
		ret = sg_fail(e, ENODATA, "'%.200s': nothing was recorded in that time",
			      recording_path(r));
	return ret;
}

int series_check_group(struct recording *r, const struct snapshot *s, unsigned int group,
		       struct sg_error *e)
{
	uint32_t missing = s->cells_count ? group_dims(group) & ~s->dims : 0;
	const char *by = missing & DIM_TASK ? "task" : missing & DIM_PROC ? "process" : "errno";

	if (!missing)
		return 0;
	sg_fail(e, EINVAL, "'%.200s' is not split by %s", recording_path(r), by);
	sg_hint(e, "record it with -b call,gate,abi,%s", by);
	return -EINVAL;
}
