// SPDX-License-Identifier: GPL-2.0-or-later
#include "top/keys.h"

#include "base/cleanup.h"
#include "stats/view.h"
#include "top/state.h"

#define F(n) (TOP_KEY_F1 + (n)-1)

/* As in htop where that has the same: the arrows, F1, F4, F6, F10, Tab, \ / < > I Z. */
static const struct top_key keys[] = {
	{ TOP_KEY_UP, TOP_UP, 0 },
	{ 'k', TOP_UP, 0 },
	{ TOP_KEY_CTRL('p'), TOP_UP, 0 },
	{ TOP_KEY_DOWN, TOP_DOWN, 0 },
	{ 'j', TOP_DOWN, 0 },
	{ TOP_KEY_CTRL('n'), TOP_DOWN, 0 },
	{ TOP_KEY_PAGE_UP, TOP_PAGE_UP, 0 },
	{ TOP_KEY_CTRL('b'), TOP_PAGE_UP, 0 },
	{ TOP_KEY_PAGE_DOWN, TOP_PAGE_DOWN, 0 },
	{ TOP_KEY_CTRL('f'), TOP_PAGE_DOWN, 0 },
	{ TOP_KEY_HOME, TOP_HOME, 0 },
	{ TOP_KEY_CTRL('a'), TOP_HOME, 0 },
	{ TOP_KEY_END, TOP_END, 0 },
	{ TOP_KEY_CTRL('e'), TOP_END, 0 },
	{ TOP_KEY_ENTER, TOP_INTO, 0 },
	{ TOP_KEY_BACKSPACE, TOP_BACK, 0 },
	{ TOP_KEY_ESCAPE, TOP_BACK, 0 },
	{ TOP_KEY_TAB, TOP_NEXT_PANE, 0 },
	{ TOP_KEY_BACK_TAB, TOP_LAST_PANE, 0 },
	{ '1', TOP_PANE, PANE_CALLS },
	{ '2', TOP_PANE, PANE_GATES },
	{ '3', TOP_PANE, PANE_IN_FLIGHT },
	{ '4', TOP_PANE, PANE_LOSSES },
	{ F(6), TOP_SORT_MENU, 0 },
	{ '<', TOP_SORT_MENU, 0 },
	{ '>', TOP_SORT_MENU, 0 },
	{ ',', TOP_SORT_MENU, 0 },
	{ '.', TOP_SORT_MENU, 0 },
	{ 'r', TOP_SORT, SORT_COUNT },
	{ 't', TOP_SORT, SORT_TOTAL },
	{ 'T', TOP_SORT, SORT_TOTAL },
	{ 'e', TOP_SORT, SORT_ERRORS },
	{ 'a', TOP_SORT, SORT_AVG },
	{ 'p', TOP_SORT, SORT_P99 },
	{ 'm', TOP_SORT, SORT_MAX },
	{ 'w', TOP_SORT, SORT_WAIT },
	{ 'n', TOP_SORT, SORT_NAME },
	{ 'I', TOP_INVERT, 0 },
	{ F(4), TOP_FILTER, 0 },
	{ '/', TOP_FILTER, 0 },
	{ '\\', TOP_FILTER, 0 },
	{ F(5), TOP_PAUSE, 0 },
	{ ' ', TOP_PAUSE, 0 },
	{ 'Z', TOP_PAUSE, 0 },
	{ F(7), TOP_EARLIER, 0 },
	{ TOP_KEY_LEFT, TOP_EARLIER, 0 },
	{ '[', TOP_EARLIER, 0 },
	{ F(8), TOP_LATER, 0 },
	{ TOP_KEY_RIGHT, TOP_LATER, 0 },
	{ ']', TOP_LATER, 0 },
	{ '{', TOP_MUCH_EARLIER, 0 },
	{ '}', TOP_MUCH_LATER, 0 },
	{ 'l', TOP_NOW, 0 },
	{ 'c', TOP_SINCE, 0 },
	{ F(9), TOP_SINCE, 0 },
	{ F(2), TOP_SAVE, 0 },
	{ 's', TOP_SAVE, 0 },
	{ F(1), TOP_HELP, 0 },
	{ '?', TOP_HELP, 0 },
	{ 'h', TOP_HELP, 0 },
	{ F(10), TOP_QUIT, 0 },
	{ 'q', TOP_QUIT, 0 },
	{ TOP_KEY_CTRL('l'), TOP_REDRAW, 0 },
};

const struct top_help top_help[] = {
	{ "Up Down PgUp PgDn", "choose a row (Home: always the first)" },
	{ "Enter", "look into it: processes, results, sites" },
	{ "Backspace Esc", "and back" },
	{ "Tab 1 2 3 4", "calls, gates, in flight, losses" },
	{ "r t e", "sort by rate, time, errors" },
	{ "a p m w n", "by average, p99, longest, waiting, name" },
	{ "F6 < >", "choose the order; I: the other way round" },
	{ "F4 / \\", "filter the rows as you type; Esc ends it" },
	{ "F5 Space Z", "pause; counting goes on" },
	{ "F7 Left [", "one interval back" },
	{ "F8 Right ]", "and forward; { and }: ten" },
	{ "l", "back to now" },
	{ "F9 c", "the interval, or all since the start" },
	{ "F2 s", "save what is shown as JSON" },
	{ "F10 q", "quit" },
	{ "mouse", "choose, sort, scroll; twice: look into" },
	{ "~", "before a time: at most 12.5 % off" },
};
const size_t top_help_count = ARRAY_SIZE(top_help);

const struct top_bar top_bar[] = {
	{ "F1", "Help", TOP_HELP, 1 },	      { "F2", "Save", TOP_SAVE, 6 },
	{ "F4", "Filter", TOP_FILTER, 2 },    { "F5", "Pause", TOP_PAUSE, 4 },
	{ "F6", "SortBy", TOP_SORT_MENU, 3 }, { "F7", "Earlier", TOP_EARLIER, 7 },
	{ "F8", "Later", TOP_LATER, 8 },      { "F9", "Since", TOP_SINCE, 9 },
	{ "Tab", "Pane", TOP_NEXT_PANE, 5 },  { "F10", "Quit", TOP_QUIT, 0 },
};
const size_t top_bar_count = ARRAY_SIZE(top_bar);

const struct top_key *top_key_find(int key)
{
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		if (keys[i].key == key)
			return &keys[i];
	return NULL;
}
