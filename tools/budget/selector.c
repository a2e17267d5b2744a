// SPDX-License-Identifier: GPL-2.0-or-later
#include "budget/selector.h"

#include <fnmatch.h>
#include <stdlib.h>

static enum selects both(enum selects a, enum selects b)
{
	return a < b ? a : b;
}

/* Does the set take a call of this key by all of the gates that it may have come through? */
static void try_gates(const struct callset *set, struct key key, bool *some, bool *all)
{
	uint8_t first = key.gate, last = key.gate;
	bool has;

	if (key.gate == SYSGATE_GATE_UNKNOWN) {
		first = SYSGATE_GATE_UNKNOWN + 1;
		last = SYSGATE_GATES - 1;
	}
	for (uint8_t gate = first; gate <= last; gate++) {
		key.gate = gate;
		has = callset_has(&key, (void *)set);
		*some |= has;
		*all &= has;
	}
}

enum selects selects_call(const struct callset *set, const struct key *key)
{
	bool some = false, all = true;
	struct key k = *key;

	if (!set)
		return SELECTS_YES;
	if (key->abi != SYSGATE_ABI_UNKNOWN) {
		try_gates(set, k, &some, &all);
	} else {
		for (k.abi = SYSGATE_ABI_UNKNOWN + 1; k.abi < SYSGATE_ABIS; k.abi++)
			try_gates(set, k, &some, &all);
	}
	if (all)
		return SELECTS_YES;
	return some ? SELECTS_MAYBE : SELECTS_NO;
}

static enum selects has_errno(const struct selector *s, const struct selected *what)
{
	if (!s->errnos_count)
		return SELECTS_YES;
	if (!what->errno_known)
		return SELECTS_MAYBE;
	for (size_t i = 0; i < s->errnos_count; i++)
		if (s->errnos[i] == what->key->err)
			return SELECTS_YES;
	return SELECTS_NO;
}

static enum selects has_process(const struct selector *s, const char *comm)
{
	if (!s->processes.count)
		return SELECTS_YES;
	if (!comm)
		return SELECTS_MAYBE;
	for (size_t i = 0; i < s->processes.count; i++)
		if (!fnmatch(s->processes.items[i], comm, 0))
			return SELECTS_YES;
	return SELECTS_NO;
}

enum selects selector_has(const struct selector *s, const struct selected *what)
{
	return both(selects_call(s->calls, what->key),
		    both(has_errno(s, what), has_process(s, what->comm)));
}

struct selected selected_cell(const struct snapshot *s, const struct key *key)
{
	bool known = s->dims & DIM_PROC && key->proc && key->proc < s->procs_count;
	const char *comm = known ? s->procs[key->proc].comm : "";

	return (struct selected){ .key = key,
				  .comm = *comm ? comm : NULL,
				  .errno_known = s->dims & DIM_ERRNO };
}

void selector_fini(struct selector *s)
{
	callset_free(s->calls);
	string_list_release(&s->processes);
	free(s->errnos);
	*s = (struct selector){ 0 };
}
