// SPDX-License-Identifier: GPL-2.0-or-later
#include "collector/html.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "sink/sink.h"
#include "sink/text.h"

static const char style[] =
	":root{color-scheme:light dark;--bg:#fff;--fg:#1b1f24;--dim:#59636e;--line:#d1d9e0;"
	"--area:#2f6fb5;--bad:#b42318;--heat:#0b5cad}\n"
	"@media(prefers-color-scheme:dark){:root{--bg:#12161b;--fg:#e6eaee;--dim:#9aa5b1;"
	"--line:#30363d;--area:#6cb0f5;--bad:#ff8d7e;--heat:#7cc0ff}}\n"
	"body{background:var(--bg);color:var(--fg);font:15px/1.45 system-ui,sans-serif;"
	"margin:0 auto;max-width:72rem;padding:1rem}\n"
	"h1{font-size:1.4rem}h2{font-size:1.1rem;margin:2rem 0 .4rem}\n"
	"p,figcaption{color:var(--dim)}figure{margin:0 0 1.2rem}figcaption{font-size:.9rem}\n"
	"svg{display:block;width:100%;height:auto;overflow:visible}\n"
	"svg text{fill:var(--dim);font-size:11px}\n"
	".axis{stroke:var(--line);stroke-width:1}.area{fill:var(--area)}.bad{fill:var(--bad)}"
	".heat{fill:var(--heat)}\n"
	".wide{overflow-x:auto}table{border-collapse:collapse;font-variant-numeric:tabular-nums}\n"
	"th,td{padding:.2rem .6rem;border-bottom:1px solid var(--line);text-align:right;"
	"white-space:nowrap}\n"
	"th:first-child,td:first-child,.t{text-align:left}th{color:var(--dim);font-weight:600}\n"
	".worse{color:var(--bad);font-weight:600}\n";

void html_text(FILE *out, const char *text)
{
	_cleanup_free_ char *valid = text_utf8(text);

	for (const char *p = valid; p && *p; p++) {
		if (*p == '<')
			fputs("&lt;", out);
		else if (*p == '>')
			fputs("&gt;", out);
		else if (*p == '&')
			fputs("&amp;", out);
		else if (*p == '"')
			fputs("&quot;", out);
		else if ((unsigned char)*p < 0x20)
			fputc(' ', out);
		else
			fputc(*p, out);
	}
}

void html_begin(FILE *out, const char *title)
{
	fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
	      "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
	      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
	      "style-src 'unsafe-inline'\">\n<title>",
	      out);
	html_text(out, title);
	fprintf(out, "</title>\n<style>\n%s</style>\n</head>\n<body>\n<h1>", style);
	html_text(out, title);
	fputs("</h1>\n", out);
}

void html_end(FILE *out)
{
	fputs("</body>\n</html>\n", out);
}

void html_count(FILE *out, uint64_t n)
{
	char buf[40];

	fprintf(out, "<td>%s</td>", format_count(buf, sizeof(buf), n));
}

void html_time(FILE *out, uint64_t ns)
{
	char buf[40];

	fprintf(out, "<td>%s</td>", format_time(buf, sizeof(buf), ns));
}
