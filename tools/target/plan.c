// SPDX-License-Identifier: GPL-2.0-or-later
#include "target/plan.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "target/handlers.h"
#include "target/machine.h"

/* Handlers are taken up to so many names: each probe is a place in the kernel's text. */
#define NAMES_OF_AUTO	4
#define NAMES_OF_KPROBE 8
#define KEYS_MAX	4096 /* more than all ABIs have numbers */

static const char *const attach_names[] = {
	[PLAN_AUTO] = "auto",
	[PLAN_TRACEPOINT] = "tracepoint",
	[PLAN_KPROBE] = "kprobe",
};

const char *plan_attach_name(int attach)
{
	return attach >= 0 && attach < (int)ARRAY_SIZE(attach_names) ? attach_names[attach] : NULL;
}

int plan_attach_by_name(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(attach_names); i++)
		if (!strcmp(name, attach_names[i]))
			return (int)i;
	return -1;
}

/* What a plan is made from. */
struct planning {
	struct plan *plan;
	const struct plan_ask *ask;
	const struct syscalls *names;
	struct handlers kernel;
	struct key *keys; /* the calls that are asked for by name, in this kernel's ABIs */
	size_t keys_count;
	bool all; /* none is asked for by name: every call */
	size_t names_count;
	uint64_t *addresses; /* of the plan's points, beside them */
	size_t room;
	size_t unknown;	   /* of all calls, those whose handler this kernel does not name */
	char why_not[256]; /* why handlers cannot be probed; "" they can */
};

__attribute__((format(printf, 2, 3))) static void because(struct planning *p, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(p->plan->why, sizeof(p->plan->why), fmt, ap);
	va_end(ap);
}

__attribute__((format(printf, 2, 3))) static int impossible(struct planning *p, const char *fmt,
							    ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(p->why_not, sizeof(p->why_not), fmt, ap);
	va_end(ap);
	return -ENOTSUP;
}

/* The ABIs that come by one point: bit 30 of the number tells x32 from x86_64. */
static uint8_t merge_abis(uint8_t a, uint8_t b)
{
	if (a == b)
		return a;
	if (a != SYSGATE_ABI_I386 && b != SYSGATE_ABI_I386 && a && b)
		return SYSGATE_ABI_X86_64;
	return SYSGATE_ABI_UNKNOWN;
}

static int grow(struct planning *p)
{
	size_t room = p->room + 64;
	struct plan_point *points = reallocarray(p->plan->points, room, sizeof(*points));
	uint64_t *addresses;

	if (points)
		p->plan->points = points;
	addresses = reallocarray(p->addresses, room, sizeof(*addresses));
	if (addresses)
		p->addresses = addresses;
	if (!points || !addresses)
		return -ENOMEM;
	p->room = room;
	return 0;
}

/* A point, or another reason for the one that has its address. */
static int add_point(struct planning *p, const struct handler *h, int abi, bool dispatcher,
		     const char *why)
{
	struct plan *plan = p->plan;
	struct plan_point *point;
	size_t n;

	for (size_t i = 0; i < plan->points_count; i++) {
		if (p->addresses[i] != h->address)
			continue;
		point = &plan->points[i];
		point->abi = merge_abis(point->abi, (uint8_t)abi);
		n = strlen(point->why);
		if (!strstr(point->why, why))
			snprintf(point->why + n, sizeof(point->why) - n, ", %s", why);
		return 0;
	}
	if (plan->points_count == p->room && grow(p))
		return -ENOMEM;
	p->addresses[plan->points_count] = h->address;
	point = &plan->points[plan->points_count++];
	*point = (struct plan_point){ .abi = (uint8_t)abi, .dispatcher = dispatcher };
	memcpy(point->symbol, h->name, sizeof(point->symbol));
	snprintf(point->why, sizeof(point->why), "%s", why);
	return 0;
}

static void drop_points(struct planning *p)
{
	p->plan->points_count = 0;
}

static bool is_ni(const struct handler *h)
{
	size_t n = strlen(h->name);

	return n > 10 && !strcmp(h->name + n - 10, "ni_syscall");
}

static int add_call(struct planning *p, const struct key *key)
{
	const struct handler *found[HANDLERS_OF_CALL];
	char buf[16], why[80];
	const char *name = syscalls_name(p->names, key->abi, key->nr, buf, sizeof(buf));
	size_t n = handlers_of(&p->kernel, key->abi, key->nr, name, found);
	int err = 0;

	/* Names come from newer headers than the kernel's too: what nobody asked for may lack. */
	if (!n && p->all) {
		p->unknown++;
		return 0;
	}
	if (!n)
		return impossible(p, "this kernel's symbols do not name the handler of %s (%s)",
				  name, abi_name(key->abi));
	snprintf(why, sizeof(why), "%s (%s)", name, abi_name(key->abi));
	for (size_t i = 0; i < n && !err; i++) {
		/* What a kernel was built without shares one function, and is told by number. */
		if (found[i]->forbidden)
			err = impossible(p, "the handler %s of %s may not be probed",
					 found[i]->name, name);
		else
			err = add_point(p, found[i], key->abi, false,
					is_ni(found[i]) ? "calls that this kernel lacks" : why);
	}
	return err;
}

/* A call that a signal stopped goes on by restart_syscall, in the ABI in which it began. */
static int add_restarts(struct planning *p)
{
	bool asked[SYSGATE_ABIS] = { false };
	int err = 0;

	for (size_t i = 0; i < p->keys_count; i++)
		asked[p->keys[i].abi] = true;
	for (int abi = SYSGATE_ABI_UNKNOWN + 1; abi < SYSGATE_ABIS && !err; abi++) {
		struct key key = { .abi = (uint8_t)abi };

		key.nr = syscalls_number(p->names, abi, "restart_syscall");
		if (asked[abi] && key.nr >= 0)
			err = add_call(p, &key);
	}
	return err;
}

/* The handlers of the calls that are asked for. 0, -ENOMEM, or -ENOTSUP with why_not. */
static int plan_handlers(struct planning *p)
{
	int err = 0;

	if (!p->kernel.kprobes)
		return impossible(p, "this kernel has no kprobes");
	for (size_t i = 0; i < p->keys_count && !err; i++)
		err = add_call(p, &p->keys[i]);
	if (!err && !p->all && p->plan->points_count)
		err = add_restarts(p);
	if (!err && !p->plan->points_count)
		err = impossible(p, "this kernel has none of the calls that are asked for");
	if (err)
		drop_points(p);
	return err;
}

static int plan_dispatchers(struct planning *p)
{
	int err = 0;

	if (!p->kernel.kprobes)
		return impossible(p, "this kernel has no kprobes");
	for (int abi = SYSGATE_ABI_UNKNOWN + 1; abi < SYSGATE_ABIS && !err; abi++) {
		const struct handler *h = handlers_find(&p->kernel, dispatcher_name(abi));
		char why[64];

		if (!handlers_have_abi(&p->kernel, abi))
			continue;
		snprintf(why, sizeof(why), "every call of %s", abi_name(abi));
		if (!h)
			err = impossible(p, "this kernel has no %s", dispatcher_name(abi));
		else if (h->forbidden)
			err = impossible(p, "%s may not be probed", h->name);
		else
			err = add_point(p, h, abi, true, why);
	}
	if (err)
		drop_points(p);
	return err;
}

static void collect(int abi, int32_t nr, const char *name, void *data)
{
	struct planning *p = data;

	(void)name;
	if (p->keys_count < KEYS_MAX && handlers_have_abi(&p->kernel, abi))
		p->keys[p->keys_count++] = (struct key){ .abi = (uint8_t)abi, .nr = nr };
}

/* A name counts once, whatever its numbers are. */
static size_t count_names(const struct planning *p)
{
	size_t count = 0;

	for (size_t i = 0; i < p->keys_count; i++) {
		char buf[16], other[16];
		const char *name =
			syscalls_name(p->names, p->keys[i].abi, p->keys[i].nr, buf, sizeof(buf));
		bool seen = false;

		for (size_t j = 0; j < i && !seen && count <= NAMES_OF_KPROBE; j++)
			seen = !strcmp(name, syscalls_name(p->names, p->keys[j].abi, p->keys[j].nr,
							   other, sizeof(other)));
		count += !seen;
		if (count > NAMES_OF_KPROBE)
			break;
	}
	return count;
}

static int read_asked(struct planning *p)
{
	size_t n, kept = 0;

	p->keys = calloc(KEYS_MAX, sizeof(*p->keys));
	if (!p->keys)
		return -ENOMEM;
	n = callset_named(p->ask->calls, p->keys, KEYS_MAX);
	p->all = n == CALLSET_ALL;
	if (p->all) {
		for (int abi = SYSGATE_ABI_UNKNOWN + 1; abi < SYSGATE_ABIS; abi++)
			syscalls_each(p->names, abi, collect, p);
		return 0;
	}
	n = n < KEYS_MAX ? n : KEYS_MAX;
	for (size_t i = 0; i < n; i++)
		if (handlers_have_abi(&p->kernel, p->keys[i].abi))
			p->keys[kept++] = p->keys[i];
	p->keys_count = kept;
	p->names_count = count_names(p);
	return 0;
}

static int plan_tracepoint(struct planning *p, struct sg_error *e)
{
	if (!p->kernel.tracepoint) {
		sg_fail(e, ENOTSUP, "cannot attach by tracepoint: this kernel has no sys_enter");
		sg_hint(e, "try --attach kprobe");
		return -ENOTSUP;
	}
	p->plan->attach = PLAN_TRACEPOINT;
	return 0;
}

/* Few calls on their handlers, else the dispatchers, else the handlers of all that are asked for.
 */
static int plan_kprobe(struct planning *p, struct sg_error *e)
{
	bool few = !p->all && p->names_count <= NAMES_OF_KPROBE;
	int err = few ? plan_handlers(p) : plan_dispatchers(p);
	char no_dispatcher[sizeof(p->why_not)];

	memcpy(no_dispatcher, p->why_not, sizeof(no_dispatcher));
	p->plan->attach = PLAN_KPROBE;
	if (!err && few)
		because(p, "probes on the handlers of the calls that are asked for: the others "
			   "cost nothing");
	else if (!err)
		because(p, "probes on the dispatchers: every number that the kernel knows");
	if (err == -ENOTSUP && !few && p->kernel.kprobes) {
		err = plan_handlers(p);
		because(p, "probes on the handlers: %.100s; %zu known calls have none here",
			no_dispatcher, p->unknown);
	}
	if (err == -ENOMEM)
		return sg_fail_errno(e, ENOMEM, "cannot keep the plan");
	if (err) {
		sg_fail(e, -err, "cannot attach by kprobe: %s", p->why_not);
		if (p->kernel.tracepoint)
			sg_hint(e, "try --attach tracepoint");
	}
	return err;
}

static int plan_auto(struct planning *p, struct sg_error *e)
{
	int err;

	if (!p->kernel.tracepoint) {
		err = plan_kprobe(p, e);
		if (!err)
			because(p, "this kernel has no tracepoint sys_enter");
		return err;
	}
	if (p->all || p->names_count > NAMES_OF_AUTO) {
		because(p, "two hooks see every number of every ABI%s",
			p->all ? "" : ", and more calls are asked for than are worth probes");
		return plan_tracepoint(p, e);
	}
	err = plan_handlers(p);
	if (err == -ENOMEM)
		return sg_fail_errno(e, ENOMEM, "cannot keep the plan");
	if (err) {
		because(p, "two hooks see every call; no probes on handlers: %.160s", p->why_not);
		return plan_tracepoint(p, e);
	}
	p->plan->attach = PLAN_KPROBE;
	because(p, "probes on the handlers of the few calls that are asked for: the others cost "
		   "nothing");
	return 0;
}

/* What needs no look at the handlers: that takes the kernel as long as all else. */
static bool plan_at_once(struct planning *p)
{
	struct key key;
	bool all = callset_named(p->ask->calls, &key, 1) == CALLSET_ALL;

	if (p->ask->attach != PLAN_TRACEPOINT && (p->ask->attach != PLAN_AUTO || !all))
		return false;
	if (!handlers_have_tracepoint(p->ask->kallsyms))
		return false;
	because(p, "%stwo hooks see every number of every ABI",
		p->ask->attach == PLAN_TRACEPOINT ? "asked for: " : "");
	p->plan->attach = PLAN_TRACEPOINT;
	return true;
}

static int make(struct planning *p, struct sg_error *e)
{
	int err = gates_read(&p->plan->gates, p->ask->kallsyms, e);

	if (!err && plan_at_once(p))
		return 0;
	if (!err)
		err = handlers_read(&p->kernel, p->ask->kallsyms, p->ask->blacklist, e);
	if (err)
		return err;
	if (read_asked(p))
		return sg_fail_errno(e, ENOMEM, "cannot keep the plan");
	switch (p->ask->attach) {
	case PLAN_AUTO:
		return plan_auto(p, e);
	case PLAN_TRACEPOINT:
		because(p, "asked for: two hooks see every number of every ABI");
		return plan_tracepoint(p, e);
	case PLAN_KPROBE:
		return plan_kprobe(p, e);
	default:
		return sg_fail(e, EINVAL, "no attach %d", p->ask->attach);
	}
}

int plan_make(struct plan *plan, const struct plan_ask *ask, struct sg_error *e)
{
	struct syscalls *own = ask->names ? NULL : syscalls_new(NULL);
	struct planning p = { .plan = plan, .ask = ask, .names = own ? own : ask->names };
	int err;

	memset(plan, 0, sizeof(*plan));
	err = p.names ? make(&p, e) : sg_fail_errno(e, ENOMEM, "names of calls");
	handlers_fini(&p.kernel);
	free(p.keys);
	free(p.addresses);
	syscalls_free(own);
	return err;
}

void plan_fini(struct plan *p)
{
	free(p->points);
	p->points = NULL;
	p->points_count = 0;
}
