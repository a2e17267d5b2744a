/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One way out: a variable that is released when its scope ends. */
#ifndef SYSGATE_BASE_CLEANUP_H
#define SYSGATE_BASE_CLEANUP_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static inline void sg_cleanup_free(void *p)
{
	free(*(void **)p);
}

static inline void sg_cleanup_close(const int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static inline void sg_cleanup_fclose(FILE **f)
{
	if (*f)
		fclose(*f);
}

#define _cleanup_free_	 __attribute__((cleanup(sg_cleanup_free)))
#define _cleanup_close_	 __attribute__((cleanup(sg_cleanup_close)))
#define _cleanup_fclose_ __attribute__((cleanup(sg_cleanup_fclose)))

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

#endif
