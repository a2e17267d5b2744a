// SPDX-License-Identifier: GPL-2.0-or-later
/* Recordings. An input is a file of JSON snapshots, as --replay reads it. */
#include "show.h"

#include <errno.h>

#include "collector/player.h"
#include "engine/saved.h"

#define ALL (GROUP_DEFAULT | GROUP_TASK | GROUP_PROCESS | GROUP_UID | GROUP_CGROUP | GROUP_ERRNO)

/* What is written of it and can be read again, is written the same again. */
static void check_again(const struct snapshot *s)
{
	static struct fuzz_file file;
	_cleanup_free_ char *once = fuzz_write(s, &sink_json, ALL), *twice = NULL;
	struct snapshot *again;
	struct sg_error e = { 0 };

	if (saved_read(fuzz_file(&file, (struct fuzz_part){ once, strlen(once) }), &again, &e))
		return;
	twice = fuzz_write(again, &sink_json, ALL);
	fuzz_must(!strcmp(once, twice));
	snapshot_free(again);
}

static void check_delta(const struct snapshot *s)
{
	struct snapshot *copy = snapshot_copy(s), *delta;

	fuzz_must(copy);
	delta = snapshot_delta(s, copy);
	fuzz_must(delta && !delta->cells_count);
	snapshot_free(copy);
	snapshot_free(delta);
}

/* Object by object; what can be read as a whole can be read so. */
static void play(const char *path, bool whole)
{
	struct sg_error e = { 0 };
	struct player *p = NULL;
	struct snapshot *s;
	int ret = player_open(&p, path, 1, &e);

	while (!ret && !player_ended(p)) {
		ret = player_next(p, UINT64_MAX - 1, &s, &e);
		if (s)
			fuzz_show(s);
		snapshot_free(s);
	}
	fuzz_must_end(e.text);
	fuzz_must(!whole || !ret);
	player_close(p);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct fuzz_file file;
	const char *path = fuzz_file(&file, (struct fuzz_part){ (const char *)data, size });
	struct snapshot *s = NULL;
	struct sg_error e = { 0 };
	int ret = saved_read(path, &s, &e);

	fuzz_must_end(e.text);
	play(path, !ret);
	if (ret) {
		fuzz_must(ret == -EINVAL && e.text[0]);
		fuzz_must_be_plain(e.text, strlen(e.text));
		return 0;
	}
	fuzz_show(s);
	check_again(s);
	check_delta(s);
	snapshot_free(s);
	return 0;
}
