// SPDX-License-Identifier: GPL-2.0-or-later
#include "stats/group.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"

/* Who, what, how, with which result. */
const struct group_name group_names[] = {
	{ "process", GROUP_PROCESS, "process id and command name" },
	{ "task", GROUP_TASK, "task id and command name" },
	{ "comm", GROUP_COMM, "command name" },
	{ "uid", GROUP_UID, "user" },
	{ "cgroup", GROUP_CGROUP, "control group" },
	{ "call", GROUP_CALL, "system call" },
	{ "abi", GROUP_ABI, "table of calls: x86_64, i386, x32" },
	{ "gate", GROUP_GATE, "instruction that entered the kernel" },
	{ "exit", GROUP_EXIT, "instruction that left the kernel; counts only" },
	{ "errno", GROUP_ERRNO, "error returned" },
};
const size_t group_names_count = ARRAY_SIZE(group_names);

static const struct {
	const char *name;
	enum sort_key key;
} sort_names[] = {
	{ "total", SORT_TOTAL }, { "count", SORT_COUNT }, { "errors", SORT_ERRORS },
	{ "avg", SORT_AVG },	 { "p99", SORT_P99 },	  { "max", SORT_MAX },
	{ "wait", SORT_WAIT },	 { "name", SORT_NAME },
};

uint32_t group_dims(unsigned int group)
{
	uint32_t dims = 0;

	if (group & GROUP_ERRNO)
		dims |= DIM_ERRNO;
	if (group & GROUP_PROC)
		dims |= DIM_PROC;
	if (group & GROUP_TASK)
		dims |= DIM_TASK;
	return dims;
}

/* Adds ", name" to the list in buf. */
static void add_name(char *buf, size_t size, const char *name)
{
	size_t n = strlen(buf);

	snprintf(buf + n, size - n, "%s%s", n ? ", " : "", name);
}

static unsigned int group_bit(const char *name, size_t n)
{
	for (size_t i = 0; i < group_names_count; i++) {
		if (strlen(group_names[i].name) == n && !strncmp(group_names[i].name, name, n))
			return group_names[i].bit;
	}
	return 0;
}

int group_parse(const char *text, unsigned int *group, struct sg_error *e)
{
	unsigned int bits = 0;
	char known[128] = "";

	while (true) {
		size_t n = strcspn(text, ",");
		unsigned int bit = group_bit(text, n);

		if (!bit) {
			for (size_t i = 0; i < group_names_count; i++)
				add_name(known, sizeof(known), group_names[i].name);
			sg_fail(e, EINVAL, "cannot group by '%.*s'", (int)(n < 64 ? n : 64), text);
			sg_hint(e, "known: %s", known);
			return -EINVAL;
		}
		bits |= bit;
		if (!text[n])
			break;
		text += n + 1;
	}
	*group = bits;
	return 0;
}

int sort_parse(const char *text, enum sort_key *sort, struct sg_error *e)
{
	char known[128] = "";

	for (size_t i = 0; i < ARRAY_SIZE(sort_names); i++) {
		if (!strcmp(sort_names[i].name, text)) {
			*sort = sort_names[i].key;
			return 0;
		}
		add_name(known, sizeof(known), sort_names[i].name);
	}
	sg_fail(e, EINVAL, "cannot sort by '%.64s'", text);
	sg_hint(e, "known: %s", known);
	return -EINVAL;
}

struct key group_key(unsigned int group, const struct key *key)
{
	struct key k = { 0 };

	/* A number means nothing without its table. */
	if (group & (GROUP_CALL | GROUP_ABI))
		k.abi = key->abi;
	if (group & GROUP_CALL)
		k.nr = key->nr;
	if (group & GROUP_GATE)
		k.gate = key->gate;
	if (group & GROUP_ERRNO)
		k.err = key->err;
	return k;
}

const struct proc *group_proc(unsigned int group, const struct snapshot *s, const struct key *key)
{
	static const struct proc not_known = { .uid = (uid_t)-1 };

	if (!(group & GROUP_PROC))
		return NULL;
	return key->proc < s->procs_count ? &s->procs[key->proc] : &not_known;
}

static int compare_numbers(unsigned long a, unsigned long b)
{
	return a < b ? -1 : a > b;
}

int group_compare_procs(unsigned int group, const struct proc *a, const struct proc *b)
{
	int d = 0;

	if (a == b)
		return 0;
	if (group & GROUP_PROCESS)
		d = compare_numbers((unsigned long)a->tgid, (unsigned long)b->tgid);
	if (!d && group & GROUP_TASK)
		d = compare_numbers((unsigned long)a->tid, (unsigned long)b->tid);
	if (!d && group & (GROUP_PROCESS | GROUP_TASK | GROUP_COMM))
		d = strcmp(a->comm, b->comm);
	if (!d && group & GROUP_UID)
		d = compare_numbers(a->uid, b->uid);
	if (!d && group & GROUP_CGROUP)
		d = strcmp(a->cgroup ? a->cgroup : "", b->cgroup ? b->cgroup : "");
	return d;
}
