// SPDX-License-Identifier: GPL-2.0-or-later
#include "budget/budget.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "stats/view.h"

/* See sysgate-check(1), which says why they are so large. */
#define TOLERANCE_DEFAULT 5
#define LEAST_DEFAULT	  0.75

int budget_read(struct budget **out, const char *path, const struct syscalls *names,
		struct sg_error *e)
{
	_cleanup_fclose_ FILE *f = fopen(path, "re");
	_cleanup_free_ char *text = malloc(BUDGET_BYTES_MAX + 1);
	struct stat st;
	size_t n;

	if (!f || fstat(fileno(f), &st))
		return sg_fail_errno(e, errno, "open '%.200s'", path);
	if (S_ISDIR(st.st_mode))
		return sg_fail_errno(e, EISDIR, "read '%.200s'", path);
	if (!text)
		return sg_fail_errno(e, ENOMEM, "read '%.200s'", path);
	n = fread(text, 1, BUDGET_BYTES_MAX + 1, f);
	if (ferror(f))
		return sg_fail_errno(e, errno, "read '%.200s'", path);
	if (n > BUDGET_BYTES_MAX) {
		unsigned int lines = 1;
		size_t begin = 0;

		for (size_t i = 0; i < BUDGET_BYTES_MAX; i++)
			if (text[i] == '\n') {
				lines++;
				begin = i + 1;
			}
		return sg_fail(e, EINVAL, "%.200s:%u:%zu: larger than %u KiB", path, lines,
			       BUDGET_BYTES_MAX - begin + 1, BUDGET_BYTES_MAX >> 10);
	}
	return budget_parse(out, path, text, n, names, e);
}

void budget_free(struct budget *b)
{
	if (!b)
		return;
	for (size_t i = 0; i < b->sections_count; i++) {
		free(b->sections[i].title);
		selector_fini(&b->sections[i].who);
	}
	for (size_t i = 0; i < b->limits_count; i++) {
		callset_free(b->limits[i].calls);
		free(b->limits[i].text);
	}
	free(b->sections);
	free(b->limits);
	free(b->baseline);
	free(b->path);
	free(b);
}

struct budget_settings budget_settings(const struct budget *b, const struct selected *what)
{
	struct budget_settings out = { TOLERANCE_DEFAULT, LEAST_DEFAULT, 0, 0, 0 };

	for (size_t i = 0; i < b->sections_count; i++) {
		const struct budget_settings *s = &b->sections[i].settings;

		if (selector_has(&b->sections[i].who, what) != SELECTS_YES)
			continue;
		out.tolerance = isnan(s->tolerance) ? out.tolerance : s->tolerance;
		out.least = isnan(s->least) ? out.least : s->least;
		out.exact = isnan(s->exact) ? out.exact : s->exact;
		/* One word sets both. */
		if (!isnan(s->slack)) {
			out.slack = s->slack;
			out.slack_part = s->slack_part;
		}
	}
	return out;
}

double budget_tolerance(const struct budget *b, const struct budget_limit *l)
{
	const double top = b->sections[0].settings.tolerance;
	const double own = b->sections[l->section].settings.tolerance;

	if (!isnan(own))
		return own;
	return isnan(top) ? TOLERANCE_DEFAULT : top;
}

char *budget_limit_name(const struct budget *b, const struct budget_limit *l)
{
	const char *title = b->sections[l->section].title;
	char *name;

	return asprintf(&name, "%s%s%s", title, *title ? ": " : "", l->text) < 0 ? NULL : name;
}

bool budget_is_time(enum budget_figure f)
{
	return f >= BUDGET_RATE && f <= BUDGET_MAX;
}

uint32_t budget_dims(const struct budget *b)
{
	uint32_t dims = DIM_PROC;

	if (b->baseline && b->by & GROUP_ERRNO)
		dims |= DIM_ERRNO;
	for (size_t i = 0; i < b->sections_count; i++)
		if (b->sections[i].who.errnos_count)
			dims |= DIM_ERRNO;
	return dims;
}
