// SPDX-License-Identifier: GPL-2.0-or-later
#include "unit.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/cleanup.h"
#include "sink/sink.h"

/* Every case works in an empty folder of its own, and leaves it so. */
static char folder[32];

static void enter(void)
{
	strcpy(folder, "/tmp/sysgate-check-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	ck_assert_int_eq(chdir(folder), 0);
}

static int files(void)
{
	DIR *d = opendir(".");
	int n = -2;

	while (readdir(d))
		n++;
	closedir(d);
	return n;
}

static void leave(void)
{
	ck_assert_int_eq(files(), 0);
	ck_assert_int_eq(rmdir(folder), 0);
}

static void put(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	fputs(text, f);
	fclose(f);
}

static void check_text(const char *path, const char *text)
{
	char buf[64] = "";
	FILE *f = fopen(path, "r");

	ck_assert_ptr_nonnull(f);
	buf[fread(buf, 1, sizeof(buf) - 1, f)] = '\0';
	fclose(f);
	ck_assert_str_eq(buf, text);
}

static void write_to(const char *path, const char *text)
{
	struct sg_error e = { "", "" };
	struct output o;

	ck_assert_msg(!output_open(&o, path, &e), "%s", e.text);
	fputs(text, o.file);
	ck_assert_msg(!output_commit(&o, &e), "%s", e.text);
	output_close(&o);
}

START_TEST(appears)
{
	struct stat st;

	enter();
	umask(027);
	write_to("new", "text");
	check_text("new", "text");
	ck_assert_int_eq(stat("new", &st), 0);
	ck_assert_int_eq(st.st_mode & 07777, 0640);
	ck_assert_int_eq(files(), 1);
	unlink("new");
	leave();
}
END_TEST

START_TEST(replaces)
{
	enter();
	put("old", "a longer old text");
	write_to("old", "new");
	check_text("old", "new");
	ck_assert_int_eq(files(), 1);
	unlink("old");
	leave();
}
END_TEST

START_TEST(only_when_whole)
{
	struct sg_error e;
	struct output o;

	enter();
	put("old", "old");
	ck_assert_int_eq(output_open(&o, "old", &e), 0);
	fputs("half", o.file);
	ck_assert_int_eq(output_flush(&o, &e), 0);
	check_text("old", "old");
	ck_assert_int_eq(files(), 1);
	output_close(&o);
	check_text("old", "old");
	ck_assert_int_eq(output_open(&o, "other", &e), 0);
	output_close(&o);
	ck_assert_int_eq(files(), 1);
	unlink("old");
	leave();
}
END_TEST

START_TEST(killed)
{
	pid_t pid;
	int status;

	enter();
	pid = fork();
	if (!pid) {
		struct sg_error e;
		struct output o;

		output_open(&o, "file", &e);
		fputs("half", o.file);
		fflush(o.file);
		raise(SIGKILL);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFSIGNALED(status));
	ck_assert_int_eq(files(), 0);
	leave();
}
END_TEST

START_TEST(symlinks)
{
	struct stat st;

	enter();
	mkdir("sub", 0777);
	put("sub/target", "old");
	ck_assert_int_eq(symlink("sub/target", "link"), 0);
	ck_assert_int_eq(symlink("sub/link", "dangling"), 0);
	ck_assert_int_eq(symlink("fresh", "sub/link"), 0);
	write_to("link", "new");
	check_text("sub/target", "new");
	write_to("dangling", "made");
	check_text("sub/fresh", "made");
	ck_assert_int_eq(lstat("link", &st), 0);
	ck_assert(S_ISLNK(st.st_mode));
	ck_assert_int_eq(lstat("sub/link", &st), 0);
	ck_assert(S_ISLNK(st.st_mode));
	unlink("link");
	unlink("dangling");
	unlink("sub/link");
	unlink("sub/fresh");
	unlink("sub/target");
	rmdir("sub");
	leave();
}
END_TEST

START_TEST(fifos)
{
	char buf[8] = "";
	int fd;

	enter();
	ck_assert_int_eq(mkfifo("fifo", 0600), 0);
	fd = open("fifo", O_RDONLY | O_NONBLOCK);
	write_to("fifo", "text");
	ck_assert_int_eq(read(fd, buf, sizeof(buf)), 4);
	ck_assert_str_eq(buf, "text");
	close(fd);
	unlink("fifo");
	write_to("/dev/null", "text");
	leave();
}
END_TEST

START_TEST(refused)
{
	static const struct {
		const char *path;
		int err;
	} cases[] = {
		{ "no/such/folder", ENOENT }, { "/", EISDIR },	 { "new/", EISDIR },
		{ "file/below", ENOTDIR },    { "loop", ELOOP }, { "", ENOENT },
	};
	struct output o;

	enter();
	put("file", "");
	ck_assert_int_eq(symlink("loop", "loop"), 0);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct sg_error e = { "", "" };

		ck_assert_int_eq(output_open(&o, cases[i].path, &e), -cases[i].err);
		ck_assert_ptr_nonnull(strstr(e.text, strerror(cases[i].err)));
	}
	unlink("file");
	unlink("loop");
	leave();
}
END_TEST

START_TEST(full)
{
	struct sg_error e = { "", "" };
	struct output o;

	ck_assert_int_eq(output_open(&o, "/dev/full", &e), 0);
	fputs("text", o.file);
	ck_assert_int_eq(output_commit(&o, &e), -ENOSPC);
	ck_assert_ptr_nonnull(strstr(e.text, "/dev/full"));
	ck_assert_ptr_nonnull(strstr(e.text, strerror(ENOSPC)));
	output_close(&o);
	/* More than a buffer holds: the stream alone no longer knows why. */
	ck_assert_int_eq(output_open(&o, "/dev/full", &e), 0);
	for (int i = 0; i < 4 * BUFSIZ; i++)
		fputc('x', o.file);
	ck_assert_int_eq(output_flush(&o, &e), -ENOSPC);
	output_close(&o);
}
END_TEST

/* A file that cannot grow (here by its limit) leaves nothing and the old one as it was. */
START_TEST(cannot_grow)
{
	struct rlimit limit = { 4096, 4096 };
	struct sg_error e = { "", "" };
	struct output o;

	enter();
	put("old", "old");
	signal(SIGXFSZ, SIG_IGN);
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	ck_assert_int_eq(output_open(&o, "old", &e), 0);
	for (int i = 0; i < 8192; i++)
		fputc('x', o.file);
	ck_assert_int_lt(output_commit(&o, &e), 0);
	output_close(&o);
	check_text("old", "old");
	ck_assert_int_eq(files(), 1);
	unlink("old");
	leave();
}
END_TEST

START_TEST(formats)
{
	static const struct {
		const char *text, *sink, *path;
	} cases[] = {
		{ "json", "json", NULL },
		{ "csv:a:b", "csv", "a:b" },
		{ "table:/x/y", "table", "/x/y" },
		{ "json:-", "json", NULL },
		{ "xml", NULL, NULL },
		{ "json:", NULL, NULL },
		{ "", NULL, NULL },
		{ "jso", NULL, NULL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct sg_error e = { "", "" };
		const struct sink *sink;
		char *path;
		int ret = output_parse(cases[i].text, &sink, &path, &e);

		ck_assert_int_eq(ret, cases[i].sink ? 0 : -EINVAL);
		if (ret) {
			ck_assert_str_ne(e.text, "");
			continue;
		}
		ck_assert_str_eq(sink->name, cases[i].sink);
		ck_assert_pstr_eq(path, cases[i].path);
		free(path);
	}
}
END_TEST

START_TEST(width)
{
	struct output o = { .file = fopen("/dev/null", "w") };

	unsetenv("COLUMNS");
	ck_assert_uint_eq(output_width(&o), 0);
	setenv("COLUMNS", "77", 1);
	ck_assert_uint_eq(output_width(&o), 77);
	setenv("COLUMNS", "wide", 1);
	ck_assert_uint_eq(output_width(&o), 0);
	fclose(o.file);
}
END_TEST

int main(void)
{
	const struct unit_case cases[] = {
		{ "a file appears whole, with the mode of umask", appears },
		{ "an old file is replaced, and nothing left beside it", replaces },
		{ "without a commit the old file stays", only_when_whole },
		{ "a killed writer leaves nothing", killed },
		{ "symlinks stay, what they point to is written", symlinks },
		{ "pipes and devices are written in place", fifos },
		{ "what cannot be written to is refused at once, with the reason", refused },
		{ "a full disk is told by name", full },
		{ "a failed write leaves the old file", cannot_grow },
		{ "formats and their files", formats },
		{ "the width is COLUMNS or the terminal's", width },
	};

	return unit_main("output", cases, ARRAY_SIZE(cases));
}
