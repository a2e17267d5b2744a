// SPDX-License-Identifier: GPL-2.0-or-later
/* The module's source in the binary, which files root trusts, and what /sys tells of a module. */
#include "unit.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "target/files.h"
#include "target/module.h"
#include "target/module_source.h"
#include "target/trust.h"

static char folder[64];

static const char *make_folder(const char *parent)
{
	snprintf(folder, sizeof(folder), "%s/check_module.XXXXXX", parent);
	return mkdtemp(folder);
}

static char *in_folder(const char *name)
{
	char *path;

	ck_assert_int_gt(asprintf(&path, "%s/%s", folder, name), 0);
	return path;
}

static void write_file(const char *name, const char *text)
{
	_cleanup_free_ char *path = in_folder(name);
	FILE *f = fopen(path, "w");

	ck_assert_ptr_nonnull(f);
	fputs(text, f);
	fclose(f);
}

START_TEST(carried)
{
	bool abi = false, makefile = false;
	struct module_file f;
	size_t n = 0;

	for (; module_source_file(n, &f); n++) {
		ck_assert(f.path[0] && f.path[0] != '/' && !strstr(f.path, ".."));
		ck_assert_uint_gt(f.size, 0);
		abi = abi || !strcmp(f.path, "sysgate_abi.h");
		makefile = makefile || !strcmp(f.path, "Makefile");
		/* What a build leaves is no source. */
		ck_assert(!strstr(f.path, ".o") && !strstr(f.path, ".ko"));
	}
	ck_assert(abi && makefile);
	ck_assert(!module_source_file(n, &f));
	ck_assert(!module_source_file(SIZE_MAX, &f));
	ck_assert_uint_eq(strspn(module_source_id(), "0123456789abcdef"), 16);
	ck_assert_uint_eq(strlen(module_source_id()), 16);
}
END_TEST

START_TEST(written)
{
	struct sg_error e = { 0 };
	struct module_file f;

	ck_assert_ptr_nonnull(make_folder("/tmp"));
	ck_assert_int_eq(module_source_write(folder, &e), 0);
	/* Again, over what is there. */
	ck_assert_int_eq(module_source_write(folder, &e), 0);
	for (size_t i = 0; module_source_file(i, &f); i++) {
		_cleanup_free_ char *path = in_folder(f.path), *data = malloc(f.size + 1);
		_cleanup_close_ int fd = open(path, O_RDONLY);

		ck_assert_int_eq(read(fd, data, f.size + 1), (ssize_t)f.size);
		ck_assert_int_eq(memcmp(data, f.data, f.size), 0);
	}
	files_remove(folder);
	ck_assert_int_lt(module_source_write(folder, &e), 0);
	ck_assert_ptr_nonnull(strstr(e.text, folder));
}
END_TEST

static int trusted(const char *path)
{
	struct sg_error e = { 0 };
	int fd = trust_open(path, &e);

	ck_assert_msg(fd >= 0 || e.text[0], "%s: no reason", path);
	if (fd >= 0)
		close(fd);
	return fd >= 0 ? 0 : fd;
}

START_TEST(trust_of_system)
{
	ck_assert_int_eq(trusted("/"), 0);
	ck_assert_int_eq(trusted("/etc/passwd"), 0);
	ck_assert_int_eq(trusted("//usr/./bin/../bin/env"), 0);
	ck_assert_int_eq(trusted("/nonexistent/file"), -ENOENT);
	ck_assert_int_eq(trusted("/etc/passwd/file"), -ENOTDIR);
	/* Sticky: everyone can make a name there before root does. */
	ck_assert_int_eq(trusted("/tmp"), -EPERM);
	ck_assert_int_eq(trusted("/tmp/../etc/passwd"), -EPERM);
	ck_assert_int_eq(trusted("/dev/../tmp/file"), -EPERM);
}
END_TEST

/* Only root can make what root trusts. */
START_TEST(trust_of_own)
{
	_cleanup_free_ char *file = NULL, *link = NULL, *loop = NULL, *below = NULL, *dir = NULL;

	if (geteuid() || !make_folder("/run"))
		return;
	file = in_folder("file");
	link = in_folder("link");
	loop = in_folder("loop");
	dir = in_folder("dir");
	below = in_folder("dir/file");
	write_file("file", "x");
	ck_assert(!chmod(file, 0644) && !mkdir(dir, 0755) && !symlink("file", link));
	write_file("dir/file", "x");
	ck_assert_int_eq(trusted(file), 0);
	ck_assert_int_eq(trusted(link), 0);
	ck_assert_int_eq(trusted(below), 0);
	/* By its group, by all, by another owner; then the directory above it. */
	ck_assert(!chmod(file, 0664));
	ck_assert_int_eq(trusted(file), -EPERM);
	ck_assert_int_eq(trusted(link), -EPERM);
	ck_assert(!chmod(file, 0646));
	ck_assert_int_eq(trusted(file), -EPERM);
	ck_assert(!chmod(file, 0644) && !chown(file, 12345, 0));
	ck_assert_int_eq(trusted(file), -EPERM);
	ck_assert(!chmod(dir, 0775));
	ck_assert_int_eq(trusted(below), -EPERM);
	ck_assert(!chmod(dir, 01777));
	ck_assert_int_eq(trusted(below), -EPERM);
	ck_assert(!chmod(dir, 0755) && !chown(dir, 12345, 0));
	ck_assert_int_eq(trusted(below), -EPERM);
	/* Links: of another, into another's place, in a circle. */
	ck_assert(!chown(file, 0, 0) && !lchown(link, 12345, 0));
	ck_assert_int_eq(trusted(link), -EPERM);
	ck_assert(!unlink(link) && !symlink("dir/file", link));
	ck_assert_int_eq(trusted(link), -EPERM);
	ck_assert(!unlink(link) && !symlink("/tmp/../etc/passwd", link));
	ck_assert_int_eq(trusted(link), -EPERM);
	ck_assert(!unlink(link) && !symlink("/etc/passwd", link));
	ck_assert_int_eq(trusted(link), 0);
	ck_assert(!symlink("loop", loop));
	ck_assert_int_eq(trusted(loop), -ELOOP);
	files_remove(folder);
}
END_TEST

static void make_sys(const char *owner)
{
	static const char *const dirs[] = { "module", "module/sysgate",
					    "module/sysgate/parameters" };

	ck_assert_ptr_nonnull(make_folder("/tmp"));
	for (size_t i = 0; i < ARRAY_SIZE(dirs); i++) {
		_cleanup_free_ char *dir = in_folder(dirs[i]);

		ck_assert_int_eq(mkdir(dir, 0755), 0);
	}
	write_file("module/sysgate/initstate", "live\n");
	write_file("module/sysgate/refcnt", "2\n");
	write_file("module/sysgate/version", "0123456789abcdef\n");
	write_file("module/sysgate/parameters/owner", owner);
	write_file("module/sysgate/parameters/gid", "4\n");
	write_file("module/sysgate/parameters/pool_kb", "1024\n");
}

START_TEST(state)
{
	struct module_state s;

	make_sys("0\n");
	module_state_read(&s, folder);
	ck_assert(s.loaded && !s.owner && !s.owner_alive);
	ck_assert(s.gid == 4 && s.pool_kb == 1024 && s.users == 2);
	ck_assert_str_eq(s.version, "0123456789abcdef");
	/* This test is no sysgate: its number has been given anew. */
	write_file("module/sysgate/parameters/owner", "1\n");
	module_state_read(&s, folder);
	ck_assert(s.loaded && s.owner == 1 && !s.owner_alive);
	write_file("module/sysgate/initstate", "going\n");
	module_state_read(&s, folder);
	ck_assert(!s.loaded);
	files_remove(folder);
	module_state_read(&s, folder);
	ck_assert(!s.loaded && s.users == -1);
}
END_TEST

START_TEST(cache)
{
	struct sg_error e = { 0 };
	char path[4096];

	ck_assert_ptr_nonnull(make_folder("/tmp"));
	setenv("SYSGATE_MODULES", folder, 1);
	ck_assert_str_eq(module_cache(), folder);
	ck_assert_int_eq(module_find("1.2.3", path, sizeof(path), &e), -ENOENT);
	/* A file there, which is no module; for root in a place that is not root's alone. */
	files_remove(folder);
	snprintf(path, sizeof(path), "%s/1.2.3", folder);
	ck_assert(!mkdir(folder, 0755) && !mkdir(path, 0755));
	snprintf(path, sizeof(path), "%s/1.2.3/%s", folder, module_source_id());
	ck_assert(!mkdir(path, 0755));
	snprintf(path, sizeof(path), "1.2.3/%s/sysgate.ko", module_source_id());
	write_file(path, "no module");
	ck_assert_int_eq(module_find("1.2.3", path, sizeof(path), &e),
			 geteuid() ? -ENOEXEC : -EPERM);
	files_remove(folder);
	unsetenv("SYSGATE_MODULES");
	ck_assert_str_eq(module_cache(), "/var/cache/sysgate/modules");
}
END_TEST

START_TEST(refused)
{
	static const char *const releases[] = { "", ".", "..", "../../etc", "6.1/x", ".build-x" };
	struct sg_error e = { 0 };
	char release[65];

	for (size_t i = 0; i < ARRAY_SIZE(releases); i++)
		ck_assert_int_eq(module_can_build(releases[i], &e), -EINVAL);
	ck_assert_int_eq(module_can_build("0.0.0-none", &e), -ENOENT);
	ck_assert_ptr_nonnull(strstr(e.text, "headers"));
	ck_assert_int_eq(module_release("/nonexistent", release, sizeof(release), &e), -ENOENT);
	ck_assert_int_eq(module_release("/etc/passwd", release, sizeof(release), &e), -ENOEXEC);
}
END_TEST

/* A file that ends too early, or says that it has no sections' names, does not end us. */
START_TEST(broken_file)
{
	static const struct {
		uint64_t offset;
		uint16_t count, names;
	} rows[] = {
		{ 64, 2, 0 }, { 64, 2, 2 }, { 0, 2, 1 }, { UINT64_MAX - 63, 1, 0 }, { 65, 2, 1 }
	};
	Elf64_Ehdr h = { .e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT },
			 .e_type = ET_REL,
			 .e_machine = EM_X86_64,
			 .e_shentsize = sizeof(Elf64_Shdr) };
	struct sg_error e = { 0 };
	char path[] = "/tmp/check_module.XXXXXX", release[65];
	int fd = mkstemp(path);

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		h.e_shoff = rows[i].offset;
		h.e_shnum = rows[i].count;
		h.e_shstrndx = rows[i].names;
		ck_assert_int_eq(pwrite(fd, &h, sizeof(h), 0), sizeof(h));
		ck_assert_int_eq(module_release(path, release, sizeof(release), &e), -ENOEXEC);
	}
	ck_assert_int_eq(ftruncate(fd, 30), 0);
	ck_assert_int_eq(module_release(path, release, sizeof(release), &e), -ENOEXEC);
	unlink(path);
	close(fd);
}
END_TEST

int main(void)
{
	const struct unit_case cases[] = {
		{ "the binary carries the module's whole source", carried },
		{ "it is written as it is", written },
		{ "a file is trusted when nobody but root can write to its way", trust_of_system },
		{ "modes, owners and links decide", trust_of_own },
		{ "/sys tells what is loaded, and by whom", state },
		{ "a kept file that cannot be trusted or is no module is refused", cache },
		{ "what is no release and no module is refused", refused },
		{ "a broken module file is refused", broken_file },
	};

	return unit_main("module", cases, ARRAY_SIZE(cases));
}
