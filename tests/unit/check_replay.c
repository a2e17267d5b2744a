// SPDX-License-Identifier: GPL-2.0-or-later
#include "unit.h"

#include <errno.h>
#include <jansson.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "engine/engine.h"
#include "samples.h"
#include "sink/sink.h"

static struct syscalls *names;

/* A file of text; its name is static storage. */
static const char *file_of(const char *text, size_t size)
{
	static char path[64];
	int fd;

	strcpy(path, "/tmp/sysgate-check-XXXXXX");
	fd = mkstemp(path);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, text, size), (ssize_t)size);
	close(fd);
	return path;
}

/* What replaying text gives: 0 or -errno. */
static int replay(const char *text, size_t size, uint32_t dims, struct snapshot **s,
		  struct sg_error *e)
{
	struct engine_config c = { .dims = dims, .replay_path = file_of(text, size) };
	struct engine *en;
	int ret;

	e->text[0] = e->hint[0] = '\0';
	ret = engine_replay.open(&en, &c, e);
	unlink(c.replay_path);
	if (ret)
		return ret;
	ck_assert_int_eq(engine_replay.attach(en, e), 0);
	ck_assert_int_eq(engine_replay.pump(en, e), 0);
	ck_assert_int_eq(engine_replay.fd(en), -1);
	engine_replay.detach(en);
	ck_assert_int_eq(engine_replay.snapshot(en, s, e), 0);
	engine_replay.close(en);
	return 0;
}

static char *json_of(const struct snapshot *s, unsigned int group)
{
	struct view_options vo = { .group = group };
	struct sink_options so = { .names = names };
	struct view *v = view_new(s, &vo);
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	ck_assert_int_eq(sink_json.write(f, v, &so), 0);
	fclose(f);
	view_free(v);
	return text;
}

static struct snapshot *must_replay(const char *text)
{
	struct snapshot *s = NULL;
	struct sg_error e;

	ck_assert_msg(!replay(text, strlen(text), 0, &s, &e), "%s", e.text);
	return s;
}

/* One grouping without calls, which comes back with a note that it had none. */
static void check_round_trip(const struct snapshot *s, unsigned int group)
{
	char *first = json_of(s, group), *second;
	struct snapshot *back = must_replay(first);

	second = json_of(back, group);
	if (group & GROUP_CALL)
		ck_assert_str_eq(second, first);
	snapshot_free(back);
	back = must_replay(second);
	free(first);
	first = json_of(back, group);
	ck_assert_str_eq(first, second);
	snapshot_free(back);
	free(first);
	free(second);
}

START_TEST(round_trip)
{
	struct snapshot *s = sample_snapshot();

	for (unsigned int group = 1; group < 1U << group_names_count; group++) {
		if (!(group & GROUP_EXIT))
			check_round_trip(s, group);
	}
	snapshot_free(s);
}
END_TEST

START_TEST(hostile_round_trip)
{
	struct snapshot *s = sample_snapshot();

	strcpy(s->procs[1].comm, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff");
	strcpy(s->procs[2].comm, "\"\\\x01\n\xe2\x80\xae\xc3");
	free(s->procs[1].cgroup);
	s->procs[1].cgroup = strdup("/\xf0\x9f\x92\xa9/\xed\xa0\x80");
	memset(s->host, 0xfe, sizeof(s->host) - 1);
	check_round_trip(s, GROUP_DEFAULT | GROUP_PROCESS | GROUP_CGROUP | GROUP_UID | GROUP_ERRNO);
	snapshot_free(s);
}
END_TEST

START_TEST(cells_come_back)
{
	struct snapshot *s = sample_snapshot(), *back;
	char *text =
		json_of(s, GROUP_DEFAULT | GROUP_TASK | GROUP_UID | GROUP_CGROUP | GROUP_ERRNO);

	back = must_replay(text);
	ck_assert_uint_eq(back->cells_count, s->cells_count);
	for (size_t i = 0; i < s->cells_count; i++) {
		struct cell a = *s->cells[i], b = *back->cells[i];

		/* Processes are numbered anew. */
		a.key.proc = b.key.proc = 0;
		ck_assert_int_eq(key_compare(&a.key, &b.key), 0);
		ck_assert_uint_eq(a.untimed, b.untimed);
		ck_assert_uint_eq(a.wait_ns, b.wait_ns);
	}
	ck_assert_uint_eq(back->dims, DIM_PROC | DIM_TASK | DIM_ERRNO);
	ck_assert(back->gate_known && back->exit_known && back->wait_known);
	ck_assert_uint_eq(back->in_flight_count, 2);
	ck_assert(back->in_flight[0].at_least);
	ck_assert_mem_eq(&back->conservation, &s->conservation, sizeof(s->conservation));
	snapshot_free(back);
	free(text);
	snapshot_free(s);
}
END_TEST

/* A run in three states, the last two as deltas: their sum is the last state. */
START_TEST(deltas)
{
	struct snapshot *s[3] = { sample_snapshot() }, *back;
	char *parts[3], *all, *want, *got;

	parts[0] = json_of(s[0], 0);
	for (int i = 1; i < 3; i++) {
		struct snapshot *delta;

		s[i] = snapshot_copy(s[i - 1]);
		s[i]->duration_ns += 1000000000;
		for (size_t j = 0; j < s[i]->cells_count; j++) {
			sample_time(s[i]->cells[j], 2000000);
			s[i]->conservation.entries++;
			s[i]->conservation.exits++;
		}
		delta = snapshot_delta(s[i], s[i - 1]);
		parts[i] = json_of(delta, 0);
		snapshot_free(delta);
	}
	ck_assert_int_gt(asprintf(&all, "%s\n\n%s%s", parts[0], parts[1], parts[2]), 0);
	back = must_replay(all);
	want = json_of(s[2], GROUP_CALL);
	got = json_of(back, GROUP_CALL);
	/* The maximum is a new one each time: known, and not estimated. */
	ck_assert_ptr_null(strstr(got, "\"max_ns\"]"));
	ck_assert_uint_eq(back->duration_ns, s[2]->duration_ns);
	ck_assert_uint_eq(back->start_ns, s[0]->start_ns);
	ck_assert_mem_eq(&back->conservation, &s[2]->conservation, sizeof(back->conservation));
	ck_assert_uint_eq(back->loss.unpaired_exits, s[2]->loss.unpaired_exits);
	ck_assert_uint_eq(back->in_flight_count, s[2]->in_flight_count);
	ck_assert_str_eq(got, want);
	free(want);
	free(got);
	free(all);
	snapshot_free(back);
	for (int i = 0; i < 3; i++) {
		free(parts[i]);
		snapshot_free(s[i]);
	}
}
END_TEST

START_TEST(states)
{
	struct snapshot *s = sample_snapshot(), *later = snapshot_copy(s), *back;
	char *first = json_of(s, 0), *second, *both, *got;

	later->duration_ns += 5;
	sample_time(later->cells[0], 77);
	second = json_of(later, 0);
	ck_assert_int_gt(asprintf(&both, "%s%s", first, second), 0);
	back = must_replay(both);
	got = json_of(back, 0);
	ck_assert_str_eq(got, second);
	free(got);
	free(both);
	free(second);
	free(first);
	snapshot_free(back);
	snapshot_free(later);
	snapshot_free(s);
}
END_TEST

/* An edit of a good file, and what is said of the result. */
static const struct edit {
	const char *from, *to, *says;
} edits[] = {
	{ "\"sysgate\":1", "\"sysgate\":2", "version 2" },
	{ "\"sysgate\":1", "\"sysgate\":\"1\"", "'sysgate' of the object is no whole number" },
	{ "\"sysgate\":1,", "", "'sysgate' of the object is missing" },
	{ "\"host\":\"host\"", "\"host\":1", "'host' of the object is no text" },
	{ "\"comm\":\"sh\"", "\"comm\":\"sixteen-letters!\"", "too long" },
	{ "\"comm\":\"sh\"", "\"comm\":\"a\\u0000b\"", "line 1, column" },
	{ "\"cpus\":4", "\"cpus\":1000000000", "'cpus' of the object is too large" },
	{ "\"cpus\":4", "\"cpus\":4.5", "no whole number" },
	{ "\"cpus\":4", "\"cpus\":4,\"cpus\":5", "duplicate" },
	{ "\"count\":", "\"count\":-", "negative" },
	{ "\"count\":", "\"count\":9000000000000000", "too large" },
	{ "\"count\":", "\"count\":99999999999999999999", "column" },
	{ "\"count\":", "\"counts\":", "'count' of calls[0] is missing" },
	{ "\"abi\":\"x86_64\"", "\"abi\":\"arm64\"", "'abi' of calls[0] is not known" },
	{ "\"gate\":\"syscall\"", "\"gate\":\"\"", "'gate' of calls[0] is not known" },
	{ "\"nr\":", "\"nr\":99999999", "out of range" },
	{ "\"hist\":[[", "\"hist\":[[1", "begins no bucket" },
	{ "\"hist\":[[", "\"hist\":[[-", "begins no bucket" },
	{ "\"hist\":[[", "\"hist\":[5,[", "[ns, count]" },
	{ "\"hist\":[[", "\"hist\":[[0,0],[", "[ns, count]" },
	{ "\"hist\":[", "\"hist\":{}, \"x\":[", "no list" },
	{ "\"sumsq_ns2\":", "\"sumsq_ns2\":-", "positive" },
	{ "\"exits\":{", "\"exits\":{\"jump\":1,", "unknown kind" },
	{ "\"never_returned\":0", "\"never_returned\":10000", "more than count" },
	{ "\"min_ns\":", "\"min_ns\":9999", "more than max_ns" },
	{ "\"untimed\":2", "\"untimed\":2000", "more than what returned" },
	{ "\"untimed\":2", "\"untimed\":null", "no whole number" },
	{ "\"wait_ns\":", "\"wait_ns\":-", "negative" },
	{ "\"errno\":\"ENOENT\"", "\"errno\":\"ENOPE\"", "'errno'" },
	{ "\"at_least\":true", "\"at_least\":1", "neither true nor false" },
	{ "\"in_flight\":[", "\"in_flight\":[[],", "in_flight[0] is no object" },
	{ "\"loss\":{", "\"loss\":{\"x\":{},\"y\":[", "column" },
	{ "\"overhead\":{", "\"overhead\":[{},{", "column" },
	{ "\"per_call_ns\":41.25", "\"per_call_ns\":null", "no number" },
	{ "\"notes\":[", "\"notes\":[7,", "notes[0] is no text" },
	{ "\"calls\":[", "\"calls\":[null,", "calls[0] is no object" },
	{ "\"engine\":\"kmod\"", "\"engine\":\"\"", "'engine' of the object is empty" },
};

static char *edited(const char *text, const struct edit *edit)
{
	const char *at = strstr(text, edit->from);
	char *out;

	ck_assert_msg(at, "no %s in the sample", edit->from);
	ck_assert_int_gt(asprintf(&out, "%.*s%s%s", (int)(at - text), text, edit->to,
				  at + strlen(edit->from)),
			 0);
	return out;
}

/* Waiting that is known of some calls alone is no sum of anything. */
START_TEST(waits)
{
	static const struct edit drop = { "\"wait_ns\":", "\"old_ns\":", NULL };
	struct snapshot *s = sample_snapshot(), *back;
	char *with = json_of(s, 0), *without, *text;

	s->wait_known = false;
	s->start_ns++;
	without = json_of(s, 0);
	back = must_replay(with);
	ck_assert(back->wait_known);
	snapshot_free(back);
	back = must_replay(without);
	ck_assert(!back->wait_known);
	snapshot_free(back);
	text = edited(with, &drop);
	back = must_replay(text);
	ck_assert(!back->wait_known);
	snapshot_free(back);
	free(text);
	for (int i = 0; i < 2; i++) {
		ck_assert_int_gt(asprintf(&text, "%s%s", i ? with : without, i ? without : with),
				 0);
		back = must_replay(text);
		ck_assert(!back->wait_known);
		snapshot_free(back);
		free(text);
	}
	free(with);
	free(without);
	snapshot_free(s);
}
END_TEST

START_TEST(bad_input)
{
	struct snapshot *s = sample_snapshot(), *back;
	char *good = json_of(s, GROUP_DEFAULT | GROUP_PROCESS | GROUP_ERRNO);

	for (size_t i = 0; i < ARRAY_SIZE(edits); i++) {
		char *bad = edited(good, &edits[i]);
		struct sg_error e;

		ck_assert_int_eq(replay(bad, strlen(bad), 0, &back, &e), -EINVAL);
		ck_assert_msg(strstr(e.text, edits[i].says), "%s -> %s: says %s", edits[i].from,
			      edits[i].to, e.text);
		ck_assert_ptr_nonnull(strstr(e.text, "line 1"));
		free(bad);
	}
	free(good);
	snapshot_free(s);
}
END_TEST

START_TEST(truncated)
{
	struct snapshot *s = sample_snapshot(), *back;
	char *good = json_of(s, GROUP_ABI);
	size_t n = strlen(good) - 1;
	struct sg_error e;

	for (size_t size = 1; size < n; size += size < 300 ? 1 : 29) {
		ck_assert_int_eq(replay(good, size, 0, &back, &e), -EINVAL);
		ck_assert_msg(strstr(e.text, "line 1, column"), "%zu: %s", size, e.text);
	}
	ck_assert_ptr_nonnull(strstr(e.text, "cut off"));
	free(good);
	snapshot_free(s);
}
END_TEST

START_TEST(no_snapshots)
{
	static const struct {
		const char *text;
		size_t size;
		const char *says;
	} cases[] = {
		{ "", 0, "empty" },
		{ " \n\n", 3, "empty" },
		{ "\0\0\0\0", 4, "line 1" },
		{ "[]", 2, "no object" },
		{ "{}", 2, "'sysgate' of the object is missing" },
		{ "\x7f\x45LF", 4, "no JSON" },
		{ "\n\n  {\"sysgate\":\n1,}", 19, "line 4, column" },
	};
	struct snapshot *back;
	struct sg_error e;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		ck_assert_int_eq(replay(cases[i].text, cases[i].size, 0, &back, &e), -EINVAL);
		ck_assert_msg(strstr(e.text, cases[i].says), "case %zu: %s", i, e.text);
	}
}
END_TEST

START_TEST(second_line)
{
	struct snapshot *s = sample_snapshot(), *back;
	char *good = json_of(s, 0), *both;
	struct sg_error e;

	ck_assert_int_gt(asprintf(&both, "%s{\"sysgate\":3}\n", good), 0);
	ck_assert_int_eq(replay(both, strlen(both), 0, &back, &e), -EINVAL);
	ck_assert_ptr_nonnull(strstr(e.text, "line 2, object 2"));
	free(both);
	free(good);
	snapshot_free(s);
}
END_TEST

START_TEST(deep)
{
	static char nested[200000];
	struct snapshot *back;
	struct sg_error e;

	memset(nested, '[', sizeof(nested));
	ck_assert_int_eq(replay(nested, sizeof(nested), 0, &back, &e), -EINVAL);
}
END_TEST

START_TEST(no_file)
{
	struct engine_config c = { .replay_path = "/no/such/file" };
	struct engine_check check;
	struct engine *en;
	struct sg_error e;

	ck_assert_int_eq(engine_replay.open(&en, &c, &e), -ENOENT);
	c.replay_path = "/";
	ck_assert_int_eq(engine_replay.open(&en, &c, &e), -EISDIR);
	c.replay_path = NULL;
	ck_assert_int_eq(engine_replay.open(&en, &c, &e), -EINVAL);
	engine_replay.check(&check);
	ck_assert(check.works);
	engine_replay.close(NULL);
}
END_TEST

START_TEST(not_split)
{
	struct snapshot *s = sample_snapshot(), *back;
	char *plain = json_of(s, 0), *exits = json_of(s, GROUP_EXIT);
	char *processes = json_of(s, GROUP_CALL | GROUP_PROCESS);
	struct sg_error e;

	ck_assert_int_eq(replay(plain, strlen(plain), DIM_PROC, &back, &e), -EINVAL);
	ck_assert_ptr_nonnull(strstr(e.text, "process"));
	ck_assert_int_eq(replay(plain, strlen(plain), DIM_ERRNO, &back, &e), -EINVAL);
	ck_assert_ptr_nonnull(strstr(e.hint, "errno"));
	ck_assert_int_eq(replay(processes, strlen(processes), DIM_PROC | DIM_TASK, &back, &e),
			 -EINVAL);
	ck_assert_ptr_nonnull(strstr(e.hint, "task"));
	free(processes);
	ck_assert_int_eq(replay(exits, strlen(exits), 0, &back, &e), -EINVAL);
	ck_assert_ptr_nonnull(strstr(e.text, "exit"));
	free(plain);
	free(exits);
	snapshot_free(s);
}
END_TEST

/* Bytes that are turned at random: an error or a snapshot, and nothing else. */
START_TEST(turned_bytes)
{
	struct snapshot *s = sample_snapshot(), *back;
	char *good = json_of(s, GROUP_ABI | GROUP_ERRNO);
	size_t n = strlen(good);
	uint32_t seed = 42;

	for (int i = 0; i < 1500; i++) {
		char *bad = strdup(good), *again;
		struct sg_error e;

		for (int j = 0; j < 1 + i % 3; j++)
			bad[sample_random(&seed) % n] = (char)sample_random(&seed);
		if (!replay(bad, n, 0, &back, &e)) {
			again = json_of(back, 0);
			free(again);
			snapshot_free(back);
		} else {
			ck_assert_str_ne(e.text, "");
		}
		free(bad);
	}
	free(good);
	snapshot_free(s);
}
END_TEST

int main(void)
{
	const struct unit_case cases[] = {
		{ "what is read back is written the same, however grouped", round_trip },
		{ "hostile names survive the way there and back", hostile_round_trip },
		{ "cells, calls in flight and counters come back", cells_come_back },
		{ "deltas add up to the state they lead to", deltas },
		{ "of two states of a run the later counts", states },
		{ "waiting is known when it is so of every row", waits },
		{ "what is wrong is told, with its place", bad_input },
		{ "a file that was cut off is told as such", truncated },
		{ "what is no snapshot is told as such", no_snapshots },
		{ "an error in a later object has its line", second_line },
		{ "nesting without end is refused", deep },
		{ "a file that cannot be read", no_file },
		{ "what was not kept apart is not told apart", not_split },
		{ "no turned byte does harm", turned_bytes },
	};
	int status;

	names = syscalls_new(NULL);
	status = unit_main("replay", cases, ARRAY_SIZE(cases));
	syscalls_free(names);
	return status;
}
