// SPDX-License-Identifier: GPL-2.0-or-later
#include "top/state.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "stats/group.h"
#include "top/internal.h"

/* Some 400 calls have names; what programs make up beside them is not without end. */
#define SUM_CELLS 2048
#define MUCH	  10 /* intervals */

struct top *top_new(const struct top_config *c)
{
	struct top *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	t->config = *c;
	t->sort = c->sort;
	t->live = true;
	t->moved = t->stale = true;
	t->counts.dims = c->dims;
	t->width = 80;
	t->height = 24;
	t->history = history_new(&c->history);
	if (!t->history || cells_init(&t->sums.cells, SUM_CELLS)) {
		top_free(t);
		return NULL;
	}
	return t;
}

void top_free(struct top *t)
{
	if (!t)
		return;
	list_fini(t);
	snapshot_free(t->shown);
	frame_free(t->frame);
	source_free(t->source);
	history_free(t->history);
	if (t->sums.cells.slots)
		cells_fini(&t->sums.cells);
	free(t);
}

/* ---- what is counted ---- */

static void add_loss(struct loss *to, const struct snapshot *s)
{
	for (size_t i = 0; i < loss_names_count; i++)
		*(uint64_t *)((char *)to + loss_names[i].offset) +=
			snapshot_loss(s, &loss_names[i]);
}

/* Where a delta does not go on from the one before, something new was begun. */
static void add_conservation(struct sums *sums, const struct conservation *c)
{
	struct conservation *to = &sums->conservation;
	uint64_t last = to->in_flight - sums->flights_ended;

	if (c->in_flight_before != last) {
		sums->flights_ended += last;
		to->in_flight_before += c->in_flight_before;
	}
	to->entries += c->entries;
	to->exits += c->exits;
	to->in_flight = sums->flights_ended + c->in_flight;
	to->never_returned += c->never_returned;
	to->lost += c->lost;
	to->before_attach += c->before_attach;
	to->suppressed += c->suppressed;
}

static void add_sums(struct sums *sums, const struct snapshot *delta)
{
	for (size_t i = 0; i < delta->cells_count; i++) {
		const struct cell *from = delta->cells[i];
		struct key key = group_key(GROUP_DEFAULT, &from->key);
		struct cell *to = cells_get(&sums->cells, &key);

		if (to)
			cell_add(to, from);
		else
			sums->cells_full += from->count;
	}
	add_conservation(sums, &delta->conservation);
	add_loss(&sums->loss, delta);
	if (!sums->deltas++)
		sums->start_ns = delta->start_ns;
	sums->duration_ns += delta->duration_ns;
}

/* Without the sites, which history does not keep. NULL: no memory. */
static struct snapshot *without_sites(const struct snapshot *delta)
{
	struct snapshot *s = snapshot_copy(delta);

	if (!s)
		return NULL;
	for (size_t i = 0; i < s->cells_count; i++)
		s->cells[i]->key.proc = 0;
	s->dims &= ~(uint32_t)DIM_SITE;
	snapshot_sort(s);
	return s;
}

static int keep(struct top *t, const struct snapshot *delta, struct sg_error *e)
{
	int ret = history_add(t->history, delta, t->counts.narrow ? &t->counts.call : NULL);

	if (ret)
		return sg_fail_errno(e, -ret, "cannot keep an interval");
	add_sums(&t->sums, delta);
	if (t->live || t->next) {
		t->at = history_end(t->history) - 1;
		t->moved = true;
	}
	t->next = false;
	return 0;
}

int top_add(struct top *t, const struct snapshot *delta, const struct snapshot *now,
	    struct sg_error *e)
{
	struct snapshot *plain;
	int ret;

	if (!(delta->dims & DIM_SITE))
		return keep(t, delta, e);
	plain = without_sites(delta);
	if (!plain)
		return sg_fail_errno(e, ENOMEM, "interval");
	ret = keep(t, plain, e);
	snapshot_free(plain);
	t->state = now;
	t->stale = true;
	return ret;
}

void top_begin(struct top *t, const struct top_want *counts)
{
	t->counts = *counts;
	top_forget_state(t);
}

void top_about(struct top *t, const char *text)
{
	snprintf(t->about, sizeof(t->about), "%s", text);
}

void top_forget_state(struct top *t)
{
	/* The rows of sites point into it. */
	if (t->state)
		list_fini(t);
	t->state = NULL;
	t->stale = true;
}

struct top_want top_wants(const struct top *t)
{
	static const uint32_t needs[TOP_LEVELS] = {
		[LEVEL_PROCESSES] = DIM_PROC | DIM_ERRNO,
		[LEVEL_RESULTS] = DIM_PROC | DIM_ERRNO,
		[LEVEL_SITES] = DIM_SITE,
	};
	struct top_want want = { .dims = t->config.dims };

	if (t->config.replay || !(needs[t->level] & ~t->config.dims))
		return want;
	want.dims = needs[t->level];
	want.narrow = true;
	want.call = (struct key){ .abi = t->call.abi, .nr = t->call.nr };
	if (t->level != LEVEL_SITES)
		return want;
	want.dims |= t->has_result ? DIM_ERRNO : 0;
	want.tgid = t->tgid;
	return want;
}

bool top_want_same(const struct top_want *a, const struct top_want *b)
{
	return a->dims == b->dims && a->narrow == b->narrow && a->tgid == b->tgid &&
	       !key_compare(&a->call, &b->call);
}

void top_refuse_want(struct top *t)
{
	while (t->level > LEVEL_CALLS) {
		struct top_want want;

		t->level--;
		want = top_wants(t);
		if (want.dims == t->config.dims)
			break;
	}
	t->stale = true;
}

/* ---- what is shown ---- */

bool top_live(const struct top *t)
{
	return t->live;
}

void top_ended(struct top *t)
{
	t->ended = true;
}

void top_say(struct top *t, bool bad, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(t->message, sizeof(t->message), fmt, ap);
	va_end(ap);
	t->message_bad = bad;
}

void top_resize(struct top *t, unsigned int width, unsigned int height)
{
	t->width = width;
	t->height = height;
	/* Lines of text are broken to fit. */
	t->stale |= t->pane == PANE_LOSSES;
}

static void show_pane(struct top *t, enum top_pane pane)
{
	t->pane = pane;
	t->stale = true;
}

/* Shows the interval that is so many later; how far there are any. */
static enum top_ask step(struct top *t, int by)
{
	uint64_t first = history_first(t->history), end = history_end(t->history);
	uint64_t at = t->at;

	if (first == end)
		return TOP_ASK_NOTHING;
	if (by > 0 && !t->live && at + 1 == end && t->config.replay && !t->ended) {
		t->next = true;
		t->since = false;
		return TOP_ASK_STEP;
	}
	if (by < 0)
		at = at > first + (uint64_t)-by ? at - (uint64_t)-by : first;
	else
		at = at + (uint64_t)by < end ? at + (uint64_t)by : end - 1;
	t->at = at > first ? at : first;
	t->live = false;
	t->since = false;
	t->moved = true;
	return TOP_ASK_NOTHING;
}

static void go_live(struct top *t)
{
	t->live = true;
	if (history_end(t->history))
		t->at = history_end(t->history) - 1;
	t->moved = true;
}

static void toggle_since(struct top *t)
{
	if (t->pane == PANE_IN_FLIGHT || (t->pane == PANE_CALLS && t->level != LEVEL_CALLS)) {
		top_say(t, true, "only calls and gates are summed up since the start");
		return;
	}
	t->since = !t->since;
	t->moved = true;
}

static void sort_by(struct top *t, enum sort_key key)
{
	if (key == SORT_WAIT && !(t->shown && t->shown->wait_known)) {
		top_say(t, true, "waiting was not measured: --wait, with engine kmod");
		return;
	}
	t->inverted = t->sort == key ? !t->inverted : false;
	t->sort = key;
	t->stale = true;
}

static void set_filter(struct top *t, const char *text)
{
	struct place *p = &t->places[list_kind(t)];

	snprintf(p->filter, sizeof(p->filter), "%.*s", (int)sizeof(p->filter) - 1, text);
	t->stale = true;
}

/* ---- down and up ---- */

static void open_level(struct top *t, enum top_level level)
{
	t->level = level;
	t->moved |= t->since;
	t->since = false;
	t->stale = true;
	memset(&t->places[list_kind(t)], 0, sizeof(t->places[0]));
}

static void into_call(struct top *t, const struct list_row *r)
{
	t->call = group_key(GROUP_DEFAULT, &r->cell->key);
	open_level(t, LEVEL_PROCESSES);
}

static void into_process(struct top *t, const struct list_row *r)
{
	t->tgid = r->all ? 0 : r->row->proc->tgid;
	snprintf(t->comm, sizeof(t->comm), "%s", r->all ? "" : r->row->proc->comm);
	open_level(t, LEVEL_RESULTS);
}

static void into_result(struct top *t, const struct list_row *r)
{
	if (t->config.replay) {
		top_say(t, true, "sites are not recorded: 'sysgate sites' shows them live");
		return;
	}
	if (strcmp(t->shown->engine, "kmod") != 0) {
		top_say(t, true, "only the engine kmod sees sites, and this is %s",
			t->shown->engine);
		return;
	}
	t->has_result = !r->all;
	t->result = r->all ? 0 : r->cell->key.err;
	open_level(t, LEVEL_SITES);
}

/* The calls, those of one word alone. */
static void into_calls(struct top *t, const char *word)
{
	show_pane(t, PANE_CALLS);
	t->level = LEVEL_CALLS;
	memset(&t->places[LIST_CALLS], 0, sizeof(t->places[0]));
	set_filter(t, word);
}

static void into(struct top *t)
{
	const struct list_row *r = list_chosen(t);
	char name[64];

	if (!r)
		return;
	switch (list_kind(t)) {
	case LIST_CALLS:
		into_call(t, r);
		break;
	case LIST_PROCESSES:
		into_process(t, r);
		break;
	case LIST_RESULTS:
		into_result(t, r);
		break;
	case LIST_GATES:
		into_calls(t, r->all ? "" : gate_name(r->cell->key.gate));
		break;
	case LIST_FLIGHTS:
		into_calls(t, syscalls_name(t->config.names, r->flight->abi, r->flight->nr, name,
					    sizeof(name)));
		break;
	default:
		break;
	}
}

static void back(struct top *t)
{
	struct place *p = &t->places[list_kind(t)];

	if (p->filter[0])
		set_filter(t, "");
	else if (t->pane == PANE_CALLS && t->level > LEVEL_CALLS)
		t->level--;
	else if (t->pane != PANE_CALLS)
		show_pane(t, PANE_CALLS);
	t->stale = true;
}

/* ---- keys ---- */

static void open_prompt(struct top *t, enum prompt prompt)
{
	t->prompt = prompt;
	t->input[0] = '\0';
	if (prompt == PROMPT_FILTER)
		snprintf(t->input, sizeof(t->input), "%s", t->places[list_kind(t)].filter);
	t->menu = 0;
	for (size_t i = 0; prompt == PROMPT_SORT && i < sort_choices_count; i++)
		if (sort_choices[i].key == t->sort)
			t->menu = i;
}

static void ask_where_to_save(struct top *t)
{
	uint64_t ns = t->shown ? t->shown->start_ns + t->shown->duration_ns : 0;
	time_t seconds = (time_t)(ns / 1000000000);
	struct tm tm;

	if (!t->shown) {
		top_say(t, true, "there is nothing to save yet");
		return;
	}
	open_prompt(t, PROMPT_SAVE);
	gmtime_r(&seconds, &tm);
	strftime(t->input, sizeof(t->input), "sysgate-top-%Y%m%dT%H%M%SZ.json", &tm);
}

static void move(struct top *t, long by)
{
	long to = (long)t->places[list_kind(t)].cursor + by;

	list_choose(t, to > 0 ? (size_t)to : 0);
}

/* What is seen moves as far, so that what follows is read at once. */
static void move_page(struct top *t, long by)
{
	struct place *p = &t->places[list_kind(t)];
	long to = (long)p->offset + by;

	p->offset = to > 0 ? (size_t)to : 0;
	move(t, by);
}

/* What only moves about. False: it is none of these. */
static bool do_move(struct top *t, enum top_action action)
{
	long page = t->page > 1 ? (long)t->page - 1 : 1;

	switch (action) {
	case TOP_UP:
		move(t, -1);
		return true;
	case TOP_DOWN:
		move(t, 1);
		return true;
	case TOP_PAGE_UP:
		move_page(t, -page);
		return true;
	case TOP_PAGE_DOWN:
		move_page(t, page);
		return true;
	case TOP_HOME:
		memset(&t->places[list_kind(t)].id, 0, sizeof(struct row_id));
		t->places[list_kind(t)].chosen = false;
		t->places[list_kind(t)].cursor = 0;
		return true;
	case TOP_END:
		list_choose(t, SIZE_MAX);
		return true;
	default:
		return false;
	}
}

static enum top_ask act_in_time(struct top *t, enum top_action action)
{
	switch (action) {
	case TOP_EARLIER:
		return step(t, -1);
	case TOP_LATER:
		return step(t, 1);
	case TOP_MUCH_EARLIER:
		return step(t, -MUCH);
	case TOP_MUCH_LATER:
		return step(t, MUCH);
	case TOP_PAUSE:
		if (t->live)
			t->live = false;
		else
			go_live(t);
		break;
	case TOP_NOW:
		go_live(t);
		break;
	default:
		break;
	}
	return TOP_ASK_NOTHING;
}

static enum top_ask act(struct top *t, enum top_action action, size_t argument)
{
	if (do_move(t, action))
		return TOP_ASK_NOTHING;
	switch (action) {
	case TOP_INTO:
		into(t);
		break;
	case TOP_BACK:
		back(t);
		break;
	case TOP_NEXT_PANE:
		show_pane(t, (t->pane + 1) % TOP_PANES);
		break;
	case TOP_LAST_PANE:
		show_pane(t, (t->pane + TOP_PANES - 1) % TOP_PANES);
		break;
	case TOP_PANE:
		show_pane(t, (enum top_pane)argument);
		break;
	case TOP_SORT_MENU:
		open_prompt(t, PROMPT_SORT);
		break;
	case TOP_SORT:
		sort_by(t, (enum sort_key)argument);
		break;
	case TOP_INVERT:
		t->inverted = !t->inverted;
		t->stale = true;
		break;
	case TOP_FILTER:
		open_prompt(t, PROMPT_FILTER);
		break;
	case TOP_SINCE:
		toggle_since(t);
		break;
	case TOP_SAVE:
		ask_where_to_save(t);
		break;
	case TOP_HELP:
		open_prompt(t, PROMPT_HELP);
		break;
	case TOP_QUIT:
		return TOP_ASK_QUIT;
	case TOP_REDRAW:
		return TOP_ASK_REDRAW;
	default:
		return act_in_time(t, action);
	}
	return TOP_ASK_NOTHING;
}

/* ---- what is typed ---- */

static size_t encode(int key, char out[4])
{
	unsigned int c = (unsigned int)key;

	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		out[0] = (char)(0xc0 | c >> 6);
		out[1] = (char)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		out[0] = (char)(0xe0 | c >> 12);
		out[1] = (char)(0x80 | (c >> 6 & 0x3f));
		out[2] = (char)(0x80 | (c & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | c >> 18);
	out[1] = (char)(0x80 | (c >> 12 & 0x3f));
	out[2] = (char)(0x80 | (c >> 6 & 0x3f));
	out[3] = (char)(0x80 | (c & 0x3f));
	return 4;
}

/* Changes the input; false when the key is none that types. */
static bool type(struct top *t, int key, size_t max)
{
	size_t length = strlen(t->input);
	char bytes[4];

	if (key == TOP_KEY_BACKSPACE || key == TOP_KEY_DELETE) {
		while (length && (t->input[length - 1] & 0xc0) == 0x80)
			length--;
		t->input[length ? length - 1 : 0] = '\0';
	} else if (key == TOP_KEY_CTRL('u')) {
		t->input[0] = '\0';
	} else if (key >= 0x20 && key != 0x7f && key < 0x110000) {
		size_t n = encode(key, bytes);

		if (length + n < max) {
			memcpy(t->input + length, bytes, n);
			t->input[length + n] = '\0';
		}
	} else {
		return false;
	}
	return true;
}

static enum top_ask key_in_filter(struct top *t, int key)
{
	const struct top_key *k = top_key_find(key);

	if (type(t, key, sizeof(t->places[0].filter))) {
		set_filter(t, t->input);
	} else if (key == TOP_KEY_ENTER) {
		t->prompt = PROMPT_NONE;
	} else if (key == TOP_KEY_ESCAPE) {
		t->prompt = PROMPT_NONE;
		set_filter(t, "");
	} else if (k) {
		do_move(t, k->action);
	}
	return TOP_ASK_NOTHING;
}

static enum top_ask key_in_save(struct top *t, int key)
{
	if (type(t, key, sizeof(t->input)))
		return TOP_ASK_NOTHING;
	if (key != TOP_KEY_ENTER && key != TOP_KEY_ESCAPE)
		return TOP_ASK_NOTHING;
	t->prompt = PROMPT_NONE;
	return key == TOP_KEY_ENTER && t->input[0] ? TOP_ASK_SAVE : TOP_ASK_NOTHING;
}

static void choose_sort(struct top *t, size_t i)
{
	t->prompt = PROMPT_NONE;
	if (i < sort_choices_count && sort_choices[i].key != t->sort)
		sort_by(t, sort_choices[i].key);
}

static enum top_ask key_in_menu(struct top *t, int key)
{
	const struct top_key *k = top_key_find(key);
	enum top_action action = k ? k->action : TOP_NOTHING;

	if (action == TOP_UP)
		t->menu -= t->menu > 0;
	else if (action == TOP_DOWN)
		t->menu += t->menu + 1 < sort_choices_count;
	else if (action == TOP_INTO)
		choose_sort(t, t->menu);
	else
		t->prompt = PROMPT_NONE;
	return action == TOP_SORT ? act(t, TOP_SORT, k->argument) : TOP_ASK_NOTHING;
}

enum top_ask top_key(struct top *t, int key)
{
	const struct top_key *k = top_key_find(key);

	t->message[0] = '\0';
	switch (t->prompt) {
	case PROMPT_FILTER:
		return key_in_filter(t, key);
	case PROMPT_SAVE:
		return key_in_save(t, key);
	case PROMPT_SORT:
		return key_in_menu(t, key);
	case PROMPT_HELP:
		t->prompt = PROMPT_NONE;
		return TOP_ASK_NOTHING;
	case PROMPT_NONE:
		break;
	}
	return k ? act(t, k->action, k->argument) : TOP_ASK_NOTHING;
}

/* ---- the mouse ---- */

enum top_ask top_click(struct top *t, unsigned int y, unsigned int x, bool twice)
{
	const struct zone *z = t->frame ? frame_hit(t->frame, y, x) : NULL;
	enum prompt prompt = t->prompt;

	t->message[0] = '\0';
	/* A click beside what lies above all else closes it. */
	if (prompt == PROMPT_HELP || prompt == PROMPT_SORT) {
		t->prompt = PROMPT_NONE;
		if (z && z->action == TOP_MENU_ROW)
			choose_sort(t, z->argument);
		return TOP_ASK_NOTHING;
	}
	if (!z || prompt == PROMPT_SAVE)
		return TOP_ASK_NOTHING;
	if (z->action != TOP_ROW)
		return act(t, (enum top_action)z->action, z->argument);
	list_choose(t, z->argument);
	if (twice)
		into(t);
	return TOP_ASK_NOTHING;
}

void top_scroll(struct top *t, int rows)
{
	if (t->prompt == PROMPT_NONE || t->prompt == PROMPT_FILTER)
		move(t, rows);
}

const char *top_save_path(const struct top *t)
{
	return t->input;
}
