// SPDX-License-Identifier: GPL-2.0-or-later
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "collector/spool.h"

static char folder[64], path[128];

static void make_folder(void)
{
	snprintf(folder, sizeof(folder), "/tmp/check-spool-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/log", folder);
}

static void remove_folder(void)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -r %s", folder);
	ck_assert_int_eq(system(command), 0);
}

static void write_file(const char *text)
{
	FILE *f = fopen(path, "w");

	ck_assert(f && fputs(text, f) >= 0 && !fclose(f));
}

static void must_hold(const char *want)
{
	char got[256] = "";
	FILE *f = fopen(path, "r");
	size_t n = f ? fread(got, 1, sizeof(got) - 1, f) : 0;

	ck_assert(f && !fclose(f));
	got[n] = '\0';
	ck_assert_str_eq(got, want);
}

static size_t files(void)
{
	char pattern[160];
	glob_t found;
	size_t n;

	snprintf(pattern, sizeof(pattern), "%s*", path);
	n = glob(pattern, 0, NULL, &found) ? 0 : found.gl_pathc;
	globfree(&found);
	return n;
}

START_TEST(rotation)
{
	static const struct {
		const char *text;
		uint64_t bytes;
		double seconds;
	} good[] = { { "64M", 64 << 20, 0 }, { "1k", 1024, 0 }, { "2G", 2ULL << 30, 0 },
		     { "10m", 0, 600 },	     { "1h", 0, 3600 }, { "7d", 0, 604800 },
		     { "500ms", 0, 0.5 } };
	static const char *const bad[] = { "", "64", "M", "m", "1x", "-1M", "0K", "0s", "1 M" };
	struct sg_error e = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		struct logfile_rotation r = { 0 };

		ck_assert_msg(!logfile_rotation_parse(good[i].text, &r, &e), "%s", good[i].text);
		ck_assert_uint_eq(r.bytes, good[i].bytes);
		ck_assert_double_eq(r.seconds, good[i].seconds);
	}
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct logfile_rotation r = { 0 };

		ck_assert_int_eq(logfile_rotation_parse(bad[i], &r, &e), -EINVAL);
		ck_assert_ptr_nonnull(strstr(e.hint, "64M, 1h"));
	}
}
END_TEST

START_TEST(continued)
{
	const struct logfile_rotation never = { 0 };
	struct logfile f, other;
	struct sg_error e = { 0 };

	make_folder();
	write_file("a\nb\nhalf");
	ck_assert_int_eq(logfile_open(&f, path, NULL, &never, &e), 0);
	must_hold("a\nb\n");
	ck_assert_int_eq(logfile_open(&other, path, NULL, &never, &e), -EBUSY);
	logfile_close(&other);
	ck_assert_int_eq(logfile_write(&f, "c\n", 2, &e), 0);
	logfile_close(&f);
	must_hold("a\nb\nc\n");
	ck_assert_int_eq(logfile_open(&f, path, "x,y\n", &never, &e), -EINVAL);
	ck_assert_ptr_nonnull(strstr(e.text, "other columns"));
	logfile_close(&f);
	must_hold("a\nb\nc\n");
	write_file("no end at all");
	ck_assert_int_eq(logfile_open(&f, path, "x,y\n", &never, &e), 0);
	ck_assert_int_eq(logfile_write(&f, "1,2\n", 4, &e), 0);
	logfile_close(&f);
	must_hold("x,y\n1,2\n");
	remove_folder();
}
END_TEST

START_TEST(rotated)
{
	const struct logfile_rotation r = { .bytes = 12, .keep = 2 };
	struct logfile f;
	struct sg_error e = { 0 };

	make_folder();
	ck_assert_int_eq(logfile_open(&f, path, "h\n", &r, &e), 0);
	for (int i = 0; i < 5; i++) {
		ck_assert_int_eq(logfile_write(&f, "0123\n", 5, &e), 0);
		ck_assert_int_eq(logfile_write(&f, "4567\n", 5, &e), 0);
		must_hold("h\n0123\n4567\n");
	}
	ck_assert_uint_eq(files(), 3);
	/* One that is too large by itself is a file of its own. */
	ck_assert_int_eq(logfile_write(&f, "0123456789abcdef\n", 17, &e), 0);
	must_hold("h\n0123456789abcdef\n");
	logfile_close(&f);
	remove_folder();
}
END_TEST

static void wait_readable(int fd)
{
	struct pollfd p = { fd, POLLIN, 0 };

	ck_assert_int_eq(poll(&p, 1, 20000), 1);
}

START_TEST(slow_reader)
{
	const struct logfile_rotation never = { 0 };
	static char line[100001];
	struct logfile f;
	struct sg_error e = { 0 };
	struct spool *s;
	size_t size = 0;
	int fds[2], taken = 0;
	ssize_t n;

	memset(line, 'x', sizeof(line) - 1);
	line[sizeof(line) - 1] = '\n';
	ck_assert_int_eq(pipe(fds), 0);
	f = (struct logfile){ .fd = fds[1], .rotation = never };
	s = spool_new_lines(&f, 250000);
	ck_assert_ptr_nonnull(s);
	/* The pipe takes a part of the first, which still waits; two more fit. */
	while (!spool_put(s, line, sizeof(line), false))
		taken++;
	ck_assert_int_eq(taken, 2);
	ck_assert_int_eq(spool_put(s, line, sizeof(line), false), -EAGAIN);
	ck_assert_int_eq(spool_put(s, "end\n", 4, true), 0);
	spool_end(s);
	while (size < 2 * sizeof(line) + 4 && (n = read(fds[0], line, sizeof(line))) > 0)
		size += (size_t)n;
	wait_readable(spool_done_fd(s));
	ck_assert_uint_eq(size, 2 * sizeof(line) + 4);
	ck_assert_uint_eq(spool_waiting(s), 0);
	ck_assert_int_eq(spool_error(s, &e), 0);
	spool_free(s);
	close(fds[0]);
}
END_TEST

START_TEST(gone_reader)
{
	struct logfile f = { .fd = -1 };
	struct sg_error e = { 0 };
	struct spool *s;
	int fds[2];

	signal(SIGPIPE, SIG_IGN);
	ck_assert_int_eq(pipe(fds), 0);
	f.fd = fds[1];
	s = spool_new_lines(&f, 1000);
	close(fds[0]);
	ck_assert_int_eq(spool_put(s, "a\n", 2, false), 0);
	wait_readable(spool_done_fd(s));
	ck_assert_int_eq(spool_error(s, &e), -EPIPE);
	ck_assert_int_eq(spool_put(s, "b\n", 2, false), -EPIPE);
	spool_free(s);
}
END_TEST

START_TEST(stuck_reader)
{
	static char line[1000000];
	struct logfile f = { .fd = -1 };
	struct spool *s;
	int fds[2];

	line[sizeof(line) - 1] = '\n';
	ck_assert_int_eq(pipe(fds), 0);
	f.fd = fds[1];
	s = spool_new_lines(&f, 1000);
	ck_assert_int_eq(spool_put(s, line, sizeof(line), false), 0);
	/* Returns, although nobody reads. */
	spool_free(s);
	close(fds[0]);
}
END_TEST

START_TEST(full_disk)
{
	const struct logfile_rotation never = { 0 };
	struct logfile f;
	struct sg_error e = { 0 };
	struct spool *s;

	ck_assert_int_eq(logfile_open(&f, "/dev/full", NULL, &never, &e), 0);
	s = spool_new_lines(&f, 1000);
	ck_assert_int_eq(spool_put(s, "a\n", 2, false), 0);
	spool_end(s);
	wait_readable(spool_done_fd(s));
	ck_assert_int_eq(spool_error(s, &e), -ENOSPC);
	ck_assert_ptr_nonnull(strstr(e.text, "No space left"));
	ck_assert_uint_eq(spool_waiting(s), 1);
	spool_free(s);
}
END_TEST

int main(void)
{
	const struct unit_case cases[] = {
		{ "a size and a time are told apart", rotation },
		{ "a file is continued behind its last whole line, by one alone", continued },
		{ "a file is rotated before it is too large, and the newest are kept", rotated },
		{ "a slow reader gets what fits the queue, and the end", slow_reader },
		{ "a reader who is gone is told", gone_reader },
		{ "a reader who is stuck holds nobody up", stuck_reader },
		{ "a full disk is told, and what was not written", full_disk },
	};

	return unit_main("spool", cases, ARRAY_SIZE(cases));
}
