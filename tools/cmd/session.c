// SPDX-License-Identifier: GPL-2.0-or-later
#include "cmd/session.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "engine/saved.h"

/* The two of its own that are polled: signals and the engine. */
#define OWN_FDS 2

/* At most so long --replay hands on what is due before keys and signals are looked at. */
#define PLAY_NS 20000000

uint64_t session_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000ULL + (uint64_t)t.tv_nsec;
}

void session_leave(struct session *s)
{
	s->leave = true;
}

int session_snapshot(struct session *s, struct snapshot **out, struct sg_error *e)
{
	return s->engine->ops->snapshot(s->engine, out, e);
}

/* Hands on what came since the last delta that was taken; now belongs to the session. */
static int hand_on(struct session *s, struct snapshot *now, bool last, struct sg_error *e)
{
	struct snapshot *delta = s->before ? snapshot_delta(now, s->before) : now;
	int ret;

	if (!delta) {
		snapshot_free(now);
		return sg_fail_errno(e, ENOMEM, "difference of snapshots");
	}
	ret = s->hooks->interval ? s->hooks->interval(s, now, delta, last, e) : 0;
	if (delta != now)
		snapshot_free(delta);
	if (ret == SESSION_LATER) {
		snapshot_free(now);
		return 0;
	}
	snapshot_free(s->before);
	s->before = now;
	return ret;
}

static int replay_one(struct session *s, const struct snapshot *delta, struct sg_error *e)
{
	s->whole &= !snapshot_lossy(delta) && snapshot_conserved(delta);
	return s->hooks->interval(s, delta, delta, false, e);
}

/* What of a --replay file is due. No more at once than leaves time for the other things. */
static int play(struct session *s, struct sg_error *e)
{
	uint64_t now = session_now(), until = now + PLAY_NS;
	struct snapshot *delta;
	int ret = 0;

	while (!ret && session_now() < until) {
		ret = player_next(s->player, now, &delta, e);
		if (!ret && !delta)
			return 0;
		if (!ret)
			ret = engine_replay_check(&s->selection.config, delta, e);
		if (!ret)
			ret = replay_one(s, delta, e);
		snapshot_free(delta);
	}
	return ret;
}

static int interval(struct session *s, struct sg_error *e)
{
	uint64_t now = session_now(), every = (uint64_t)(s->interval * 1e9);
	struct snapshot *state = NULL;
	int ret;

	if (now < s->next_interval || !s->engine)
		return 0;
	/* What ends together with the session is its last one. */
	if (now >= s->end)
		return 0;
	/* What was slept over is one long interval, not many short ones now. */
	s->next_interval += every * ((now - s->next_interval) / every + 1);
	ret = session_snapshot(s, &state, e);
	return ret ? ret : hand_on(s, state, false, e);
}

/* SIGINT, SIGTERM, SIGHUP end it: with a command, when that has ended; the second time at once. */
static void asked_to_end(struct session *s, int signal)
{
	if (!s->child.pid || s->child.ended || s->asked++) {
		s->leave = true;
		s->left_by = s->child.pid && !s->child.ended ? signal : 0;
		return;
	}
	/* Ctrl-C reaches the command from the terminal too; the others come to sysgate alone. */
	if (signal != SIGINT)
		kill(s->child.pid, signal);
}

static int handle_signals(struct session *s, struct sg_error *e)
{
	struct signalfd_siginfo info;
	int ret = 0;

	while (!ret && read(s->signals, &info, sizeof(info)) == sizeof(info)) {
		switch (info.ssi_signo) {
		case SIGCHLD:
			child_poll(&s->child);
			break;
		case SIGUSR1:
			ret = s->hooks->asked ? s->hooks->asked(s, e) : 0;
			break;
		default:
			asked_to_end(s, (int)info.ssi_signo);
		}
	}
	return ret;
}

static bool interrupted(struct session *s)
{
	struct signalfd_siginfo info;

	while (s->signals >= 0 && read(s->signals, &info, sizeof(info)) == sizeof(info))
		if (info.ssi_signo != SIGCHLD && info.ssi_signo != SIGUSR1)
			return true;
	return false;
}

size_t session_drain(struct session *s, struct spool *spool)
{
	struct pollfd fds[2] = { { spool_done_fd(spool), POLLIN, 0 }, { s->signals, POLLIN, 0 } };

	spool_end(spool);
	do {
		poll(fds, ARRAY_SIZE(fds), -1);
	} while (!fds[0].revents && !interrupted(s));
	return spool_waiting(spool);
}

static uint64_t min(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* Milliseconds until something is to be done, rounded up. */
static int next_timeout(struct session *s)
{
	uint64_t now = session_now(), at = min(s->next_interval, s->end);
	int period = s->engine ? s->engine->ops->period_ms(s->engine) : -1;

	if (s->hooks->deadline)
		at = min(at, s->hooks->deadline(s));
	if (s->player)
		at = min(at, player_due(s->player));
	if (period >= 0)
		at = min(at, now + (uint64_t)period * 1000000);
	if (at == SESSION_NEVER)
		return -1;
	return at <= now ? 0 : (int)min((at - now + 999999) / 1000000, 1000000);
}

static bool done(const struct session *s)
{
	return s->leave || s->child.ended || session_now() >= s->end;
}

/* What there is to be taken: from the engine, or of what was saved. */
static int take(struct session *s, struct sg_error *e)
{
	if (s->player)
		return play(s, e);
	return s->engine ? s->engine->ops->pump(s->engine, e) : 0;
}

static int turn(struct session *s, struct sg_error *e)
{
	struct pollfd fds[OWN_FDS + SESSION_FDS] = {
		{ s->signals, POLLIN, 0 },
		{ s->player   ? player_fd(s->player)
		  : s->engine ? s->engine->ops->fd(s->engine)
			      : -1,
		  POLLIN, 0 },
	};
	size_t more = s->hooks->fds ? s->hooks->fds(s, fds + OWN_FDS, SESSION_FDS) : 0;
	int ret;

	if (poll(fds, OWN_FDS + more, next_timeout(s)) < 0)
		for (size_t i = 0; i < OWN_FDS + more; i++)
			fds[i].revents = 0;
	ret = take(s, e);
	if (!ret && fds[0].revents)
		ret = handle_signals(s, e);
	if (!ret)
		ret = interval(s, e);
	if (!ret && s->hooks->turn)
		ret = s->hooks->turn(s, fds + OWN_FDS, more, e);
	return ret;
}

/* Until the command has ended, the time is up, or a signal asks for the end. */
static int loop(struct session *s, struct sg_error *e)
{
	int ret = 0;

	while (!ret && !done(s))
		ret = turn(s, e);
	return ret;
}

static int catch_signals(struct session *s, struct sg_error *e)
{
	static const int caught[] = { SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGCHLD };
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < ARRAY_SIZE(caught); i++)
		sigaddset(&set, caught[i]);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	s->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return s->signals < 0 ? sg_fail_errno(e, errno, "signalfd") : 0;
}

/* The duration is of the whole session, however often it counts anew. */
static void start_clock(struct session *s)
{
	uint64_t now = session_now();

	s->next_interval = s->interval > 0 ? now + (uint64_t)(s->interval * 1e9) : SESSION_NEVER;
	if (s->start)
		return;
	s->start = now;
	s->end = s->duration > 0 ? now + (uint64_t)(s->duration * 1e9) : SESSION_NEVER;
}

/* Says what was lost. Returns whether the measurement is whole. */
static bool judge(const struct snapshot *s)
{
	bool whole = true;

	for (size_t i = 0; i < loss_names_count; i++) {
		unsigned long long n = snapshot_loss(s, &loss_names[i]);

		if (!n)
			continue;
		whole = false;
		sg_warn("lost: %s: %llu %s", loss_names[i].name, n, loss_names[i].text);
	}
	if (s->loss.ring_lost)
		sg_warn("a larger --buffer or fewer processes (-p, -- COMMAND) lose less");
	if (!snapshot_conserved(s)) {
		whole = false;
		sg_warn("conservation does not hold: the counts are not complete");
	}
	return whole;
}

static int count_last(struct session *s, bool last, struct sg_error *e)
{
	struct snapshot *state = NULL;
	int ret;

	s->engine->ops->detach(s->engine);
	ret = session_snapshot(s, &state, e);
	return ret ? ret : hand_on(s, state, last, e);
}

/* The last interval. A hook that fails has the loss said all the same. */
static int last_interval(struct session *s, struct sg_error *e)
{
	int ret = s->engine ? count_last(s, true, e) : 0;

	if (!ret && s->before)
		s->whole &= judge(s->before);
	return ret;
}

/* Each object of the file, one after the other. */
static int replay_each(struct session *s, struct sg_error *e)
{
	struct saved_file *f = NULL;
	struct snapshot *delta = NULL;
	int ret = saved_open(&f, s->select->replay, e);

	while (!ret) {
		ret = saved_next(f, &delta, e);
		if (!ret)
			ret = replay_one(s, delta, e);
		snapshot_free(delta);
		delta = NULL;
	}
	saved_close(f);
	return ret == -ENODATA ? 0 : ret;
}

static void say(const char *text)
{
	sg_warn("%s", text);
}

static int open_engine(struct session *s, struct sg_error *e)
{
	int ret;

	s->selection.config.say = s->say ? s->say : say;
	if (s->select->replay && s->speed > 0) {
		ret = engine_replay_check(&s->selection.config, NULL, e);
		return ret ? ret : player_open(&s->player, s->select->replay, s->speed, e);
	}
	if (s->select->replay)
		return engine_replay.open(&s->engine, &s->selection.config, e);
	ret = engine_open(&s->engine, s->select->engine, &s->selection.config, s->why,
			  sizeof(s->why), e);
	if (!ret && s->announce)
		sg_warn("engine %s", s->why);
	return ret;
}

/* The exit status for what a function returned. */
static int status_of(int ret)
{
	return ret == -EINVAL ? SG_EXIT_USAGE : SG_EXIT_MACHINE;
}

static int attach(struct session *s, struct sg_error *e)
{
	int ret = open_engine(s, e);

	if (!ret && s->hooks->opened)
		ret = s->hooks->opened(s, e);
	if (!ret)
		child_settle(&s->child);
	if (!ret && s->engine)
		ret = s->engine->ops->attach(s->engine, e);
	start_clock(s);
	if (!ret && s->hooks->attached)
		ret = s->hooks->attached(s, e);
	return ret;
}

static void close_engine(struct session *s)
{
	if (s->engine)
		s->engine->ops->close(s->engine);
	s->engine = NULL;
}

int session_halt(struct session *s, struct sg_error *e)
{
	int ret = s->engine ? count_last(s, false, e) : 0;

	if (!ret && s->before)
		s->whole &= !snapshot_lossy(s->before) && snapshot_conserved(s->before);
	close_engine(s);
	snapshot_free(s->before);
	s->before = NULL;
	return ret;
}

int session_go_on(struct session *s, struct sg_error *e)
{
	int ret = attach(s, e);

	if (ret)
		close_engine(s);
	return ret;
}

/* From the engine to the last interval; the child, if any, waits. */
static int measure(struct session *s, struct sg_error *e)
{
	bool replay = s->select->replay;
	int ret = attach(s, e);

	if (ret)
		return status_of(ret);
	if (s->child.pid) {
		ret = child_release(&s->child, e);
		if (ret)
			return child_failed_status(ret);
	}
	if (replay && s->each && !s->player) {
		ret = replay_each(s, e);
	} else {
		ret = replay && !s->turns && !s->player ? 0 : loop(s, e);
		if (!ret)
			ret = last_interval(s, e);
	}
	if (!ret && s->hooks->finish)
		ret = s->hooks->finish(s, e);
	return ret ? status_of(ret) : 0;
}

static int prepare(struct session *s, int argc, char **argv, struct sg_error *e)
{
	struct engine_filter *f = &s->selection.config.filter;
	int ret;

	if (argc && s->select->replay) {
		sg_fail(e, EINVAL, "a command and --replay exclude each other");
		return SG_EXIT_USAGE;
	}
	ret = s->hooks->prepare ? s->hooks->prepare(s, e) : 0;
	if (ret)
		return status_of(ret);
	/* Before the signals: the command shall not inherit what is blocked here. */
	ret = argc ? child_start(&s->child, argv, e) : 0;
	if (ret)
		return child_failed_status(ret);
	ret = catch_signals(s, e);
	if (ret)
		return SG_EXIT_MACHINE;
	/* With -p those are counted, and the command says for how long. */
	if (!argc || f->pids_count)
		return 0;
	s->child_pids[0] = s->child.pid;
	f->pids = s->child_pids;
	f->pids_count = 1;
	return 0;
}

int session_run(struct session *s, int argc, char **argv, struct sg_error *e)
{
	int status, ret;

	s->signals = -1;
	s->whole = true;
	ret = select_init(&s->selection, s->select, e);
	status = ret ? status_of(ret) : prepare(s, argc, argv, e);
	if (!status)
		status = measure(s, e);
	close_engine(s);
	player_close(s->player);
	snapshot_free(s->before);
	select_fini(&s->selection);
	if (!s->left_by)
		child_wait(&s->child);
	if (s->signals >= 0)
		close(s->signals);
	s->measured = !status;
	if (status || !s->child.pid)
		return status;
	return s->left_by ? 128 + s->left_by : child_exit_status(&s->child);
}
