// SPDX-License-Identifier: GPL-2.0-or-later
/* sysgate build: builds the module, to be kept until something loads it. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "cmd/cmd.h"
#include "target/module.h"

struct build_options {
	const char *kernel, *sign;
	bool force;
};

static const struct option_def options[] = {
	{ 0, "kernel", "RELEASE", OPTION_STRING, offsetof(struct build_options, kernel),
	  "for that kernel instead of the running one" },
	{ 0, "sign", "KEY", OPTION_STRING, offsetof(struct build_options, sign),
	  "sign it with this private key; its certificate CERT follows" },
	{ 0, "force", NULL, OPTION_FLAG, offsetof(struct build_options, force),
	  "build it even if one is kept already" },
	{ 0 },
};

static void say(const char *text)
{
	sg_warn("%s", text);
}

/* Before minutes of building. A key can be a token's, which is no file. */
static int check_readable(const char *path, struct sg_error *e)
{
	if (!strncmp(path, "pkcs11:", 7) || !access(path, R_OK))
		return 0;
	return sg_fail_errno(e, errno, "cannot read '%s'", path);
}

static int check_use(const struct build_options *o, int argc, char **argv, struct sg_error *e)
{
	if (o->sign && argc != 1) {
		sg_fail(e, EINVAL, "--sign wants a key and its certificate");
		sg_hint(e, "sysgate build --sign KEY CERT");
		return -EINVAL;
	}
	if (!o->sign && argc)
		return sg_fail(e, EINVAL, "cannot use '%s': build takes no operands without --sign",
			       argv[0]);
	return 0;
}

static int run(void *data, int argc, char **argv, struct sg_error *e)
{
	const struct build_options *o = data;
	struct module_build_options how = { .say = say };
	char path[PATH_MAX];
	struct utsname u;
	int err;

	if (check_use(o, argc, argv, e))
		return SG_EXIT_USAGE;
	if (o->sign) {
		how.sign_key = o->sign;
		how.sign_cert = argv[0];
		if (check_readable(how.sign_key, e) || check_readable(how.sign_cert, e))
			return SG_EXIT_MACHINE;
	}
	uname(&u);
	if (o->kernel)
		snprintf(u.release, sizeof(u.release), "%s", o->kernel);
	err = o->force || o->sign ? -ENOENT : module_find(u.release, path, sizeof(path), e);
	if (err == -ENOENT)
		err = module_build(u.release, &how, path, sizeof(path), e);
	if (err)
		return err == -EINVAL ? SG_EXIT_USAGE : SG_EXIT_MACHINE;
	puts(path);
	return SG_EXIT_OK;
}

const struct command command_build = {
	.name = "build",
	.summary = "Build the kernel module and keep it",
	.synopsis = "[--kernel RELEASE] [--sign KEY CERT] [--force]",
	.text = "It prints where the module is. stat and load take it from there.\n\n"
		"examples:\n"
		"  sysgate build\n"
		"  sysgate build --kernel 6.1.0-56-amd64\n"
		"  sysgate build --sign /root/mok.key /root/mok.der\n",
	.options = options,
	.size = sizeof(struct build_options),
	.mixed = true,
	.run = run,
};
