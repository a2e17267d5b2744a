/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One JSON object of a saved file: between saved.c, saved_object.c and saved_row.c. */
#ifndef SYSGATE_ENGINE_SAVED_OBJECT_H
#define SYSGATE_ENGINE_SAVED_OBJECT_H

#include <jansson.h>
#include <stdbool.h>

#include "base/error.h"
#include "stats/snapshot.h"

/*
 * Adds the snapshot in json to s, which is new or has others already. 0, -EINVAL with what is wrong
 * with it, or -ENOMEM. s is of no use after an error.
 */
int saved_object_read(const json_t *json, struct snapshot *s, struct sg_error *e);

/*
 * The members of an object, each with a limit, since a file may hold anything. What is missing,
 * of another type or beyond its limit sets the error, the first of which stays.
 */
struct members {
	const json_t *object;
	const char *where; /* "calls[3]", for messages */
	struct sg_error *e;
	bool failed;
};

/* A number 0..max; `fallback` when it is missing and optional. */
uint64_t member_number(struct members *m, const char *name, uint64_t max);
bool member_bool(struct members *m, const char *name);
/* Copies a text that must fit. */
void member_text(struct members *m, const char *name, char *buf, size_t size);
/* A text's value by its name, as abi_by_name() and others translate it. */
int member_named(struct members *m, const char *name, int (*by_name)(const char *));
/* The member, of that type; NULL sets the error. */
const json_t *member_of(struct members *m, const char *name, json_type type);
bool member_exists(const struct members *m, const char *name);
/* Notes the first error. */
void member_wrong(struct members *m, const char *name, const char *what);

/* Adds one of the "calls" to s. 0, -EINVAL, -ENOMEM. */
int saved_row_read(const json_t *json, const char *where, struct snapshot *s, struct sg_error *e);

/* Beyond that a counter is nonsense, and sums of them could overflow. */
#define SAVED_COUNT_MAX ((uint64_t)1 << 60)

#endif
