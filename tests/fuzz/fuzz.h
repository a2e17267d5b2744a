/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the fuzz targets share. A target is a file fuzz_NAME.c with LLVMFuzzerTestOneInput(), which
 * hands one input to a parser and says with fuzz_must() what holds whatever the input is. It keeps
 * nothing from one input to the next, so that an input alone shows again what it did.
 */
#ifndef SYSGATE_TESTS_FUZZ_H
#define SYSGATE_TESTS_FUZZ_H

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "target/files.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define fuzz_must(holds)                                                                    \
	do {                                                                                \
		if (!(holds)) {                                                             \
			fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #holds); \
			abort();                                                            \
		}                                                                           \
	} while (0)

/* A text of fixed room ends in it. */
#define fuzz_must_end(text) fuzz_must(memchr(text, '\0', sizeof(text)))

struct fuzz_part {
	const char *data;
	size_t size;
};

/* What stands before the next line "--", which goes too: an input of several files. */
static inline struct fuzz_part fuzz_part(struct fuzz_part *rest)
{
	const char *mark = rest->size ? memmem(rest->data, rest->size, "--\n", 3) : NULL;
	struct fuzz_part part = { rest->data, mark ? (size_t)(mark - rest->data) : rest->size };
	size_t taken = part.size + (mark ? 3 : 0);

	rest->data += taken;
	rest->size -= taken;
	return part;
}

/* The part as text, of its own size, so that the sanitizer sees what is read beyond; heap. */
static inline char *fuzz_text(struct fuzz_part part)
{
	char *text = malloc(part.size + 1);

	fuzz_must(text);
	if (part.size)
		memcpy(text, part.data, part.size);
	text[part.size] = '\0';
	return text;
}

/* A file in memory, for parsers that want a path. Static, and zeroed before the first use. */
struct fuzz_file {
	int fd;
	char path[32];
};

/* The path of a file that holds the part, until the next call. */
static inline const char *fuzz_file(struct fuzz_file *f, struct fuzz_part part)
{
	if (!f->path[0]) {
		f->fd = memfd_create("fuzz", MFD_CLOEXEC);
		snprintf(f->path, sizeof(f->path), "/proc/self/fd/%d", f->fd);
	}
	fuzz_must(!ftruncate(f->fd, 0));
	fuzz_must(pwrite(f->fd, part.data, part.size, 0) == (ssize_t)part.size);
	return f->path;
}

/* Files below a folder of their own: paths[] ends with NULL. */
struct fuzz_tree {
	const char *const *paths;
	char root[64];
};

static struct fuzz_tree *fuzz_tree_made;

static inline void fuzz_tree_remove(void)
{
	files_remove(fuzz_tree_made->root);
}

/* The folder and those in it; what a crash leaves, tests/fuzz/run removes. */
static inline void fuzz_tree_make(struct fuzz_tree *t)
{
	const char *where = getenv("TMPDIR");
	char full[256];

	snprintf(t->root, sizeof(t->root), "%.40s/fuzz-XXXXXX", where ? where : "/tmp");
	fuzz_must(mkdtemp(t->root));
	for (size_t i = 0; t->paths[i]; i++) {
		snprintf(full, sizeof(full), "%s/%s", t->root, t->paths[i]);
		for (char *p = full + strlen(t->root) + 1; (p = strchr(p, '/')); *p++ = '/') {
			*p = '\0';
			mkdir(full, 0700);
		}
	}
	fuzz_tree_made = t;
	atexit(fuzz_tree_remove);
}

static inline void fuzz_tree_put(const struct fuzz_tree *t, const char *path, struct fuzz_part part)
{
	char full[256];
	int fd;

	snprintf(full, sizeof(full), "%s/%s", t->root, path);
	fd = open(full, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	fuzz_must(fd >= 0 && write(fd, part.data, part.size) == (ssize_t)part.size);
	close(fd);
}

/* Makes the files that the parts "PATH\n..." name, of those in paths, and no others. The root. */
static inline const char *fuzz_tree(struct fuzz_tree *t, struct fuzz_part rest)
{
	char full[256];

	if (!t->root[0])
		fuzz_tree_make(t);
	for (size_t i = 0; t->paths[i]; i++) {
		snprintf(full, sizeof(full), "%s/%s", t->root, t->paths[i]);
		unlink(full);
	}
	while (rest.size) {
		struct fuzz_part part = fuzz_part(&rest);

		for (size_t i = 0; t->paths[i]; i++) {
			size_t n = strlen(t->paths[i]);

			if (part.size <= n || memcmp(part.data, t->paths[i], n) ||
			    part.data[n] != '\n')
				continue;
			part.data += n + 1;
			part.size -= n + 1;
			fuzz_tree_put(t, t->paths[i], part);
			break;
		}
	}
	return t->root;
}

#endif
