// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * OpenMetrics 1.0, and the older text format: what a Prometheus reads. A family is a row of a table
 * at the end of this file. Rows that differ only by errno make one series, but for the errors.
 */
#include "sink/openmetrics.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "sink/series.h"
#include "sink/text.h"

/*
 * Each octave from 2^8 ns (256 ns) to 2^34 (17 s) ends a bucket. "le" includes its bound and our
 * buckets do not, so the bound is the last whole nanosecond before: the counts are exact.
 */
#define LE_FIRST_BIT 8
#define LE_LAST_BIT  34

struct metrics {
	FILE *out;
	const struct view *view;
	bool text;
	struct series_set set;
};

/* ---- writing ---- */

static const char *suffix(const struct openmetrics_family *f)
{
	return f->type == METRIC_COUNTER ? "_total" : f->type == METRIC_INFO ? "_info" : "";
}

void openmetrics_head(FILE *out, bool text, const struct openmetrics_family *f)
{
	static const char *const types[] = { "counter", "gauge", "info", "histogram" };
	/* The older format knows no information, and has the sample's name in the head. */
	const char *type = text && f->type == METRIC_INFO ? "gauge" : types[f->type];
	const char *end = text ? suffix(f) : "";

	fprintf(out, "# HELP %s%s %s\n# TYPE %s%s %s\n", f->name, end, f->help, f->name, end, type);
	if (f->unit && !text)
		fprintf(out, "# UNIT %s %s\n", f->name, f->unit);
}

static void sample(FILE *out, const struct openmetrics_family *f, const char *labels)
{
	if (*labels)
		fprintf(out, "%s%s{%s} ", f->name, suffix(f), labels);
	else
		fprintf(out, "%s%s ", f->name, suffix(f));
}

void openmetrics_count(FILE *out, const struct openmetrics_family *f, const char *labels,
		       uint64_t n)
{
	sample(out, f, labels);
	fprintf(out, "%llu\n", (unsigned long long)n);
}

static void put_ns(FILE *out, uint64_t ns)
{
	fprintf(out, "%llu.%09llu", (unsigned long long)ns / 1000000000,
		(unsigned long long)ns % 1000000000);
}

void openmetrics_seconds(FILE *out, const struct openmetrics_family *f, const char *labels,
			 uint64_t ns)
{
	sample(out, f, labels);
	put_ns(out, ns);
	fputc('\n', out);
}

static void put_histogram(const struct metrics *m, const struct openmetrics_family *f,
			  const struct series *s)
{
	const char *comma = *s->labels ? "," : "";
	unsigned int i = 0;
	uint64_t sum = 0;

	for (unsigned int bit = LE_FIRST_BIT; bit <= LE_LAST_BIT; bit++) {
		for (; sysgate_hist_low(i) < 1ULL << bit; i++)
			sum += s->cell.hist[i];
		fprintf(m->out, "%s_bucket{%s%sle=\"", f->name, s->labels, comma);
		put_ns(m->out, (1ULL << bit) - 1);
		fprintf(m->out, "\"} %llu\n", (unsigned long long)sum);
	}
	fprintf(m->out, "%s_bucket{%s%sle=\"+Inf\"} %llu\n", f->name, s->labels, comma,
		(unsigned long long)cell_timed(&s->cell));
	fprintf(m->out, "%s_sum{%s} ", f->name, s->labels);
	put_ns(m->out, s->cell.total_ns);
	fprintf(m->out, "\n%s_count{%s} %llu\n", f->name, s->labels,
		(unsigned long long)cell_timed(&s->cell));
}

/* ---- the families ---- */

/* What a family is of. Of calls: each series' figure; of the whole: one. */
struct family {
	struct openmetrics_family head;
	bool (*known)(const struct metrics *m);				  /* NULL: always */
	bool (*put_call)(const struct metrics *m, const struct family *f, /* false: none */
			 const struct series *s);
	void (*put)(const struct metrics *m, const struct family *f);
	size_t offset; /* in the cell or the conservation */
};

static bool times_known(const struct metrics *m)
{
	return !(m->view->group & GROUP_EXIT);
}

static bool in_flight_known(const struct metrics *m)
{
	return series_in_flight(m->view);
}

static bool wait_known(const struct metrics *m)
{
	return m->view->snapshot->wait_known && times_known(m);
}

static bool exit_known(const struct metrics *m)
{
	return m->view->snapshot->exit_known && times_known(m);
}

static bool cost_known(const struct metrics *m)
{
	return m->view->snapshot->per_call_ns >= 0;
}

static bool latency_known(const struct metrics *m)
{
	return m->view->snapshot->inside_latency_ns >= 0;
}

static uint64_t figure(const void *base, const struct family *f)
{
	uint64_t n;

	memcpy(&n, (const char *)base + f->offset, sizeof(n));
	return n;
}

/* The rest of a family of calls in flight, and the other way round: no count, no line. */
static bool put_counted(const struct metrics *m, const struct family *f, const struct series *s)
{
	if (s->cell.count)
		openmetrics_count(m->out, &f->head, s->labels, figure(&s->cell, f));
	return s->cell.count;
}

/* Of what most calls have none of. */
static bool put_rare(const struct metrics *m, const struct family *f, const struct series *s)
{
	return figure(&s->cell, f) && put_counted(m, f, s);
}

static bool put_wait(const struct metrics *m, const struct family *f, const struct series *s)
{
	if (s->cell.count)
		openmetrics_seconds(m->out, &f->head, s->labels, s->cell.wait_ns);
	return s->cell.count;
}

static bool put_times(const struct metrics *m, const struct family *f, const struct series *s)
{
	if (cell_timed(&s->cell))
		put_histogram(m, &f->head, s);
	return cell_timed(&s->cell);
}

static bool put_exits(const struct metrics *m, const struct family *f, const struct series *s)
{
	for (int i = 0; i < SYSGATE_EXITS; i++) {
		_cleanup_free_ char *labels = NULL;

		if (s->cell.exits[i] && asprintf(&labels, "%s%sexit=\"%s\"", s->labels,
						 *s->labels ? "," : "", exit_name(i)) >= 0)
			openmetrics_count(m->out, &f->head, labels, s->cell.exits[i]);
	}
	return true;
}

static bool put_in_flight(const struct metrics *m, const struct family *f, const struct series *s)
{
	if (s->in_flight)
		openmetrics_count(m->out, &f->head, s->labels, s->in_flight);
	return s->in_flight;
}

static bool put_oldest(const struct metrics *m, const struct family *f, const struct series *s)
{
	if (s->in_flight)
		openmetrics_seconds(m->out, &f->head, s->labels, s->oldest_ns);
	return s->in_flight;
}

static void put_errors(const struct metrics *m, const struct family *f)
{
	for (size_t i = 0; i < m->set.errors.count; i++)
		openmetrics_count(m->out, &f->head, m->set.errors.items[i]->labels,
				  m->set.errors.items[i]->cell.errors);
}

static void put_conservation(const struct metrics *m, const struct family *f)
{
	openmetrics_count(m->out, &f->head, "", figure(&m->view->snapshot->conservation, f));
}

static void put_holds(const struct metrics *m, const struct family *f)
{
	openmetrics_count(m->out, &f->head, "", snapshot_conserved(m->view->snapshot));
}

static void put_losses(const struct metrics *m, const struct family *f)
{
	for (size_t i = 0; i < loss_names_count; i++) {
		char labels[64];

		snprintf(labels, sizeof(labels), "kind=\"%s\"", loss_names[i].name);
		openmetrics_count(m->out, &f->head, labels,
				  snapshot_loss(m->view->snapshot, &loss_names[i]));
	}
}

static void put_cost(const struct metrics *m, const struct family *f)
{
	openmetrics_seconds(m->out, &f->head, "", cell_whole_ns(m->view->snapshot->per_call_ns));
}

static void put_latency(const struct metrics *m, const struct family *f)
{
	openmetrics_seconds(m->out, &f->head, "",
			    cell_whole_ns(m->view->snapshot->inside_latency_ns));
}

static void put_folded(const struct metrics *m, const struct family *f)
{
	openmetrics_count(m->out, &f->head, "", m->set.folded);
}

static void put_start(const struct metrics *m, const struct family *f)
{
	openmetrics_seconds(m->out, &f->head, "", m->view->snapshot->start_ns);
}

static void put_duration(const struct metrics *m, const struct family *f)
{
	openmetrics_seconds(m->out, &f->head, "", m->view->snapshot->duration_ns);
}

static void put_build(const struct metrics *m, const struct family *f)
{
	openmetrics_count(m->out, &f->head, "version=\"" SYSGATE_VERSION "\"", 1);
}

static void put_engine(const struct metrics *m, const struct family *f)
{
	const struct snapshot *s = m->view->snapshot;
	char *text = NULL;
	size_t size;
	FILE *labels = open_memstream(&text, &size);

	if (!labels)
		return;
	series_label(labels, "engine", s->engine);
	series_label(labels, "attach", s->attach);
	series_label(labels, "kernel", s->kernel);
	series_label(labels, "machine", s->machine);
	if (!fclose(labels))
		openmetrics_count(m->out, &f->head, text, 1);
	free(text);
}

#define OF_CELL(member)	 .offset = offsetof(struct cell, member)
#define OF_WHOLE(member) .offset = offsetof(struct conservation, member), .put = put_conservation

static const struct family families[] = {
	{ { "sysgate_build", METRIC_INFO, NULL, "Which sysgate this is." }, .put = put_build },
	{ { "sysgate_engine", METRIC_INFO, NULL, "With what it counts, and where." },
	  .put = put_engine },
	{ { "sysgate_attach_timestamp_seconds", METRIC_GAUGE, "seconds",
	    "When it began to count, since the epoch." },
	  .put = put_start },
	{ { "sysgate_measured_seconds", METRIC_GAUGE, "seconds",
	    "For how long it has counted until these figures were taken." },
	  .put = put_duration },
	{ { "sysgate_calls", METRIC_COUNTER, NULL, "System calls that ended." },
	  .put_call = put_counted,
	  OF_CELL(count) },
	{ { "sysgate_call_errors", METRIC_COUNTER, NULL,
	    "System calls that returned an error, by its errno." },
	  .known = times_known,
	  .put = put_errors },
	{ { "sysgate_call_restarts", METRIC_COUNTER, NULL,
	    "System calls that were interrupted, to be entered again." },
	  .known = times_known,
	  .put_call = put_rare,
	  OF_CELL(restarts) },
	{ { "sysgate_call_never_returned", METRIC_COUNTER, NULL,
	    "System calls that their task died in, exit among them." },
	  .known = times_known,
	  .put_call = put_rare,
	  OF_CELL(never_returned) },
	{ { "sysgate_call_untimed", METRIC_COUNTER, NULL,
	    "System calls that returned and that nobody timed." },
	  .known = times_known,
	  .put_call = put_rare,
	  OF_CELL(untimed) },
	{ { "sysgate_call_exits", METRIC_COUNTER, NULL,
	    "System calls by the way back to the program." },
	  .known = exit_known,
	  .put_call = put_exits },
	{ { "sysgate_call_wait_seconds", METRIC_COUNTER, "seconds",
	    "The part of the calls' time that was spent off the CPU." },
	  .known = wait_known,
	  .put_call = put_wait },
	{ { "sysgate_call_duration_seconds", METRIC_HISTOGRAM, "seconds",
	    "How long system calls took." },
	  .known = times_known,
	  .put_call = put_times },
	{ { "sysgate_in_flight_calls", METRIC_GAUGE, NULL,
	    "System calls that were entered and not left." },
	  .known = in_flight_known,
	  .put_call = put_in_flight },
	{ { "sysgate_in_flight_oldest_seconds", METRIC_GAUGE, "seconds",
	    "For how long the oldest of them is in the call, at least." },
	  .known = in_flight_known,
	  .put_call = put_oldest },
	{ { "sysgate_entries", METRIC_COUNTER, NULL, "Entries into system calls." },
	  OF_WHOLE(entries) },
	{ { "sysgate_exits", METRIC_COUNTER, NULL, "Exits of those entries." }, OF_WHOLE(exits) },
	{ { "sysgate_never_returned", METRIC_COUNTER, NULL, "Entries that no exit follows." },
	  OF_WHOLE(never_returned) },
	{ { "sysgate_lost", METRIC_COUNTER, NULL,
	    "Entries whose exit was lost or cannot be trusted." },
	  OF_WHOLE(lost) },
	{ { "sysgate_conserved", METRIC_GAUGE, NULL,
	    "1 when entries are exits, in flight, never returned and lost, to the last call." },
	  .put = put_holds },
	{ { "sysgate_losses", METRIC_COUNTER, NULL, "What was lost, by the way of losing it." },
	  .put = put_losses },
	{ { "sysgate_probe_call_seconds", METRIC_GAUGE, "seconds",
	    "What the probes add to each call." },
	  .known = cost_known,
	  .put = put_cost },
	{ { "sysgate_probe_latency_seconds", METRIC_GAUGE, "seconds",
	    "What of the probes' cost is inside of the times shown." },
	  .known = latency_known,
	  .put = put_latency },
	{ { "sysgate_series_folded", METRIC_GAUGE, NULL,
	    "Label sets that were folded into \"other\" for want of room." },
	  .put = put_folded },
};

/* A head without a sample says nothing: a family of calls is written aside first. */
static int put_calls(const struct metrics *m, const struct family *f)
{
	struct metrics aside = *m;
	_cleanup_free_ char *text = NULL;
	size_t size = 0;
	bool any = false;

	aside.out = open_memstream(&text, &size);
	if (!aside.out)
		return -ENOMEM;
	for (size_t i = 0; i < m->set.calls.count; i++)
		any |= f->put_call(&aside, f, m->set.calls.items[i]);
	if (fclose(aside.out))
		return -ENOMEM;
	if (!any)
		return 0;
	openmetrics_head(m->out, m->text, &f->head);
	fwrite(text, 1, size, m->out);
	return 0;
}

static int put_family(const struct metrics *m, const struct family *f)
{
	if (f->known && !f->known(m))
		return 0;
	if (f->put_call)
		return put_calls(m, f);
	openmetrics_head(m->out, m->text, &f->head);
	f->put(m, f);
	return 0;
}

int openmetrics_write(FILE *out, const struct view *v, const struct sink_options *o)
{
	const struct openmetrics_options *own = o->openmetrics;
	struct openmetrics_shown *once = own && own->shown ? NULL : openmetrics_shown_new();
	struct metrics m = { .out = out, .view = v, .text = own && own->text };
	int ret;

	m.set = (struct series_set){ .view = v,
				     .names = o->names,
				     .max = own && own->max_series ? own->max_series : SIZE_MAX,
				     .shown = once  ? once
					      : own ? own->shown
						    : NULL };
	ret = m.set.shown ? series_collect(&m.set) : -ENOMEM;
	for (size_t i = 0; i < ARRAY_SIZE(families) && !ret; i++)
		ret = put_family(&m, &families[i]);
	series_release(&m.set);
	openmetrics_shown_free(once);
	return ret;
}

static int write_whole(FILE *out, const struct view *v, const struct sink_options *o)
{
	_cleanup_free_ char *text = NULL;
	size_t size = 0;
	FILE *f = open_memstream(&text, &size);
	int ret;

	if (!f)
		return -ENOMEM;
	ret = openmetrics_write(f, v, o);
	fputs("# EOF\n", f);
	if (fclose(f) && !ret)
		ret = -ENOMEM;
	return ret ? ret : text_write(out, text, size);
}

const struct sink sink_openmetrics = {
	.name = "openmetrics",
	.help = "what a Prometheus reads: counters, histograms",
	.group = GROUP_ERRNO,
	.cumulative = true,
	.write = write_whole,
};
