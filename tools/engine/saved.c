// SPDX-License-Identifier: GPL-2.0-or-later
#include "engine/saved.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "engine/saved_object.h"

/* More is a mistake (a device, a wrong file) rather than a recording. */
#define FILE_MAX (512UL << 20)

struct text {
	char *data;
	size_t size;
};

static int read_all(const char *path, struct text *t, struct sg_error *e)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t room = 0;
	ssize_t n;

	if (fd < 0)
		return sg_fail_errno(e, errno, "open '%s'", path);
	do {
		if (t->size == room) {
			char *grown;

			room = room ? 2 * room : 1 << 16;
			grown = realloc(t->data, room);
			if (!grown)
				return sg_fail_errno(e, ENOMEM, "read '%s'", path);
			t->data = grown;
		}
		n = read(fd, t->data + t->size, room - t->size);
		if (n < 0 && errno != EINTR)
			return sg_fail_errno(e, errno, "read '%s'", path);
		t->size += n > 0 ? (size_t)n : 0;
		if (t->size > FILE_MAX)
			return sg_fail(e, EFBIG, "read '%s': larger than 512 MiB", path);
	} while (n);
	return 0;
}

/* Names the file and the line in front of what saved_object_read() said. */
static int fail_at(struct sg_error *e, const char *path, size_t line, size_t object)
{
	struct sg_error reason = *e;

	sg_fail(e, EINVAL, "'%.200s': line %zu, object %zu: %.200s", path, line, object,
		reason.text);
	snprintf(e->hint, sizeof(e->hint), "%s", reason.hint);
	return -EINVAL;
}

static int fail_syntax(struct sg_error *e, const char *path, size_t line, const json_error_t *j)
{
	bool truncated = json_error_code(j) == json_error_premature_end_of_input;

	return sg_fail(e, EINVAL, "'%.200s': line %zu, column %d: %s%s", path,
		       line + (size_t)(j->line > 0 ? j->line - 1 : 0), j->column,
		       truncated ? "cut off: " : "no JSON: ", j->text);
}

static int read_objects(const char *path, const struct text *t, struct snapshot *s,
			struct sg_error *e)
{
	size_t at = 0, line = 1, objects = 0;
	json_error_t error;
	int ret;

	while (true) {
		json_t *json;

		for (; at < t->size && isspace((unsigned char)t->data[at]); at++)
			line += t->data[at] == '\n';
		if (at == t->size)
			break;
		json = json_loadb(t->data + at, t->size - at,
				  JSON_DISABLE_EOF_CHECK | JSON_REJECT_DUPLICATES, &error);
		if (!json)
			return fail_syntax(e, path, line, &error);
		objects++;
		ret = saved_object_read(json, s, e);
		json_decref(json);
		if (ret == -EINVAL)
			return fail_at(e, path, line, objects);
		if (ret)
			return ret;
		for (size_t end = at + (size_t)error.position; at < end; at++)
			line += t->data[at] == '\n';
	}
	if (!objects)
		return sg_fail(e, EINVAL, "'%s': empty: no snapshot in it", path);
	return 0;
}

int saved_read(const char *path, struct snapshot **out, struct sg_error *e)
{
	struct snapshot *s = snapshot_new();
	struct text t = { NULL, 0 };
	int ret;

	if (!s)
		return sg_fail_errno(e, ENOMEM, "read '%s'", path);
	ret = read_all(path, &t, e);
	if (!ret)
		ret = read_objects(path, &t, s, e);
	free(t.data);
	if (ret) {
		snapshot_free(s);
		return ret;
	}
	*out = s;
	return 0;
}
