// SPDX-License-Identifier: GPL-2.0-or-later
#include "target/blacklist.h"

#include <stdbool.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "target/files.h"

#define BLACKLIST "kprobes/blacklist"
#define DEBUGFS	  "/sys/kernel/debug"

struct reading {
	blacklist_fn visit;
	void *data;
};

/* "0xffffffff81000000-0xffffffff81000020	name" */
static bool take_line(const char *line, void *data)
{
	const struct reading *r = data;
	unsigned long long from, to;

	if (sscanf(line, "%llx-%llx", &from, &to) == 2)
		r->visit(from, to, r->data);
	return true;
}

int blacklist_each(const char *path, blacklist_fn visit, void *data)
{
	struct reading r = { visit, data };
	_cleanup_close_ int debugfs = -1;
	char dir[40];

	if (path)
		return file_lines(path[0] == '/' ? "" : ".", path, take_line, &r);
	if (!file_lines(DEBUGFS, BLACKLIST, take_line, &r))
		return 0;
	debugfs = mount_detached("debugfs");
	if (debugfs < 0)
		return debugfs;
	snprintf(dir, sizeof(dir), "/proc/self/fd/%d", debugfs);
	return file_lines(dir, BLACKLIST, take_line, &r);
}
