// SPDX-License-Identifier: GPL-2.0-or-later
/* sysgate build: builds the module, or a script's by SystemTap, to be kept until something loads
 * it. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cmd/cmd.h"
#include "cmd/stap_ask.h"
#include "target/files.h"
#include "target/module.h"
#include "target/stap_build.h"

struct build_options {
	struct stap_options stap; /* first: the option table counts on it */
	const char *kernel, *sign, *kallsyms, *target, *script;
	bool force;
};

static const struct option_def options[] = {
	{ 0, "kernel", "RELEASE", OPTION_STRING, offsetof(struct build_options, kernel),
	  "for that kernel instead of the running one" },
	{ 0, "sign", "KEY", OPTION_STRING, offsetof(struct build_options, sign),
	  "sign it with this private key; its certificate CERT follows" },
	{ 0, "force", NULL, OPTION_FLAG, offsetof(struct build_options, force),
	  "build it even if one is kept already" },
	STAP_OPTIONS,
	{ 0, "kallsyms", "FILE", OPTION_STRING, offsetof(struct build_options, kallsyms),
	  "stap: that kernel's /proc/kallsyms" },
	{ 0, "target", "DIR", OPTION_STRING, offsetof(struct build_options, target),
	  "stap: another machine's kallsyms and release are there; the module is put there" },
	{ 0, "script", "FILE", OPTION_STRING, offsetof(struct build_options, script),
	  "stap: of this script, which finds the tapset" },
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

static int check_use(const struct build_options *o, bool script, int argc, char **argv,
		     struct sg_error *e)
{
	if (o->sign && argc != 1) {
		sg_fail(e, EINVAL, "--sign wants a key and its certificate");
		sg_hint(e, "sysgate build --sign KEY CERT");
		return -EINVAL;
	}
	if (!o->sign && argc)
		return sg_fail(e, EINVAL, "cannot use '%s': build takes no operands without --sign",
			       argv[0]);
	if (!script && (o->kallsyms || o->target || o->script || o->stap.calls || o->stap.attach))
		return sg_fail(e, EINVAL, "%s is for --engine stap: the module fits every plan",
			       o->kallsyms     ? "--kallsyms"
			       : o->target     ? "--target"
			       : o->script     ? "--script"
			       : o->stap.calls ? "--calls"
					       : "--attach");
	if (o->target && (o->kallsyms || o->kernel))
		return sg_fail(e, EINVAL, "--target has both --kernel and --kallsyms");
	if (script && o->kernel && !o->kallsyms) {
		sg_fail(e, EINVAL, "--kernel wants that kernel's symbols too");
		sg_hint(e, "as root there: cat /proc/kallsyms >FILE; here: --kallsyms FILE");
		return -EINVAL;
	}
	return 0;
}

static int build_module(const struct build_options *o, const char *release,
			struct module_build_options *how, char *path, size_t size,
			struct sg_error *e)
{
	int err = o->force || o->sign ? -ENOENT : module_find(release, path, size, e);

	return err == -ENOENT ? module_build(release, how, path, size, e) : err;
}

/* The other machine's symbols and release: what it was asked to put there. */
static int read_target(const char *dir, char *kallsyms, size_t size, char release[65],
		       struct sg_error *e)
{
	if (snprintf(kallsyms, size, "%s/kallsyms", dir) < (int)size && !access(kallsyms, R_OK) &&
	    !file_text(dir, "release", release, 65) && release[0])
		return 0;
	sg_fail(e, ENOENT, "'%s' has not the files kallsyms and release of another machine", dir);
	sg_hint(e, "as root there: cat /proc/kallsyms >kallsyms; uname -r >release");
	return -ENOENT;
}

/* Beside the other machine's files, to be taken there. path becomes the copy's. */
static int put_there(const char *dir, char *path, size_t size, struct sg_error *e)
{
	char to[PATH_MAX];
	_cleanup_close_ int in = open(path, O_RDONLY | O_CLOEXEC), out = -1;
	struct stat st;
	off_t at = 0;

	if (snprintf(to, sizeof(to), "%s%s", dir, strrchr(path, '/')) >= (int)sizeof(to))
		return sg_fail_errno(e, ENAMETOOLONG, "cannot write into '%s'", dir);
	out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (in < 0 || out < 0 || fstat(in, &st))
		return sg_fail_errno(e, errno, "cannot write '%s'", to);
	while (at < st.st_size)
		if (sendfile(out, in, &at, (size_t)(st.st_size - at)) <= 0)
			return sg_fail_errno(e, errno, "cannot write '%s'", to);
	snprintf(path, size, "%s", to);
	return 0;
}

static int build_script(const struct build_options *o, struct stap_job *job, char *path,
			size_t size, struct sg_error *e)
{
	char kallsyms[PATH_MAX], release[65];
	struct stap_script script = { 0 };
	struct stap_asked a = { 0 };
	int err = 0;

	if (o->target) {
		err = read_target(o->target, kallsyms, sizeof(kallsyms), release, e);
		job->release = release;
	}
	job->kallsyms = o->target ? kallsyms : o->kallsyms;
	job->anew = o->force;
	if (!err && job->kallsyms)
		err = check_readable(job->kallsyms, e);
	if (!err)
		err = stap_asked_init(&a, &o->stap, e);
	a.ask.kallsyms = job->kallsyms;
	a.ask.release = job->release;
	if (!err)
		err = o->script ? stap_script_read(&script, o->script, o->stap.fast, e)
				: stap_script_make(&script, &a.ask, e);
	job->text = script.text;
	job->size = script.size;
	job->guru = script.fast;
	if (!err)
		err = stap_obtain(job, path, size, e);
	if (!err && o->target)
		err = put_there(o->target, path, size, e);
	stap_script_fini(&script);
	stap_asked_fini(&a);
	return err;
}

static int run(void *data, int argc, char **argv, struct sg_error *e)
{
	const struct build_options *o = data;
	struct module_build_options how = { .say = say };
	struct stap_job job = { .say = say };
	char path[PATH_MAX];
	struct utsname u;
	bool script;
	int err;

	if (stap_asked_engine(&o->stap, &script, e) || check_use(o, script, argc, argv, e))
		return SG_EXIT_USAGE;
	if (o->sign) {
		job.sign_key = how.sign_key = o->sign;
		job.sign_cert = how.sign_cert = argv[0];
		if (check_readable(how.sign_key, e) || check_readable(how.sign_cert, e))
			return SG_EXIT_MACHINE;
	}
	uname(&u);
	if (o->kernel)
		snprintf(u.release, sizeof(u.release), "%s", o->kernel);
	job.release = u.release;
	err = script ? build_script(o, &job, path, sizeof(path), e)
		     : build_module(o, u.release, &how, path, sizeof(path), e);
	if (err)
		return err == -EINVAL ? SG_EXIT_USAGE : SG_EXIT_MACHINE;
	puts(path);
	return SG_EXIT_OK;
}

const struct command command_build = {
	.name = "build",
	.summary = "Build the kernel module, or a script's by SystemTap, and keep it",
	.synopsis = "[--engine kmod|stap] [OPTIONS] [--sign KEY CERT]",
	.text = "It prints where the module is. stat and load take it from there. A script's module\n"
		"is for the same words of stat: sysgate build --engine stap -b process is what\n"
		"sysgate stat --engine stap -b process takes.\n\n"
		"examples:\n"
		"  sysgate build\n"
		"  sysgate build --kernel 6.1.0-56-amd64\n"
		"  sysgate build --sign /root/mok.key /root/mok.der\n"
		"  sysgate build --engine stap\n"
		"  sysgate build --engine stap --target /root/web1\n",
	.options = options,
	.size = sizeof(struct build_options),
	.mixed = true,
	.run = run,
};
