/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A snapshot: everything an engine knows at one instant. A delta has the same shape. */
#ifndef SYSGATE_STATS_SNAPSHOT_H
#define SYSGATE_STATS_SNAPSHOT_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "stats/cell.h"

/*
 * A process as cells refer to it: one image (exec makes a new one) of one tgid. Index 0 is
 * "not known". All strings belong to the snapshot.
 */
struct proc {
	pid_t tgid;
	pid_t tid;	/* with DIM_TASK, else 0 */
	uint32_t birth; /* index of the first image of the same process: tells reused pids apart */
	uid_t uid;	/* (uid_t)-1 when not known */
	char comm[16];
	char *cgroup; /* the path in the unified (else the first) hierarchy; NULL when not known */
};

/* A call that was entered and not left. */
struct in_flight {
	pid_t tgid, tid;
	char comm[16];
	uint8_t abi, gate;
	int32_t nr;
	uint64_t age_ns;
	bool at_least; /* entered before the attach: it is at least that old */
};

/*
 * entries + in_flight_before = exits + in_flight + never_returned + lost, to the last call: nothing
 * was in flight before the attach that counts here, but something may have been when a delta began.
 */
struct conservation {
	uint64_t entries;
	uint64_t in_flight_before; /* a delta: in flight at its begin; else 0 */
	uint64_t exits;
	uint64_t in_flight; /* of those entered since the attach */
	uint64_t never_returned;
	uint64_t lost; /* entries whose exit was lost or cannot be trusted */
	/* Outside of the sum: */
	uint64_t before_attach; /* exits of calls entered before the attach */
	uint64_t suppressed;	/* exits of calls that seccomp or ptrace kept from their entry */
};

/* Every way of losing something, by name. All zero is a complete measurement. */
struct loss {
	uint64_t pool_full;	   /* calls that found no cell */
	uint64_t stamp_evicted;	   /* entries whose stamp had to be given up */
	uint64_t kretprobe_missed; /* returns that no kretprobe instance was free for */
	uint64_t unpaired_exits;   /* exits without their entry */
	uint64_t ring_lost;	   /* events that the kernel's ring buffer overwrote or dropped */
	uint64_t abi_unknown;	   /* calls whose ABI could not be told */
	uint64_t stap_skipped;	   /* probes that SystemTap did not run */
	uint64_t stap_errors;	   /* errors of its script's */
	uint64_t stap_ended;	   /* scripts that it ended before they were told to */
};

/* What each field of struct loss is called outside, in one list for all sinks. */
struct loss_name {
	const char *name; /* "ring_lost" */
	size_t offset;
	const char *text; /* for a message: "events that the ring buffer lost" */
	bool seldom;	  /* of one engine alone: told where there is any, and not as 0 */
};
extern const struct loss_name loss_names[];
extern const size_t loss_names_count;

/* Where calls came from, with DIM_SITE: what the module tells of sites and of their files. */
struct snapshot_sites {
	struct sysgate_site *list; /* [0] is the one of calls whose site was not seen */
	size_t count;
	struct sysgate_module *modules; /* from SYSGATE_MODULE_FILES on */
	size_t modules_count;
	uint64_t full, unseen; /* calls without a site: no room; their memory was just changing */
};

#define SNAPSHOT_NOTES 8

struct snapshot {
	char host[65];
	char kernel[65];
	char machine[65];
	char engine[16];
	char attach[32];
	uint64_t start_ns; /* CLOCK_REALTIME at the attach, or at the former snapshot of a delta */
	uint64_t duration_ns; /* from then to now */
	unsigned int cpus;
	uint32_t dims; /* DIM_ bits that the cells are split by */
	bool gate_known, exit_known, wait_known;

	struct cell **cells; /* sorted by key_compare() */
	size_t cells_count;
	struct proc *procs; /* [0] is "not known"; empty without DIM_PROC */
	size_t procs_count;
	struct in_flight *in_flight; /* oldest first */
	size_t in_flight_count;

	struct snapshot_sites sites; /* of a snapshot alone, not of a copy or a delta */
	struct conservation conservation;
	struct loss loss;
	/* Cost of the probes themselves; negative: not known. */
	double per_call_ns, inside_latency_ns;
	char overhead_how[32];
	char *notes[SNAPSHOT_NOTES]; /* what a reader must know to read it right */
};

/* NULL: no memory. */
struct snapshot *snapshot_new(void);
void snapshot_free(struct snapshot *s);
struct snapshot *snapshot_copy(const struct snapshot *s);
/* Adds a copy of cell c; call snapshot_sort() after the last. 0 or -ENOMEM. */
int snapshot_add_cell(struct snapshot *s, const struct cell *c);
/*
 * Returns the new process's index, or -ENOMEM; comm and cgroup (may be NULL) are copied. The first
 * one to be added is the "not known", with the index 0.
 */
ssize_t snapshot_add_proc(struct snapshot *s, const struct proc *p);
int snapshot_add_in_flight(struct snapshot *s, const struct in_flight *f);
/* Adds a note; more than SNAPSHOT_NOTES or a repeated one is dropped. */
void snapshot_note(struct snapshot *s, const char *text);
/* Sorts the cells by key, adding up those of one key, and the calls in flight by age. */
void snapshot_sort(struct snapshot *s);

/* later - earlier, of one engine's run; cells without a change are left out. NULL: no memory. */
struct snapshot *snapshot_delta(const struct snapshot *later, const struct snapshot *earlier);

/* The equation holds and no event is known to be lost. */
bool snapshot_conserved(const struct snapshot *s);
/* Anything at all in struct loss. */
bool snapshot_lossy(const struct snapshot *s);
uint64_t snapshot_loss(const struct snapshot *s, const struct loss_name *name);

#endif
