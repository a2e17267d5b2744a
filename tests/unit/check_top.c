// SPDX-License-Identifier: GPL-2.0-or-later
/* What 'sysgate top' shows and how keys change it, without a terminal. */
#include "made_top.h"

START_TEST(sorting)
{
	struct top *t = usual_top();

	ck_assert_str_eq(rows(t), "read openat write");
	keys(t, "r");
	ck_assert_str_eq(rows(t), "write openat read");
	shows(t, "by rate");
	keys(t, "e");
	ck_assert_str_eq(rows(t), "openat read write");
	keys(t, "n");
	ck_assert_str_eq(rows(t), "openat read write");
	keys(t, "a");
	ck_assert_str_eq(rows(t), "read openat write");
	/* The same key once more, or I, turns it round. */
	keys(t, "a");
	ck_assert_str_eq(rows(t), "write openat read");
	shows(t, "by average, inverted");
	keys(t, "I");
	ck_assert_str_eq(rows(t), "read openat write");
	/* By the menu. */
	key(t, TOP_KEY_F1 + 5);
	shows(t, "Sort by");
	key(t, TOP_KEY_UP);
	key(t, TOP_KEY_UP);
	key(t, TOP_KEY_UP);
	key(t, TOP_KEY_ENTER);
	shows(t, "by rate");
	ck_assert_str_eq(rows(t), "write openat read");
	/* What was not measured cannot be sorted by. */
	t->shown->wait_known = false;
	keys(t, "w");
	shows(t, "waiting was not measured");
	shows(t, "by rate");
	top_free(t);
}
END_TEST

START_TEST(filtering)
{
	struct top *t = usual_top();

	keys(t, "/");
	shows(t, "Filter:");
	keys(t, "E");
	ck_assert_str_eq(rows(t), "read openat write");
	keys(t, "a");
	ck_assert_str_eq(rows(t), "read");
	/* Keys are letters while it is typed, but for the arrows. */
	key(t, TOP_KEY_BACKSPACE);
	keys(t, "n");
	ck_assert_str_eq(rows(t), "openat");
	keys(t, "q");
	ck_assert_str_eq(rows(t), "");
	shows(t, "no row has that in it");
	key(t, TOP_KEY_ESCAPE);
	ck_assert_str_eq(rows(t), "read openat write");
	keys(t, "/wr");
	key(t, TOP_KEY_ENTER);
	shows(t, "filter: wr");
	ck_assert_str_eq(rows(t), "write");
	/* A further one goes on from there; Escape in the list ends it. */
	keys(t, "/");
	shows(t, "Filter: wr");
	key(t, TOP_KEY_ENTER);
	key(t, TOP_KEY_ESCAPE);
	ck_assert_str_eq(rows(t), "read openat write");
	/* Other characters than ASCII, a longer text than there is room for. */
	keys(t, "/");
	key(t, 0x65e5);
	key(t, 0x1f600);
	shows(t, "Filter: 日😀");
	key(t, TOP_KEY_BACKSPACE);
	shows(t, "Filter: 日");
	for (int i = 0; i < 200; i++)
		key(t, 'x');
	top_compose(t);
	top_free(t);
}
END_TEST

START_TEST(into_and_back)
{
	struct top *t = usual_top();
	struct made split = usual;
	struct top_want want = top_wants(t);

	ck_assert_uint_eq(want.dims, DIM_ERRNO);
	ck_assert(!want.narrow);
	key(t, TOP_KEY_ENTER);
	/* That call alone, by process. */
	want = top_wants(t);
	ck_assert_uint_eq(want.dims, DIM_PROC | DIM_ERRNO);
	ck_assert(want.narrow && want.call.nr == 0 && want.call.abi == SYSGATE_ABI_X86_64);
	top_begin(t, &want);
	shows(t, "counting it by process");
	split.i = 1;
	split.dims = DIM_PROC | DIM_ERRNO;
	split.counts[1] = split.counts[2] = 0;
	add(t, &split);
	shows(t, "read (x86_64): processes");
	shows(t, "all processes");
	/* A name is of another's making: wide, or with control characters. */
	shows(t, "日本語");
	shows(t, "a\\x1bb");
	ck_assert_uint_eq(t->rows_count, 4);
	key(t, TOP_KEY_DOWN);
	key(t, TOP_KEY_DOWN);
	key(t, TOP_KEY_ENTER);
	shows(t, "> 日本語 (200): results");
	ck_assert_str_eq(rows(t), "all no error EAGAIN");
	shows(t, "Resource temporarily unavailable");
	ck_assert(top_want_same(&want,
				&(struct top_want){ DIM_PROC | DIM_ERRNO, true, want.call, 0 }));
	/* Sites are of the engine kmod alone, which this is; of that process and result. */
	key(t, TOP_KEY_END);
	key(t, TOP_KEY_ENTER);
	shows(t, "> EAGAIN: sites");
	want = top_wants(t);
	ck_assert_uint_eq(want.dims, DIM_SITE | DIM_ERRNO);
	ck_assert_int_eq(want.tgid, 200);
	/* What cannot be had leads back to what can. */
	top_refuse_want(t);
	want = top_wants(t);
	ck_assert(!want.narrow && want.dims == DIM_ERRNO);
	ck_assert_int_eq(t->level, LEVEL_CALLS);
	top_free(t);
}
END_TEST

START_TEST(back_step_by_step)
{
	struct top *t = new_top();
	struct made split = usual;

	t->config.dims = DIM_PROC | DIM_ERRNO;
	split.dims = DIM_PROC | DIM_ERRNO;
	add(t, &split);
	key(t, TOP_KEY_ENTER);
	/* It is split so from the start: nothing else is wanted. */
	ck_assert(!top_wants(t).narrow);
	key(t, TOP_KEY_ENTER);
	shows(t, "> all processes: results");
	key(t, TOP_KEY_BACKSPACE);
	shows(t, "processes");
	key(t, TOP_KEY_BACKSPACE);
	ck_assert_str_eq(rows(t), "read openat write");
	key(t, TOP_KEY_BACKSPACE);
	ck_assert_str_eq(rows(t), "read openat write");
	/* From the other panes to the calls. */
	keys(t, "2");
	key(t, TOP_KEY_ESCAPE);
	ck_assert_int_eq(t->pane, PANE_CALLS);
	top_free(t);
}
END_TEST

START_TEST(replayed)
{
	struct top *t = usual_top();
	struct made next = usual;

	t->config.replay = true;
	key(t, TOP_KEY_ENTER);
	ck_assert(!top_wants(t).narrow);
	shows(t, "record with -b");
	key(t, TOP_KEY_BACKSPACE);
	keys(t, " ");
	/* Behind the newest one is the next of the file. */
	top_compose(t);
	ck_assert_int_eq(top_key(t, TOP_KEY_RIGHT), TOP_ASK_STEP);
	next.i = 1;
	next.counts[0] = 1234;
	add(t, &next);
	shows(t, "1,234");
	shows(t, "paused");
	shows_not(t, "ago");
	/* Only the one that was asked for. */
	next.i = 2;
	next.counts[0] = 2345;
	add(t, &next);
	shows(t, "1,234");
	top_ended(t);
	key(t, TOP_KEY_RIGHT);
	top_free(t);
}
END_TEST

START_TEST(panes)
{
	struct top *t = usual_top();

	key(t, TOP_KEY_TAB);
	ck_assert_str_eq(rows(t), "syscall");
	shows(t, "sysret 100.0%");
	key(t, TOP_KEY_TAB);
	shows(t, "oldest first");
	ck_assert_str_eq(rows(t), ">= 5.00 s 1.00 us");
	keys(t, "I");
	ck_assert_str_eq(rows(t), "1.00 us >= 5.00 s");
	keys(t, "I/old");
	ck_assert_str_eq(rows(t), ">= 5.00 s");
	key(t, TOP_KEY_ENTER);
	key(t, TOP_KEY_TAB);
	shows(t, "Conservation, of 1.00 s");
	shows(t, "It holds.");
	shows(t, "ring_lost: events that the ring buffer lost");
	key(t, TOP_KEY_TAB);
	ck_assert_str_eq(rows(t), "read openat write");
	key(t, TOP_KEY_BACK_TAB);
	shows(t, "It holds.");
	/* From a call in flight to its row. */
	keys(t, "3");
	key(t, TOP_KEY_ENTER);
	shows(t, "filter: futex");
	top_free(t);
}
END_TEST

START_TEST(losses)
{
	struct top *t = usual_top();
	struct made next = usual;
	struct snapshot *s;
	struct sg_error e = { 0 };

	shows(t, "conserved");
	next.i = 1;
	s = make(&next);
	s->conservation.entries += 5;
	s->conservation.lost = s->loss.pool_full = 5;
	top_add(t, s, s, &e);
	shows(t, "5 calls lost");
	snapshot_free(s);
	/* It stays to be seen. */
	next.i = 2;
	add(t, &next);
	shows(t, "5 calls lost");
	keys(t, "4");
	shows(t, "          0             5  pool_full");
	/* Counting that begins anew has nothing in flight from before: that holds too. */
	top_begin(t, &(struct top_want){ .dims = DIM_ERRNO });
	next.i = 0;
	add(t, &next);
	shows_not(t, "does not hold");
	s = make(&usual);
	s->loss.ring_lost = 9;
	top_add(t, s, s, &e);
	snapshot_free(s);
	shows(t, "Not known: events were lost.");
	top_free(t);
}
END_TEST

START_TEST(back_in_time)
{
	struct top *t = usual_top();
	struct made m = usual;

	for (m.i = 1; m.i < 30; m.i++) {
		m.counts[0] = 1000 + m.i;
		add(t, &m);
	}
	shows(t, "1,029");
	key(t, TOP_KEY_LEFT);
	shows(t, "paused");
	shows(t, "1.00 s ago");
	shows(t, "1,028");
	keys(t, "{");
	shows(t, "1,018");
	/* What comes meanwhile does not change it. */
	m.i = 30;
	m.counts[0] = 5000;
	add(t, &m);
	shows(t, "1,018");
	keys(t, "r");
	shows(t, "1,018");
	keys(t, "}");
	key(t, TOP_KEY_RIGHT);
	shows(t, "1,029");
	key(t, TOP_KEY_RIGHT);
	shows(t, "5,000");
	shows(t, "paused");
	key(t, TOP_KEY_RIGHT);
	shows(t, "5,000");
	keys(t, "l");
	shows_not(t, "paused");
	ck_assert(top_live(t));
	/* No further than there is any. */
	for (int i = 0; i < 100; i++)
		key(t, TOP_KEY_LEFT);
	shows(t, "30.0 s ago");
	/* The pause ends; another one, and on. */
	keys(t, "   ");
	ck_assert(top_live(t));
	top_free(t);
}
END_TEST

START_TEST(not_kept)
{
	struct top *t = new_top();
	struct made m = usual;

	history_free(t->history);
	t->history = history_new(&(struct history_limits){ 64 << 20, 5 * SECOND });
	add(t, &usual);
	keys(t, " ");
	for (m.i = 1; m.i < 60; m.i++)
		add(t, &m);
	/* It stays on the screen. */
	ck_assert_str_eq(rows(t), "read openat write");
	shows(t, "59.0 s ago");
	keys(t, "r");
	ck_assert_str_eq(rows(t), "write openat read");
	key(t, TOP_KEY_LEFT);
	shows(t, "5.00 s ago");
	top_free(t);
}
END_TEST

START_TEST(chosen)
{
	struct top *t = usual_top();
	struct made m = usual;

	/* The first row is the first, whichever it is, until one is chosen. */
	ck_assert_int_eq(list_chosen((top_compose(t), t))->cell->key.nr, 0);
	keys(t, "r");
	ck_assert_int_eq(list_chosen((top_compose(t), t))->cell->key.nr, 1);
	key(t, TOP_KEY_DOWN);
	ck_assert_int_eq(list_chosen((top_compose(t), t))->cell->key.nr, 257);
	keys(t, "e");
	top_compose(t);
	ck_assert_uint_eq(t->places[LIST_CALLS].cursor, 0);
	ck_assert_int_eq(list_chosen(t)->cell->key.nr, 257);
	/* One that is gone leaves its place, and has it again when it comes back. */
	m.i = 1;
	m.counts[2] = 0;
	add(t, &m);
	top_compose(t);
	ck_assert_ptr_nonnull(list_chosen(t));
	m = usual;
	m.i = 2;
	add(t, &m);
	ck_assert_int_eq(list_chosen((top_compose(t), t))->cell->key.nr, 257);
	key(t, TOP_KEY_END);
	key(t, TOP_KEY_DOWN);
	key(t, TOP_KEY_PAGE_DOWN);
	top_compose(t);
	ck_assert_uint_eq(t->places[LIST_CALLS].cursor, 2);
	key(t, TOP_KEY_HOME);
	keys(t, "r");
	ck_assert_int_eq(list_chosen((top_compose(t), t))->cell->key.nr, 1);
	top_free(t);
}
END_TEST

START_TEST(since_the_start)
{
	struct top *t = usual_top();
	struct made m = usual;

	for (m.i = 1; m.i < 10; m.i++)
		add(t, &m);
	keys(t, "c");
	shows(t, "all of 10.0 s");
	top_compose(t);
	ck_assert_uint_eq(t->rows[0].cell->count, 100);
	ck_assert_uint_eq(t->rows[0].cell->errors, 10);
	shows(t, "800 calls");
	/* A pause holds the sums too. */
	keys(t, " ");
	add(t, &m);
	keys(t, "r");
	shows(t, "800 calls");
	keys(t, "l");
	shows(t, "880 calls");
	/* Looking into a call is of an interval again. */
	key(t, TOP_KEY_ENTER);
	shows(t, "in 1.00 s");
	keys(t, "c");
	shows(t, "only calls and gates are summed up");
	top_free(t);
}
END_TEST

static json_t *saved(struct top *t)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	struct sg_error e = { 0 };
	json_t *json;

	top_compose(t);
	ck_assert_msg(!top_save(t, out, &e), "%s", e.text);
	fclose(out);
	json = json_loads(text, 0, NULL);
	ck_assert_ptr_nonnull(json);
	free(text);
	return json;
}

static const char *saved_name(const json_t *json, size_t i)
{
	const json_t *row = json_array_get(json_object_get(json, "calls"), i);

	return json_string_value(json_object_get(row, "name"));
}

START_TEST(saving)
{
	struct top *t = new_top();
	struct sg_error e = { 0 };
	json_t *json;

	ck_assert_int_ne(top_save(t, stdout, &e), 0);
	keys(t, "s");
	shows(t, "nothing to save");
	add(t, &usual);
	keys(t, "s");
	shows(t, "Save as: sysgate-top-19700102T034641Z.json");
	key(t, TOP_KEY_CTRL('u'));
	keys(t, "x.json");
	top_compose(t);
	ck_assert_int_eq(top_key(t, TOP_KEY_ENTER), TOP_ASK_SAVE);
	ck_assert_str_eq(top_save_path(t), "x.json");
	keys(t, "s");
	key(t, TOP_KEY_ESCAPE);
	/* The rows that the filter leaves, in their order. */
	keys(t, "r/e");
	key(t, TOP_KEY_ENTER);
	json = saved(t);
	ck_assert_uint_eq(json_array_size(json_object_get(json, "calls")), 3);
	ck_assert_str_eq(saved_name(json, 0), "write");
	ck_assert_str_eq(saved_name(json, 2), "read");
	json_decref(json);
	keys(t, "/n");
	json = saved(t);
	ck_assert_uint_eq(json_array_size(json_object_get(json, "calls")), 1);
	ck_assert_str_eq(saved_name(json, 0), "openat");
	json_decref(json);
	key(t, TOP_KEY_ESCAPE);
	keys(t, "3/new");
	json = saved(t);
	ck_assert_uint_eq(json_array_size(json_object_get(json, "in_flight")), 1);
	json_decref(json);
	key(t, TOP_KEY_ENTER);
	keys(t, "4");
	json = saved(t);
	ck_assert_uint_eq(json_array_size(json_object_get(json, "calls")), 3);
	json_decref(json);
	top_free(t);
}
END_TEST

/* Clicks at where that text stands. */
static enum top_ask click(struct top *t, const char *text, bool twice)
{
	const char *all = shown(t), *at = strstr(all, text), *line = all;
	unsigned int y = 0;

	ck_assert_msg(at, "no '%s' in\n%s", text, all);
	for (const char *p = all; p < at; p++)
		if (*p == '\n') {
			y++;
			line = p + 1;
		}
	return top_click(t, y, (unsigned int)(at - line), twice);
}

START_TEST(mouse)
{
	struct top *t = usual_top();

	click(t, "CALLS/s", false);
	ck_assert_str_eq(rows(t), "write openat read");
	click(t, "CALLS/s", false);
	ck_assert_str_eq(rows(t), "read openat write");
	click(t, "openat", false);
	ck_assert_int_eq(list_chosen((top_compose(t), t))->cell->key.nr, 257);
	click(t, "Gates", false);
	ck_assert_int_eq(t->pane, PANE_GATES);
	click(t, "Calls", false);
	click(t, "SortBy", false);
	shows(t, "Sort by");
	click(t, "errors", false);
	click(t, "SortBy", false);
	click(t, "  name", false);
	shows(t, "by name");
	click(t, "Help", false);
	shows(t, "Keys of sysgate top");
	click(t, "Keys of", false);
	shows_not(t, "Keys of sysgate top");
	top_scroll(t, 2);
	top_compose(t);
	ck_assert_uint_eq(t->places[LIST_CALLS].cursor, 2);
	click(t, "openat", true);
	shows(t, "openat (x86_64): processes");
	ck_assert_int_eq(click(t, "Quit", false), TOP_ASK_QUIT);
	/* Nowhere. */
	ck_assert_int_eq(top_click(t, 9999, 9999, false), TOP_ASK_NOTHING);
	top_free(t);
}
END_TEST

/* Each title is there as a whole, and what is sorted by is among them. */
static void check_titles(struct top *t)
{
	struct column_at columns[COLUMNS_AT_MAX];
	size_t count = columns_fit(t, t->width, columns);
	bool sorted = false, can_sort = false;
	unsigned int end = 0;

	ck_assert_uint_gt(count, 0);
	for (size_t i = 0; i < count; i++) {
		ck_assert_uint_ge(columns[i].x, end);
		ck_assert_uint_ge(columns[i].width, strlen(columns[i].title));
		end = columns[i].x + columns[i].width + 1;
		sorted |= columns[i].sorted;
		can_sort |= columns[i].sort >= 0;
	}
	if (t->width >= 60) {
		ck_assert_uint_le(end, t->width + 1);
		ck_assert_msg(sorted || !can_sort || list_kind(t) == LIST_GATES ||
				      list_kind(t) == LIST_RESULTS || list_kind(t) == LIST_SITES,
			      "%u columns: list %d, sort %d", t->width, list_kind(t), t->sort);
	}
}

/*
 * What stands in a frame has as many columns as it says, and no control characters. One assertion
 * for all of it: each is a write(2).
 */
static void check_frame(const struct frame *f)
{
	bool good = true;

	for (unsigned int y = 0; y < f->height; y++)
		for (unsigned int x = 0; x < f->width; x++) {
			const struct glyph *g = frame_at(f, y, x);

			good &= g->columns || (x && frame_at(f, y, x - 1)->columns == 2);
			good &= (unsigned char)g->text[0] >= ' ' || !g->columns;
			good &= g->text[0] != 0x7f && !(f->ascii && g->text[0] & 0x80);
		}
	ck_assert(good);
}

START_TEST(any_size)
{
	static const unsigned int widths[] = { 1, 29, 30, 60, 80, 100, 149, 150, 250 };
	static const unsigned int heights[] = { 1, 5, 6, 12, 24, 60 };
	static const enum sort_key sorts[] = { SORT_TOTAL, SORT_WAIT, SORT_NAME };
	struct top *t = new_top();
	struct made m = usual;

	t->config.dims = m.dims = DIM_PROC | DIM_ERRNO;
	for (m.i = 0; m.i < 40; m.i++)
		add(t, &m);
	for (size_t w = 0; w < ARRAY_SIZE(widths); w++)
		for (size_t h = 0; h < ARRAY_SIZE(heights); h++)
			for (int ascii = 0; ascii < 2; ascii++)
				for (int view = 0; view < 7; view++)
					for (size_t s = 0; s < ARRAY_SIZE(sorts); s++) {
						t->config.ascii = ascii;
						t->sort = sorts[s];
						t->pane = view < 4 ? view : PANE_CALLS;
						t->level = view < 4 ? LEVEL_CALLS : view - 4;
						t->call = (struct key){ .abi = 1, .gate = 1 };
						t->stale = true;
						top_resize(t, widths[w], heights[h]);
						check_frame(top_compose(t));
						check_titles(t);
					}
	/* As they are typed they are shown too. */
	for (int prompt = PROMPT_FILTER; prompt <= PROMPT_HELP; prompt++)
		for (size_t w = 0; w < ARRAY_SIZE(widths); w++)
			for (size_t h = 0; h < ARRAY_SIZE(heights); h++) {
				t->prompt = (enum prompt)prompt;
				strcpy(t->input, "some name of a file, which is rather long");
				top_resize(t, widths[w], heights[h]);
				check_frame(top_compose(t));
			}
	top_free(t);
}
END_TEST

START_TEST(few_columns)
{
	struct top *t = usual_top();

	/* At 60 columns what matters is there; the wider, the more. */
	top_resize(t, 60, 20);
	shows(t, "CALL                CALLS/s     ERR/s   TIME/s");
	keys(t, "m");
	shows(t, "MAX");
	keys(t, "t");
	top_resize(t, 80, 24);
	shows(t, "P99");
	top_resize(t, 250, 60);
	shows(t, "TREND");
	shows(t, "DEV");
	top_free(t);
}
END_TEST

START_TEST(rate_texts)
{
	static const struct {
		double rate;
		const char *text;
	} rates[] = {
		{ 0, "0" },
		{ 0.1, "0.10" },
		{ 9.99, "9.99" },
		{ 9.996, "10.0" },
		{ 99.96, "100" },
		{ 1234.4, "1,234" },
		{ 9999999, "9,999,999" },
		{ 12345678, "12.3 M" },
		{ 1.5e9, "1.50 G" },
	};
	char buf[32];

	for (size_t i = 0; i < ARRAY_SIZE(rates); i++)
		ck_assert_str_eq(format_rate(buf, sizeof(buf), rates[i].rate), rates[i].text);
}
END_TEST

START_TEST(for_long)
{
	struct top *t = new_top();
	struct made m = usual;
	size_t before = 0;

	/* Five hours and a half, all of it looked at each minute. */
	for (m.i = 0; m.i < 20000; m.i++) {
		add(t, &m);
		if (m.i % 60 == 0)
			top_compose(t);
		if (m.i == 10000)
			before = mallinfo2().uordblks;
	}
	ck_assert_uint_le(mallinfo2().uordblks, before + 100000);
	keys(t, "c");
	top_compose(t);
	ck_assert_uint_eq(t->rows[0].cell->count, 200000);
	top_free(t);
}
END_TEST

START_TEST(nothing_yet)
{
	struct top *t = new_top();

	shows(t, "counting ...");
	for (int code = 0; code < 0x80; code++)
		if (code != 'q')
			top_key(t, code);
	for (int code = TOP_KEY_UP; code < TOP_KEY_F12; code++)
		if (code != TOP_KEY_F1 + 9)
			top_key(t, code);
	top_compose(t);
	top_free(t);
	top_free(NULL);
}
END_TEST

int main(void)
{
	const struct unit_case cases[] = {
		{ "keys and the menu sort", sorting },
		{ "rows are filtered as it is typed", filtering },
		{ "a call is looked into: processes, results, sites", into_and_back },
		{ "and back, step by step", back_step_by_step },
		{ "what was replayed cannot be counted anew", replayed },
		{ "gates, calls in flight, losses", panes },
		{ "what was lost stays to be seen", losses },
		{ "back in time, while it goes on", back_in_time },
		{ "what is not kept any more stays on the screen", not_kept },
		{ "the row that was chosen is found again", chosen },
		{ "sums since the start are exact", since_the_start },
		{ "what is shown is what is saved", saving },
		{ "the mouse", mouse },
		{ "a frame of any size", any_size },
		{ "columns fit the width", few_columns },
		{ "rates have a width", rate_texts },
		{ "memory does not grow", for_long },
		{ "before anything was counted", nothing_yet },
	};

	return unit_main("top", cases, ARRAY_SIZE(cases));
}
