// SPDX-License-Identifier: GPL-2.0-or-later
#include "engine/decode.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

/* Every record begins so, on every kernel: u16 type, u8 flags, u8 preempt count, s32 pid. */
#define COMMON_PID  4
#define COMMON_SIZE 8
/* raw_syscalls: s64 nr, then sys_exit's s64 ret or sys_enter's six arguments. */
#define PLAIN_NR	 8
#define PLAIN_RET	 16
#define PLAIN_ENTER_SIZE 64
#define PLAIN_EXIT_SIZE	 24

/* The fields of each role's events, in the order of struct source; '?': need not be there. */
static const char *const role_fields[ROLES][3] = {
	[ROLE_ENTER] = { "id|nr", "?gate", NULL },
	[ROLE_EXIT] = { "id|nr", "ret", "?gate" },
	[ROLE_DISPATCH] = { "nr", "gate", NULL },
	[ROLE_GATE] = { "gate", NULL, NULL },
	[ROLE_FORK] = { "pid", "clone_flags", NULL },
	[ROLE_EXEC] = { "pid", "old_pid", "filename" },
	[ROLE_TASK_EXIT] = { NULL, NULL, NULL },
};

void decoder_init(struct decoder *d, struct pair *pair)
{
	memset(d, 0, sizeof(*d));
	d->pair = pair;
	d->count = 1; /* [0]: none of ours */
}

/* One of the names that are separated by '|'. */
static struct tep_format_field *find_field(struct tep_event *event, const char *names)
{
	char name[32];

	while (*names) {
		size_t n = strcspn(names, "|");
		struct tep_format_field *f;

		snprintf(name, sizeof(name), "%.*s", (int)n, names);
		f = tep_find_field(event, name);
		if (f)
			return f;
		names += n + (names[n] == '|');
	}
	return NULL;
}

static int add_field(struct source *s, size_t i, struct tep_event *event, const char *names)
{
	const struct tep_format_field *f;
	bool optional = names[0] == '?';

	f = find_field(event, names + optional);
	if (!f)
		return optional ? 0 : -EPROTO;
	if ((f->size != 4 && f->size != 8) || f->offset < COMMON_SIZE || f->offset > 4096)
		return -EPROTO;
	s->fields[i] = (struct field){ (uint16_t)f->offset, (uint8_t)f->size };
	if (f->offset + f->size > s->size)
		s->size = (uint16_t)(f->offset + f->size);
	return 0;
}

static bool same_field(struct field f, uint16_t offset, uint8_t size)
{
	return f.offset == offset && f.size == size;
}

/* Whether it is laid out as decoder_run() has it by heart. */
static void note_plain(struct decoder *d, const struct source *s, uint16_t id)
{
	if (s->role == ROLE_ENTER && same_field(s->fields[0], PLAIN_NR, 8) && !s->fields[1].size)
		d->plain_enter = id;
	if (s->role == ROLE_EXIT && same_field(s->fields[0], PLAIN_NR, 8) &&
	    same_field(s->fields[1], PLAIN_RET, 8) && !s->fields[2].size)
		d->plain_exit = id;
}

#define WORD_CHARS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"

/* "	field:unsigned long args[6];	offset:16;	size:48;	signed:0;" */
static bool is_field(const char *line)
{
	unsigned int number;
	int end = 0;

	if (strncmp(line, "\tfield:", 7))
		return false;
	line += 7;
	line += strspn(line, WORD_CHARS " *");
	while (*line == '[') {
		line += 1 + strspn(line + 1, WORD_CHARS);
		if (*line++ != ']')
			return false;
		line += strspn(line, WORD_CHARS " *");
	}
	sscanf(line, ";\toffset:%9u;\tsize:%9u;\tsigned:%9u;%n", &number, &number, &number, &end);
	return end && !line[end];
}

/* Is every line as the kernel writes it? libtraceevent falls over some that are not. */
static bool is_format(const char *text)
{
	char line[256];

	while (*text) {
		size_t n = strcspn(text, "\n");

		if (n >= sizeof(line))
			return false;
		memcpy(line, text, n);
		line[n] = '\0';
		if (n && strcmp(line, "format:") && strncmp(line, "name: ", 6) &&
		    strncmp(line, "ID: ", 4) && strcmp(line, "print fmt: \"\"") && !is_field(line))
			return false;
		text += n + (text[n] != '\0');
	}
	return true;
}

/*
 * Reads the format but for how the event is to be printed: that is not asked for here, and
 * libtraceevent, which evaluates it, refuses some and falls over a division by zero. NULL: it
 * cannot be read.
 */
static struct tep_event *parse(struct tep_handle *tep, const char *system, const char *event,
			       const char *format)
{
	static const char *const empty = "\nprint fmt: \"\"\n";
	const char *print = strstr(format, "\nprint fmt:");
	size_t n = print ? (size_t)(print - format) : strlen(format);
	_cleanup_free_ char *fields = malloc(n + strlen(empty) + 1);

	if (!fields)
		return NULL;
	memcpy(fields, format, n);
	strcpy(fields + n, print ? empty : "");
	if (!is_format(fields) || tep_parse_event(tep, fields, strlen(fields), system))
		return NULL;
	return tep_find_event_by_name(tep, system, event);
}

int decoder_add(struct decoder *d, struct tep_handle *tep, const char *system, const char *event,
		const char *format, enum role role, int abi, struct sg_error *e)
{
	struct source *s = &d->sources[d->count];
	struct tep_event *parsed = NULL;

	if (d->count < DECODER_SOURCES)
		parsed = parse(tep, system, event, format);
	if (!parsed || parsed->id < 0 || parsed->id >= (int)ARRAY_SIZE(d->by_id))
		return sg_fail(e, EPROTO, "cannot parse the format of event '%s:%s'", system,
			       event);
	memset(s, 0, sizeof(*s));
	s->role = (uint8_t)role;
	s->abi = (uint8_t)abi;
	s->size = COMMON_SIZE;
	for (size_t i = 0; i < 3 && role_fields[role][i]; i++)
		if (add_field(s, i, parsed, role_fields[role][i]))
			return sg_fail(e, EPROTO, "event '%s:%s' has no usable field '%s'", system,
				       event, role_fields[role][i]);
	d->by_id[parsed->id] = (uint8_t)d->count++;
	note_plain(d, s, (uint16_t)parsed->id);
	return 0;
}

static inline int32_t load_s32(const uint8_t *p)
{
	int32_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

/* The field with its sign; 0 where the event has none. */
static inline int64_t load(const uint8_t *record, struct field f)
{
	int64_t v;

	if (__builtin_expect(f.size == 8, 1)) {
		memcpy(&v, record + f.offset, sizeof(v));
		return v;
	}
	return f.size ? load_s32(record + f.offset) : 0;
}

/* A kernel address of a 32-bit kernel has no sign. */
static inline uint64_t load_address(const uint8_t *record, struct field f)
{
	uint64_t v = (uint64_t)load(record, f);

	return f.size == 4 ? (uint32_t)v : v;
}

/* A __data_loc: the low half is the string's offset in the record, the high half its length. */
static const char *load_string(const uint8_t *record, size_t size, struct field f)
{
	uint32_t where = (uint32_t)load(record, f), offset = where & 0xffff, length = where >> 16;

	if (!f.size || !length || offset + length > size || record[offset + length - 1])
		return NULL;
	return (const char *)record + offset;
}

static void life(struct pair *p, const struct source *s, pid_t tid, const uint8_t *r, size_t size,
		 uint64_t ts)
{
	switch (s->role) {
	case ROLE_FORK:
		pair_fork(p, tid, (pid_t)load(r, s->fields[0]),
			  load(r, s->fields[1]) & CLONE_THREAD);
		break;
	case ROLE_EXEC:
		pair_exec(p, (pid_t)load(r, s->fields[1]), (pid_t)load(r, s->fields[0]),
			  load_string(r, size, s->fields[2]));
		break;
	case ROLE_TASK_EXIT:
		pair_task_exit(p, tid, ts);
		break;
	}
}

/* Everything but entries and exits. */
static void rare(struct pair *p, const struct source *s, pid_t tid, const struct ring_cursor *c)
{
	const uint8_t *r = c->data;

	switch (s->role) {
	case ROLE_DISPATCH:
		pair_dispatch(p, tid, c->ts, load(r, s->fields[0]), load_address(r, s->fields[1]),
			      s->abi);
		break;
	case ROLE_GATE:
		pair_gate(p, tid, load_address(r, s->fields[0]));
		break;
	default:
		life(p, s, tid, r, ring_cursor_size(c), c->ts);
	}
}

static void decode(struct decoder *d, const struct ring_cursor *c)
{
	const uint8_t *r = c->data;
	size_t size = ring_cursor_size(c);
	const struct source *s;
	uint16_t id;
	pid_t tid;

	if (size < COMMON_SIZE)
		return;
	memcpy(&id, r, sizeof(id));
	s = &d->sources[d->by_id[id]];
	if (size < s->size)
		return;
	tid = load_s32(r + COMMON_PID);
	if (s->role == ROLE_ENTER)
		pair_slow_enter(d->pair, tid, c->ts, load(r, s->fields[0]),
				load_address(r, s->fields[1]));
	else if (s->role == ROLE_EXIT)
		pair_slow_exit(d->pair, tid, c->ts, load(r, s->fields[0]), load(r, s->fields[1]),
			       load_address(r, s->fields[2]));
	else
		rare(d->pair, s, tid, c);
}

static inline int64_t load_s64(const uint8_t *p)
{
	int64_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

void decoder_run(void *data, struct ring_cursor *cursor, uint64_t limit)
{
	struct decoder *d = data;
	struct pair *pair = d->pair;
	/* A copy that nothing else points to stays in registers. */
	struct ring_cursor c = *cursor;
	struct task *task = NULL;
	pid_t last = -1;

	do {
		uint64_t common = (uint64_t)load_s64(c.data);
		uint16_t id = (uint16_t)common;
		pid_t tid = (pid_t)(common >> 32);

		/* Most often the same task goes on. */
		if (tid != last) {
			task = tasks_get(&pair->tasks, tid);
			last = tid;
		}
		if (id == d->plain_enter && ring_cursor_size(&c) == PLAIN_ENTER_SIZE) {
			pair_enter(pair, task, tid, c.ts, load_s64(c.data + PLAIN_NR), 0);
		} else if (id == d->plain_exit && ring_cursor_size(&c) == PLAIN_EXIT_SIZE) {
			pair_exit(pair, task, tid, c.ts, load_s64(c.data + PLAIN_NR),
				  load_s64(c.data + PLAIN_RET), 0);
		} else {
			struct ring_cursor here = c;

			decode(d, &here);
		}
		ring_cursor_next(&c);
	} while (c.data && c.ts <= limit);
	*cursor = c;
}

void decoder_gap(void *data, uint64_t ts)
{
	struct decoder *d = data;

	pair_gap(d->pair, ts);
}
