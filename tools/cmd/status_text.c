// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <grp.h>
#include <jansson.h>
#include <string.h>
#include <time.h>

#include "cmd/status.h"
#include "target/module_source.h"

static const char *since_text(long long since, char *buf, size_t size)
{
	time_t t = (time_t)since;
	struct tm tm;

	if (!since || !localtime_r(&t, &tm) || !strftime(buf, size, "%Y-%m-%d %H:%M:%S", &tm))
		snprintf(buf, size, "unknown");
	return buf;
}

static void write_owner(FILE *out, const struct module_state *m)
{
	char since[32];

	fprintf(out, "since     %s, ", since_text(m->since, since, sizeof(since)));
	if (!m->owner)
		fprintf(out, "by sysgate load\n");
	else
		fprintf(out, "by process %d%s\n", m->owner,
			m->owner_alive ? "" : ", which has ended: the next run removes it");
}

static void write_module(FILE *out, const struct status *s)
{
	const struct module_state *m = &s->state;
	const struct group *group = m->gid ? getgrgid(m->gid) : NULL;

	fprintf(out, "kernel    %s %s\n", s->machine.release, s->machine.machine);
	fprintf(out, "module    %s\n", m->loaded ? "loaded" : "not loaded");
	if (!m->loaded) {
		fprintf(out, "source    %s\n", module_source_id());
		return;
	}
	write_owner(out, m);
	fprintf(out, "source    %s%s\n", m->version[0] ? m->version : "unknown",
		strcmp(m->version, module_source_id()) ? ", not the one that this sysgate carries"
						       : "");
	fprintf(out, "users     %ld\n", m->users);
	fprintf(out, "pool      %u KiB for each CPU\n", m->pool_kb);
	if (m->memory_cpu)
		fprintf(out, "memory    %.1f MiB a CPU, %.1f MiB once\n",
			(double)m->memory_cpu / (1 << 20), (double)m->memory_once / (1 << 20));
	if (group)
		fprintf(out, "group     %s\n", group->gr_name);
	else if (m->gid)
		fprintf(out, "group     %u\n", m->gid);
}

static void write_kept(FILE *out, const struct status *s)
{
	fprintf(out, "\nkept in %s\n", module_cache());
	for (size_t i = 0; i < s->kept_count; i++) {
		const struct status_kept *k = &s->kept[i];

		fprintf(out, "  %-28s %s  %s%s\n", k->release, k->source,
			!k->of_source	? "of another source"
			: !k->of_kernel ? "for another kernel"
					: "for this kernel",
			k->trusted ? "" : ", others than root can write to it");
	}
	if (!s->kept_count)
		fprintf(out, "  none\n");
}

static void write_ability(FILE *out, const char *name, bool can, const struct sg_error *e)
{
	fprintf(out, "%-10s%s%s\n", name, can ? "yes" : "no: ", can ? "" : e->text);
	if (!can && e->hint[0])
		fprintf(out, "          -> %s\n", e->hint);
}

int status_write_table(FILE *out, const struct status *s)
{
	write_module(out, s);
	write_kept(out, s);
	fprintf(out, "\nhere\n");
	write_ability(out, "build", s->can_build, &s->build_error);
	write_ability(out, "load", s->can_load, &s->load_error);
	if (s->planned)
		fprintf(out, "attach    %s: %s\n", plan_attach_name(s->plan.attach), s->plan.why);
	else
		fprintf(out, "attach    unknown: %s\n", s->plan_error.text);
	return ferror(out) ? -EIO : 0;
}

static json_t *text_or_null(const char *text)
{
	return text[0] ? json_string(text) : json_null();
}

static json_t *ability(bool can, const struct sg_error *e)
{
	return json_pack("{s:b,s:o,s:o}", "works", (int)can, "why",
			 text_or_null(can ? "" : e->text), "enable",
			 text_or_null(can ? "" : e->hint));
}

static json_t *bytes_or_null(unsigned long long bytes)
{
	return bytes ? json_integer((json_int_t)bytes) : json_null();
}

static json_t *module_object(const struct module_state *m)
{
	if (!m->loaded)
		return json_pack("{s:b}", "loaded", 0);
	return json_pack(
		"{s:b,s:i,s:b,s:o,s:o,s:I,s:I,s:I,s:o,s:o}", "loaded", 1, "owner", (int)m->owner,
		"owner_alive", (int)m->owner_alive, "source", text_or_null(m->version), "since",
		m->since ? json_integer(m->since) : json_null(), "users", (json_int_t)m->users,
		"gid", (json_int_t)m->gid, "pool_kb", (json_int_t)m->pool_kb, "memory_once",
		bytes_or_null(m->memory_once), "memory_cpu", bytes_or_null(m->memory_cpu));
}

static json_t *kept_array(const struct status *s)
{
	json_t *list = json_array();

	for (size_t i = 0; i < s->kept_count; i++) {
		const struct status_kept *k = &s->kept[i];

		json_array_append_new(list,
				      json_pack("{s:s,s:s,s:s,s:b,s:b,s:b}", "kernel", k->release,
						"source", k->source, "path", k->path, "of_kernel",
						(int)k->of_kernel, "of_source", (int)k->of_source,
						"trusted", (int)k->trusted));
	}
	return list;
}

static json_t *plan_object(const struct status *s)
{
	if (!s->planned)
		return json_pack("{s:n,s:s}", "attach", "why", s->plan_error.text);
	return json_pack("{s:s,s:s}", "attach", plan_attach_name(s->plan.attach), "why",
			 s->plan.why);
}

int status_write_json(FILE *out, const struct status *s)
{
	json_t *object =
		json_pack("{s:i,s:s,s:s,s:o,s:o,s:s,s:o,s:o,s:o}", "sysgate", 1, "kernel",
			  s->machine.release, "source", module_source_id(), "module",
			  module_object(&s->state), "kept", kept_array(s), "cache", module_cache(),
			  "build", ability(s->can_build, &s->build_error), "load",
			  ability(s->can_load, &s->load_error), "plan", plan_object(s));
	int err = 0;

	if (!object)
		return -ENOMEM;
	if (json_dumpf(object, out, JSON_COMPACT) || fputc('\n', out) == EOF)
		err = -EIO;
	json_decref(object);
	return err;
}
