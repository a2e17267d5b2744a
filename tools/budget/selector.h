/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Of which calls a section of a budget speaks, and whether a counted one is among them. */
#ifndef SYSGATE_BUDGET_SELECTOR_H
#define SYSGATE_BUDGET_SELECTOR_H

#include "base/options.h"
#include "stats/snapshot.h"
#include "target/callset.h"

struct selector {
	struct callset *calls;	      /* NULL: all */
	struct string_list processes; /* patterns of command names; none: all */
	uint16_t *errnos;
	size_t errnos_count; /* 0: all, those that succeed too */
};

/* What was not told apart may be meant or not: nothing is guessed. */
enum selects {
	SELECTS_NO,
	SELECTS_MAYBE,
	SELECTS_YES
};

/* What is known of a counted call. */
struct selected {
	const struct key *key;
	const char *comm; /* NULL: not known */
	bool errno_known; /* key->err says something */
};

enum selects selector_has(const struct selector *s, const struct selected *what);
/* The same of a set of calls alone: where gate or ABI are unknown, every one is tried. */
enum selects selects_call(const struct callset *set, const struct key *key);
/* What is known of a cell of s. */
struct selected selected_cell(const struct snapshot *s, const struct key *key);
void selector_fini(struct selector *s);

#endif
