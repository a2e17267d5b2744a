// SPDX-License-Identifier: GPL-2.0-or-later
#include "sink/series.h"

#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "sink/text.h"

struct openmetrics_shown {
	void *calls, *errors; /* label sets, as tsearch() keeps them */
	size_t calls_count, errors_count;
};

struct openmetrics_shown *openmetrics_shown_new(void)
{
	return calloc(1, sizeof(struct openmetrics_shown));
}

void openmetrics_shown_free(struct openmetrics_shown *s)
{
	if (!s)
		return;
	tdestroy(s->calls, free);
	tdestroy(s->errors, free);
	free(s);
}

/* ---- labels ---- */

void series_label(FILE *f, const char *name, const char *value)
{
	_cleanup_free_ char *valid = text_utf8(value);

	if (ftell(f) > 0)
		fputc(',', f);
	fprintf(f, "%s=\"", name);
	for (const unsigned char *c = valid ? (void *)valid : "?"; *c; c++) {
		/* Of control characters, those of UTF-8's second row too, a terminal hears none. */
		bool control = *c < 0x20 || *c == 0x7f || (*c == 0xc2 && c[1] < 0xa0);

		if (*c == '\\' || *c == '"')
			fputc('\\', f);
		fputc(control ? '?' : *c, f);
		if (control && *c == 0xc2)
			c++;
	}
	fputc('"', f);
}

static void number_label(FILE *f, const char *name, unsigned long n)
{
	char text[24];

	snprintf(text, sizeof(text), "%lu", n);
	series_label(f, name, text);
}

static void label_proc(FILE *f, unsigned int group, const struct proc *p)
{
	if (group & GROUP_PROCESS)
		number_label(f, "pid", (unsigned long)p->tgid);
	if (group & GROUP_TASK)
		number_label(f, "tid", (unsigned long)p->tid);
	if (group & (GROUP_PROCESS | GROUP_TASK | GROUP_COMM))
		series_label(f, "comm", p->comm);
	if (group & GROUP_UID && p->uid != (uid_t)-1)
		number_label(f, "uid", p->uid);
	if (group & GROUP_CGROUP && p->cgroup)
		series_label(f, "cgroup", p->cgroup);
}

static void label_key(FILE *f, unsigned int group, const struct key *k,
		      const struct syscalls *names)
{
	char buf[64];

	if (group & (GROUP_CALL | GROUP_ABI))
		series_label(f, "abi", abi_name(k->abi));
	if (group & GROUP_GATE)
		series_label(f, "gate", gate_name(k->gate));
	if (group & GROUP_CALL)
		series_label(f, "call", syscalls_name(names, k->abi, k->nr, buf, sizeof(buf)));
}

/* A row's labels; heap, NULL: no memory. */
static char *labels_of(const struct series_set *m, const struct row *r, bool with_errno)
{
	unsigned int group = m->view->group;
	char buf[16], *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		return NULL;
	if (r->proc)
		label_proc(f, group, r->proc);
	label_key(f, group, &r->cell.key, m->names);
	if (group & GROUP_EXIT)
		series_label(f, "exit", r->exit == ROW_EXIT_NONE ? "none" : exit_name(r->exit));
	if (with_errno)
		series_label(f, "errno", sg_errno_name(r->cell.key.err, buf));
	if (!fclose(f))
		return text;
	free(text);
	return NULL;
}

/* The same labels, all of them "other". */
static char *other_labels(const char *labels)
{
	char *text = malloc(8 * strlen(labels) + 8), *to = text;

	while (text && *labels) {
		size_t n = strcspn(labels, "=");

		to = mempcpy(to, labels, n);
		to = stpcpy(to, "=\"other\"");
		for (labels += n + 2; *labels && *labels != '"'; labels++)
			if (*labels == '\\')
				labels++;
		if (*labels && *++labels == ',')
			*to++ = *labels++;
	}
	if (text)
		*to = '\0';
	return text;
}

/* ---- series ---- */

static int compare_text(const void *a, const void *b)
{
	return strcmp(a, b);
}

static int by_labels(const void *a, const void *b)
{
	return strcmp(((const struct series *)a)->labels, ((const struct series *)b)->labels);
}

static int by_labels_in_list(const void *a, const void *b)
{
	return by_labels(*(struct series *const *)a, *(struct series *const *)b);
}

/* Remembers a label set. 1: it is new, 0: it is not; -ENOMEM. */
static int remember(void **set, const char *labels)
{
	char *copy;

	if (tfind(labels, set, compare_text))
		return 0;
	copy = strdup(labels);
	if (copy && tsearch(copy, set, compare_text))
		return 1;
	free(copy);
	return -ENOMEM;
}

/* One kind of series while it is collected. */
struct collection {
	struct series_list *list;
	size_t max;
	void **shown; /* label sets that were shown so far */
	size_t *shown_count;
	void *by_labels; /* the list's series */
	void *folded;	 /* label sets */
	size_t folded_count;
};

/* Whether the label set is or becomes one of those that are shown. -ENOMEM. */
static int admit(struct collection *c, const char *labels)
{
	int ret;

	if (tfind(labels, c->shown, compare_text))
		return 1;
	if (*c->shown_count < c->max) {
		ret = remember(c->shown, labels);
		*c->shown_count += ret == 1;
		return ret;
	}
	ret = remember(&c->folded, labels);
	c->folded_count += ret == 1;
	return ret < 0 ? ret : 0;
}

static struct series *add_new(struct collection *c, char *labels)
{
	static const struct key none;
	struct series_list *l = c->list;
	struct series *s = calloc(1, sizeof(*s)), **items;

	items = s ? realloc(l->items, (l->count + 1) * sizeof(struct series *)) : NULL;
	if (items) {
		l->items = items;
		s->labels = labels;
	}
	if (!items || !tsearch(s, &c->by_labels, by_labels)) {
		free(s);
		return NULL;
	}
	cell_init(&s->cell, &none);
	l->items[l->count++] = s;
	return s;
}

/* The list's series of these labels, which it takes. NULL: no memory. */
static struct series *place(struct collection *c, char *labels)
{
	void **found =
		labels ? tfind(&(struct series){ .labels = labels }, &c->by_labels, by_labels)
		       : NULL;
	struct series *s = found ? *found : labels ? add_new(c, labels) : NULL;

	if (found || !s)
		free(labels);
	return s;
}

/* The same, or the one of the others. */
static struct series *series_of(struct collection *c, char *labels)
{
	int shown = labels ? admit(c, labels) : -ENOMEM;
	char *other = !shown ? other_labels(labels) : NULL;

	if (shown == 1)
		return place(c, labels);
	free(labels);
	return place(c, other);
}

static int add_row(struct series_set *m, struct collection *calls, struct collection *errors,
		   const struct row *r)
{
	struct series *s = series_of(calls, labels_of(m, r, false));

	if (!s)
		return -ENOMEM;
	cell_add(&s->cell, &r->cell);
	if (!(m->view->group & GROUP_ERRNO) || !r->cell.errors)
		return 0;
	s = series_of(errors, labels_of(m, r, true));
	if (!s)
		return -ENOMEM;
	s->cell.errors += r->cell.errors;
	return 0;
}

/* Its process is in no list of the snapshot, so it is shown by its call alone. */
static int add_in_flight(struct series_set *m, struct collection *calls, const struct in_flight *f)
{
	struct row r = { .cell.key = { .abi = f->abi, .gate = f->gate, .nr = f->nr } };
	struct series *s = series_of(calls, labels_of(m, &r, false));

	if (!s)
		return -ENOMEM;
	s->in_flight++;
	s->oldest_ns = f->age_ns > s->oldest_ns ? f->age_ns : s->oldest_ns;
	return 0;
}

bool series_in_flight(const struct view *v)
{
	return !(v->group & ~(GROUP_CALL | GROUP_GATE | GROUP_ABI | GROUP_ERRNO));
}

/* The rows that -n cut off. */
static int add_others(struct series_set *m, struct collection *calls)
{
	struct row none = { 0 };
	struct series *s;
	char *labels;

	if (!m->view->others_rows)
		return 0;
	labels = labels_of(m, m->view->rows_count ? m->view->rows[0] : &none, false);
	s = labels ? place(calls, other_labels(labels)) : NULL;
	free(labels);
	if (!s)
		return -ENOMEM;
	cell_add(&s->cell, &m->view->others);
	m->folded += m->view->others_rows;
	return 0;
}

static int collect(struct series_set *m, struct collection *calls, struct collection *errors)
{
	const struct view *v = m->view;
	int ret = 0;

	for (size_t i = 0; i < v->rows_count && !ret; i++)
		ret = add_row(m, calls, errors, v->rows[i]);
	for (size_t i = 0; i < v->in_flight_count && series_in_flight(v) && !ret; i++)
		ret = add_in_flight(m, calls, v->in_flight[i]);
	return ret ? ret : add_others(m, calls);
}

static void keep(void *item)
{
	(void)item;
}

static void end(struct series_set *m, struct collection *c)
{
	m->folded += c->folded_count;
	tdestroy(c->by_labels, keep);
	tdestroy(c->folded, free);
	if (c->list->count)
		qsort(c->list->items, c->list->count, sizeof(struct series *), by_labels_in_list);
}

int series_collect(struct series_set *m)
{
	struct collection calls = { .list = &m->calls,
				    .max = m->max,
				    .shown = &m->shown->calls,
				    .shown_count = &m->shown->calls_count };
	struct collection errors = { .list = &m->errors,
				     .max = m->max,
				     .shown = &m->shown->errors,
				     .shown_count = &m->shown->errors_count };
	int ret = collect(m, &calls, &errors);

	end(m, &calls);
	end(m, &errors);
	return ret;
}

static void release(struct series_list *l)
{
	for (size_t i = 0; i < l->count; i++) {
		free(l->items[i]->labels);
		free(l->items[i]);
	}
	free(l->items);
}

void series_release(struct series_set *m)
{
	release(&m->calls);
	release(&m->errors);
}
