// SPDX-License-Identifier: GPL-2.0-or-later
/* What a build needs: the kernel's headers, make, and the compiler that they want. */
#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "target/files.h"
#include "target/judges.h"
#include "target/module_internal.h"

void module_headers(const char *release, char *dir, size_t size)
{
	static const char *const places[] = { "/lib/modules/%s/build", "/usr/src/linux-headers-%s",
					      "/usr/src/kernels/%s" };

	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		snprintf(dir, size, places[i], release);
		if (file_exists(dir, "Makefile"))
			return;
	}
	dir[0] = '\0';
}

int module_config(const char *headers, const char *name, char *value, size_t size)
{
	char key[64], text[256];
	size_t n;

	snprintf(key, sizeof(key), "CONFIG_%s", name);
	if (file_field(headers, "include/config/auto.conf", key, '=', text, sizeof(text)) &&
	    file_field(headers, ".config", key, '=', text, sizeof(text)))
		return -ENOENT;
	n = strlen(text);
	if (n >= 2 && text[0] == '"' && text[n - 1] == '"') {
		text[n - 1] = '\0';
		memmove(text, text + 1, n - 1);
	}
	snprintf(value, size, "%s", text);
	return 0;
}

static bool find_program(const char *name, int mode, char *path, size_t size)
{
	/* Not /usr/local, which on Debian a group can write to. */
	static const char *const folders[] = { "/usr/bin", "/bin", "/usr/sbin", "/sbin" };

	for (size_t i = 0; i < ARRAY_SIZE(folders); i++) {
		if (snprintf(path, size, "%s/%s", folders[i], name) < (int)size &&
		    !access(path, mode))
			return true;
	}
	path[0] = '\0';
	return false;
}

bool module_program(const char *name, char *path, size_t size)
{
	return find_program(name, X_OK, path, size);
}

bool module_program_withheld(const char *name, char *group, size_t size)
{
	const struct group *owners;
	struct stat st;
	char path[160];

	if (module_program(name, path, sizeof(path)) ||
	    !find_program(name, F_OK, path, sizeof(path)) || stat(path, &st))
		return false;
	owners = getgrgid(st.st_gid);
	if (owners)
		snprintf(group, size, "%s", owners->gr_name);
	else
		snprintf(group, size, "%u", st.st_gid);
	return true;
}

/* "gcc-12 (Debian 12.2.0-14) 12.2.0": its first word, which may have the machine before it. */
int module_compiler(const char *headers, char *path, size_t size)
{
	char text[256], *name = text, *plain;

	if (module_config(headers, "CC_VERSION_TEXT", text, sizeof(text)) || !text[0])
		snprintf(text, sizeof(text), "gcc");
	text[strcspn(text, " ")] = '\0';
	if (strrchr(name, '/'))
		name = strrchr(name, '/') + 1;
	if (module_program(name, path, size))
		return 0;
	/* x86_64-linux-gnu-gcc-14 is gcc-14. */
	plain = strstr(name, "-gcc");
	if (!plain)
		plain = strstr(name, "-clang");
	if (plain && module_program(plain + 1, path, size))
		return 0;
	snprintf(path, size, "%s", plain ? plain + 1 : name);
	return -ENOENT;
}

static int lacks(struct sg_error *e, const char *release, const char *what, const char *enable)
{
	sg_fail(e, ENOENT, "cannot build the module for %s: %s", release, what);
	if (enable[0])
		sg_hint(e, "%s", enable);
	return -ENOENT;
}

static int lacks_program(struct sg_error *e, const char *release, const struct machine *m,
			 const char *name)
{
	char what[128], command[192];

	snprintf(what, sizeof(what), "there is no %s", name);
	return lacks(e, release, what, install_command(m, name, command, sizeof(command)));
}

/* A release is one folder's name. */
static bool is_release(const char *release)
{
	return release[0] && release[0] != '.' && !strchr(release, '/') && strlen(release) < 65;
}

int module_can_build(const char *release, struct sg_error *e)
{
	_cleanup_free_ struct machine *m = calloc(1, sizeof(*m));
	struct feature f = { .name = "kernel-headers" };
	char headers[160], program[160];

	if (!is_release(release))
		return sg_fail(e, EINVAL, "'%s' is no kernel release", release);
	if (!m)
		return sg_fail_errno(e, ENOMEM, "cannot look at this machine");
	machine_read_os(m, "");
	snprintf(m->release, sizeof(m->release), "%s", release);
	module_headers(release, headers, sizeof(headers));
	if (!headers[0]) {
		judge_headers(m, &f);
		return lacks(e, release, f.why, f.enable);
	}
	if (!module_program("make", program, sizeof(program)))
		return lacks_program(e, release, m, "make");
	if (module_compiler(headers, program, sizeof(program)))
		return lacks_program(e, release, m, program);
	return 0;
}
