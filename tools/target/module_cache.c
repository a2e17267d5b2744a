// SPDX-License-Identifier: GPL-2.0-or-later
/* Where built modules are kept, and what a module file says of itself. */
#include <dirent.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <libkmod.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "target/module_internal.h"
#include "target/module_source.h"
#include "target/trust.h"

#define CACHE_DEFAULT "/var/cache/sysgate/modules"

const char *module_cache(void)
{
	/* secure_getenv: nobody runs it setuid, but if so, nobody else says what root loads. */
	const char *dir = secure_getenv("SYSGATE_MODULES");

	return dir && *dir ? dir : CACHE_DEFAULT;
}

/* libkmod writes to stderr by itself; its results say enough. */
static void silence(void *data, int priority, const char *file, int line, const char *fn,
		    const char *format, va_list args)
{
	(void)data, (void)priority, (void)file, (void)line, (void)fn, (void)format, (void)args;
}

/* Does the table of sections lie in the file, and is one of them that of the names? */
static bool has_sections(uint64_t size, uint64_t offset, uint64_t count, uint64_t names)
{
	return offset && offset <= size && names && names < count;
}

/*
 * libkmod takes these two for granted: without them it ends the process, or reads what is not
 * there. It would also unpack; but what is packed is no file that the kernel is given here.
 */
static bool is_sound(const char *path)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	union {
		unsigned char ident[EI_NIDENT];
		Elf32_Ehdr elf32;
		Elf64_Ehdr elf64;
	} h = { 0 };
	struct stat st;

	if (fd < 0 || fstat(fd, &st) || read(fd, &h, sizeof(h)) < (ssize_t)sizeof(h.elf32) ||
	    memcmp(h.ident, ELFMAG, SELFMAG))
		return false;
	if (h.ident[EI_CLASS] == ELFCLASS32)
		return has_sections((uint64_t)st.st_size, h.elf32.e_shoff, h.elf32.e_shnum,
				    h.elf32.e_shstrndx);
	return has_sections((uint64_t)st.st_size, h.elf64.e_shoff, h.elf64.e_shnum,
			    h.elf64.e_shstrndx);
}

/* The value of a line of the file's .modinfo: 0 or -ENOENT. */
static int info_value(const struct kmod_module *mod, const char *name, char *value, size_t size)
{
	struct kmod_list *list = NULL, *i;
	int err = kmod_module_get_info(mod, &list);

	if (err < 0)
		return err;
	err = -ENOENT;
	kmod_list_foreach(i, list)
	{
		if (err && !strcmp(kmod_module_info_get_key(i), name)) {
			snprintf(value, size, "%s", kmod_module_info_get_value(i));
			err = 0;
		}
	}
	kmod_module_info_free_list(list);
	return err;
}

int module_file_info(const char *path, const char *name, char *value, size_t size)
{
	struct kmod_ctx *ctx = kmod_new(NULL, NULL);
	struct kmod_module *mod = NULL;
	int err;

	value[0] = '\0';
	if (!ctx || !is_sound(path)) {
		kmod_unref(ctx);
		return ctx ? -ENOEXEC : -ENOMEM;
	}
	kmod_set_log_fn(ctx, silence, NULL);
	err = kmod_module_new_from_path(ctx, path, &mod);
	if (!err)
		err = info_value(mod, name, value, size);
	kmod_module_unref(mod);
	kmod_unref(ctx);
	return err;
}

int module_release(const char *path, char *release, size_t size, struct sg_error *e)
{
	char name[64], magic[256];
	int err = access(path, R_OK) ? -errno : 0;

	release[0] = '\0';
	if (err)
		return sg_fail_errno(e, -err, "cannot read '%s'", path);
	/* Modules tell their name since 4.13; none of an older kernel is refused for that. */
	err = module_file_info(path, "name", name, sizeof(name));
	if (!err && strcmp(name, MODULE_NAME))
		return sg_fail(e, ENOEXEC, "cannot use '%s': it is the module '%s'", path, name);
	err = module_file_info(path, "vermagic", magic, sizeof(magic));
	if (err)
		return sg_fail(e, ENOEXEC, "cannot use '%s': it is no kernel module", path);
	snprintf(release, size, "%.*s", (int)strcspn(magic, " "), magic);
	return 0;
}

int module_kept_path(const char *release, const char *file, char *path, size_t size)
{
	int n = snprintf(path, size, "%s/%s/%s/%s", module_cache(), release, module_source_id(),
			 file);

	return n >= (int)size ? -ENAMETOOLONG : 0;
}

int module_find(const char *release, char *path, size_t size, struct sg_error *e)
{
	_cleanup_close_ int fd = -1;
	char built_for[65];
	int err = module_kept_path(release, MODULE_NAME ".ko", path, size);

	if (err)
		return sg_fail_errno(e, -err, "cannot look into '%s'", module_cache());
	if (access(path, F_OK))
		return sg_fail(e, ENOENT, "no module is kept for kernel %s in '%s'", release,
			       module_cache());
	/* Who is not root loads none: for them it is only looked at. */
	fd = geteuid() ? -1 : trust_open(path, e);
	if (fd < 0 && !geteuid())
		return fd;
	err = module_release(path, built_for, sizeof(built_for), e);
	if (err)
		return err;
	if (strcmp(built_for, release))
		return sg_fail(e, ENOENT, "'%s' is for kernel %s, not %s", path, built_for,
			       release);
	return 0;
}

static int is_visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

/* The names in a directory, sorted; count 0 where there is none. */
static int list_names(const char *dir, struct dirent ***names)
{
	int count = scandir(dir, names, is_visible, alphasort);

	return count < 0 ? 0 : count;
}

static void visit_release(const char *release,
			  void (*visit)(const struct module_kept *kept, void *data), void *data)
{
	char dir[PATH_MAX - NAME_MAX], path[PATH_MAX + 32];
	struct dirent **sources = NULL;
	struct sg_error ignored;
	int count = 0;

	if (snprintf(dir, sizeof(dir), "%s/%s", module_cache(), release) < (int)sizeof(dir))
		count = list_names(dir, &sources);
	for (int i = 0; i < count; i++) {
		struct module_kept kept = { .release = release, .source = sources[i]->d_name };
		_cleanup_close_ int fd = -1;

		snprintf(path, sizeof(path), "%s/%s/" MODULE_NAME ".ko", dir, kept.source);
		kept.path = path;
		fd = trust_open(path, &ignored);
		kept.trusted = fd >= 0;
		if (!access(path, F_OK))
			visit(&kept, data);
		free(sources[i]);
	}
	free(sources);
}

void module_kept_each(void (*visit)(const struct module_kept *kept, void *data), void *data)
{
	struct dirent **releases = NULL;
	int count = list_names(module_cache(), &releases);

	for (int i = 0; i < count; i++) {
		visit_release(releases[i]->d_name, visit, data);
		free(releases[i]);
	}
	free(releases);
}
