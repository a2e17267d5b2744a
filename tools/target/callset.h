/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The calls that a user asked for: -e SET, a comma-separated list of names, #numbers, classes
 * (%file, %network, ...), gate:NAME, abi:NAME, each of which may be negated by a leading '!'.
 * A call is in the set when it matches one of the positive call items (or there is none) and none
 * of the negative; gate: and abi: items each narrow it further.
 */
#ifndef SYSGATE_TARGET_CALLSET_H
#define SYSGATE_TARGET_CALLSET_H

#include <stdbool.h>

#include "base/error.h"
#include "stats/cell.h"
#include "target/syscalls.h"

struct callset;

/*
 * Compiles text against the names of t. 0 or -EINVAL, with the unknown word and the nearest known
 * one in e. Several -e are joined with a comma by the caller. NULL text: every call.
 */
int callset_parse(const char *text, const struct syscalls *t, struct callset **set,
		  struct sg_error *e);
void callset_free(struct callset *set);
/* A view_filter_fn: data is the struct callset, NULL lets everything pass. */
bool callset_has(const struct key *key, void *data);
/*
 * Does it pick calls by a gate that has to be known? gate:unknown alone does not. NULL: no.
 */
bool callset_needs_gate(const struct callset *set);
/*
 * The calls that a set names and lets pass, by some gate, in the order of ABI and number; out
 * receives up to max of them with no gate set. Those of the unknown ABI are not among them. Returns
 * how many there are, or CALLSET_ALL when the set lets calls pass that nobody named.
 */
#define CALLSET_ALL SIZE_MAX
size_t callset_named(const struct callset *set, struct key *out, size_t max);

/* The classes, for --help and completion: "%file" and so on with a line of help each. */
struct call_class {
	const char *name; /* without the % */
	const char *help;
	const char *const *calls; /* NULL-terminated names, of all ABIs */
};
extern const struct call_class call_classes[];
extern const size_t call_classes_count;

#endif
