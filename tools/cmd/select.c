// SPDX-License-Identifier: GPL-2.0-or-later
#include "cmd/select.h"

#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "target/plan.h"

static int parse_pids(struct selection *s, const struct string_list *words, struct sg_error *e)
{
	unsigned long long n;

	s->pids = calloc(words->count + 1, sizeof(*s->pids));
	if (!s->pids)
		return sg_fail_errno(e, ENOMEM, "options");
	for (size_t i = 0; i < words->count; i++) {
		if (parse_number(words->items[i], 1 << 22, &n) || !n)
			return sg_fail(e, EINVAL, "bad --pid '%s': not a process id",
				       words->items[i]);
		s->pids[i] = (pid_t)n;
	}
	s->config.filter.pids = s->pids;
	s->config.filter.pids_count = words->count;
	return 0;
}

static int parse_users(struct selection *s, const struct string_list *words, struct sg_error *e)
{
	unsigned long long n;

	s->uids = calloc(words->count + 1, sizeof(*s->uids));
	if (!s->uids)
		return sg_fail_errno(e, ENOMEM, "options");
	for (size_t i = 0; i < words->count; i++) {
		const struct passwd *user = getpwnam(words->items[i]);

		if (user)
			s->uids[i] = user->pw_uid;
		else if (!parse_number(words->items[i], UINT32_MAX - 1, &n))
			s->uids[i] = (uid_t)n;
		else
			return sg_fail(e, EINVAL, "bad --uid '%s': no such user", words->items[i]);
	}
	s->config.filter.uids = s->uids;
	s->config.filter.uids_count = words->count;
	return 0;
}

static int parse_whom(struct selection *s, const struct select_options *o, struct sg_error *e)
{
	struct engine_filter *f = &s->config.filter;
	int ret = parse_pids(s, &o->pids, e);

	if (!ret)
		ret = parse_users(s, &o->users, e);
	f->comms = (const char *const *)o->comms.items;
	f->comms_count = o->comms.count;
	f->cgroups = (const char *const *)o->cgroups.items;
	f->cgroups_count = o->cgroups.count;
	f->self = o->self;
	for (size_t i = 0; i < f->cgroups_count && !ret; i++)
		if (f->cgroups[i][0] != '/')
			ret = sg_fail(e, EINVAL,
				      "bad --cgroup '%s': not a path from the hierarchy's root, "
				      "such as /system.slice",
				      f->cgroups[i]);
	return ret;
}

static const char *name_of(const struct key *key, char *buf, size_t size, void *data)
{
	return syscalls_name(data, key->abi, key->nr, buf, size);
}

static int parse_what(struct selection *s, const struct select_options *o, struct sg_error *e)
{
	int ret = 0;

	s->names = syscalls_new(NULL);
	if (!s->names)
		return sg_fail_errno(e, ENOMEM, "names of calls");
	if (o->names)
		ret = syscalls_add_file(s->names, o->names, e);
	if (!ret)
		ret = callset_parse(o->calls, s->names, &s->calls, e);
	s->view.group = GROUP_DEFAULT;
	if (!ret && o->group)
		ret = group_parse(o->group, &s->view.group, e);
	s->view.sort = SORT_TOTAL;
	if (!ret && o->sort)
		ret = sort_parse(o->sort, &s->view.sort, e);
	s->view.rows = o->rows;
	s->view.filter = callset_has;
	s->view.filter_data = s->calls;
	s->view.name = name_of;
	s->view.name_data = s->names;
	s->config.names = s->names;
	s->config.dims = group_dims(s->view.group);
	/* None rather than a set of all: an engine can tell that nothing was left out. */
	s->config.calls = o->calls ? s->calls : NULL;
	return ret;
}

static int parse_attach(struct selection *s, const char *name, struct sg_error *e)
{
	s->config.attach = name ? plan_attach_by_name(name) : PLAN_AUTO;
	if (s->config.attach >= 0)
		return 0;
	sg_fail(e, EINVAL, "bad --attach '%.64s': no such way", name);
	sg_hint(e, "known: %s, %s, %s", plan_attach_name(PLAN_AUTO),
		plan_attach_name(PLAN_TRACEPOINT), plan_attach_name(PLAN_KPROBE));
	return -EINVAL;
}

/* Of a call that is only counted there is no time to take a part of. */
static int parse_how(struct selection *s, const struct select_options *o, struct sg_error *e)
{
	struct engine_config *c = &s->config;

	if (o->count_only && (o->wait || o->net))
		return sg_fail(e, EINVAL, "--count-only and %s exclude each other",
			       o->wait ? "--wait" : "--net");
	if (s->view.sort == SORT_WAIT && !o->wait && !o->replay) {
		sg_fail(e, EINVAL, "cannot sort by 'wait': it is not measured");
		sg_hint(e, "--wait measures it");
		return -EINVAL;
	}
	c->wait = o->wait;
	c->count_only = o->count_only;
	c->net = o->net;
	c->buffer_bytes = o->buffer;
	c->gate_probe = o->gate_probe;
	c->replay_path = o->replay;
	c->fast = o->fast;
	c->script = o->script;
	return parse_attach(s, o->attach, e);
}

int select_init(struct selection *s, const struct select_options *o, struct sg_error *e)
{
	int ret;

	memset(s, 0, sizeof(*s));
	ret = parse_whom(s, o, e);
	if (!ret)
		ret = parse_what(s, o, e);
	if (!ret)
		ret = parse_how(s, o, e);
	s->sink_options.names = s->names;
	s->sink_options.header = true;
	return ret;
}

int select_output(struct selection *s, const struct select_options *o, struct sg_error *e)
{
	char *path = NULL;
	int ret = output_parse(o->output ? o->output : "table", &s->sink, &path, e);

	if (ret)
		return ret;
	s->view.group |= s->sink->group;
	s->config.dims |= group_dims(s->sink->group);
	ret = output_open(&s->output, path, e);
	free(path);
	if (ret)
		return ret;
	s->sink_options.width = output_width(&s->output);
	s->sink_options.colour = !s->output.path && isatty(STDOUT_FILENO) && !getenv("NO_COLOR");
	return 0;
}

void select_fini(struct selection *s)
{
	output_close(&s->output);
	callset_free(s->calls);
	syscalls_free(s->names);
	free(s->pids);
	free(s->uids);
}

int select_check(const struct selection *s, const struct snapshot *snapshot, struct sg_error *e)
{
	if (!snapshot->cells_count || snapshot->gate_known || !callset_needs_gate(s->calls))
		return 0;
	sg_fail(e, EINVAL, "calls cannot be picked by gate: none is known in what was saved");
	sg_hint(e, "-e abi:i386 picks those of 32-bit programs");
	return -EINVAL;
}

int select_render(struct selection *s, const struct snapshot *snapshot, FILE *out,
		  struct sg_error *e)
{
	int ret = select_check(s, snapshot, e);
	struct view *v;

	if (ret)
		return ret;
	v = view_new(snapshot, &s->view);
	if (!v)
		return sg_fail_errno(e, ENOMEM, "view");
	ret = s->sink->write(out, v, &s->sink_options);
	view_free(v);
	return ret ? sg_fail_errno(e, -ret, "write %s", s->sink->name) : 0;
}

int select_write(struct selection *s, const struct snapshot *snapshot, struct sg_error *e)
{
	struct sg_error own = { 0 };
	int ret, flushed;

	/* A window may have changed its width since the last time. */
	s->sink_options.width = output_width(&s->output);
	ret = select_render(s, snapshot, s->output.file, &own);
	s->sink_options.header = false;
	/* output_flush() knows the stream's own error, and says it in words. */
	flushed = output_flush(&s->output, e);
	if (!flushed && ret)
		*e = own;
	return flushed ? flushed : ret;
}
