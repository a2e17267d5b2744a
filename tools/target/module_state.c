// SPDX-License-Identifier: GPL-2.0-or-later
/* What the kernel tells of the loaded module, and who loaded it. */
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "sysgate_abi.h"
#include "target/files.h"
#include "target/module_internal.h"

/* A process of that number may be another's by now: its name tells. */
static bool is_collector(pid_t pid)
{
	char path[32], comm[32];

	snprintf(path, sizeof(path), "%d/comm", pid);
	return !file_text("/proc", path, comm, sizeof(comm)) &&
	       !strncmp(comm, MODULE_NAME, strlen(MODULE_NAME));
}

void module_state_read(struct module_state *s, const char *sys)
{
	char dir[PATH_MAX], text[32];

	memset(s, 0, sizeof(*s));
	s->users = -1;
	snprintf(dir, sizeof(dir), "%s/module/" MODULE_NAME, sys);
	/* While it comes or goes it is there, but of no use. */
	s->loaded = !file_text(dir, "initstate", text, sizeof(text)) && !strcmp(text, "live");
	if (!s->loaded)
		return;
	s->owner = (pid_t)file_number(dir, "parameters/owner", 0);
	s->gid = (gid_t)file_number(dir, "parameters/gid", 0);
	s->pool_kb = (unsigned int)file_number(dir, "parameters/pool_kb", 0);
	s->users = file_number(dir, "refcnt", -1);
	file_text(dir, "version", s->version, sizeof(s->version));
	file_text(dir, "srcversion", s->source, sizeof(s->source));
	s->owner_alive = s->owner > 0 && is_collector(s->owner);
}

void module_state_ask(struct module_state *s)
{
	_cleanup_close_ int fd = open(MODULE_DEVICE, O_RDONLY | O_CLOEXEC);
	struct sysgate_info info;

	if (fd < 0 || ioctl(fd, SYSGATE_INFO, &info) || info.magic != SYSGATE_MAGIC ||
	    info.version != SYSGATE_ABI_VERSION)
		return;
	s->memory_once = info.memory_once;
	s->memory_cpu = info.memory_cpu;
}

void module_state(struct module_state *s)
{
	struct statx st;

	module_state_read(s, "/sys");
	/* The device appears when the module does, and /dev remembers when that was. */
	if (s->loaded && !statx(AT_FDCWD, MODULE_DEVICE, 0, STATX_MTIME, &st))
		s->since = st.stx_mtime.tv_sec;
}
