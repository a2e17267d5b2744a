// SPDX-License-Identifier: GPL-2.0-or-later
#include "cmd/doctor.h"

#include <errno.h>
#include <jansson.h>

#include "base/cleanup.h"
#include "sink/text.h"
#include "target/syscalls.h"

/* Text of the kernel's or a file's: made valid; null where nothing is known. */
static json_t *text(const char *s)
{
	_cleanup_free_ char *valid = NULL;

	if (!s[0])
		return json_null();
	valid = text_utf8(s);
	return valid ? json_string(valid) : NULL;
}

static json_t *answer(enum answer a)
{
	return a == UNSEEN ? json_null() : json_boolean(a == YES);
}

static json_t *number(long n)
{
	return n == UNSEEN_NUMBER ? json_null() : json_integer(n);
}

static json_t *cpu_object(const struct cpu *c)
{
	return json_pack("{s:o,s:o,s:I,s:b,s:b,s:b,s:s,s:b,s:b,s:b,s:o}", "vendor", text(c->vendor),
			 "model", text(c->model), "count", (json_int_t)c->count, "syscall",
			 (int)c->syscall, "sep", (int)c->sep, "fred", (int)c->fred, "gate32",
			 gate_name(c->gate32), "constant_tsc", (int)c->constant_tsc, "nonstop_tsc",
			 (int)c->nonstop_tsc, "hypervisor", (int)c->hypervisor, "clocksource",
			 text(c->clocksource));
}

static json_t *machine_object(const struct machine *m)
{
	return json_pack("{s:o,s:o,s:o,s:o,s:b,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o}", "kernel",
			 text(m->release), "machine", text(m->arch), "os", text(m->os_name), "cpu",
			 cpu_object(&m->cpu), "root", (int)m->rights.root, "lockdown",
			 text(m->modules.lockdown), "sig_enforce", answer(m->modules.sig_enforce),
			 "tracefs", text(m->tracing.own ? "" : m->tracing.dir), "ftrace_enabled",
			 number(m->tracing.ftrace_enabled), "kptr_restrict",
			 number(m->rights.kptr_restrict), "perf_event_paranoid",
			 number(m->rights.perf_paranoid), "kernel_headers",
			 text(m->modules.headers), "compiler", text(m->modules.compiler),
			 "systemtap", text(m->stap.version));
}

static json_t *row(const char *name, json_t *works, const char *why, const char *enable)
{
	return json_pack("{s:s,s:o,s:o,s:o}", "name", name, "works", works, "why", text(why),
			 "enable", text(enable));
}

static json_t *engines_array(const struct diagnosis *d)
{
	json_t *list = json_array();

	for (size_t i = 0; i < d->engines_count; i++)
		json_array_append_new(list,
				      row(d->engines[i]->name, json_boolean(d->checks[i].works),
					  d->checks[i].why, d->checks[i].enable));
	return list;
}

static json_t *features_array(const struct diagnosis *d)
{
	json_t *list = json_array();

	for (size_t i = 0; i < d->features_count; i++)
		json_array_append_new(list, row(d->features[i].name, answer(d->features[i].works),
						d->features[i].why, d->features[i].enable));
	return list;
}

int doctor_write_json(FILE *out, const struct diagnosis *d)
{
	json_t *object =
		json_pack("{s:i,s:o,s:o,s:o}", "sysgate", 1, "machine", machine_object(&d->machine),
			  "engines", engines_array(d), "features", features_array(d));
	int err = 0;

	if (!object)
		return -ENOMEM;
	if (json_dumpf(object, out, JSON_COMPACT) || fputc('\n', out) == EOF)
		err = -EIO;
	json_decref(object);
	return err;
}
