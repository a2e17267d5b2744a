// SPDX-License-Identifier: GPL-2.0-or-later
/* The path as a graph for dot(1): a cluster a gate, a node a step; what is planned stands out. */
#include "cmd/path.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "sink/text.h"

/* Within quotes dot wants a backslash before quotes; one of a file's making is shown by
 * text_escape. */
static void put_text(FILE *out, const char *s)
{
	_cleanup_free_ char *safe = text_escape(s);

	for (const char *c = safe ? safe : ""; *c; c++) {
		if (*c == '"' || *c == '\\')
			fputc('\\', out);
		fputc(*c, out);
	}
}

static const char *colour_of(const struct path_step *s)
{
	const char *word = path_probe_word(&s->probe);

	if (s->plan[0])
		return "gold";
	if (!strcmp(word, "no"))
		return "lightgrey";
	return !strcmp(word, "?") ? "white" : "palegreen";
}

static void put_node(FILE *out, size_t way, size_t at, const struct path_step *s)
{
	fprintf(out, "\t\tn%zu_%zu [label=\"", way, at);
	put_text(out, s->symbol);
	fprintf(out, "\\n%s, probe: %s", way_stage_name(s->row->stage), path_probe_word(&s->probe));
	if (s->place.file[0]) {
		fputs("\\n", out);
		put_text(out, s->place.file);
		fprintf(out, ":%d", s->place.line);
	}
	if (s->inlined_into[0]) {
		fputs("\\ninlined into ", out);
		put_text(out, s->inlined_into);
	}
	fprintf(out, "\", fillcolor=%s%s];\n", colour_of(s),
		s->inlined_into[0] ? ", style=\"filled,dashed\"" : "");
}

static void put_way(FILE *out, size_t n, const struct path_way *w)
{
	size_t last = 0;

	fprintf(out, "\tsubgraph cluster_%zu {\n\t\tlabel=\"%s: %s\";\n", n,
		gate_name(w->way->gate), w->way->instruction);
	fprintf(out, "\t\tuser%zu [label=\"user code\", shape=ellipse, fillcolor=white];\n", n);
	for (size_t i = 0; i < w->count; i++) {
		const struct path_step *s = &w->steps[i];

		if (!s->here && !s->inlined_into[0])
			continue;
		put_node(out, n, i, s);
		if (last)
			fprintf(out, "\t\tn%zu_%zu -> n%zu_%zu;\n", n, last - 1, n, i);
		else
			fprintf(out, "\t\tuser%zu -> n%zu_%zu;\n", n, n, i);
		last = i + 1;
	}
	if (last)
		fprintf(out, "\t\tn%zu_%zu -> user%zu [constraint=false];\n", n, last - 1, n);
	fputs("\t}\n", out);
}

int path_write_dot(FILE *out, const struct path_view *v)
{
	fputs("digraph path {\n\tlabel=\"", out);
	put_text(out, v->kernel);
	fprintf(out, ", %s (Linux %s)\";\n\tnode [shape=box, style=filled, fontname=monospace];\n",
		v->path->era->name, v->path->era->kernels);
	for (size_t i = 0; i < v->path->count; i++)
		put_way(out, i, &v->path->ways[i]);
	fputs("}\n", out);
	return ferror(out) ? -EIO : 0;
}
