/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From the ring buffer's records to pairing: which event means what, and where its fields lie. */
#ifndef SYSGATE_ENGINE_DECODE_H
#define SYSGATE_ENGINE_DECODE_H

#include <event-parse.h>

#include "engine/pair.h"
#include "engine/ring.h"

enum role {
	ROLE_NONE,
	ROLE_ENTER,    /* a call was entered: nr, maybe gate */
	ROLE_EXIT,     /* a call was left: nr, ret, maybe gate */
	ROLE_DISPATCH, /* the dispatcher of one ABI was called: nr, gate */
	ROLE_GATE,     /* a return to user space: gate */
	ROLE_FORK,     /* child, flags */
	ROLE_EXEC,     /* pid, old pid, path */
	ROLE_TASK_EXIT,
	ROLES
};

struct field {
	uint16_t offset;
	uint8_t size; /* bytes; 0: the event has no such field */
};

struct source {
	uint8_t role;
	uint8_t abi;		/* ROLE_DISPATCH: whose */
	uint16_t size;		/* a record is at least that long */
	struct field fields[3]; /* in the order of decode.c's table of roles */
};

#define DECODER_SOURCES 16

struct decoder {
	struct pair *pair;
	uint8_t by_id[1 << 16]; /* index into sources; 0: none of ours */
	struct source sources[DECODER_SOURCES];
	size_t count;
	/* raw_syscalls on a 64-bit kernel, whose layout decoder_run() then knows; 0: not so. */
	uint16_t plain_enter, plain_exit;
};

void decoder_init(struct decoder *d, struct pair *pair);
/*
 * Takes an event from its format file's text. -EPROTO: a field that the role needs is not there or
 * has another size than it can have.
 */
int decoder_add(struct decoder *d, struct tep_handle *tep, const char *system, const char *event,
		const char *format, enum role role, int abi, struct sg_error *e);
/* A ring_sink's functions: data is the struct decoder. */
void decoder_run(void *data, struct ring_cursor *c, uint64_t limit);
void decoder_gap(void *data, uint64_t ts);

#endif
