// SPDX-License-Identifier: GPL-2.0-or-later
/* Reads where calls came from, as the module keeps it. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "engine/kmod.h"

#define MODULES_MAX 65536 /* more than any table that the module has */

static int read_modules(struct snapshot_sites *s, int fd)
{
	struct sysgate_module m, *list;

	while (s->modules_count < MODULES_MAX) {
		memset(&m, 0, sizeof(m));
		m.module = SYSGATE_MODULE_FILES + (uint32_t)s->modules_count;
		if (ioctl(fd, SYSGATE_MODULE, &m))
			return errno == ENOENT ? 0 : -errno;
		list = reallocarray(s->modules, s->modules_count + 1, sizeof(*list));
		if (!list)
			return -ENOMEM;
		m.path[sizeof(m.path) - 1] = '\0';
		s->modules = list;
		list[s->modules_count++] = m;
	}
	return 0;
}

int kmod_read_sites(struct snapshot *s, int fd, const struct sysgate_site *sites,
		    const struct sysgate_counters *c)
{
	s->sites.list = calloc(c->sites + 1, sizeof(*sites));
	if (!s->sites.list)
		return -ENOMEM;
	memcpy(s->sites.list, sites, c->sites * sizeof(*sites));
	s->sites.count = c->sites;
	s->sites.full = c->sites_full;
	s->sites.unseen = c->sites_unseen;
	return read_modules(&s->sites, fd);
}
