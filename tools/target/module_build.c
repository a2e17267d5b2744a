// SPDX-License-Identifier: GPL-2.0-or-later
/* Building the kernel module, by make and the kernel's headers. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "target/module_source.h"
#include "target/workshop.h"

static int run_make(struct workshop *w, const char *compiler)
{
	char kdir[200], cc[200], id[64], program[160];
	char *argv[] = { program, (char *)"-C", w->scratch, kdir, cc, id, NULL, NULL };
	int err;

	module_program("make", program, sizeof(program));
	snprintf(kdir, sizeof(kdir), "KDIR=%s", w->headers);
	snprintf(cc, sizeof(cc), "CC=%s", compiler);
	snprintf(id, sizeof(id), "SOURCE_ID=%s", module_source_id());
	/* Kernels by clang want its linker too. */
	if (strstr(compiler, "clang"))
		argv[6] = (char *)"LLVM=1";
	err = workshop_run(w, argv);
	if (err == -EINTR)
		return err;
	return err || access(w->made, R_OK) ? workshop_failed(w, "make") : 0;
}

/* A module for another kernel would only be refused at load. */
static int check_made(const struct workshop *w)
{
	char built_for[65];
	int err = module_release(w->made, built_for, sizeof(built_for), w->e);

	if (err)
		return err;
	if (strcmp(built_for, w->release))
		return sg_fail(w->e, EIO, "'%s' builds for kernel %s, not %s", w->headers,
			       built_for, w->release);
	return 0;
}

static int make(struct workshop *w)
{
	char compiler[160];
	int err = module_source_write(w->scratch, w->e);

	if (err)
		return err;
	module_compiler(w->headers, compiler, sizeof(compiler));
	workshop_say(w, "building the module for %s with %s ...", w->release, compiler);
	err = run_make(w, compiler);
	return err ? err : check_made(w);
}

int module_build(const char *release, const struct module_build_options *o, char *path, size_t size,
		 struct sg_error *e)
{
	static const char *const with[] = { NULL };
	struct workshop w = { .release = release,
			      .product = "the module",
			      .sign_key = o->sign_key,
			      .sign_cert = o->sign_cert,
			      .say = o->say,
			      .e = e,
			      .keeper = module_source_id(),
			      .file = MODULE_NAME ".ko" };
	int err = module_can_build(release, e);

	if (err)
		return err;
	err = workshop_open(&w);
	/* What the other one has made is as good, unless it has to be signed. */
	if (err == -EALREADY && (o->sign_key || module_find(release, path, size, e)))
		err = 0;
	if (!err)
		err = workshop_build(&w, make, with, path, size);
	workshop_close(&w);
	return err == -EALREADY ? 0 : err;
}
