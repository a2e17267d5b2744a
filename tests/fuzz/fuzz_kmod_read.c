// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the module's device has to be read: the CPUs' pools, the processes, the calls in flight. An
 * input is four bytes (are there times; how many processes, calls, CPUs), these in turn, and in
 * equal parts the pools.
 */
#include "show.h"

#include <errno.h>
#include <time.h>

#include "engine/kmod.h"

/* Instead of libc's: waiting for a writer takes as many looks, and no time. */
int nanosleep(const struct timespec *request, struct timespec *left)
{
	(void)request, (void)left;
	return 0;
}

static char *path_of(uint64_t cgroup)
{
	char *path = NULL;

	/* Some are not known any more. */
	if (cgroup % 3 && asprintf(&path, "/cgroup-%llu", (unsigned long long)cgroup) < 0)
		return NULL;
	return path;
}

/* As many bytes as there are of count things; a copy of their own size, heap. */
static void *take(struct fuzz_part *rest, size_t count, size_t size, size_t *got)
{
	size_t n = rest->size / size < count ? rest->size / size : count;
	void *copy = malloc(n * size + 1);

	fuzz_must(copy);
	memcpy(copy, rest->data, n * size);
	copy = realloc(copy, n * size ? n * size : 1);
	rest->data += n * size;
	rest->size -= n * size;
	*got = n;
	return copy;
}

static int read_pools(struct snapshot *s, struct fuzz_part rest, size_t cpus, bool timed)
{
	size_t each = rest.size / cpus, got;
	struct cells cells;
	int ret = cells_init(&cells, 1000);

	for (size_t i = 0; i < cpus && each && !ret; i++) {
		_cleanup_free_ void *base = take(&rest, 1, each, &got);
		const struct kmod_pool pool = { base, each };

		ret = kmod_read_pool(&cells, &pool, timed);
		fuzz_must(!ret || ret == -EPROTO);
	}
	for (size_t i = 0; i <= cells.mask && !ret; i++)
		ret = cells.slots[i] ? snapshot_add_cell(s, cells.slots[i]) : 0;
	cells_fini(&cells);
	return ret;
}

/* A pool that is broken gives no snapshot. */
static void read_all(struct snapshot *s, const uint8_t *shape, struct fuzz_part rest)
{
	size_t whos_count, calls_count;
	_cleanup_free_ void *whos =
		take(&rest, shape[1] % 8, sizeof(struct sysgate_who), &whos_count);
	_cleanup_free_ void *calls =
		take(&rest, shape[2] % 8, sizeof(struct sysgate_in_flight), &calls_count);
	bool timed = shape[0] & 1;

	fuzz_must(!kmod_read_whos(s, whos, whos_count, path_of));
	fuzz_must(!kmod_read_in_flight(s, calls, calls_count, UINT64_MAX, timed));
	if (read_pools(s, rest, 1 + shape[3] % 4, timed))
		return;
	s->dims = DIM_PROC | DIM_TASK | DIM_ERRNO;
	s->gate_known = s->exit_known = s->wait_known = true;
	snapshot_sort(s);
	fuzz_show(s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct snapshot *s;

	if (size < 4)
		return 0;
	s = snapshot_new();
	fuzz_must(s);
	read_all(s, data, (struct fuzz_part){ (const char *)data + 4, size - 4 });
	snapshot_free(s);
	return 0;
}
