// SPDX-License-Identifier: GPL-2.0-or-later
#include "target/module_source.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/embedded.h"

bool module_source_file(size_t i, struct module_file *f)
{
	const struct embedded_file *from = &module_files[i];

	if (i >= module_files_count)
		return false;
	*f = (struct module_file){ from->path, from->data, (size_t)(from->end - from->data) };
	return true;
}

/* Makes the directories between dir and the last component of path. */
static int make_parents(char *path, size_t from)
{
	for (char *slash = strchr(path + from, '/'); slash; slash = strchr(slash + 1, '/')) {
		int err;

		*slash = '\0';
		err = mkdir(path, 0755) ? errno : 0;
		*slash = '/';
		if (err && err != EEXIST)
			return -err;
	}
	return 0;
}

static int write_all(int fd, const char *data, size_t size)
{
	while (size) {
		ssize_t n = TEMP_FAILURE_RETRY(write(fd, data, size));

		if (n < 0)
			return -errno;
		data += n;
		size -= (size_t)n;
	}
	return 0;
}

int module_file_write(const char *dir, const struct module_file *f)
{
	bool script = f->size > 2 && !memcmp(f->data, "#!", 2);
	_cleanup_close_ int fd = -1;
	char path[PATH_MAX];
	int err;

	if (snprintf(path, sizeof(path), "%s/%s", dir, f->path) >= (int)sizeof(path))
		return -ENAMETOOLONG;
	err = make_parents(path, strlen(dir) + 1);
	if (err)
		return err;
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC,
		  script ? 0755 : 0644);
	return fd < 0 ? -errno : write_all(fd, f->data, f->size);
}

int module_source_write(const char *dir, struct sg_error *e)
{
	struct module_file f;

	for (size_t i = 0; module_source_file(i, &f); i++) {
		int err = module_file_write(dir, &f);

		if (err)
			return sg_fail_errno(e, -err, "cannot write '%s/%s'", dir, f.path);
	}
	return 0;
}

uint64_t module_hash(uint64_t h, const char *data, size_t size)
{
	for (size_t i = 0; i < size; i++)
		h = (h ^ (unsigned char)data[i]) * UINT64_C(0x100000001b3);
	return h;
}

const char *module_source_id(void)
{
	static char id[17];
	uint64_t h = MODULE_HASH_BEGIN;
	struct module_file f;

	if (id[0])
		return id;
	for (size_t i = 0; module_source_file(i, &f); i++) {
		uint64_t size = f.size;

		h = module_hash(h, f.path, strlen(f.path) + 1);
		h = module_hash(h, (const char *)&size, sizeof(size));
		h = module_hash(h, f.data, f.size);
	}
	snprintf(id, sizeof(id), "%016" PRIx64, h);
	return id;
}
