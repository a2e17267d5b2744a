// SPDX-License-Identifier: GPL-2.0-or-later
#include "cmd/kernel_source.h"

#include <errno.h>
#include <string.h>
#include <sys/utsname.h>

#include "engine/tracing.h"

int kernel_source_open(struct kernel_source *s, const char *vmlinux, const char *debug_dir,
		       struct sg_error *e)
{
	struct sg_error unreached = { 0 };
	struct utsname running;
	int err;

	memset(s, 0, sizeof(*s));
	if (!uname(&running))
		snprintf(s->machine.release, sizeof(s->machine.release), "%s", running.release);
	machine_read_os(&s->machine, "");
	s->name = vmlinux ? vmlinux : s->machine.release;
	if (!vmlinux) {
		vmlinux_open_running(&s->vmlinux, &s->machine, debug_dir, &s->no_debug);
		if (tracing_reach(&s->tracefs, &unreached))
			s->tracefs = NULL;
		return 0;
	}
	err = vmlinux_open(&s->vmlinux, vmlinux, debug_dir, e);
	if (!err && !s->vmlinux.info)
		sg_fail(&s->no_debug, ENOENT,
			"'%s' has no debug information: source lines are unknown; a Debian kernel's "
			"is in the package linux-image-...-dbg",
			vmlinux);
	return err;
}

void kernel_source_close(struct kernel_source *s)
{
	vmlinux_close(&s->vmlinux);
}

int format_parse(const char *const *names, const char *word, const char **file)
{
	size_t n = strcspn(word, ":");

	*file = word[n] ? word + n + 1 : NULL;
	for (int i = 0; names[i] && !(*file && !**file); i++)
		if (strlen(names[i]) == n && !strncmp(names[i], word, n))
			return i;
	return -1;
}

int output_finish(struct output *o, int err, struct sg_error *e)
{
	if (!err)
		err = output_flush(o, e);
	if (!err)
		err = output_commit(o, e);
	output_close(o);
	return err;
}
