// SPDX-License-Identifier: GPL-2.0-or-later
/* sysgate top: the calls of now, on a terminal. What it shows is in top/, what it counts here. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "cmd/cmd.h"
#include "cmd/session.h"
#include "top/rescue.h"
#include "top/screen.h"
#include "top/state.h"

#define HISTORY_BYTES (64UL << 20)
#define HISTORY_NS    (15 * 60 * 1000000000ULL)
#define DRAW_NS	      40000000ULL /* at the most so often */
#define CELLS_MAX     8192	  /* by process: 23 MB */

struct top_options {
	struct select_options select; /* first: the option table counts on it */
	double interval, duration;
	const char *speed, *colours;
	bool ascii, no_mouse;
};

#define ROW(letter, name, arg, type, member, help)                                  \
	{                                                                           \
		letter, name, arg, type, offsetof(struct top_options, member), help \
	}

static const struct option_def options[] = {
	SELECT_WHOM,
	SELECT_ROW('e', "calls", "SET", OPTION_JOIN, calls,
		   "only these calls: names, !name, %file and other classes, gate:int80"),
	SELECT_ROW('b', "by", "KEY,..", OPTION_JOIN, group,
		   "keep apart by process from the start: then looking into a call needs no new "
		   "count, and reaches back in time"),
	SELECT_ROW('s', "sort", "KEY", OPTION_STRING, sort,
		   "sort by count, total (default), errors, avg, p99, max, wait or name"),
	SELECT_NAMES,
	SELECT_HOW,
	ROW('i', "interval", "SEC", OPTION_SECONDS, interval,
	    "show what was counted every SEC seconds (default 1)"),
	ROW('d', "duration", "SEC", OPTION_SECONDS, duration, "end after SEC seconds"),
	ROW(0, "speed", "N", OPTION_STRING, speed,
	    "of --replay: N times as fast as it was recorded (default 1)"),
	ROW(0, "colours", "WHICH", OPTION_STRING, colours,
	    "auto (default), dark, light: for such a background, or none"),
	ROW(0, "ascii", NULL, OPTION_FLAG, ascii, "draw with ASCII alone"),
	ROW(0, "no-mouse", NULL, OPTION_FLAG, no_mouse, "leave the mouse to the terminal"),
	{ 0 },
};

struct top_run {
	struct session *session;
	struct select_options *select; /* the session's */
	struct screen_options look;
	struct screen *screen; /* NULL: not yet, or no more */
	struct top *top;
	struct top_config config;
	struct top_want asked, counts; /* what the engine was asked for, and what it counts */
	struct callset *narrow;	       /* the call that is counted alone */
	const struct callset *calls;
	const pid_t *pids; /* those asked for on the command line */
	size_t pids_count;
	pid_t tgid[1];
	bool dirty;   /* what is on the screen is out of date */
	bool stepped; /* the keys that follow are meant for what comes next */
	bool ended;   /* what is replayed is over, and it is known */
	uint64_t next_draw;
};

/* What is done unasked is said where it can be read. */
static struct top_run *running;

static void say(const char *text)
{
	if (running->screen)
		top_say(running->top, false, "%s", text);
	else
		sg_warn("%s", text);
}

/* ---- drawing ---- */

static int draw(struct top_run *run, struct sg_error *e)
{
	const struct frame *f;

	if (!run->screen)
		return 0;
	f = top_compose(run->top);
	if (!f)
		return sg_fail_errno(e, ENOMEM, "screen");
	screen_show(run->screen, f);
	run->dirty = false;
	run->next_draw = session_now() + DRAW_NS;
	return 0;
}

static void leave_screen(struct top_run *run)
{
	screen_close(run->screen);
	run->screen = NULL;
}

/* ---- what is counted ---- */

/* The engine's request for what is wanted. */
static int ask_for(struct top_run *run, const struct top_want *want, struct sg_error *e)
{
	struct engine_config *c = &run->session->selection.config;
	struct engine_filter *f = &c->filter;
	char buf[64];
	int ret = 0;

	callset_free(run->narrow);
	run->narrow = NULL;
	if (want->narrow)
		ret = callset_parse(syscalls_name(run->config.names, want->call.abi, want->call.nr,
						  buf, sizeof(buf)),
				    run->config.names, &run->narrow, e);
	/* What is kept apart by site is not by process. */
	c->dims = want->dims;
	c->calls = run->narrow ? run->narrow : run->calls;
	/* Who runs for long sees processes without end. */
	c->cells_max = c->dims & DIM_PROC ? CELLS_MAX : 0;
	run->tgid[0] = want->tgid;
	f->pids = want->tgid ? run->tgid : run->pids;
	f->pids_count = want->tgid ? 1 : run->pids_count;
	run->asked = *want;
	return ret;
}

static int count_anew(struct top_run *run, const struct top_want *want, struct sg_error *e)
{
	int ret = session_halt(run->session, e);

	top_forget_state(run->top);
	if (!ret)
		ret = ask_for(run, want, e);
	return ret ? ret : session_go_on(run->session, e);
}

/* More is told apart than is wanted, and nothing is left out: no reason to begin anew. */
static bool is_counted(const struct top_run *run, const struct top_want *want)
{
	return !(want->dims & ~run->counts.dims) && !(run->counts.dims & DIM_SITE) &&
	       !run->counts.narrow;
}

/* What is shown may want something else to be counted. That takes a moment, and is said before. */
static int follow(struct top_run *run, struct sg_error *e)
{
	struct top_want want = top_wants(run->top);
	struct sg_error why = { 0 };
	int ret;

	if (top_want_same(&want, &run->asked) || is_counted(run, &want))
		return 0;
	ret = draw(run, e);
	if (ret)
		return ret;
	if (!count_anew(run, &want, &why))
		return 0;
	top_say(run->top, true, "%s", why.text);
	top_refuse_want(run->top);
	want = top_wants(run->top);
	return count_anew(run, &want, e);
}

/* ---- the session ---- */

static int parse_speed(const char *text, double *speed, struct sg_error *e)
{
	char *end = NULL;

	*speed = text ? strtod(text, &end) : 1;
	if (!text || (end != text && !*end && *speed >= 0.001 && *speed <= 1e6))
		return 0;
	return sg_fail(e, EINVAL, "bad --speed '%.64s': not a number from 0.001 to 1000000", text);
}

static int top_prepare(struct session *s, struct sg_error *e)
{
	struct top_run *run = s->data;
	struct selection *sel = &s->selection;
	int ret = terminal_check(e);

	if (ret)
		return ret;
	run->calls = sel->config.calls;
	run->pids = sel->config.filter.pids;
	run->pids_count = sel->config.filter.pids_count;
	run->config.names = sel->names;
	run->config.filter = sel->view.filter;
	run->config.filter_data = sel->view.filter_data;
	run->config.sort = sel->view.sort;
	/* By errno costs next to nothing. What was saved is split as it is. */
	run->config.dims = sel->config.dims | (s->select->replay ? 0 : DIM_ERRNO);
	run->asked.dims = run->config.dims;
	run->top = top_new(&run->config);
	return run->top ? ask_for(run, &run->asked, e) : sg_fail_errno(e, ENOMEM, "top");
}

static int top_attached(struct session *s, struct sg_error *e)
{
	struct top_run *run = s->data;
	unsigned int width, height;
	int ret;

	run->counts = run->asked;
	/* This engine sees all calls, whatever is asked for. */
	if (s->engine && s->engine->ops == &engine_events)
		run->counts.narrow = false;
	/* It stays with this one, also where another would come first the next time. */
	if (s->engine)
		run->select->engine = s->engine->ops->name;
	top_begin(run->top, &run->counts);
	if (s->engine)
		top_about(run->top, s->why);
	if (run->screen)
		return 0;
	/* Only now: what failed before is said on the terminal as it was. */
	ret = screen_open(&run->screen, &run->look, e);
	if (ret)
		return ret;
	screen_size(run->screen, &width, &height);
	top_resize(run->top, width, height);
	return draw(run, e);
}

static int top_interval(struct session *s, const struct snapshot *now, const struct snapshot *delta,
			bool last, struct sg_error *e)
{
	struct top_run *run = s->data;

	/* What is said after this goes to the terminal as it was. */
	if (last) {
		leave_screen(run);
		return 0;
	}
	run->dirty = true;
	return top_add(run->top, delta, now, e);
}

static size_t top_fds(struct session *s, struct pollfd *fds, size_t max)
{
	const struct top_run *run = s->data;

	return run->screen && max >= 2 ? screen_fds(run->screen, fds) : 0;
}

static uint64_t top_deadline(struct session *s)
{
	const struct top_run *run = s->data;

	return run->dirty ? run->next_draw : SESSION_NEVER;
}

/* ---- keys ---- */

static int save(struct top_run *run, struct sg_error *e)
{
	struct output o;
	const char *path = top_save_path(run->top);
	int ret = output_open(&o, path, e);

	if (ret)
		return ret;
	ret = top_save(run->top, o.file, e);
	if (!ret)
		ret = output_commit(&o, e);
	output_close(&o);
	return ret;
}

static void save_and_say(struct top_run *run)
{
	struct sg_error e = { 0 };

	if (save(run, &e))
		top_say(run->top, true, "%s", e.text);
	else
		top_say(run->top, false, "saved as '%s'", top_save_path(run->top));
}

static void answer(struct top_run *run, enum top_ask ask)
{
	switch (ask) {
	case TOP_ASK_QUIT:
		session_leave(run->session);
		break;
	case TOP_ASK_SAVE:
		save_and_say(run);
		break;
	case TOP_ASK_STEP:
		player_step(run->session->player);
		run->stepped = true;
		break;
	case TOP_ASK_REDRAW:
		screen_redraw(run->screen);
		break;
	case TOP_ASK_NOTHING:
		break;
	}
}

/* While it is stopped nobody would take what is counted: it is counted anew afterwards. */
static int stop(struct top_run *run, struct sg_error *e)
{
	unsigned int width, height;
	int ret = run->session->engine ? session_halt(run->session, e) : 0;

	top_forget_state(run->top);
	if (run->session->player)
		player_hold(run->session->player, session_now(), true);
	if (ret)
		return ret;
	screen_stop(run->screen);
	screen_size(run->screen, &width, &height);
	top_resize(run->top, width, height);
	if (run->session->player)
		player_hold(run->session->player, session_now(), !top_live(run->top));
	else
		ret = session_go_on(run->session, e);
	return ret;
}

static int handle(struct top_run *run, const struct screen_event *ev, struct sg_error *e)
{
	run->dirty = true;
	switch (ev->kind) {
	case SCREEN_KEY:
		answer(run, top_key(run->top, ev->key));
		break;
	case SCREEN_CLICK:
		answer(run, top_click(run->top, ev->y, ev->x, ev->twice));
		break;
	case SCREEN_WHEEL:
		top_scroll(run->top, ev->rows);
		break;
	case SCREEN_RESIZED:
		top_resize(run->top, ev->x, ev->y);
		break;
	case SCREEN_STOP:
		return stop(run, e);
	case SCREEN_RESUMED:
		screen_redraw(run->screen);
		break;
	case SCREEN_GONE:
		session_leave(run->session);
		break;
	}
	return 0;
}

static int top_turn(struct session *s, const struct pollfd *fds, size_t count, struct sg_error *e)
{
	struct top_run *run = s->data;
	struct screen_event ev;
	bool typed = false;
	int ret = 0;

	(void)count;
	run->stepped = false;
	while (!ret && run->screen && !s->leave && !run->stepped &&
	       screen_next(run->screen, fds, &ev)) {
		/* A key is meant for the rows that it finds, which the one before may have changed.
		 */
		if (typed)
			top_compose(run->top);
		ret = handle(run, &ev, e);
		if (!ret)
			ret = follow(run, e);
		typed = true;
	}
	if (s->player) {
		player_hold(s->player, session_now(), !top_live(run->top));
		if (player_ended(s->player) && !run->ended) {
			top_ended(run->top);
			run->ended = run->dirty = true;
		}
	}
	if (!ret && run->dirty && (typed || session_now() >= run->next_draw))
		ret = draw(run, e);
	return ret;
}

static const struct session_hooks hooks = {
	.prepare = top_prepare,
	.attached = top_attached,
	.interval = top_interval,
	.fds = top_fds,
	.deadline = top_deadline,
	.turn = top_turn,
};

static int run(void *data, int argc, char **argv, struct sg_error *e)
{
	struct top_options *o = data;
	struct top_run run = {
		.select = &o->select,
		.config.history = { HISTORY_BYTES, HISTORY_NS },
		.config.replay = o->select.replay != NULL,
		.look.mouse = !o->no_mouse,
	};
	struct session s = {
		.hooks = &hooks,
		.select = &o->select,
		.interval = o->interval > 0 ? o->interval : 1,
		.duration = o->duration,
		.each = true,
		.say = say,
		.data = &run,
	};
	int status;

	if (argc) {
		sg_fail(e, EINVAL, "no operand is wanted, '%s' is one", argv[0]);
		return SG_EXIT_USAGE;
	}
	if (parse_speed(o->speed, &s.speed, e) ||
	    screen_theme_parse(o->colours, &run.look.theme, e))
		return SG_EXIT_USAGE;
	run.config.ascii = o->ascii || screen_is_ascii();
	run.session = &s;
	running = &run;
	status = session_run(&s, argc, argv, e);
	leave_screen(&run);
	top_free(run.top);
	callset_free(run.narrow);
	return status;
}

const struct command command_top = {
	.name = "top",
	.summary = "Show the calls of now on the terminal, and look into them",
	.synopsis = "[OPTIONS]",
	.text = "Calls by time, rate or errors, what each was over the last minutes, how its times\n"
		"are spread; of which processes, with which results, from which sites (kmod); gates,\n"
		"calls in flight, losses. While a call is looked into, kmod counts that one alone.\n"
		"\n"
		"keys: arrows, Enter: look into, Backspace: back, Tab: next pane, r t e: sort by rate,\n"
		"time, errors, F6: by something else, /: filter, Space: pause, Left Right: back in time\n"
		"and forward, c: since the start, s: save as JSON, ?: all keys, q: quit\n"
		"\n"
		"--replay takes JSON Lines as 'stream' and 'stat -o json' write them, and what 'record'\n"
		"recorded.\n"
		"\n"
		"examples:\n"
		"  sysgate top\n"
		"  sysgate top -p 1234 -s errors\n"
		"  sysgate top -e %file -b process           by process from the start\n"
		"  sysgate top --replay day.db --speed 60    a minute each second\n",
	.options = options,
	.size = sizeof(struct top_options),
	.run = run,
};
