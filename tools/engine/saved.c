// SPDX-License-Identifier: GPL-2.0-or-later
#include "engine/saved.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "engine/saved_object.h"

/* A larger object is a mistake (a device, a wrong file) rather than a snapshot. */
#define OBJECT_MAX (512UL << 20)
#define READ_BYTES (1UL << 16)

/* The bytes from `at` on are not yet read as JSON; `scan` is how far its end was looked for. */
struct saved_file {
	char *path;
	int fd;
	char *data;
	size_t used, room;
	size_t at, scan;
	size_t line, objects;
	bool end;     /* of the file */
	bool no_wait; /* for what is not there yet */
	bool begun;   /* the object at `at` is scanned up to `scan`, and its end is not there yet */
	/* At `scan`: within so many brackets, within a text, behind a backslash. */
	size_t depth;
	bool text, escaped;
};

int saved_open(struct saved_file **out, const char *path, struct sg_error *e)
{
	struct saved_file *f = calloc(1, sizeof(*f));

	if (!f || !(f->path = strdup(path))) {
		free(f);
		return sg_fail_errno(e, ENOMEM, "open '%s'", path);
	}
	f->line = 1;
	f->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (f->fd < 0) {
		int err = errno;

		saved_close(f);
		return sg_fail_errno(e, err, "open '%s'", path);
	}
	*out = f;
	return 0;
}

void saved_no_wait(struct saved_file *f)
{
	f->no_wait = true;
}

int saved_fd(const struct saved_file *f)
{
	return f->fd;
}

void saved_close(struct saved_file *f)
{
	if (!f)
		return;
	if (f->fd >= 0)
		close(f->fd);
	free(f->path);
	free(f->data);
	free(f);
}

static bool would_wait(const struct saved_file *f)
{
	struct pollfd fd = { f->fd, POLLIN, 0 };

	return f->no_wait && !poll(&fd, 1, 0);
}

/* Reads on; what is used up makes room first. */
static int fill(struct saved_file *f, struct sg_error *e)
{
	ssize_t n;

	if (f->at) {
		memmove(f->data, f->data + f->at, f->used - f->at);
		f->used -= f->at;
		f->scan -= f->at;
		f->at = 0;
	}
	if (f->room - f->used < READ_BYTES) {
		size_t room = 2 * f->room + READ_BYTES;
		char *grown = realloc(f->data, room);

		if (!grown)
			return sg_fail_errno(e, ENOMEM, "read '%s'", f->path);
		f->data = grown;
		f->room = room;
	}
	if (would_wait(f))
		return -EAGAIN;
	do
		n = read(f->fd, f->data + f->used, f->room - f->used);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return sg_fail_errno(e, errno, "read '%s'", f->path);
	f->used += (size_t)n;
	f->end = !n;
	if (f->used > OBJECT_MAX)
		return sg_fail(e, EFBIG, "'%.200s': line %zu: an object larger than 512 MiB",
			       f->path, f->line);
	return 0;
}

/* Goes on to the next byte that is no white space; at the file's end to none. */
static int skip_space(struct saved_file *f, struct sg_error *e)
{
	int ret = 0;

	while (!ret) {
		for (; f->at < f->used && isspace((unsigned char)f->data[f->at]); f->at++)
			f->line += f->data[f->at] == '\n';
		f->scan = f->at;
		if (f->at < f->used || f->end)
			return 0;
		ret = fill(f, e);
	}
	return ret;
}

/* Whether the object's last byte is the one before f->scan. */
static bool scan_byte(struct saved_file *f, char c)
{
	if (f->text) {
		if (f->escaped)
			f->escaped = false;
		else if (c == '\\')
			f->escaped = true;
		else
			f->text = c != '"';
		return false;
	}
	if (c == '"')
		f->text = true;
	else if (c == '{' || c == '[')
		f->depth++;
	else if (c == '}' || c == ']')
		f->depth -= f->depth > 0;
	/* What does not begin as an object is told as an error, with its line. */
	return !f->depth && !f->text && (c == '}' || c == ']' || c == '\n');
}

/* Sets f->scan behind the object that begins at f->at, or to the file's end. */
static int find_end(struct saved_file *f, struct sg_error *e)
{
	int ret = 0;

	if (!f->begun) {
		f->depth = 0;
		f->text = f->escaped = false;
	}
	f->begun = true;
	while (!ret) {
		while (f->scan < f->used)
			if (scan_byte(f, f->data[f->scan++])) {
				f->begun = false;
				return 0;
			}
		ret = f->end ? 0 : fill(f, e);
		if (!ret && f->end) {
			f->begun = false;
			return 0;
		}
	}
	return ret;
}

/* Names the file and the line in front of what saved_object_read() said. */
static int fail_at(struct sg_error *e, const struct saved_file *f)
{
	struct sg_error reason = *e;

	sg_fail(e, EINVAL, "'%.200s': line %zu, object %zu: %.200s", f->path, f->line, f->objects,
		reason.text);
	snprintf(e->hint, sizeof(e->hint), "%s", reason.hint);
	return -EINVAL;
}

static int fail_syntax(struct sg_error *e, const struct saved_file *f, const json_error_t *j)
{
	bool truncated = json_error_code(j) == json_error_premature_end_of_input;

	return sg_fail(e, EINVAL, "'%.200s': line %zu, column %d: %s%s", f->path,
		       f->line + (size_t)(j->line > 0 ? j->line - 1 : 0), j->column,
		       truncated ? "cut off: " : "no JSON: ", j->text);
}

static int add_next(struct saved_file *f, struct snapshot *s, struct sg_error *e)
{
	json_error_t error;
	json_t *json;
	int ret = f->begun ? 0 : skip_space(f, e);

	if (!ret && f->at == f->used)
		return f->objects ? -ENODATA
				  : sg_fail(e, EINVAL, "'%s': empty: no snapshot in it", f->path);
	if (!ret)
		ret = find_end(f, e);
	if (ret)
		return ret;
	json = json_loadb(f->data + f->at, f->scan - f->at, JSON_REJECT_DUPLICATES, &error);
	if (!json)
		return fail_syntax(e, f, &error);
	f->objects++;
	ret = saved_object_read(json, s, e);
	json_decref(json);
	if (ret == -EINVAL)
		return fail_at(e, f);
	for (; f->at < f->scan; f->at++)
		f->line += f->data[f->at] == '\n';
	return ret;
}

int saved_next(struct saved_file *f, struct snapshot **out, struct sg_error *e)
{
	struct snapshot *s = snapshot_new();
	int ret = s ? add_next(f, s, e) : sg_fail_errno(e, ENOMEM, "read '%s'", f->path);

	if (ret) {
		snapshot_free(s);
		return ret;
	}
	*out = s;
	return 0;
}

int saved_read(const char *path, struct snapshot **out, struct sg_error *e)
{
	struct snapshot *s = snapshot_new();
	struct saved_file *f = NULL;
	int ret = s ? saved_open(&f, path, e) : sg_fail_errno(e, ENOMEM, "read '%s'", path);

	while (!ret)
		ret = add_next(f, s, e);
	saved_close(f);
	if (ret != -ENODATA) {
		snapshot_free(s);
		return ret;
	}
	*out = s;
	return 0;
}
