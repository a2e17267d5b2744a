// SPDX-License-Identifier: GPL-2.0-or-later
#include "collector/feed.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sink/json.h"

/* What tells whose a row is. */
#define GROUP_WHOSE (GROUP_PROCESS | GROUP_TASK | GROUP_COMM | GROUP_CGROUP | GROUP_UID)

int feed_take(struct feed *f, const struct snapshot *now, const struct snapshot *delta)
{
	struct snapshot *copy = snapshot_copy(delta);

	if (!copy)
		return -ENOMEM;
	snapshot_free(f->delta);
	f->delta = copy;
	f->now = now;
	f->number++;
	return 0;
}

typedef int (*write_fn)(FILE *out, const struct view *v, const struct sink_options *o);

static int write_view(struct feed *f, FILE *out, const struct snapshot *s, write_fn write,
		      struct view_options view, const struct openmetrics_options *metrics)
{
	const struct sink_options o = { .names = f->names, .openmetrics = metrics };
	struct view *v = view_new(s, &view);
	int ret;

	if (!v)
		return -ENOMEM;
	ret = write(out, v, &o);
	view_free(v);
	return ret;
}

static int write_metrics(struct feed *f, const struct snapshot *s, FILE *out, bool text, bool full,
			 struct view_options view)
{
	struct openmetrics_options metrics = { .max_series = f->max_series, .text = text };
	int ret;

	if (!f->shown[full])
		f->shown[full] = openmetrics_shown_new();
	metrics.shown = f->shown[full];
	view.group |= sink_openmetrics.group;
	view.rows = 0;
	view.sort = SORT_COUNT; /* these are shown first */
	ret = metrics.shown ? write_view(f, out, s, openmetrics_write, view, &metrics) : -ENOMEM;
	if (!ret && f->own)
		f->own(out, text, f->own_data);
	if (!ret && !text)
		fputs("# EOF\n", out);
	return ret;
}

static int write_what(struct feed *f, enum feed_what what, const struct snapshot *s, bool full,
		      FILE *out)
{
	struct view_options view = f->view;

	if (!full)
		view.group &= ~(unsigned int)GROUP_WHOSE;
	if (!view.group)
		view.group = GROUP_DEFAULT;
	switch (what) {
	case FEED_METRICS:
	case FEED_METRICS_TEXT:
		return write_metrics(f, s, out, what == FEED_METRICS_TEXT, full, view);
	case FEED_IN_FLIGHT:
		return write_view(f, out, s, json_write_in_flight, view, NULL);
	case FEED_PLAN:
		fprintf(out, "%s\n", f->plan);
		return 0;
	case FEED_EVENT:
		/* JSON has its line's end, and an empty line ends the event. */
		fprintf(out, "id: %llu\ndata: ", (unsigned long long)f->number);
		view.rows = 0;
		if (write_view(f, out, s, sink_json.write, view, NULL))
			return -ENOMEM;
		fputc('\n', out);
		return 0;
	default:
		return write_view(f, out, s, sink_json.write, view, NULL);
	}
}

/* The calls in flight that may be told, as they may be; heap, NULL: no memory. */
static struct in_flight *tell(const struct feed *f, const struct snapshot *s, bool full,
			      size_t *count)
{
	struct in_flight *list = calloc(s->in_flight_count + 1, sizeof(*list));

	*count = 0;
	for (size_t i = 0; list && i < s->in_flight_count; i++) {
		struct in_flight *to = &list[*count];

		if (f->hidden && s->in_flight[i].tgid == f->hidden)
			continue;
		*to = s->in_flight[i];
		++*count;
		if (full)
			continue;
		to->tgid = to->tid = 0;
		memset(to->comm, 0, sizeof(to->comm));
	}
	return list;
}

int feed_render(struct feed *f, enum feed_what what, bool full, char **text, size_t *size)
{
	struct snapshot s = what == FEED_DELTA || what == FEED_EVENT ? *f->delta : *f->now;
	size_t count = 0;
	struct in_flight *list = tell(f, &s, full, &count);
	FILE *out = list ? open_memstream(text, size) : NULL;
	int ret = -ENOMEM;

	s.in_flight = list;
	s.in_flight_count = count;
	if (out)
		ret = write_what(f, what, &s, full, out);
	free(list);
	if (out && fclose(out))
		ret = ret ?: -ENOMEM;
	if (!ret || !out)
		return ret;
	free(*text);
	*text = NULL;
	return ret;
}

void feed_fini(struct feed *f)
{
	openmetrics_shown_free(f->shown[false]);
	openmetrics_shown_free(f->shown[true]);
	snapshot_free(f->delta);
}
