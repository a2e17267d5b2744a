// SPDX-License-Identifier: GPL-2.0-or-later
#include "target/syscalls.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "base/cleanup.h"

/*
 * A table's size. The kernel's highest number is below 600; whoever adds calls of his own, adds
 * them above. A number beyond this has no name, whatever a file says.
 */
#define NR_LIMIT    4096
#define NR_SECCOMP  1024 /* libseccomp is asked up to here: its look-up is linear */
#define NAME_SIZE   64
#define LINE_SIZE   256
#define LINES_LIMIT 65536
#define X32_BIT	    0x40000000

struct syscalls {
	char *names[SYSGATE_ABIS][NR_LIMIT];
};

/* What sets the tables apart from each other in libseccomp and in the header files. */
static const struct table_source {
	int abi;
	uint32_t arch;
	int bit;
	const char *header;
} sources[] = {
	{ SYSGATE_ABI_X86_64, SCMP_ARCH_X86_64, 0, "unistd_64.h" },
	{ SYSGATE_ABI_I386, SCMP_ARCH_X86, 0, "unistd_32.h" },
	{ SYSGATE_ABI_X32, SCMP_ARCH_X32, X32_BIT, "unistd_x32.h" },
};

/* Where headers are looked for, after the target kernel's own. */
static const char *const header_dirs[] = {
	"/usr/include/x86_64-linux-gnu/asm",
	"/usr/include/i386-linux-gnu/asm",
	"/usr/include/asm",
};

static bool abi_has_table(int abi)
{
	return abi > SYSGATE_ABI_UNKNOWN && abi < SYSGATE_ABIS;
}

/* The first source that knows a number wins. 0 or -ENOMEM. */
static int add_name(struct syscalls *t, int abi, long nr, const char *name)
{
	if (nr < 0 || nr >= NR_LIMIT || t->names[abi][nr])
		return 0;
	t->names[abi][nr] = strdup(name);
	return t->names[abi][nr] ? 0 : -ENOMEM;
}

/* libseccomp's numbers for calls that an ABI lacks are negative, so that none is met here. */
static int add_seccomp(struct syscalls *t, const struct table_source *s)
{
	int err = 0;

	for (int nr = 0; nr < NR_SECCOMP && !err; nr++) {
		_cleanup_free_ char *name = seccomp_syscall_resolve_num_arch(s->arch, nr | s->bit);

		if (name)
			err = add_name(t, s->abi, nr, name);
	}
	return err;
}

/*
 * Reads a line of at most size - 1 characters, without its end. 1, 0 at the end of the file,
 * -E2BIG: longer, and the rest is unread; -EILSEQ: a NUL byte in it; or why it
 * cannot be read.
 */
static int read_line(FILE *f, char *line, size_t size)
{
	size_t n = 0;
	int c;

	while ((c = getc_unlocked(f)) != EOF && c != '\n') {
		if (c == '\0')
			return -EILSEQ;
		if (n == size - 1)
			return -E2BIG;
		line[n++] = (char)c;
	}
	line[n] = '\0';
	if (c == EOF && ferror(f))
		return -errno;
	return c != EOF || n > 0;
}

/* A decimal number below limit, which ends the word; else -1. */
static long number_below(const char *text, long limit)
{
	char *end;
	long value;

	if (!isdigit((unsigned char)text[0]))
		return -1;
	errno = 0;
	value = strtol(text, &end, 10);
	return errno || *end || value >= limit ? -1 : value;
}

static bool valid_name(const char *name)
{
	size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");

	return n > 0 && n < NAME_SIZE && !name[n] && !isdigit((unsigned char)name[0]);
}

/* "#define __NR_read 0", "#define __NR_read (__X32_SYSCALL_BIT + 0)"; all else is passed over. */
static int add_define(struct syscalls *t, int abi, const char *line)
{
	char name[NAME_SIZE], value[16];
	long nr;

	if (sscanf(line, " # define __NR_%63[A-Za-z0-9_] ( __X32_SYSCALL_BIT + %15[0-9]", name,
		   value) != 2 &&
	    sscanf(line, " # define __NR_%63[A-Za-z0-9_] %15[0-9]", name, value) != 2)
		return 0;
	/* The kernel's own headers end with the size of the table. */
	if (!strcmp(name, "syscalls") || !strcmp(name, "syscall_max"))
		return 0;
	nr = number_below(value, NR_LIMIT);
	return nr < 0 ? 0 : add_name(t, abi, nr, name);
}

int syscalls_add_header(struct syscalls *t, int abi, const char *path)
{
	_cleanup_fclose_ FILE *f = fopen(path, "re");
	char line[LINE_SIZE];
	int err = 0;

	for (int i = 0; f && i < LINES_LIMIT && !err; i++) {
		if (read_line(f, line, sizeof(line)) <= 0)
			break;
		err = add_define(t, abi, line);
	}
	return err;
}

static int add_header(struct syscalls *t, const struct table_source *s, const char *dir)
{
	char path[PATH_MAX];

	if (snprintf(path, sizeof(path), "%s/%s", dir, s->header) >= (int)sizeof(path))
		return 0;
	return syscalls_add_header(t, s->abi, path);
}

static int add_headers(struct syscalls *t, const struct table_source *s, const char *release)
{
	static const char *const generated = "arch/x86/include/generated/uapi/asm";
	char dir[PATH_MAX];
	int err = 0;

	/* A release is one component of a path. */
	if (release[0] && release[0] != '.' && !strchr(release, '/')) {
		snprintf(dir, sizeof(dir), "/usr/src/linux-headers-%.128s/%s", release, generated);
		err = add_header(t, s, dir);
		snprintf(dir, sizeof(dir), "/lib/modules/%.128s/build/%s", release, generated);
		if (!err)
			err = add_header(t, s, dir);
	}
	for (size_t i = 0; i < ARRAY_SIZE(header_dirs) && !err; i++)
		err = add_header(t, s, header_dirs[i]);
	return err;
}

struct syscalls *syscalls_new_empty(void)
{
	return calloc(1, sizeof(struct syscalls));
}

struct syscalls *syscalls_new(const char *release)
{
	struct syscalls *t = syscalls_new_empty();
	struct utsname running;

	if (!t)
		return NULL;
	if (!release)
		release = uname(&running) ? "" : running.release;
	for (size_t i = 0; i < ARRAY_SIZE(sources); i++) {
		if (add_seccomp(t, &sources[i]) || add_headers(t, &sources[i], release)) {
			syscalls_free(t);
			return NULL;
		}
	}
	return t;
}

static void free_names(char *names[SYSGATE_ABIS][NR_LIMIT])
{
	for (int abi = 0; abi < SYSGATE_ABIS; abi++)
		for (int nr = 0; nr < NR_LIMIT; nr++)
			free(names[abi][nr]);
}

void syscalls_free(struct syscalls *t)
{
	if (!t)
		return;
	free_names(t->names);
	free(t);
}

/* Where a names file is being read, and what it has said so far. */
struct names_file {
	const char *path;
	int line;
	struct syscalls *added;
};

/* A name may stand at one number of an ABI only, else -e NAME would have two meanings. */
static int check_new(const struct syscalls *t, const struct names_file *f, int abi, long nr,
		     const char *name, struct sg_error *e)
{
	char *const *added = f->added->names[abi];

	if (added[nr])
		return sg_fail(e, EINVAL, "cannot read names '%s:%d': %s %ld is '%s' already",
			       f->path, f->line, abi_name(abi), nr, added[nr]);
	for (int i = 0; i < NR_LIMIT; i++) {
		const char *other = added[i] ? added[i] : t->names[abi][i];

		if (i != nr && other && !strcmp(other, name))
			return sg_fail(e, EINVAL,
				       "cannot read names '%s:%d': '%s' is %s %d already", f->path,
				       f->line, name, abi_name(abi), i);
	}
	return 0;
}

/* One line of a names file: "ABI NR NAME", blank, or a comment. */
static int add_entry(const struct syscalls *t, struct names_file *f, char *line, struct sg_error *e)
{
	static const char *const blank = " \t\r\v\f";
	char *save, *abi_word, *nr_word, *name;
	int abi;
	long nr;

	/* What a message cites goes to a terminal. */
	for (const char *p = line; *p; p++)
		if (iscntrl((unsigned char)*p) && !strchr(blank, *p))
			return sg_fail(e, EINVAL, "cannot read names '%s:%d': a control character",
				       f->path, f->line);
	line[strcspn(line, "#")] = '\0';
	abi_word = strtok_r(line, blank, &save);
	if (!abi_word)
		return 0;
	nr_word = strtok_r(NULL, blank, &save);
	name = nr_word ? strtok_r(NULL, blank, &save) : NULL;
	if (!name || strtok_r(NULL, blank, &save))
		return sg_fail(e, EINVAL, "cannot read names '%s:%d': not 'ABI NR NAME'", f->path,
			       f->line);
	abi = abi_by_name(abi_word);
	if (!abi_has_table(abi))
		return sg_fail(e, EINVAL, "cannot read names '%s:%d': no ABI '%.32s'", f->path,
			       f->line, abi_word);
	nr = number_below(nr_word, NR_LIMIT);
	if (nr < 0)
		return sg_fail(e, EINVAL,
			       "cannot read names '%s:%d': '%.32s' is no number from 0 to %d",
			       f->path, f->line, nr_word, NR_LIMIT - 1);
	if (!valid_name(name))
		return sg_fail(e, EINVAL, "cannot read names '%s:%d': '%.32s' is no C name",
			       f->path, f->line, name);
	if (check_new(t, f, abi, nr, name, e))
		return -EINVAL;
	return add_name(f->added, abi, nr, name);
}

static int bad_line(const struct names_file *f, int err, struct sg_error *e)
{
	switch (err) {
	case -E2BIG:
		return sg_fail(e, EINVAL, "cannot read names '%s:%d': longer than %d characters",
			       f->path, f->line, LINE_SIZE - 1);
	case -EILSEQ:
		return sg_fail(e, EINVAL, "cannot read names '%s:%d': a NUL byte", f->path,
			       f->line);
	default:
		return sg_fail_errno(e, -err, "cannot read names '%s'", f->path);
	}
}

static int read_names(const struct syscalls *t, struct names_file *f, struct sg_error *e)
{
	_cleanup_fclose_ FILE *in = fopen(f->path, "re");
	char line[LINE_SIZE];
	int more, err;

	if (!in)
		return sg_fail_errno(e, errno, "cannot read names '%s'", f->path);
	for (f->line = 1; f->line <= LINES_LIMIT; f->line++) {
		more = read_line(in, line, sizeof(line));
		if (more < 0)
			return bad_line(f, more, e);
		if (!more)
			return 0;
		err = add_entry(t, f, line, e);
		if (err)
			return err == -ENOMEM ? sg_fail_errno(e, ENOMEM, "cannot keep names") : err;
	}
	return sg_fail(e, EINVAL, "cannot read names '%s': more than %d lines", f->path,
		       LINES_LIMIT);
}

/* What a file says of a number stands above what the tables said of it: the file is the user's. */
static void take_names(struct syscalls *t, struct syscalls *added)
{
	for (int abi = 0; abi < SYSGATE_ABIS; abi++) {
		for (int nr = 0; nr < NR_LIMIT; nr++) {
			if (!added->names[abi][nr])
				continue;
			free(t->names[abi][nr]);
			t->names[abi][nr] = added->names[abi][nr];
			added->names[abi][nr] = NULL;
		}
	}
}

int syscalls_add_file(struct syscalls *t, const char *path, struct sg_error *e)
{
	struct names_file f = { .path = path, .added = syscalls_new_empty() };
	int err;

	if (!f.added)
		return sg_fail_errno(e, ENOMEM, "cannot keep names");
	err = read_names(t, &f, e);
	if (err == -EINVAL)
		sg_hint(e, "a line is 'ABI NR NAME', for example 'x86_64 470 my_call'");
	if (!err)
		take_names(t, f.added);
	syscalls_free(f.added);
	return err;
}

const char *syscalls_name(const struct syscalls *t, int abi, int32_t nr, char *buf, size_t size)
{
	if (abi_has_table(abi) && nr >= 0 && nr < NR_LIMIT && t->names[abi][nr])
		return t->names[abi][nr];
	snprintf(buf, size, "#%d", nr);
	return buf;
}

int32_t syscalls_number(const struct syscalls *t, int abi, const char *name)
{
	if (name[0] == '#')
		return (int32_t)number_below(name + 1, INT32_MAX);
	if (!abi_has_table(abi))
		return -1;
	for (int32_t nr = 0; nr < NR_LIMIT; nr++)
		if (t->names[abi][nr] && !strcmp(t->names[abi][nr], name))
			return nr;
	return -1;
}

void syscalls_each(const struct syscalls *t, int abi,
		   void (*visit)(int abi, int32_t nr, const char *name, void *data), void *data)
{
	if (!abi_has_table(abi))
		return;
	for (int32_t nr = 0; nr < NR_LIMIT; nr++)
		if (t->names[abi][nr])
			visit(abi, nr, t->names[abi][nr], data);
}
