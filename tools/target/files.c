// SPDX-License-Identifier: GPL-2.0-or-later
#include "target/files.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "base/cleanup.h"

/* Of linux/mount.h, which cannot be included beside sys/mount.h. */
#define SG_FSOPEN_CLOEXEC      1
#define SG_FSCONFIG_CMD_CREATE 6
#define SG_FSMOUNT_CLOEXEC     1

static int open_in(const char *dir, const char *path)
{
	char full[PATH_MAX];
	int fd;

	if (snprintf(full, sizeof(full), "%s/%s", dir, path) >= (int)sizeof(full))
		return -ENAMETOOLONG;
	fd = open(full, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

int file_text(const char *dir, const char *path, char *text, size_t size)
{
	_cleanup_close_ int fd = open_in(dir, path);
	size_t n = 0;
	ssize_t got;

	text[0] = '\0';
	if (fd < 0)
		return fd;
	while (n < size - 1) {
		got = TEMP_FAILURE_RETRY(read(fd, text + n, size - 1 - n));
		if (got < 0) {
			text[0] = '\0';
			return -errno;
		}
		if (got == 0)
			break;
		n += (size_t)got;
	}
	text[n] = '\0';
	if (n && text[n - 1] == '\n')
		text[n - 1] = '\0';
	return 0;
}

long file_number(const char *dir, const char *path, long fallback)
{
	char text[32], *end;
	long value;

	if (file_text(dir, path, text, sizeof(text)))
		return fallback;
	value = strtol(text, &end, 10);
	return end == text || *end ? fallback : value;
}

bool text_has_word(const char *text, const char *word)
{
	static const char *const blank = " \t\n";
	size_t n = strlen(word);

	while (*(text += strspn(text, blank))) {
		size_t length = strcspn(text, blank);

		if (length == n && !memcmp(text, word, n))
			return true;
		text += length;
	}
	return false;
}

int file_lines(const char *dir, const char *path, bool (*visit)(const char *line, void *data),
	       void *data)
{
	_cleanup_fclose_ FILE *f = NULL;
	_cleanup_free_ char *line = NULL;
	size_t room = 0;
	ssize_t n;
	int fd = open_in(dir, path);

	if (fd < 0)
		return fd;
	f = fdopen(fd, "r");
	if (!f) {
		close(fd);
		return -ENOMEM;
	}
	while ((n = getline(&line, &room, f)) > 0) {
		if (line[n - 1] == '\n')
			line[n - 1] = '\0';
		if (!visit(line, data))
			return 0;
	}
	return ferror(f) ? -errno : 0;
}

struct field {
	const char *name;
	char sep, *value;
	size_t size;
	bool found;
};

static bool match_field(const char *line, void *data)
{
	struct field *f = data;
	size_t n = strlen(f->name);

	if (strncmp(line, f->name, n))
		return true;
	line += n;
	line += strspn(line, " \t");
	if (*line != f->sep)
		return true;
	line++;
	line += strspn(line, " \t");
	snprintf(f->value, f->size, "%s", line);
	f->found = true;
	return false;
}

int file_field(const char *dir, const char *path, const char *name, char sep, char *value,
	       size_t size)
{
	struct field f = { .name = name, .sep = sep, .value = value, .size = size };
	int err;

	value[0] = '\0';
	err = file_lines(dir, path, match_field, &f);
	return f.found ? 0 : err ? err : -ENOENT;
}

bool file_exists(const char *dir, const char *path)
{
	char full[PATH_MAX];

	return snprintf(full, sizeof(full), "%s/%s", dir, path) < (int)sizeof(full) &&
	       !access(full, F_OK);
}

bool file_has(const char *path, const void *bytes, size_t n)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	void *at;
	bool found;

	if (fd < 0 || fstat(fd, &st) || !st.st_size)
		return false;
	at = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (at == MAP_FAILED)
		return false;
	found = memmem(at, (size_t)st.st_size, bytes, n) != NULL;
	munmap(at, (size_t)st.st_size);
	return found;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	/* The rest goes even if one does not. */
	return remove(path) ? 0 : 0;
}

void files_remove(const char *path)
{
	nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}

bool program_find(const char *name, char *path, size_t size)
{
	const char *list = getenv("PATH"), *end;

	/* Administrators' tools are not on everyone's PATH. */
	if (!list || !*list)
		list = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
	for (; *list; list = *end ? end + 1 : end) {
		end = strchrnul(list, ':');
		if (end == list)
			continue;
		if (snprintf(path, size, "%.*s/%s", (int)(end - list), list, name) < (int)size &&
		    !access(path, X_OK))
			return true;
	}
	path[0] = '\0';
	return false;
}

int mount_detached(const char *type)
{
	_cleanup_close_ int fs = (int)syscall(SYS_fsopen, type, SG_FSOPEN_CLOEXEC);
	int mount;

	if (fs < 0 || syscall(SYS_fsconfig, fs, SG_FSCONFIG_CMD_CREATE, NULL, NULL, 0))
		return -errno;
	mount = (int)syscall(SYS_fsmount, fs, SG_FSMOUNT_CLOEXEC, 0);
	return mount < 0 ? -errno : mount;
}
