// SPDX-License-Identifier: GPL-2.0-or-later
/* What was saved is played: of both kinds of files, at its time, one at a time. */
#include "samples.h"
#include "unit.h"

#include <errno.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "collector/player.h"
#include "collector/store.h"
#include "sink/sink.h"

#define SECOND 1000000000ULL
#define START  (1700000000 * SECOND)
#define NOW    (5000 * SECOND) /* of the clock that it is played by */

static char path[64];

static FILE *make_file(void)
{
	int fd;

	strcpy(path, "/tmp/check-player-XXXXXX");
	fd = mkstemp(path);
	ck_assert_int_ge(fd, 0);
	return fdopen(fd, "w");
}

/* count calls from start on, for so long. */
static struct snapshot *interval(uint64_t start_ns, uint64_t duration_ns, uint64_t count)
{
	struct snapshot *s = snapshot_new();
	struct cell c = sample_cell(SYSGATE_ABI_X86_64, SYSGATE_GATE_SYSCALL, 0);

	sample_head(s);
	s->start_ns = start_ns;
	s->duration_ns = duration_ns;
	for (uint64_t i = 0; i < count; i++)
		sample_exit(&c, 100 + i, SYSGATE_EXIT_SYSRET);
	s->conservation.entries = s->conservation.exits = count;
	snapshot_add_cell(s, &c);
	return s;
}

/* Takes s. */
static void write_line(FILE *out, struct snapshot *s)
{
	const struct view_options all = { .group = GROUP_DEFAULT };
	struct sink_options o = { .names = syscalls_new_empty() };
	struct view *v = view_new(s, &all);

	ck_assert_int_eq(sink_json.write(out, v, &o), 0);
	view_free(v);
	syscalls_free((struct syscalls *)o.names);
	snapshot_free(s);
}

static struct player *open_player(double speed)
{
	struct sg_error e = { 0 };
	struct player *p = NULL;

	ck_assert_msg(!player_open(&p, path, speed, &e), "%s", e.text);
	return p;
}

/* What is due then: how many calls; -1: nothing is. */
static int64_t play(struct player *p, uint64_t now)
{
	struct sg_error e = { 0 };
	struct snapshot *s;
	int64_t count;

	ck_assert_msg(!player_next(p, now, &s, &e), "%s", e.text);
	if (!s)
		return -1;
	count = (int64_t)s->cells[0]->count;
	snapshot_free(s);
	return count;
}

static int play_fails(struct player *p, struct sg_error *e)
{
	struct snapshot *s;

	return player_next(p, NOW, &s, e);
}

START_TEST(at_its_time)
{
	FILE *f = make_file();
	struct player *p;

	write_line(f, interval(START, SECOND, 1));
	write_line(f, interval(START + SECOND, SECOND, 2));
	write_line(f, interval(START + 2 * SECOND, 3 * SECOND, 3));
	fclose(f);
	p = open_player(2);
	ck_assert_int_eq(play(p, NOW), 1);
	ck_assert_int_eq(play(p, NOW + SECOND / 2 - 1), -1);
	ck_assert_uint_eq(player_due(p), NOW + SECOND / 2);
	ck_assert_int_eq(play(p, NOW + SECOND / 2), 2);
	ck_assert(!player_ended(p));
	/* Whoever comes late does not shift what follows. */
	ck_assert_int_eq(play(p, NOW + 9 * SECOND), 3);
	ck_assert(player_ended(p));
	ck_assert_uint_eq(player_due(p), PLAYER_NEVER);
	ck_assert_int_eq(play(p, NOW + 10 * SECOND), -1);
	player_close(p);
	unlink(path);
}
END_TEST

START_TEST(gaps)
{
	FILE *f = make_file();
	struct player *p;

	write_line(f, interval(START, SECOND, 1));
	write_line(f, interval(START + 3600 * SECOND, SECOND, 2));
	/* The clock was put back. */
	write_line(f, interval(START, SECOND, 3));
	fclose(f);
	p = open_player(1);
	ck_assert_int_eq(play(p, NOW), 1);
	ck_assert_uint_eq(player_due(p), NOW + SECOND);
	ck_assert_int_eq(play(p, NOW + SECOND), 2);
	ck_assert_uint_eq(player_due(p), NOW + 2 * SECOND);
	ck_assert_int_eq(play(p, NOW + 2 * SECOND), 3);
	player_close(p);
	unlink(path);
}
END_TEST

START_TEST(held)
{
	FILE *f = make_file();
	struct player *p;

	for (unsigned int i = 0; i < 5; i++)
		write_line(f, interval(START + i * SECOND, SECOND, i + 1));
	fclose(f);
	p = open_player(1);
	ck_assert_int_eq(play(p, NOW), 1);
	player_hold(p, NOW + SECOND / 4, true);
	ck_assert_uint_eq(player_due(p), PLAYER_NEVER);
	ck_assert_int_eq(play(p, NOW + 100 * SECOND), -1);
	player_hold(p, NOW + 100 * SECOND, false);
	ck_assert_uint_eq(player_due(p), NOW + 100 * SECOND + 3 * SECOND / 4);
	/* A step while it is held: the time goes on from there. */
	player_hold(p, NOW + 100 * SECOND, true);
	player_step(p);
	ck_assert_int_eq(play(p, NOW + 200 * SECOND), 2);
	ck_assert_int_eq(play(p, NOW + 200 * SECOND), -1);
	player_hold(p, NOW + 300 * SECOND, false);
	ck_assert_uint_eq(player_due(p), NOW + 301 * SECOND);
	player_close(p);
	unlink(path);
}
END_TEST

START_TEST(states)
{
	FILE *f = make_file();
	struct player *p;

	/* As SIGUSR1 has them written: all since the same begin. */
	write_line(f, interval(START, SECOND, 10));
	write_line(f, interval(START, 2 * SECOND, 25));
	fclose(f);
	p = open_player(1);
	ck_assert_int_eq(play(p, NOW), 10);
	ck_assert_int_eq(play(p, NOW + SECOND), 15);
	ck_assert(player_ended(p));
	player_close(p);
	unlink(path);
}
END_TEST

START_TEST(recorded)
{
	const struct store_limits limits = { .bytes = 1 << 20 };
	struct snapshot *head = interval(START, SECOND, 0);
	struct sg_error e = { 0 };
	struct store *st = NULL;
	struct player *p;
	struct snapshot *s;

	fclose(make_file());
	unlink(path);
	ck_assert_msg(!store_open(&st, path, &limits, head, SECOND, &e), "%s", e.text);
	for (unsigned int i = 0; i < 3; i++) {
		struct snapshot *delta = interval(START + i * SECOND, SECOND, i + 1);
		struct pack packed = { 0 };
		struct store_delta *d;

		ck_assert_int_eq(pack_snapshot(&packed, delta), 0);
		d = malloc(sizeof(*d) + packed.size);
		*d = (struct store_delta){ delta->start_ns, SECOND, 1, packed.size };
		memcpy(d->packed, packed.data, packed.size);
		ck_assert_int_eq(store_add(st, d, &e), 0);
		free(d);
		pack_fini(&packed);
		snapshot_free(delta);
	}
	/* While it is being recorded into, and its writer is not held up. */
	p = open_player(1);
	ck_assert_int_eq(player_next(p, NOW, &s, &e), 0);
	ck_assert_str_eq(s->kernel, head->kernel);
	ck_assert_uint_eq(s->start_ns, START);
	ck_assert_uint_eq(s->duration_ns, SECOND);
	snapshot_free(s);
	ck_assert_int_eq(play(p, NOW + SECOND), 2);
	store_close(st);
	ck_assert_int_eq(play(p, NOW + 2 * SECOND), 3);
	ck_assert(player_ended(p));
	player_close(p);
	snapshot_free(head);
	ck_assert_int_eq(unlink(path), 0);
}
END_TEST

START_TEST(large_objects)
{
	FILE *f = make_file();
	struct player *p;

	/* Larger than what is read at once, over several lines, with brackets in a text. */
	for (unsigned int i = 0; i < 3; i++) {
		struct snapshot *s = interval(START + i * SECOND, SECOND, i + 1);

		snapshot_note(s, "}]{[ \\ \" {");
		fprintf(f, "%*s\n", 150000 + (int)i, "");
		write_line(f, s);
	}
	fclose(f);
	p = open_player(1);
	for (unsigned int i = 0; i < 3; i++)
		ck_assert_int_eq(play(p, NOW + i * SECOND), i + 1);
	ck_assert(player_ended(p));
	player_close(p);
	unlink(path);
}
END_TEST

/* Its writer is in no hurry: nobody waits for it, and what comes late is shown at once. */
START_TEST(from_a_pipe)
{
	FILE *f = make_file(), *again;
	struct sg_error e = { 0 };
	struct player *p = NULL;
	char text[65536];
	size_t size, half;
	int fds[2];

	for (unsigned int i = 0; i < 3; i++)
		write_line(f, interval(START + i * SECOND, SECOND, i + 1));
	fclose(f);
	again = fopen(path, "r");
	size = fread(text, 1, sizeof(text), again);
	fclose(again);
	unlink(path);
	half = (size_t)(strchr(text, '\n') + 1 - text) + 100;
	ck_assert_int_eq(pipe(fds), 0);
	snprintf(path, sizeof(path), "/dev/fd/%d", fds[0]);
	p = open_player(1);
	ck_assert_int_eq(play(p, NOW), -1);
	ck_assert_int_ge(player_fd(p), 0);
	ck_assert_uint_eq(player_due(p), PLAYER_NEVER);
	/* One, and the begin of another. */
	ck_assert_int_eq(write(fds[1], text, half), (ssize_t)half);
	ck_assert_int_eq(play(p, NOW + 10 * SECOND), 1);
	ck_assert_int_eq(play(p, NOW + 11 * SECOND), -1);
	ck_assert_int_ge(player_fd(p), 0);
	ck_assert(!player_ended(p));
	/* A step takes what comes next; so it is not taken twice. */
	player_hold(p, NOW + 11 * SECOND, true);
	player_step(p);
	ck_assert_int_eq(write(fds[1], text + half, size - half), (ssize_t)(size - half));
	ck_assert_int_eq(play(p, NOW + 15 * SECOND), 2);
	ck_assert_int_eq(play(p, NOW + 20 * SECOND), -1);
	ck_assert_int_eq(player_fd(p), -1);
	player_hold(p, NOW + 20 * SECOND, false);
	ck_assert_int_eq(play(p, NOW + 21 * SECOND), 3);
	ck_assert(!player_ended(p));
	player_step(p);
	close(fds[1]);
	ck_assert_int_eq(play(p, NOW + 22 * SECOND), -1);
	ck_assert(player_ended(p));
	ck_assert_uint_eq(player_due(p), PLAYER_NEVER);
	player_close(p);
	close(fds[0]);
	/* One with nothing in it. */
	ck_assert_int_eq(pipe(fds), 0);
	snprintf(path, sizeof(path), "/dev/fd/%d", fds[0]);
	p = open_player(1);
	close(fds[1]);
	ck_assert_int_eq(play_fails(p, &e), -EINVAL);
	ck_assert_ptr_nonnull(strstr(e.text, "empty"));
	player_close(p);
	close(fds[0]);
}
END_TEST

START_TEST(refused)
{
	struct sg_error e = { 0 };
	struct player *p = NULL;
	struct snapshot *s;
	FILE *f = make_file();

	write_line(f, interval(START, SECOND, 1));
	fputs("\nno object\n", f);
	fclose(f);
	/* What stands before it is shown; then it is said, as often as it is asked for. */
	p = open_player(1);
	ck_assert_int_eq(play(p, NOW), 1);
	ck_assert_uint_eq(player_due(p), 0);
	for (int i = 0; i < 2; i++) {
		ck_assert_int_eq(player_next(p, NOW, &s, &e), -EINVAL);
		ck_assert_ptr_nonnull(strstr(e.text, "line 3"));
	}
	player_close(p);
	p = NULL;
	fclose(fopen(path, "w"));
	ck_assert_int_eq(player_open(&p, path, 1, &e), -EINVAL);
	unlink(path);
	ck_assert_int_eq(player_open(&p, path, 1, &e), -ENOENT);
	ck_assert_ptr_null(p);
}
END_TEST

int main(void)
{
	const struct unit_case cases[] = {
		{ "each is due when its time has come", at_its_time },
		{ "what nobody recorded is not waited for", gaps },
		{ "it can be held, and stepped", held },
		{ "states of one run are played as deltas", states },
		{ "a recording, while it is recorded into", recorded },
		{ "objects of any size, over lines", large_objects },
		{ "from a pipe, without waiting for it", from_a_pipe },
		{ "what is wrong is said with its line, when it comes to it", refused },
	};

	return unit_main("player", cases, ARRAY_SIZE(cases));
}
