// SPDX-License-Identifier: GPL-2.0-or-later
#include "engine/clock.h"

#include <fcntl.h>
#include <linux/perf_event.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"

#define CLOCKSOURCE "/sys/devices/system/clocksource/clocksource0/current_clocksource"

bool clock_kernel_uses_tsc(void)
{
	_cleanup_close_ int fd = open(CLOCKSOURCE, O_RDONLY | O_CLOEXEC);
	char name[16];

	/* "tsc-early" is not yet calibrated. */
	return fd >= 0 && read(fd, name, sizeof(name)) == 4 && !memcmp(name, "tsc\n", 4);
}

/* The factors of an event's user page, as the kernel's scheduler clock uses them itself. */
static bool read_factors(struct trace_clock *c)
{
	struct perf_event_attr attr = { .type = PERF_TYPE_SOFTWARE,
					.size = sizeof(attr),
					.config = PERF_COUNT_SW_DUMMY,
					.exclude_kernel = 1 };
	_cleanup_close_ int fd =
		(int)syscall(SYS_perf_event_open, &attr, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);
	size_t size = (size_t)sysconf(_SC_PAGESIZE);
	struct perf_event_mmap_page *page;
	bool ok;

	if (fd < 0)
		return false;
	page = mmap(NULL, size, PROT_READ, MAP_SHARED, fd, 0);
	if (page == MAP_FAILED)
		return false;
	ok = page->cap_user_time && page->time_mult && page->time_shift < 32;
	c->mult = page->time_mult;
	c->shift = page->time_shift;
	munmap(page, size);
	return ok;
}

struct trace_clock clock_choose(void)
{
	struct trace_clock tsc = { .name = "x86-tsc" };

	if (clock_kernel_uses_tsc() && read_factors(&tsc))
		return tsc;
	return (struct trace_clock){ .name = "local" };
}
