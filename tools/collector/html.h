/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pages that hold by themselves: no script, nothing from elsewhere, pictures as inline SVG. */
#ifndef SYSGATE_COLLECTOR_HTML_H
#define SYSGATE_COLLECTOR_HTML_H

#include <stdint.h>
#include <stdio.h>

/* Text of anybody's making, escaped. */
void html_text(FILE *out, const char *text);
/* Up to the page's heading. */
void html_begin(FILE *out, const char *title);
void html_end(FILE *out);
/* "1,234" and "1.25 us" as table cells. */
void html_count(FILE *out, uint64_t n);
void html_time(FILE *out, uint64_t ns);

#endif
