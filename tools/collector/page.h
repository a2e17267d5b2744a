/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The page's files, as they are asked for. */
#ifndef SYSGATE_COLLECTOR_PAGE_H
#define SYSGATE_COLLECTOR_PAGE_H

#include <stdbool.h>
#include <stddef.h>

struct page_file {
	const char *type; /* for Content-Type */
	const char *text;
	size_t size;
};

/* "/" is the page itself. false: there is no such file. */
bool page_find(const char *url, struct page_file *out);

#endif
