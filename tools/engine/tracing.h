/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tracefs: reaching it, and an instance of our own that no killed run leaves behind for long. */
#ifndef SYSGATE_ENGINE_TRACING_H
#define SYSGATE_ENGINE_TRACING_H

#include <stdint.h>
#include <tracefs.h>

#include "base/error.h"

/*
 * Finds where tracefs is mounted, else mounts it for this process alone, where no one else sees it,
 * and makes it libtracefs's. The first call decides. 0; -ENOTSUP: the kernel has none; -EPERM.
 */
int tracing_reach(const char **dir, struct sg_error *e);

/* Tells of something that was done unasked; NULL to stay silent. */
typedef void (*tracing_say_fn)(const char *text);

struct tracing_instance {
	struct tracefs_instance *instance;
	int lock; /* flock on its directory: held as long as the run lives */
	tracing_say_fn say;
	char name[32];	/* "sysgate-1234-0" */
	char group[32]; /* of its probe events: "sysgate_1234_0" */
};

/* Makes an instance, after removing what killed runs left. 0 or -errno. */
int tracing_instance_open(struct tracing_instance *t, tracing_say_fn say, struct sg_error *e);
/* Turns its events off, removes its probe events and itself. */
void tracing_instance_close(struct tracing_instance *t);

/*
 * Defines a probe event of the instance's group from text ("p:%s/ent x64_sys_call ...", %s: the
 * group). 0 or -errno with the kernel's own words.
 */
int tracing_probe(struct tracing_instance *t, const char *text, struct sg_error *e);

/* Removes the probe events of the instance's group, which must be off. */
void tracing_probes_remove(struct tracing_instance *t);

/* Writes value into a file of the instance; e names the file. 0 or -errno. */
int tracing_write(struct tracing_instance *t, const char *file, const char *value,
		  struct sg_error *e);

/*
 * Reads the text of a per_cpu/cpuN/stats: adds what the CPU's buffer lost to *lost; sets *now to
 * the trace clock, in its ticks: those of a clock in ns are rounded down to the microsecond that
 * the file gives.
 */
void tracing_parse_stats(const char *text, uint64_t *lost, uint64_t *now);

#endif
