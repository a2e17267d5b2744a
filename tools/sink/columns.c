// SPDX-License-Identifier: GPL-2.0-or-later
#include "sink/columns.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "sink/text.h"

static char *printed(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

static char *printed(const char *fmt, ...)
{
	va_list ap;
	char *text;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&text, fmt, ap);
	va_end(ap);
	return n < 0 ? NULL : text;
}

/* The text columns: what a row stands for. */

static bool asked(const struct columns *c, unsigned int bits)
{
	return c->view->group & bits;
}

static bool shows_pid(const struct columns *c)
{
	return asked(c, GROUP_PROCESS);
}

static bool shows_tid(const struct columns *c)
{
	return asked(c, GROUP_TASK);
}

static bool shows_comm(const struct columns *c)
{
	return asked(c, GROUP_PROCESS | GROUP_TASK | GROUP_COMM);
}

static bool shows_uid(const struct columns *c)
{
	return asked(c, GROUP_UID);
}

static bool shows_cgroup(const struct columns *c)
{
	return asked(c, GROUP_CGROUP);
}

static bool shows_call(const struct columns *c)
{
	return asked(c, GROUP_CALL);
}

/* A number means nothing without its table, but one table need not be named on every line. */
static bool shows_abi(const struct columns *c)
{
	const struct view *v = c->view;

	if (!asked(c, GROUP_CALL | GROUP_ABI))
		return false;
	for (size_t i = 1; i < v->rows_count; i++) {
		if (v->rows[i]->cell.key.abi != v->rows[0]->cell.key.abi)
			return true;
	}
	return asked(c, GROUP_ABI) && v->group != GROUP_DEFAULT;
}

static bool shows_gate(const struct columns *c)
{
	return asked(c, GROUP_GATE) &&
	       (c->view->snapshot->gate_known || c->view->group != GROUP_DEFAULT);
}

static bool shows_exit(const struct columns *c)
{
	return asked(c, GROUP_EXIT);
}

static bool shows_errno(const struct columns *c)
{
	return asked(c, GROUP_ERRNO);
}

static char *pid(const struct columns *c, const struct row *r, const struct cell *cell)
{
	(void)c, (void)cell;
	return r ? printed("%d", (int)r->proc->tgid) : strdup("");
}

static char *tid(const struct columns *c, const struct row *r, const struct cell *cell)
{
	(void)c, (void)cell;
	return r ? printed("%d", (int)r->proc->tid) : strdup("");
}

static char *comm(const struct columns *c, const struct row *r, const struct cell *cell)
{
	(void)c, (void)cell;
	return text_escape(!r ? "" : r->proc->comm[0] ? r->proc->comm : "-");
}

static char *uid(const struct columns *c, const struct row *r, const struct cell *cell)
{
	(void)c, (void)cell;
	if (!r || r->proc->uid == (uid_t)-1)
		return strdup(r ? "-" : "");
	return printed("%u", r->proc->uid);
}

static char *cgroup(const struct columns *c, const struct row *r, const struct cell *cell)
{
	(void)c, (void)cell;
	return text_escape(!r ? "" : r->proc->cgroup ? r->proc->cgroup : "-");
}

static char *call(const struct columns *c, const struct row *r, const struct cell *cell)
{
	char buf[64];

	if (!r)
		return strdup("");
	return text_escape(syscalls_name(c->names, cell->key.abi, cell->key.nr, buf, sizeof(buf)));
}

static char *abi(const struct columns *c, const struct row *r, const struct cell *cell)
{
	(void)c;
	return strdup(r ? abi_name(cell->key.abi) : "");
}

static char *gate(const struct columns *c, const struct row *r, const struct cell *cell)
{
	(void)c;
	return strdup(r ? gate_name(cell->key.gate) : "");
}

static char *exit_kind(const struct columns *c, const struct row *r, const struct cell *cell)
{
	(void)c, (void)cell;
	if (!r)
		return strdup("");
	return strdup(r->exit == ROW_EXIT_NONE ? "none" : exit_name(r->exit));
}

static char *error(const struct columns *c, const struct row *r, const struct cell *cell)
{
	char buf[16];

	(void)c;
	if (!r || !cell->key.err)
		return strdup(r ? "-" : "");
	return strdup(sg_errno_name(cell->key.err, buf));
}

/* The figures: what was measured. */

static bool always(const struct columns *c)
{
	(void)c;
	return true;
}

/* A cell is split by exit kind in its count alone. */
static bool shows_measures(const struct columns *c)
{
	return !asked(c, GROUP_EXIT);
}

/* Times where there are any, or may be once something is counted. */
static bool shows_times(const struct columns *c)
{
	const struct cell *all = &c->view->total;

	return shows_measures(c) && (cell_timed(all) || !all->untimed);
}

static bool shows_wait(const struct columns *c)
{
	return shows_times(c) && c->view->snapshot->wait_known;
}

static bool shows_restarts(const struct columns *c)
{
	return shows_measures(c) && c->view->total.restarts;
}

static char *number(uint64_t n)
{
	char buf[32];

	return strdup(format_count(buf, sizeof(buf), n));
}

static char *count(const struct columns *c, const struct row *r, const struct cell *cell)
{
	(void)c, (void)r;
	return number(cell->count);
}

static char *errors(const struct columns *c, const struct row *r, const struct cell *cell)
{
	(void)c, (void)r;
	return number(cell->errors);
}

static char *restarts(const struct columns *c, const struct row *r, const struct cell *cell)
{
	(void)c, (void)r;
	return number(cell->restarts);
}

/* A time, "-" where no call's time is known. */
static char *duration(const struct cell *cell, double ns, bool estimated)
{
	char buf[32];

	if (!cell_timed(cell))
		return strdup("-");
	return printed("%s%s", estimated ? "~" : "",
		       format_time(buf, sizeof(buf), cell_whole_ns(ns)));
}

static char *total(const struct columns *c, const struct row *r, const struct cell *cell)
{
	(void)c, (void)r;
	return duration(cell, (double)cell->total_ns, false);
}

/* "-" where it is a part of nothing. */
static char *percent(uint64_t part, uint64_t all, const struct cell *cell)
{
	if (!all || !cell_timed(cell))
		return strdup("-");
	return printed("%.1f", 100.0 * (double)part / (double)all);
}

static char *share(const struct columns *c, const struct row *r, const struct cell *cell)
{
	(void)r;
	return percent(cell->total_ns, c->view->total.total_ns, cell);
}

static char *waiting(const struct columns *c, const struct row *r, const struct cell *cell)
{
	(void)c, (void)r;
	return duration(cell, (double)cell->wait_ns, false);
}

static char *waiting_share(const struct columns *c, const struct row *r, const struct cell *cell)
{
	(void)c, (void)r;
	return percent(cell->wait_ns, cell->total_ns, cell);
}

static char *minimum(const struct columns *c, const struct row *r, const struct cell *cell)
{
	(void)c, (void)r;
	return duration(cell, (double)cell->min_ns, cell->min_estimated);
}

static char *average(const struct columns *c, const struct row *r, const struct cell *cell)
{
	(void)c, (void)r;
	return duration(cell, cell_mean_ns(cell), false);
}

static char *deviation(const struct columns *c, const struct row *r, const struct cell *cell)
{
	(void)c, (void)r;
	return duration(cell, cell_deviation_ns(cell), false);
}

static char *p50(const struct columns *c, const struct row *r, const struct cell *cell)
{
	(void)c, (void)r;
	return duration(cell, (double)cell_quantile_ns(cell, 0.5), false);
}

static char *p90(const struct columns *c, const struct row *r, const struct cell *cell)
{
	(void)c, (void)r;
	return duration(cell, (double)cell_quantile_ns(cell, 0.9), false);
}

static char *p99(const struct columns *c, const struct row *r, const struct cell *cell)
{
	(void)c, (void)r;
	return duration(cell, (double)cell_quantile_ns(cell, 0.99), false);
}

static char *maximum(const struct columns *c, const struct row *r, const struct cell *cell)
{
	(void)c, (void)r;
	return duration(cell, (double)cell->max_ns, cell->max_estimated);
}

static const struct column columns[] = {
	{ { "PID", true, GRID_KEY + 4 }, shows_pid, pid },
	{ { "TID", true, GRID_KEY + 7 }, shows_tid, tid },
	{ { "COMM", true, GRID_STAYS }, shows_comm, comm },
	{ { "UID", true, GRID_KEY + 2 }, shows_uid, uid },
	{ { "CGROUP", true, GRID_KEY + 6 }, shows_cgroup, cgroup },
	{ { "CALL", true, GRID_STAYS }, shows_call, call },
	{ { "ABI", true, GRID_KEY + 0 }, shows_abi, abi },
	{ { "GATE", true, GRID_KEY + 1 }, shows_gate, gate },
	{ { "EXIT", true, GRID_KEY + 5 }, shows_exit, exit_kind },
	{ { "ERRNO", true, GRID_KEY + 3 }, shows_errno, error },
	{ { "COUNT", false, GRID_STAYS }, always, count },
	{ { "ERRORS", false, GRID_FIGURE + 1 }, shows_measures, errors },
	{ { "RESTARTS", false, GRID_DETAIL + 1 }, shows_restarts, restarts },
	{ { "TOTAL", false, GRID_FIGURE + 2 }, shows_times, total },
	{ { "%TIME", false, GRID_DETAIL + 6 }, shows_times, share },
	{ { "WAIT", false, GRID_FIGURE + 4 }, shows_wait, waiting },
	{ { "%WAIT", false, GRID_DETAIL + 7 }, shows_wait, waiting_share },
	{ { "MIN", false, GRID_DETAIL + 2 }, shows_times, minimum },
	{ { "AVG", false, GRID_FIGURE + 3 }, shows_times, average },
	{ { "DEV", false, GRID_DETAIL + 0 }, shows_times, deviation },
	{ { "P50", false, GRID_DETAIL + 3 }, shows_times, p50 },
	{ { "P90", false, GRID_DETAIL + 4 }, shows_times, p90 },
	{ { "P99", false, GRID_FIGURE + 0 }, shows_times, p99 },
	{ { "MAX", false, GRID_DETAIL + 5 }, shows_times, maximum },
};

_Static_assert(ARRAY_SIZE(columns) <= COLUMNS_MAX, "struct columns has room for all of them");

static bool is_estimated(const struct cell *c)
{
	return cell_timed(c) && (c->min_estimated || c->max_estimated);
}

void columns_choose(struct columns *c, const struct view *v, const struct syscalls *names)
{
	*c = (struct columns){ .view = v, .names = names };
	for (size_t i = 0; i < ARRAY_SIZE(columns); i++) {
		if (columns[i].shown(c))
			c->list[c->count++] = &columns[i];
	}
	if (!shows_measures(c))
		return;
	c->estimated = is_estimated(&v->total) || is_estimated(&v->others);
	for (size_t i = 0; i < v->rows_count; i++)
		c->estimated |= is_estimated(&v->rows[i]->cell);
}
