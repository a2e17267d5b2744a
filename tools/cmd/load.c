// SPDX-License-Identifier: GPL-2.0-or-later
/* sysgate load and unload: the module stays, so that no run has to wait for it. */
#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#include "cmd/cmd.h"
#include "target/module.h"

struct load_options {
	const char *group;
	size_t pool; /* bytes */
};

static const struct option_def load_defs[] = {
	{ 0, "group", "NAME", OPTION_STRING, offsetof(struct load_options, group),
	  "let this group read what is counted: everybody's calls" },
	{ 0, "pool", "SIZE", OPTION_SIZE, offsetof(struct load_options, pool),
	  "memory for what is counted, for each CPU: 64k to 64M (default 1M)" },
	{ 0 },
};

static void say(const char *text)
{
	sg_warn("%s", text);
}

static int parse(const struct load_options *o, int argc, char **argv, struct module_params *p,
		 struct sg_error *e)
{
	const struct group *group;
	unsigned long long n;

	if (argc > 1)
		return sg_fail(e, EINVAL, "cannot use '%s': load takes one file", argv[1]);
	if (o->pool && (o->pool < 64 << 10 || o->pool > 64 << 20))
		return sg_fail(e, EINVAL, "bad --pool: from 64k to 64M for each CPU");
	p->pool_kb = (unsigned int)(o->pool >> 10);
	if (!o->group)
		return 0;
	group = getgrnam(o->group);
	if (group)
		p->gid = group->gr_gid;
	else if (!parse_number(o->group, INT32_MAX, &n))
		p->gid = (gid_t)n;
	else
		return sg_fail(e, EINVAL, "bad --group '%s': no such group", o->group);
	return 0;
}

/* What a killed run left is in the way. */
static int make_way(struct sg_error *e)
{
	struct module_state s;
	int err;

	module_state(&s);
	if (!s.loaded || !s.owner || s.owner_alive)
		return 0;
	err = module_unload(e);
	if (!err)
		say("removed the module that a killed run left");
	return err;
}

static int run_load(void *data, int argc, char **argv, struct sg_error *e)
{
	struct module_params p = { 0 };
	char kept[PATH_MAX];
	struct utsname u;
	int err;

	if (parse(data, argc, argv, &p, e))
		return SG_EXIT_USAGE;
	err = module_can_load(e);
	if (!err)
		err = make_way(e);
	uname(&u);
	if (!err && !argc)
		err = module_obtain(u.release, say, kept, sizeof(kept), e);
	if (!err)
		err = module_load(argc ? argv[0] : kept, &p, e);
	return err ? SG_EXIT_MACHINE : SG_EXIT_OK;
}

const struct command command_load = {
	.name = "load",
	.summary = "Load the kernel module and leave it loaded",
	.synopsis = "[--group NAME] [--pool SIZE] [FILE]",
	.text = "Without FILE the kept module is loaded, or built first. Without load, stat loads "
		"it for\n"
		"itself and removes it at its end.\n\n"
		"examples:\n"
		"  sysgate load\n"
		"  sysgate load --group adm --pool 4M\n"
		"  sysgate load /root/m/sysgate.ko\n",
	.options = load_defs,
	.size = sizeof(struct load_options),
	.mixed = true,
	.run = run_load,
};

struct unload_options {
	char none; /* a struct has to have something */
};

static const struct option_def unload_defs[] = { { 0 } };

static int run_unload(void *data, int argc, char **argv, struct sg_error *e)
{
	struct module_state s;

	(void)data;
	if (argc) {
		sg_fail(e, EINVAL, "cannot use '%s': unload takes no operands", argv[0]);
		return SG_EXIT_USAGE;
	}
	module_state(&s);
	if (!s.loaded) {
		say("no module is loaded");
		return SG_EXIT_OK;
	}
	return module_unload(e) ? SG_EXIT_MACHINE : SG_EXIT_OK;
}

const struct command command_unload = {
	.name = "unload",
	.summary = "Remove the loaded kernel module",
	.synopsis = "",
	.text = "While a run uses it, it stays, and unload says who that is.\n\n"
		"examples:\n"
		"  sysgate unload\n",
	.options = unload_defs,
	.size = sizeof(struct unload_options),
	.mixed = true,
	.run = run_unload,
};
