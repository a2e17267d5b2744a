// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * CSV (RFC 4180, but for the line ends, which are of this system): a header and one line a row,
 * the same fields as in JSON but for the histogram. A field that is not known is empty. Rows that
 * were cut off have no line.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "sink/sink.h"
#include "sink/text.h"

struct csv {
	FILE *out;
	bool header; /* write the fields' names instead of their values */
	bool begun;
};

static void field(struct csv *c, const char *name, const char *value)
{
	const char *text = c->header ? name : value;

	if (c->begun)
		fputc(',', c->out);
	c->begun = true;
	if (!strpbrk(text, ",\"\r\n")) {
		fputs(text, c->out);
		return;
	}
	fputc('"', c->out);
	for (; *text; text++) {
		if (*text == '"')
			fputc('"', c->out);
		fputc(*text, c->out);
	}
	fputc('"', c->out);
}

static void text_field(struct csv *c, const char *name, const char *value)
{
	_cleanup_free_ char *valid = text_utf8(value ? value : "");

	field(c, name, valid ? valid : "");
}

static void number_field(struct csv *c, const char *name, uint64_t n)
{
	char buf[32];

	snprintf(buf, sizeof(buf), "%llu", (unsigned long long)n);
	field(c, name, buf);
}

static void signed_field(struct csv *c, const char *name, long long n, bool known)
{
	char buf[32] = "";

	if (known)
		snprintf(buf, sizeof(buf), "%lld", n);
	field(c, name, buf);
}

/* Empty when no call of the cell was timed. */
static void time_field(struct csv *c, const char *name, uint64_t ns, const struct cell *cell)
{
	signed_field(c, name, (long long)ns, cell->min_ns != UINT64_MAX);
}

static void put_proc(struct csv *c, const struct view *v, const struct proc *p)
{
	static const struct proc none = { .uid = (uid_t)-1 };

	if (!p)
		p = &none;
	if (v->group & GROUP_PROCESS)
		signed_field(c, "pid", p->tgid, true);
	if (v->group & GROUP_TASK)
		signed_field(c, "tid", p->tid, true);
	if (v->group & (GROUP_PROCESS | GROUP_TASK | GROUP_COMM))
		text_field(c, "comm", p->comm);
	if (v->group & GROUP_UID)
		signed_field(c, "uid", p->uid, p->uid != (uid_t)-1);
	if (v->group & GROUP_CGROUP)
		text_field(c, "cgroup", p->cgroup);
}

static void put_key(struct csv *c, const struct view *v, const struct key *k,
		    const struct sink_options *o)
{
	char buf[64];

	if (v->group & (GROUP_CALL | GROUP_ABI))
		field(c, "abi", abi_name(k->abi));
	if (v->group & GROUP_GATE)
		field(c, "gate", gate_name(k->gate));
	if (v->group & GROUP_CALL) {
		signed_field(c, "nr", k->nr, true);
		text_field(c, "name", syscalls_name(o->names, k->abi, k->nr, buf, sizeof(buf)));
	}
	if (v->group & GROUP_ERRNO)
		field(c, "errno", k->err ? sg_errno_name(k->err, buf) : "");
}

/* Empty when calls returned and none of them was timed: what they took is not known. */
static void sum_field(struct csv *c, const char *name, uint64_t ns, const struct cell *cell,
		      bool known)
{
	signed_field(c, name, (long long)ns, known && (cell_timed(cell) || !cell->untimed));
}

static void put_figures(struct csv *c, const struct view *v, const struct cell *cell)
{
	char name[32];

	number_field(c, "errors", cell->errors);
	number_field(c, "restarts", cell->restarts);
	number_field(c, "never_returned", cell->never_returned);
	number_field(c, "untimed", cell->untimed);
	sum_field(c, "total_ns", cell->total_ns, cell, true);
	sum_field(c, "wait_ns", cell->wait_ns, cell, v->snapshot->wait_known);
	time_field(c, "min_ns", cell->min_ns, cell);
	time_field(c, "avg_ns", cell_whole_ns(cell_mean_ns(cell)), cell);
	time_field(c, "deviation_ns", cell_whole_ns(cell_deviation_ns(cell)), cell);
	time_field(c, "p50_ns", cell_quantile_ns(cell, 0.5), cell);
	time_field(c, "p90_ns", cell_quantile_ns(cell, 0.9), cell);
	time_field(c, "p99_ns", cell_quantile_ns(cell, 0.99), cell);
	time_field(c, "max_ns", cell->max_ns, cell);
	field(c, "estimated",
	      cell->min_estimated ? (cell->max_estimated ? "min_ns max_ns" : "min_ns")
				  : (cell->max_estimated ? "max_ns" : ""));
	for (int i = 0; i < SYSGATE_EXITS; i++) {
		snprintf(name, sizeof(name), "exit_%s", exit_name(i));
		number_field(c, name, cell->exits[i]);
	}
}

static void put_row(struct csv *c, const struct view *v, const struct row *r,
		    const struct sink_options *o)
{
	const struct snapshot *s = v->snapshot;

	c->begun = false;
	if (o->mark) {
		number_field(c, "seq", o->mark->seq);
		number_field(c, "merged", o->mark->merged);
	}
	number_field(c, "start_ns", s->start_ns);
	number_field(c, "duration_ns", s->duration_ns);
	put_proc(c, v, r->proc);
	put_key(c, v, &r->cell.key, o);
	if (v->group & GROUP_EXIT)
		field(c, "exit", r->exit == ROW_EXIT_NONE ? "none" : exit_name(r->exit));
	number_field(c, "count", r->cell.count);
	if (!(v->group & GROUP_EXIT))
		put_figures(c, v, &r->cell);
	fputc('\n', c->out);
}

static int csv_write(FILE *out, const struct view *v, const struct sink_options *o)
{
	_cleanup_free_ char *text = NULL;
	size_t size = 0;
	static const struct row none;
	struct csv c = { .out = open_memstream(&text, &size) };
	int ret;

	if (!c.out)
		return -ENOMEM;
	if (o->header) {
		c.header = true;
		put_row(&c, v, &none, o);
		c.header = false;
	}
	for (size_t i = 0; i < v->rows_count; i++)
		put_row(&c, v, v->rows[i], o);
	ret = ferror(c.out) ? -ENOMEM : 0;
	if (fclose(c.out))
		ret = -ENOMEM;
	return ret ? ret : text_write(out, text, size);
}

const struct sink sink_csv = {
	.name = "csv",
	.help = "one line a row, for spreadsheets and databases",
	.write = csv_write,
};
