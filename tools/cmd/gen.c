// SPDX-License-Identifier: GPL-2.0-or-later
/* sysgate gen: writes the module's source, and what it would be attached to here. */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cmd/cmd.h"
#include "cmd/plan_text.h"
#include "cmd/stap_ask.h"
#include "target/files.h"
#include "target/module.h"
#include "target/module_source.h"
#include "target/stap_build.h"

#define PLAN_FILE "plan"
#define PLAN_MARK "# sysgate plan"
#define STAGE	  ".sysgate-"

struct gen_options {
	struct stap_options stap; /* first: the option table counts on it */
	double interval;
};

static const struct option_def options[] = {
	STAP_OPTIONS,
	{ 'i', "interval", "SEC", OPTION_SECONDS, offsetof(struct gen_options, interval),
	  "stap: print what was counted every SEC seconds" },
	{ 0 },
};

struct gen {
	const char *dir;
	char stage[PATH_MAX]; /* all is written there first; "" while there is none */
	bool made;	      /* dir was made here */
	struct utsname machine;
	struct plan plan;
	char no_plan[512]; /* why there is none; "" there is */
	const char *calls;
	bool script; /* for SystemTap */
	struct stap_script text;
	struct sg_error *e;
};

static int fail(struct gen *g, int err, const char *what, const char *path)
{
	return sg_fail_errno(g->e, err, "cannot %s '%s'", what, path);
}

/* Is anything in dir but what a killed gen left? Removes that. */
static int look_into(const char *dir, bool *empty)
{
	const struct dirent *entry;
	char path[PATH_MAX];
	DIR *d = opendir(dir);

	*empty = true;
	if (!d)
		return -errno;
	while ((entry = readdir(d))) {
		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
			continue;
		if (strncmp(entry->d_name, STAGE, strlen(STAGE)))
			*empty = false;
		else if (snprintf(path, sizeof(path), "%s/%s", dir, entry->d_name) <
			 (int)sizeof(path))
			files_remove(path);
	}
	closedir(d);
	return 0;
}

static bool is_former(const char *dir)
{
	char text[64];

	return !file_text(dir, PLAN_FILE, text, sizeof(text)) &&
	       !strncmp(text, PLAN_MARK, strlen(PLAN_MARK));
}

static int open_dir(struct gen *g)
{
	bool empty;
	int err;

	if (mkdir(g->dir, 0777) == 0)
		g->made = true;
	else if (errno != EEXIST)
		return fail(g, errno, "make", g->dir);
	err = look_into(g->dir, &empty);
	if (err)
		return fail(g, -err, "open", g->dir);
	if (!empty && !is_former(g->dir)) {
		sg_fail(g->e, ENOTEMPTY, "cannot write into '%s': it has files of others", g->dir);
		sg_hint(g->e, "name a new or an empty directory");
		return -ENOTEMPTY;
	}
	if (snprintf(g->stage, sizeof(g->stage), "%s/" STAGE "XXXXXX", g->dir) >=
	    (int)sizeof(g->stage)) {
		g->stage[0] = '\0';
		return fail(g, ENAMETOOLONG, "write into", g->dir);
	}
	if (!mkdtemp(g->stage)) {
		g->stage[0] = '\0';
		return fail(g, errno, "write into", g->dir);
	}
	return 0;
}

static int write_plan(struct gen *g)
{
	char path[PATH_MAX + 8];
	FILE *f;
	bool bad;

	snprintf(path, sizeof(path), "%s/" PLAN_FILE, g->stage);
	f = fopen(path, "we");
	if (!f)
		return fail(g, errno, "write", path);
	fprintf(f,
		PLAN_MARK ": what the module is attached to in this kernel, and why\n"
			  "# It is planned anew whenever sysgate attaches; nothing reads this "
			  "file.\n\n"
			  "kernel  %s %s\nsource  %s\ncalls   %s\n",
		g->machine.release, g->machine.machine, module_source_id(),
		g->calls ? g->calls : "all");
	if (g->no_plan[0])
		fprintf(f, "attach  unknown\nwhy     %s\n", g->no_plan);
	else
		plan_write(f, &g->plan);
	bad = ferror(f);
	return fclose(f) || bad ? fail(g, errno ? errno : EIO, "write", path) : 0;
}

static int write_script(struct gen *g)
{
	const struct module_file f = { "count.stp", g->text.text, g->text.size };
	int err = module_file_write(g->stage, &f);

	if (err)
		return fail(g, -err, "write into", g->stage);
	return stap_write_tapset(g->stage, g->e);
}

/* Moves one entry of the stage into the directory, in the place of an old one. */
static int move(struct gen *g, const char *name)
{
	char from[PATH_MAX + NAME_MAX], to[PATH_MAX + NAME_MAX];
	struct stat st;

	snprintf(from, sizeof(from), "%s/%s", g->stage, name);
	snprintf(to, sizeof(to), "%s/%s", g->dir, name);
	if (!lstat(to, &st) && S_ISDIR(st.st_mode))
		files_remove(to);
	return rename(from, to) ? fail(g, errno, "write", to) : 0;
}

static int move_all(struct gen *g)
{
	DIR *d = opendir(g->stage);
	const struct dirent *entry;
	int err = 0;

	if (!d)
		return fail(g, errno, "open", g->stage);
	while (!err && (entry = readdir(d)))
		if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..") &&
		    strcmp(entry->d_name, PLAN_FILE))
			err = move(g, entry->d_name);
	closedir(d);
	/* Last: by it a whole output is known. */
	return err ? err : move(g, PLAN_FILE);
}

/* Nothing of it takes long: signals wait until all or nothing is there. */
static int write_all(struct gen *g)
{
	sigset_t all, before;
	int err;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &before);
	err = open_dir(g);
	if (!err)
		err = g->script ? write_script(g) : module_source_write(g->stage, g->e);
	if (!err)
		err = write_plan(g);
	if (!err)
		err = move_all(g);
	if (g->stage[0])
		files_remove(g->stage);
	if (err && g->made)
		rmdir(g->dir);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return err;
}

/* -EINVAL for words that mean nothing; a plan that cannot be made is told in the file. */
static int make_plan(struct gen *g, const struct gen_options *o)
{
	struct syscalls *names = syscalls_new(NULL);
	struct callset *calls = NULL;
	struct sg_error why = { 0 };
	const char *attach = o->stap.attach;
	struct plan_ask ask = { .attach = attach ? plan_attach_by_name(attach) : PLAN_AUTO,
				.names = names };
	int err;

	if (ask.attach < 0) {
		syscalls_free(names);
		return sg_fail(g->e, EINVAL, "no attach '%s': auto, tracepoint or kprobe", attach);
	}
	err = names ? callset_parse(o->stap.calls, names, &calls, g->e) : -ENOMEM;
	ask.calls = calls;
	if (!err && plan_make(&g->plan, &ask, &why))
		snprintf(g->no_plan, sizeof(g->no_plan), "%s", why.text);
	callset_free(calls);
	syscalls_free(names);
	return err;
}

static void tell(const struct gen *g)
{
	struct sg_error missing = { 0 };

	printf("%s: the module's source (%s) and its plan\n", g->dir, module_source_id());
	/* The module then tells its source, by which status knows it. */
	printf("build it: make -C %s SOURCE_ID=%s\n", g->dir, module_source_id());
	printf("load it:  sysgate load %s/" MODULE_NAME ".ko\n", g->dir);
	if (g->no_plan[0])
		sg_warn("no plan: %s", g->no_plan);
	if (module_can_build(g->machine.release, &missing))
		sg_error_print(&missing);
}

static int make_script(struct gen *g, const struct gen_options *o)
{
	struct stap_asked a;
	int err = stap_asked_init(&a, &o->stap, g->e);

	a.ask.interval = o->interval;
	if (!err)
		err = stap_script_make(&g->text, &a.ask, g->e);
	stap_asked_fini(&a);
	return err;
}

static void tell_script(const struct gen *g)
{
	struct sg_error missing = { 0 };

	printf("%s: a script for SystemTap, by %s, and its tapset\n", g->dir, g->text.attach);
	printf("count by it: sysgate stat --engine stap %s--script %s/count.stp\n",
	       g->text.fast ? "--fast " : "", g->dir);
	printf("or without:  stap %s-DKRETACTIVE=1024 -I %s/tapset %s/count.stp\n",
	       g->text.fast ? "-g " : "", g->dir, g->dir);
	if (stap_can_build(g->machine.release, &missing))
		sg_error_print(&missing);
}

static int make(struct gen *g, const struct gen_options *o)
{
	int err = stap_asked_engine(&o->stap, &g->script, g->e);

	if (!err && o->interval > 0 && !g->script)
		err = sg_fail(g->e, EINVAL, "--interval is for --engine stap");
	if (!err)
		err = make_plan(g, o);
	return err || !g->script ? err : make_script(g, o);
}

static int run(void *data, int argc, char **argv, struct sg_error *e)
{
	struct gen_options *o = data;
	struct gen g = { .e = e, .calls = o->stap.calls };
	int err;

	if (argc != 1 || !argv[0][0]) {
		sg_fail(e, EINVAL, "gen wants one directory");
		sg_hint(e, "try 'sysgate gen --help'");
		return SG_EXIT_USAGE;
	}
	g.dir = argv[0];
	uname(&g.machine);
	err = make(&g, o);
	if (!err)
		err = write_all(&g);
	if (!err)
		(g.script ? tell_script : tell)(&g);
	stap_script_fini(&g.text);
	plan_fini(&g.plan);
	if (err == -EINVAL || err == -ENOTEMPTY)
		return SG_EXIT_USAGE;
	return err ? SG_EXIT_MACHINE : SG_EXIT_OK;
}

const struct command command_gen = {
	.name = "gen",
	.summary = "Write the kernel module's source, or a script for SystemTap",
	.synopsis = "DIR [--engine kmod|stap] [OPTIONS]",
	.text = "DIR is new, empty, or an output of gen, which is replaced. make builds the module "
		"there,\n"
		"without sysgate.\n\n"
		"examples:\n"
		"  sysgate gen /root/sysgate-module\n"
		"  sysgate gen /root/m --attach kprobe && make -C /root/m\n"
		"  sysgate gen /root/m -e read,write && cat /root/m/plan\n"
		"  sysgate gen /root/s --engine stap -e %file -b process\n",
	.options = options,
	.size = sizeof(struct gen_options),
	.mixed = true,
	.run = run,
};
