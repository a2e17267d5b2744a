// SPDX-License-Identifier: GPL-2.0-or-later
/* Apart from screen.c, since <term.h> makes macros of words such as lines, columns and tone. */
#include "top/rescue.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include <curses.h>
#include <term.h>

#define ALT_STACK 65536
#define COUNT(a)  (sizeof(a) / sizeof((a)[0]))

static const int deadly[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGQUIT, SIGSYS, SIGTRAP };

/* Made beforehand: the handler can but write. */
static struct {
	struct termios before;
	char text[512];
	size_t size;
	struct sigaction actions[COUNT(deadly)];
	stack_t stack;
} rescue;

static void on_deadly_signal(int number)
{
	const char *at = rescue.text;
	size_t left = rescue.size;

	while (left) {
		ssize_t n = write(STDOUT_FILENO, at, left);

		if (n <= 0)
			break;
		at += n;
		left -= (size_t)n;
	}
	tcsetattr(STDIN_FILENO, TCSANOW, &rescue.before);
	/* The handler is off (SA_RESETHAND): now it takes its course, core and all. */
	raise(number);
}

static int add_byte(int byte)
{
	if (rescue.size < sizeof(rescue.text))
		rescue.text[rescue.size++] = (char)byte;
	return byte;
}

static void add_capability(const char *text)
{
	if (text && text != (char *)-1)
		tputs(text, 1, add_byte);
}

static void prepare(bool mouse)
{
	const char *mouse_mode = tigetstr("XM");

	rescue.size = 0;
	if (mouse && mouse_mode && mouse_mode != (char *)-1)
		add_capability(tparm(mouse_mode, 0L, 0L, 0L, 0L, 0L, 0L, 0L, 0L, 0L));
	else if (mouse)
		add_capability("\033[?1006l\033[?1000l");
	add_capability(tigetstr("sgr0"));
	add_capability(tigetstr("op"));
	add_capability(tigetstr("cnorm"));
	add_capability(tigetstr("rmkx"));
	add_capability(tigetstr("rmcup"));
}

static void catch_deadly(void)
{
	struct sigaction a = { .sa_handler = on_deadly_signal,
			       .sa_flags = SA_RESETHAND | SA_ONSTACK | SA_NODEFER };
	stack_t stack = { .ss_sp = malloc(ALT_STACK), .ss_size = ALT_STACK };

	/* A stack that has overflown has no room for the handler. */
	if (stack.ss_sp && !sigaltstack(&stack, NULL))
		rescue.stack = stack;
	else
		free(stack.ss_sp);
	sigemptyset(&a.sa_mask);
	for (size_t i = 0; i < COUNT(deadly); i++)
		sigaction(deadly[i], &a, &rescue.actions[i]);
}

void rescue_end(void)
{
	const stack_t none = { .ss_flags = SS_DISABLE };

	for (size_t i = 0; i < COUNT(deadly); i++)
		sigaction(deadly[i], &rescue.actions[i], NULL);
	if (rescue.stack.ss_sp)
		sigaltstack(&none, NULL);
	free(rescue.stack.ss_sp);
	rescue.stack = (stack_t){ 0 };
}

void rescue_begin(const struct termios *before, bool mouse)
{
	rescue.before = *before;
	prepare(mouse);
	catch_deadly();
}

static bool can(const char *capability)
{
	const char *text = tigetstr(capability);

	return text && text != (char *)-1;
}

int terminal_check(struct sg_error *e)
{
	const char *term = getenv("TERM");
	int found = 0;
	bool enough;

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) {
		sg_fail(e, ENOTTY, "standard %s is no terminal",
			isatty(STDIN_FILENO) ? "output" : "input");
		sg_hint(e,
			"'sysgate stat -i 1' prints a table each second, 'sysgate stream' lines");
		return -ENOTTY;
	}
	if (setupterm(NULL, STDOUT_FILENO, &found) != OK) {
		sg_fail(e, ENOTSUP, "terminal '%.64s' is not known here", term ? term : "");
		sg_hint(e,
			"TERM names it; its description comes with ncurses-base or ncurses-term");
		return -ENOTSUP;
	}
	enough = can("cup") && (can("clear") || can("ed"));
	del_curterm(cur_term);
	if (enough)
		return 0;
	sg_fail(e, ENOTSUP, "terminal '%.64s' cannot put text at a place", term ? term : "");
	sg_hint(e, "'sysgate stat -i 1' prints a table each second");
	return -ENOTSUP;
}
