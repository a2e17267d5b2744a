// SPDX-License-Identifier: GPL-2.0-or-later
#include "top/screen.h"

#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>
#include <wchar.h>

#define NCURSES_WIDECHAR 1
#include <curses.h>

#include "base/cleanup.h"
#include "top/keys.h"
#include "top/rescue.h"

#define ESCAPE_MS 25	    /* an Escape that begins no key is told apart after */
#define TWICE_NS  400000000 /* two clicks that are nearer to each other are one of two */
#define WHEEL	  3
#define MOUSE_MAX 8 /* events that ncurses itself keeps */

struct screen {
	SCREEN *curses;
	int signals; /* signalfd */
	sigset_t mask;
	struct termios before, typed; /* its modes outside, and while it is open */
	attr_t tones[TONES];
	bool mouse;
	bool hidden; /* the cursor */
	uint64_t clicked_ns;
	unsigned int clicked_y, clicked_x;
	MEVENT events[MOUSE_MAX]; /* that came at once, the newest first */
	size_t events_count;
};

int screen_theme_parse(const char *text, enum screen_theme *theme, struct sg_error *e)
{
	static const char *const names[] = { [THEME_AUTO] = "auto",
					     [THEME_DARK] = "dark",
					     [THEME_LIGHT] = "light",
					     [THEME_NONE] = "none" };

	*theme = THEME_AUTO;
	for (size_t i = 0; text && i < ARRAY_SIZE(names); i++)
		if (!strcmp(text, names[i])) {
			*theme = (enum screen_theme)i;
			return 0;
		}
	if (!text)
		return 0;
	sg_fail(e, EINVAL, "no colours '%.64s'", text);
	sg_hint(e, "known: auto, dark, light, none");
	return -EINVAL;
}

bool screen_is_ascii(void)
{
	/* Of numbers, times and messages nothing changes. */
	setlocale(LC_CTYPE, "");
	return strcmp(nl_langinfo(CODESET), "UTF-8") != 0;
}

/* ---- colours ---- */

/* A tone without colours; with 8; with 256 on a background that is not known, dark, light. */
struct paint {
	attr_t plain;
	short fg8, bg8;
	attr_t with8;
	short fg[3], bg[3];
	attr_t with256;
};

#define SAME(n)         \
	{               \
		n, n, n \
	}

/* -1 is the terminal's own. The middle greys and colours are read on black and on white. */
static const struct paint paints[TONES] = {
	[TONE_PLAIN] = { 0, -1, -1, 0, SAME(-1), SAME(-1), 0 },
	[TONE_DIM] = { A_DIM, -1, -1, A_DIM, { 244, 245, 240 }, SAME(-1), 0 },
	[TONE_STRONG] = { A_BOLD, -1, -1, A_BOLD, SAME(-1), SAME(-1), A_BOLD },
	[TONE_BAD] = { A_BOLD | A_UNDERLINE,
		       COLOR_RED,
		       -1,
		       A_BOLD,
		       { 160, 203, 160 },
		       SAME(-1),
		       A_BOLD },
	[TONE_CHART] = { 0, COLOR_CYAN, -1, 0, { 37, 44, 30 }, SAME(-1), 0 },
	[TONE_BAR] = { A_REVERSE, COLOR_WHITE, COLOR_BLUE, 0, SAME(231), SAME(24), 0 },
	[TONE_ACTIVE] = { A_BOLD, COLOR_WHITE, COLOR_BLACK, A_BOLD, SAME(231), SAME(31), A_BOLD },
	[TONE_HEAD] = { A_BOLD | A_UNDERLINE,
			COLOR_BLACK,
			COLOR_GREEN,
			0,
			{ 16, 231, 16 },
			{ 250, 238, 252 },
			0 },
	[TONE_SORTED] = { A_REVERSE, COLOR_BLACK, COLOR_CYAN, 0, SAME(16), SAME(73), A_BOLD },
	[TONE_CURSOR] = { A_REVERSE, COLOR_BLACK, COLOR_CYAN, 0, SAME(231), SAME(31), 0 },
	[TONE_KEY] = { A_BOLD, -1, -1, A_BOLD, SAME(-1), SAME(-1), A_BOLD },
	[TONE_BUTTON] = { A_REVERSE, COLOR_BLACK, COLOR_CYAN, 0, SAME(16), SAME(73), 0 },
	[TONE_LABEL] = { A_DIM, -1, -1, 0, { 244, 247, 239 }, SAME(-1), 0 },
	[TONE_BOX] = { A_REVERSE, COLOR_WHITE, COLOR_BLUE, 0, SAME(231), SAME(238), 0 },
};

/* Terminals that tell it do so as "foreground;background", by the numbers of the old colours. */
static enum screen_theme background(void)
{
	const char *told = getenv("COLORFGBG"), *last = told ? strrchr(told, ';') : NULL;
	int n = last ? atoi(last + 1) : -1;

	return n < 0 ? THEME_AUTO : n == 7 || n == 15 ? THEME_LIGHT : THEME_DARK;
}

static void choose_colours(struct screen *s, enum screen_theme theme)
{
	bool colours = theme != THEME_NONE && !getenv("NO_COLOR") && has_colors() &&
		       start_color() == OK && use_default_colors() == OK && COLORS >= 8;
	size_t kind;

	if (theme == THEME_AUTO)
		theme = background();
	kind = theme == THEME_DARK ? 1 : theme == THEME_LIGHT ? 2 : 0;
	for (short i = 0; i < TONES; i++) {
		const struct paint *p = &paints[i];
		bool many = colours && COLORS >= 256;
		short fg = many ? p->fg[kind] : p->fg8, bg = many ? p->bg[kind] : p->bg8;

		if (!colours) {
			s->tones[i] = p->plain;
			continue;
		}
		s->tones[i] = many ? p->with256 : p->with8;
		if (fg == -1 && bg == -1)
			continue;
		init_pair((short)(i + 1), fg, bg);
		s->tones[i] |= (attr_t)COLOR_PAIR(i + 1);
	}
}

/* ---- opening and closing ---- */

static const int watched[] = { SIGWINCH, SIGTSTP, SIGCONT };

static int watch_signals(struct screen *s, struct sg_error *e)
{
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < ARRAY_SIZE(watched); i++)
		sigaddset(&set, watched[i]);
	sigprocmask(SIG_BLOCK, &set, &s->mask);
	s->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return s->signals < 0 ? sg_fail_errno(e, errno, "signalfd") : 0;
}

/* Ctrl-S would hold what is shown, and with it the counting. */
static void set_modes(struct screen *s)
{
	struct termios t;

	cbreak();
	noecho();
	nonl();
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	if (tcgetattr(STDIN_FILENO, &t))
		return;
	t.c_iflag &= ~(tcflag_t)(IXON | IXOFF);
	tcsetattr(STDIN_FILENO, TCSADRAIN, &t);
	s->typed = t;
	def_prog_mode();
}

int screen_open(struct screen **out, const struct screen_options *o, struct sg_error *e)
{
	struct screen *s = calloc(1, sizeof(*s));
	int ret;

	if (!s)
		return sg_fail_errno(e, ENOMEM, "terminal");
	s->signals = -1;
	tcgetattr(STDIN_FILENO, &s->before);
	ret = watch_signals(s, e);
	if (!ret) {
		s->curses = newterm(NULL, stdout, stdin);
		ret = s->curses ? 0 : sg_fail(e, ENOTSUP, "cannot use this terminal");
	}
	if (ret) {
		screen_close(s);
		return ret;
	}
	set_escdelay(ESCAPE_MS);
	set_modes(s);
	choose_colours(s, o->theme);
	s->mouse = o->mouse;
	if (o->mouse) {
		mousemask(BUTTON1_PRESSED | BUTTON4_PRESSED | BUTTON5_PRESSED, NULL);
		mouseinterval(0);
	}
	curs_set(0);
	s->hidden = true;
	rescue_begin(&s->before, o->mouse);
	*out = s;
	return 0;
}

void screen_close(struct screen *s)
{
	if (!s)
		return;
	if (s->curses) {
		rescue_end();
		if (s->mouse)
			mousemask(0, NULL);
		curs_set(1);
		endwin();
		tcsetattr(STDIN_FILENO, TCSADRAIN, &s->before);
		delscreen(s->curses);
	}
	if (s->signals >= 0)
		close(s->signals);
	sigprocmask(SIG_SETMASK, &s->mask, NULL);
	free(s);
}

void screen_stop(struct screen *s)
{
	sigset_t stop;

	curs_set(1);
	endwin();
	tcsetattr(STDIN_FILENO, TCSADRAIN, &s->before);
	sigemptyset(&stop);
	sigaddset(&stop, SIGTSTP);
	/* ncurses has a handler of its own for it. */
	signal(SIGTSTP, SIG_DFL);
	raise(SIGTSTP);
	sigprocmask(SIG_UNBLOCK, &stop, NULL);
	/* Here it is stopped. */
	sigprocmask(SIG_BLOCK, &stop, NULL);
	screen_redraw(s);
}

void screen_redraw(struct screen *s)
{
	tcsetattr(STDIN_FILENO, TCSADRAIN, &s->typed);
	reset_prog_mode();
	curs_set(s->hidden ? 0 : 1);
	clearok(curscr, TRUE);
	refresh();
}

/* ---- showing ---- */

void screen_size(const struct screen *s, unsigned int *width, unsigned int *height)
{
	(void)s;
	*width = (unsigned int)COLS;
	*height = (unsigned int)LINES;
}

/* The characters of one tone that stand beside each other, as one text. */
static void show_line(struct screen *s, const struct frame *f, unsigned int y)
{
	char text[4096];
	unsigned int x = 0;

	while (x < f->width) {
		unsigned int from = x, tone = frame_at(f, y, x)->tone;
		size_t used = 0;

		for (; x < f->width && frame_at(f, y, x)->tone == tone &&
		       used + sizeof(((struct glyph *)0)->text) < sizeof(text);
		     x++) {
			const struct glyph *g = frame_at(f, y, x);
			size_t n = strlen(g->text);

			memcpy(text + used, g->text, n);
			used += n;
		}
		attrset((int)s->tones[tone]);
		mvaddnstr((int)y, (int)from, text, (int)used);
	}
}

void screen_show(struct screen *s, const struct frame *f)
{
	bool hide = !f->cursor;

	erase();
	for (unsigned int y = 0; y < f->height && y < (unsigned int)LINES; y++)
		show_line(s, f, y);
	attrset(A_NORMAL);
	if (hide != s->hidden)
		curs_set(hide ? 0 : 1);
	s->hidden = hide;
	if (f->cursor)
		move((int)f->cursor_y, (int)f->cursor_x);
	refresh();
}

/* ---- input ---- */

size_t screen_fds(const struct screen *s, struct pollfd *fds)
{
	fds[0] = (struct pollfd){ STDIN_FILENO, POLLIN, 0 };
	fds[1] = (struct pollfd){ s->signals, POLLIN, 0 };
	return 2;
}

static int key_of(wint_t code)
{
	static const struct {
		wint_t curses;
		int key;
	} keys[] = {
		{ KEY_UP, TOP_KEY_UP },		{ KEY_DOWN, TOP_KEY_DOWN },
		{ KEY_LEFT, TOP_KEY_LEFT },	{ KEY_RIGHT, TOP_KEY_RIGHT },
		{ KEY_PPAGE, TOP_KEY_PAGE_UP }, { KEY_NPAGE, TOP_KEY_PAGE_DOWN },
		{ KEY_HOME, TOP_KEY_HOME },	{ KEY_END, TOP_KEY_END },
		{ KEY_ENTER, TOP_KEY_ENTER },	{ KEY_BACKSPACE, TOP_KEY_BACKSPACE },
		{ KEY_DC, TOP_KEY_DELETE },	{ KEY_BTAB, TOP_KEY_BACK_TAB },
	};

	if (code >= KEY_F(1) && code <= KEY_F(12))
		return TOP_KEY_F1 + (int)(code - KEY_F(1));
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		if (keys[i].curses == code)
			return keys[i].key;
	return 0;
}

static int character_of(wint_t code)
{
	switch (code) {
	case '\r':
	case '\n':
		return TOP_KEY_ENTER;
	case '\t':
		return TOP_KEY_TAB;
	case 0x1b:
		return TOP_KEY_ESCAPE;
	case 0x7f:
	case '\b':
		return TOP_KEY_BACKSPACE;
	default:
		return (int)code;
	}
}

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000ULL + (uint64_t)t.tv_nsec;
}

static bool mouse_event(struct screen *s, const MEVENT *m, struct screen_event *e)
{
	uint64_t now = now_ns();

	if (m->y < 0 || m->x < 0)
		return false;
	e->y = (unsigned int)m->y;
	e->x = (unsigned int)m->x;
	if (m->bstate & (BUTTON4_PRESSED | BUTTON5_PRESSED)) {
		e->kind = SCREEN_WHEEL;
		e->rows = m->bstate & BUTTON4_PRESSED ? -WHEEL : WHEEL;
		return true;
	}
	if (!(m->bstate & BUTTON1_PRESSED))
		return false;
	e->kind = SCREEN_CLICK;
	e->twice = e->y == s->clicked_y && e->x == s->clicked_x && now - s->clicked_ns < TWICE_NS;
	s->clicked_y = e->y;
	s->clicked_x = e->x;
	/* A third one begins anew. */
	s->clicked_ns = e->twice ? 0 : now;
	return true;
}

/* What came at once is one key to ncurses, of which getmouse() has the last event first. */
static void take_mouse(struct screen *s)
{
	while (s->events_count < MOUSE_MAX && getmouse(&s->events[s->events_count]) == OK)
		s->events_count++;
}

static bool next_mouse(struct screen *s, struct screen_event *e)
{
	while (s->events_count)
		if (mouse_event(s, &s->events[--s->events_count], e))
			return true;
	return false;
}

static bool resize(struct screen_event *e)
{
	struct winsize size;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) || !size.ws_row || !size.ws_col)
		return false;
	resizeterm(size.ws_row, size.ws_col);
	/* What it has kept is not known: it may have been another size since the last one. */
	clearok(curscr, TRUE);
	e->kind = SCREEN_RESIZED;
	e->y = size.ws_row;
	e->x = size.ws_col;
	return true;
}

static bool next_signal(struct screen *s, struct screen_event *e)
{
	struct signalfd_siginfo info;

	while (read(s->signals, &info, sizeof(info)) == sizeof(info)) {
		switch (info.ssi_signo) {
		case SIGWINCH:
			if (resize(e))
				return true;
			break;
		case SIGTSTP:
			e->kind = SCREEN_STOP;
			return true;
		default:
			e->kind = SCREEN_RESUMED;
			return true;
		}
	}
	return false;
}

bool screen_next(struct screen *s, const struct pollfd *fds, struct screen_event *e)
{
	wint_t code;
	int ret;

	*e = (struct screen_event){ 0 };
	if (next_signal(s, e) || next_mouse(s, e))
		return true;
	while ((ret = get_wch(&code)) != ERR) {
		if (ret == KEY_CODE_YES && code == KEY_MOUSE) {
			take_mouse(s);
			if (next_mouse(s, e))
				return true;
			continue;
		}
		e->kind = SCREEN_KEY;
		e->key = ret == KEY_CODE_YES ? key_of(code) : character_of(code);
		if (e->key)
			return true;
	}
	/* Polled so, there is nothing to be read, and never will be. */
	if (fds[0].revents & (POLLHUP | POLLERR | POLLNVAL)) {
		e->kind = SCREEN_GONE;
		return true;
	}
	return false;
}
