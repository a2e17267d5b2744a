/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parts of the engine stap: reading what its script prints, and running it. */
#ifndef SYSGATE_ENGINE_STAP_H
#define SYSGATE_ENGINE_STAP_H

#include <stdbool.h>
#include <stddef.h>

#include "engine/engine.h"
#include "stats/cells.h"
#include "sysgate_abi.h"
#include "target/module.h"

#define STAP_LINE_MAX 1024 /* bytes; SystemTap's own lines are no longer than that */

/* ---- reading (stap_read.c) ---- */

/* What a script prints of its counters, thrice: the parts of a dump are of different instants. */
struct stap_counters {
	struct sysgate_counters kernel;
	uint64_t skipped, errors; /* probes that SystemTap did not run, or that failed */
};

/* All cells at about one instant, as one dump of the script has them. */
struct stap_dump {
	bool count_only, attached;
	unsigned int counters_count;
	struct stap_counters counters[3];
	struct cells cells;
	struct sysgate_who *whos; /* [0] is nobody */
	size_t whos_count;
	struct sysgate_in_flight *calls;
	size_t calls_count;
};

void stap_dump_fini(struct stap_dump *d);
/*
 * Adds what was counted, what is in flight, the conservation and the losses; whos: the processes
 * too. Call snapshot_sort() after it. 0 or -ENOMEM.
 */
int stap_dump_add(const struct stap_dump *d, bool whos, struct snapshot *to);
/* The instant that it is of, by the kernel's clock. */
uint64_t stap_dump_now(const struct stap_dump *d);

struct stap_reader {
	char line[STAP_LINE_MAX];
	size_t used;
	bool cut;		   /* the line is longer: its rest is passed over */
	bool within;		   /* between "sysgate" and "end" */
	bool broken;		   /* a line of the dump cannot be right: it is not taken */
	unsigned long lines;	   /* of the dump, so far */
	struct cell *cell;	   /* that "hist" lines belong to */
	struct stap_dump dump;	   /* being read */
	struct stap_dump *last;	   /* the last whole one; NULL: none yet */
	unsigned long whole, lost; /* dumps that were whole; that were not */
	/* Lines that are no dump's: what a script prints of its own. May be NULL. */
	void (*other)(const char *line, void *data);
	void *data;
};

/* Takes what was read, wherever it is cut. 0 or -ENOMEM. Release with stap_reader_fini(). */
int stap_reader_feed(struct stap_reader *r, const char *data, size_t size);
void stap_reader_fini(struct stap_reader *r);

/* ---- running (stap_run.c) ---- */

#define STAP_WORDS 3

struct stap_run {
	pid_t pid;	/* of staprun; 0: it was not started, or is gone */
	int out, err;	/* what it prints and says, not waiting; -1 */
	char name[64];	/* of the module */
	char line[512]; /* of what it says, not yet ended */
	size_t line_used;
	char words[STAP_WORDS][256]; /* its last errors and warnings */
	size_t words_count;
	bool ended; /* it prints nothing any more */
};

/*
 * Loads the module, with parameters NAME=VALUE up to NULL. What a killed run left of that name goes
 * first. Release with stap_run_close(), after a failure too.
 */
int stap_run_open(struct stap_run *r, const char *path, const char *const *params, module_say say,
		  struct sg_error *e);
/* Reads what is there: it is fed to to. 0 or -errno; at the end r->ended. */
int stap_run_pump(struct stap_run *r, struct stap_reader *to);
/* Waits for input, at most so long. */
void stap_run_wait(const struct stap_run *r, int ms);
/* Says "dump" or "stop" to the script. 0, -ENOENT: it does not run (yet), or -errno. */
int stap_run_ask(const struct stap_run *r, const char *what);
/* SystemTap's words as one text; "" where it said nothing. */
void stap_run_words(const struct stap_run *r, char *text, size_t size);
/* Ends it, and sees to it that no module stays. Idempotent. */
void stap_run_close(struct stap_run *r);
/* A line of what staprun says: keeps errors and warnings, and what they count. */
void stap_run_heard(struct stap_run *r, const char *line);

/* Removes the modules of scripts that nobody runs any more; told of each. */
void stap_remove_leftovers(module_say say);

#endif
