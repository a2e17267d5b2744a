// SPDX-License-Identifier: GPL-2.0-or-later
#include "collector/player.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "collector/pack.h"
#include "collector/recording.h"
#include "engine/saved.h"

/* A longer time without anything recorded is not waited for. */
#define GAP_MAX_NS 2000000000ULL

struct player {
	/* One of the two. */
	struct saved_file *file;
	struct recording *recording;
	int64_t row;		 /* of the recording, the last one that was read */
	struct snapshot *former; /* of the file: the last object, which may have been a state */

	struct snapshot *next; /* not yet handed out; NULL: it has not come yet, or the end */
	bool ended;
	bool waits; /* for what is not yet in the pipe */
	double speed;
	uint64_t
		end_ns; /* of the last one that was handed out, by the recording's clock; 0: none */
	uint64_t due;	/* by the caller's clock */
	uint64_t held;	/* since when; 0: it runs */
	bool step;
	int failed; /* to read the one behind the one that was handed out */
	struct sg_error why;
};

static int take_row(const struct recording_row *row, void *data, struct sg_error *e)
{
	struct player *p = data;
	struct sg_error why = { 0 };
	int ret = unpack_snapshot(row->data, row->size, &p->next, &why);

	if (ret)
		return sg_fail(e, -ret, "'%.200s': row %lld: %.200s", recording_path(p->recording),
			       (long long)row->id, why.text);
	p->row = row->id;
	p->next->start_ns = row->start_ns;
	p->next->duration_ns = row->duration_ns;
	return recording_name_run(p->recording, row->run, p->next, e);
}

/* States of one run, which begin at one time, become deltas: what each has beyond the last one. */
static int take_object(struct player *p, struct sg_error *e)
{
	struct snapshot *s, *former = p->former;
	int ret = saved_next(p->file, &s, e);

	if (ret)
		return ret;
	p->former = s;
	if (former && former->start_ns == s->start_ns && former->duration_ns <= s->duration_ns)
		p->next = snapshot_delta(s, former);
	else
		p->next = snapshot_copy(s);
	snapshot_free(former);
	return p->next ? 0 : sg_fail_errno(e, ENOMEM, "saved interval");
}

static int read_next(struct player *p, struct sg_error *e)
{
	int ret = p->recording ? recording_next(p->recording, p->row, take_row, p, e)
			       : take_object(p, e);

	p->ended = ret == -ENODATA;
	p->waits = ret == -EAGAIN;
	return p->ended || p->waits ? 0 : ret;
}

static bool is_recording(const char *path)
{
	static const char magic[] = "SQLite format 3";
	char head[sizeof(magic)] = "";
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	/* What cannot be sought in, such as a pipe, is left as it is. */
	return fd >= 0 && pread(fd, head, sizeof(head), 0) == sizeof(head) &&
	       !memcmp(head, magic, sizeof(magic));
}

int player_open(struct player **out, const char *path, double speed, struct sg_error *e)
{
	struct player *p = calloc(1, sizeof(*p));
	int ret;

	if (!p)
		return sg_fail_errno(e, ENOMEM, "open '%s'", path);
	p->speed = speed;
	p->row = INT64_MIN;
	ret = is_recording(path) ? recording_open(&p->recording, path, e)
				 : saved_open(&p->file, path, e);
	if (!ret && p->file)
		saved_no_wait(p->file);
	if (!ret)
		ret = read_next(p, e);
	if (!ret && p->ended)
		ret = sg_fail(e, ENODATA, "'%.200s': nothing was recorded yet", path);
	if (ret) {
		player_close(p);
		return ret;
	}
	*out = p;
	return 0;
}

void player_close(struct player *p)
{
	if (!p)
		return;
	snapshot_free(p->next);
	snapshot_free(p->former);
	saved_close(p->file);
	recording_close(p->recording);
	free(p);
}

/* How long after the last one the next one is due, by the caller's clock. */
static uint64_t distance(const struct player *p)
{
	uint64_t start = p->next->start_ns, length = p->next->duration_ns;

	/* A clock that was put back overlaps. */
	if (start > p->end_ns && start - p->end_ns <= GAP_MAX_NS)
		length += start - p->end_ns;
	return (uint64_t)((double)length / p->speed);
}

static void look_ahead(struct player *p)
{
	p->failed = read_next(p, &p->why);
	if (p->next && p->end_ns)
		p->due += distance(p);
}

int player_next(struct player *p, uint64_t now, struct snapshot **out, struct sg_error *e)
{
	*out = NULL;
	if (p->waits)
		look_ahead(p);
	if (p->failed)
		*e = p->why;
	if (p->failed || now < player_due(p))
		return p->failed;
	/* One that was asked for comes before its time, and the time goes on from it. */
	if (p->step || !p->end_ns) {
		p->due = now;
		p->held = p->held ? now : 0;
	}
	p->step = false;
	*out = p->next;
	p->end_ns = p->next->start_ns + p->next->duration_ns;
	p->next = NULL;
	look_ahead(p);
	return 0;
}

uint64_t player_due(const struct player *p)
{
	if (p->failed)
		return 0;
	if (p->ended || p->waits)
		return PLAYER_NEVER;
	if (p->step)
		return 0;
	return p->held ? PLAYER_NEVER : p->due;
}

int player_fd(const struct player *p)
{
	return p->waits ? saved_fd(p->file) : -1;
}

bool player_ended(const struct player *p)
{
	return p->ended;
}

void player_hold(struct player *p, uint64_t now, bool hold)
{
	if (hold == (p->held != 0))
		return;
	if (!hold)
		p->due += now - p->held;
	p->held = hold ? now : 0;
}

void player_step(struct player *p)
{
	p->step = !p->ended;
}
