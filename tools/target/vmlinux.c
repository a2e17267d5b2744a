// SPDX-License-Identifier: GPL-2.0-or-later
#include "target/vmlinux.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "target/features.h"
#include "target/judges.h"

/* Both lists are some 50,000 entries; one that is longer is none. */
#define ENTRIES_MAX (1u << 20)

static FILE *memory_open(struct memory_file *m, struct sg_error *e)
{
	FILE *out;
	int fd;

	m->fd = memfd_create("sysgate", MFD_CLOEXEC);
	fd = m->fd < 0 ? -1 : dup(m->fd);
	out = fd < 0 ? NULL : fdopen(fd, "w");
	if (!out)
		sg_fail_errno(e, errno, "cannot keep the kernel's symbols");
	else
		snprintf(m->path, sizeof(m->path), "/proc/self/fd/%d", m->fd);
	return out;
}

static void memory_close(struct memory_file *m)
{
	if (m->path[0])
		close(m->fd);
	m->path[0] = '\0';
}

/* The value of a symbol: the image may be stripped of them. */
static int find_symbol(const struct vmlinux *v, const char *name, uint64_t *value)
{
	int err = elffile_symbol(v->image, name, value);

	return err && v->separate ? elffile_symbol(v->separate, name, value) : err;
}

/* A list of addresses that lies between two symbols of the image: written by format. */
static void write_list(struct vmlinux *v, struct memory_file *m, const char *start, const char *end,
		       const char *format)
{
	size_t width = v->image->is64 ? 8 : 4;
	_cleanup_fclose_ FILE *out = NULL;
	uint64_t from, to;
	struct sg_error e;

	if (find_symbol(v, start, &from) || find_symbol(v, end, &to) || to <= from ||
	    (to - from) / width > ENTRIES_MAX)
		return;
	out = memory_open(m, &e);
	for (; out && from < to; from += width) {
		uint64_t address = 0;

		/* A debug file alone has no such data. */
		if (elffile_read(v->image, from, &address, width)) {
			memory_close(m);
			return;
		}
		fprintf(out, format, address, address + 1);
	}
}

static int write_symbols(struct vmlinux *v, struct sg_error *e)
{
	_cleanup_fclose_ FILE *out = memory_open(&v->symbols, e);
	int err;

	if (!out)
		return -ENOMEM;
	err = elffile_symbols(v->image, out, e);
	if (err == -ENOENT && v->separate)
		err = elffile_symbols(v->separate, out, e);
	if (err == -ENOENT)
		sg_hint(e, "its separate debug file, below " DEBUG_DIR "/.build-id or beside it, "
			   "has them too; a Debian kernel's is in the package linux-image-...-dbg");
	return err;
}

static int open_info(struct vmlinux *v, const struct elffile *f, struct sg_error *e)
{
	int err = debuginfo_new(&v->info, f, e);

	if (elffile_symbol(f, "_stext", &v->stext))
		v->stext = 0;
	return err == -ENOENT ? 0 : err;
}

int vmlinux_open(struct vmlinux *v, const char *path, const char *debug_dir, struct sg_error *e)
{
	struct sg_error none;
	int err;

	memset(v, 0, sizeof(*v));
	err = elffile_open(&v->image, path, e);
	if (!err && !elffile_has_dwarf(v->image))
		err = elffile_open_debug(v->image, debug_dir ? debug_dir : DEBUG_DIR, &v->separate,
					 e);
	if (err && (err != -ENOENT || !v->image))
		return err;
	err = write_symbols(v, e);
	if (err)
		return err;
	write_list(v, &v->functions, "__start_mcount_loc", "__stop_mcount_loc",
		   "%" PRIx64 " at %" PRIx64 "\n");
	write_list(v, &v->blacklist, "__start_kprobe_blacklist", "__stop_kprobe_blacklist",
		   "0x%" PRIx64 "-0x%" PRIx64 "\n");
	err = open_info(v, v->separate ? v->separate : v->image, &none);
	return err ? sg_fail(e, -err, "%s", none.text) : 0;
}

void vmlinux_package(const struct machine *m, char *text, size_t size)
{
	char package[128];

	text[0] = '\0';
	snprintf(package, sizeof(package), "linux-image-%s-dbg", m->release);
	if (!strcmp(m->os_id, "debian") && archive_has_kernel(m))
		install_command(m, package, text, size);
	else if (!strcmp(m->os_id, "fedora"))
		snprintf(text, size, "dnf debuginfo-install kernel");
	if (!text[0])
		snprintf(text, size, "install it from where the kernel came");
}

/* Opens one place where a running kernel's may be; it must be of the same build. */
static bool try_running(struct vmlinux *v, const char *path, const char *build_id)
{
	struct sg_error e;
	char own[64];

	if (access(path, R_OK) || elffile_open(&v->image, path, &e))
		return false;
	elffile_build_id(v->image, own);
	if ((!build_id[0] || !strcmp(own, build_id)) && !open_info(v, v->image, &e) && v->info &&
	    v->stext)
		return true;
	vmlinux_close(v);
	return false;
}

void vmlinux_open_running(struct vmlinux *v, const struct machine *m, const char *debug_dir,
			  struct sg_error *e)
{
	static const char *const places[] = { "%s/boot/vmlinux-%s", "%s/lib/modules/%s/vmlinux",
					      "%s/vmlinux-%s" };
	static const char *const own[] = { "/lib/modules/%s/build/vmlinux", "/boot/vmlinux-%s",
					   "/lib/modules/%s/vmlinux" };
	const char *dir = debug_dir ? debug_dir : DEBUG_DIR;
	char path[PATH_MAX], build_id[64], package[256];

	memset(v, 0, sizeof(*v));
	build_id_of_notes("/sys/kernel/notes", build_id);
	build_id_path(dir, build_id, path, sizeof(path));
	if (path[0] && try_running(v, path, build_id))
		return;
	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		snprintf(path, sizeof(path), places[i], dir, m->release);
		if (try_running(v, path, build_id))
			return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(own); i++) {
		snprintf(path, sizeof(path), own[i], m->release);
		if (try_running(v, path, build_id))
			return;
	}
	vmlinux_package(m, package, sizeof(package));
	sg_fail(e, ENOENT, "no debug information of kernel %s: source lines are unknown",
		m->release);
	sg_hint(e, "%s", package);
}

void vmlinux_close(struct vmlinux *v)
{
	debuginfo_free(v->info);
	elffile_close(v->separate);
	elffile_close(v->image);
	memory_close(&v->symbols);
	memory_close(&v->functions);
	memory_close(&v->blacklist);
	memset(v, 0, sizeof(*v));
}
