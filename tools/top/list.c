// SPDX-License-Identifier: GPL-2.0-or-later
/* The rows of what is shown: of calls, processes, results, sites, gates, calls in flight. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "top/internal.h"

enum list_kind list_kind(const struct top *t)
{
	static const enum list_kind of_panes[] = {
		[PANE_GATES] = LIST_GATES,
		[PANE_IN_FLIGHT] = LIST_FLIGHTS,
		[PANE_LOSSES] = LIST_LOSSES,
	};

	return t->pane == PANE_CALLS ? (enum list_kind)(LIST_CALLS + t->level) : of_panes[t->pane];
}

void list_fini(struct top *t)
{
	for (size_t i = 0; i < t->rows_count; i++)
		free(t->rows[i].text);
	free(t->rows);
	t->rows = NULL;
	t->rows_count = 0;
	view_free(t->view);
	t->view = NULL;
	sites_view_fini(&t->sites);
}

/* ---- what is shown ---- */

/* All since the start, as one; what is not summed up is the newest interval's. */
static int load_sums(struct top *t, struct snapshot *s)
{
	const struct cells *cells = &t->sums.cells;

	for (size_t i = 0; i < s->cells_count; i++)
		free(s->cells[i]);
	free(s->cells);
	s->cells = NULL;
	s->cells_count = 0;
	s->dims = 0;
	s->conservation = t->sums.conservation;
	s->loss = t->sums.loss;
	s->start_ns = t->sums.start_ns;
	s->duration_ns = t->sums.duration_ns;
	for (size_t i = 0; i <= cells->mask; i++)
		if (cells->slots[i] && snapshot_add_cell(s, cells->slots[i]))
			return -ENOMEM;
	snapshot_sort(s);
	return 0;
}

static int load(struct top *t)
{
	uint64_t end = history_end(t->history);
	struct snapshot *s = NULL;
	struct sg_error e = { 0 };
	int ret;

	if (!end)
		return 0;
	ret = history_get(t->history, t->since ? end - 1 : t->at, &s, &e);
	/* What is shown stays, also when it is not kept any more. */
	if (ret == -ENOENT)
		return 0;
	if (!ret && t->since)
		ret = load_sums(t, s);
	if (ret) {
		snapshot_free(s);
		return -ENOMEM;
	}
	list_fini(t);
	snapshot_free(t->shown);
	t->shown = s;
	t->stale = true;
	return 0;
}

uint64_t shown_ns(const struct top *t)
{
	return t->shown && t->shown->duration_ns ? t->shown->duration_ns : 1;
}

/* ---- rows ---- */

static struct list_row *add_row(struct top *t)
{
	struct list_row *rows = reallocarray(t->rows, t->rows_count + 1, sizeof(*rows));

	if (!rows)
		return NULL;
	t->rows = rows;
	rows[t->rows_count] = (struct list_row){ .tone = TONE_PLAIN };
	return &rows[t->rows_count++];
}

int list_add_text(struct top *t, char *text, enum tone tone)
{
	struct list_row *r = text ? add_row(t) : NULL;

	if (!r) {
		free(text);
		return -ENOMEM;
	}
	r->text = text;
	r->tone = tone;
	r->id.place = t->rows_count;
	return 0;
}

/* Which cells belong to what was chosen on the way down. */
static bool passes(const struct key *key, void *data)
{
	const struct top *t = data;
	enum list_kind kind = list_kind(t);
	const struct snapshot *s = t->shown;

	if (t->config.filter && !t->config.filter(key, t->config.filter_data))
		return false;
	if (kind == LIST_CALLS || kind == LIST_GATES)
		return true;
	if (key->abi != t->call.abi || key->gate != t->call.gate || key->nr != t->call.nr)
		return false;
	/* Sites are counted of that process alone. */
	if (kind == LIST_SITES)
		return !t->has_result || key->err == t->result;
	if (kind == LIST_RESULTS && t->tgid)
		return key->proc < s->procs_count && s->procs[key->proc].tgid == t->tgid &&
		       !strcmp(s->procs[key->proc].comm, t->comm);
	return true;
}

static const char *name_of(const struct key *key, char *buf, size_t size, void *data)
{
	return syscalls_name(data, key->abi, key->nr, buf, size);
}

static unsigned int group_of(const struct top *t)
{
	switch (list_kind(t)) {
	case LIST_PROCESSES:
		return GROUP_DEFAULT | GROUP_PROCESS;
	case LIST_RESULTS:
		return GROUP_DEFAULT | GROUP_ERRNO | (t->tgid ? GROUP_PROCESS : 0);
	case LIST_GATES:
		return GROUP_GATE | GROUP_ABI;
	default:
		return GROUP_DEFAULT;
	}
}

static struct view_options options_of(struct top *t)
{
	return (struct view_options){
		.group = group_of(t),
		.sort = t->sort,
		.filter = passes,
		.filter_data = t,
		.name = name_of,
		.name_data = (void *)t->config.names,
	};
}

/* What of a row's key tells it from the others of its list. */
static struct row_id id_of(const struct row *r)
{
	struct row_id id = { .key = r->cell.key };

	if (r->proc) {
		id.tgid = r->proc->tgid;
		memcpy(id.comm, r->proc->comm, sizeof(id.comm));
	}
	return id;
}

static int add_sum(struct top *t)
{
	struct list_row *r = add_row(t);

	if (!r)
		return -ENOMEM;
	r->all = r->id.all = true;
	r->cell = &t->view->total;
	r->tone = TONE_STRONG;
	return 0;
}

/* A list of cells; sum: their sum stands in front, where there is more than one. */
static int list_cells(struct top *t, bool sum)
{
	struct view_options o = options_of(t);
	struct list_row *r;

	t->view = view_new(t->shown, &o);
	if (!t->view || (sum && t->view->rows_count > 1 && add_sum(t)))
		return -ENOMEM;
	for (size_t i = 0; i < t->view->rows_count; i++) {
		size_t at = t->inverted ? t->view->rows_count - 1 - i : i;

		r = add_row(t);
		if (!r)
			return -ENOMEM;
		r->row = t->view->rows[at];
		r->cell = &r->row->cell;
		r->id = id_of(r->row);
	}
	t->empty = "no call returned";
	return 0;
}

static int list_sites(struct top *t)
{
	struct view_options o = options_of(t);
	struct list_row *r;

	if (!t->source)
		t->source = source_new();
	if (!t->source || sites_view_init(&t->sites, t->state, &o, t->source))
		return -ENOMEM;
	for (size_t i = 0; i < t->sites.shown; i++) {
		size_t at = t->inverted ? t->sites.shown - 1 - i : i;
		const struct site_row *site = &t->sites.rows[at];

		r = add_row(t);
		if (!r)
			return -ENOMEM;
		r->site = site;
		r->cell = &site->cell;
		r->id.place = (uint64_t)site->site->module[site->frame] << 48 ^
			      site->site->offset[site->frame];
		r->text = sites_text(&t->sites, site);
		if (!r->text)
			return -ENOMEM;
	}
	t->empty = "no call returned since they are counted by site";
	return 0;
}

static int list_flights(struct top *t)
{
	const struct snapshot *s = t->shown;

	t->empty = "no call is in flight";
	for (size_t i = 0; i < s->in_flight_count; i++) {
		const struct in_flight *f =
			&s->in_flight[t->inverted ? s->in_flight_count - 1 - i : i];
		const struct key key = { .abi = f->abi, .gate = f->gate, .nr = f->nr };
		struct list_row *r;

		if (t->config.filter && !t->config.filter(&key, t->config.filter_data))
			continue;
		r = add_row(t);
		if (!r)
			return -ENOMEM;
		r->flight = f;
		r->id.key = key;
		r->id.tid = f->tid;
	}
	return 0;
}

/* Why what is asked for cannot be shown of this interval; NULL: it can. */
static const char *why_not(const struct top *t)
{
	enum list_kind kind = list_kind(t);
	uint32_t wants = kind == LIST_PROCESSES ? DIM_PROC
			 : kind == LIST_RESULTS ? DIM_ERRNO | (t->tgid ? DIM_PROC : 0)
						: 0;

	if (!t->shown)
		return t->config.replay ? "nothing has come yet" : "counting ...";
	if (kind == LIST_SITES)
		return t->state ? NULL : "counting by site ...";
	/* Nothing at all is split by nothing. */
	if (!(wants & ~t->shown->dims) || !t->shown->cells_count)
		return NULL;
	if (t->config.replay)
		return "the recording has it not apart: record with -b call,gate,process,errno";
	if (t->live)
		return "counting it by process ...";
	return "it was not counted by process then";
}

/* ---- by text ---- */

static const char *cell_text(const struct top *t, const struct list_row *r, char *buf, size_t size)
{
	const struct key *k = &r->cell->key;
	char name[64], pid[16];

	switch (list_kind(t)) {
	case LIST_PROCESSES:
		snprintf(buf, size, "%d %s", r->row->proc->tgid, r->row->proc->comm);
		break;
	case LIST_RESULTS:
		snprintf(buf, size, "%s %s", k->err ? sg_errno_name(k->err, pid) : "no error",
			 k->err ? strerrordesc_np(k->err) ?: "" : "");
		break;
	case LIST_GATES:
		snprintf(buf, size, "%s %s", gate_name(k->gate), abi_name(k->abi));
		break;
	default:
		snprintf(buf, size, "%s %s %s",
			 syscalls_name(t->config.names, k->abi, k->nr, name, sizeof(name)),
			 abi_name(k->abi), gate_name(k->gate));
	}
	return buf;
}

const char *list_text(const struct top *t, const struct list_row *r, char *buf, size_t size)
{
	const struct in_flight *f = r->flight;
	char name[64];

	if (r->text)
		return r->text;
	if (r->all)
		return "all";
	if (!f)
		return cell_text(t, r, buf, size);
	snprintf(buf, size, "%d %d %.16s %s %s", f->tgid, f->tid, f->comm,
		 syscalls_name(t->config.names, f->abi, f->nr, name, sizeof(name)),
		 abi_name(f->abi));
	return buf;
}

/* Leaves the rows whose text has the filter in it. */
static void filter(struct top *t)
{
	const char *want = t->places[list_kind(t)].filter;
	size_t kept = 0;
	char buf[512];

	for (size_t i = 0; i < t->rows_count; i++) {
		struct list_row *r = &t->rows[i];

		if (!want[0] || (!r->all && strcasestr(list_text(t, r, buf, sizeof(buf)), want)))
			t->rows[kept++] = *r;
		else
			free(r->text);
	}
	if (t->rows_count && !kept)
		t->empty = "no row has that in it";
	t->rows_count = kept;
}

/* ---- the row that is chosen ---- */

static bool same_id(const struct row_id *a, const struct row_id *b)
{
	return a->all == b->all && !key_compare(&a->key, &b->key) && a->tgid == b->tgid &&
	       a->tid == b->tid && a->place == b->place && !strcmp(a->comm, b->comm);
}

/* Finds it where it is now; one that is gone leaves its place to another. */
static void find_chosen(struct top *t)
{
	struct place *p = &t->places[list_kind(t)];

	if (!p->chosen)
		p->cursor = 0;
	for (size_t i = 0; p->chosen && i < t->rows_count; i++)
		if (same_id(&t->rows[i].id, &p->id)) {
			p->cursor = i;
			return;
		}
	if (p->cursor >= t->rows_count)
		p->cursor = t->rows_count ? t->rows_count - 1 : 0;
}

const struct list_row *list_chosen(const struct top *t)
{
	size_t i = t->places[list_kind(t)].cursor;

	return i < t->rows_count ? &t->rows[i] : NULL;
}

void list_choose(struct top *t, size_t i)
{
	struct place *p = &t->places[list_kind(t)];

	if (!t->rows_count)
		return;
	p->cursor = i < t->rows_count ? i : t->rows_count - 1;
	p->id = t->rows[p->cursor].id;
	p->chosen = true;
}

/* ---- the whole ---- */

static int make(struct top *t)
{
	t->empty = why_not(t);
	if (t->empty)
		return 0;
	switch (list_kind(t)) {
	case LIST_SITES:
		return list_sites(t);
	case LIST_FLIGHTS:
		return list_flights(t);
	case LIST_LOSSES:
		return losses_list(t);
	case LIST_CALLS:
		return list_cells(t, false);
	default:
		return list_cells(t, true);
	}
}

int list_make(struct top *t)
{
	int ret = t->moved ? load(t) : 0;

	if (ret)
		return ret;
	t->moved = false;
	if (!t->stale)
		return 0;
	list_fini(t);
	ret = make(t);
	if (ret)
		return ret;
	t->stale = false;
	filter(t);
	find_chosen(t);
	return 0;
}
