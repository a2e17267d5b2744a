// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Building a script's module by SystemTap. Whether SystemTap and a kernel have drifted apart is not
 * told by their versions: it is built, and what fails, or would fail to start, is mended by the
 * header that has the name of what is missing.
 */
#include "target/stap_build.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>

#include "base/cleanup.h"
#include "base/embedded.h"
#include "target/files.h"
#include "target/judges.h"
#include "target/machine.h"
#include "target/module_internal.h"
#include "target/module_source.h"
#include "target/stap_internal.h"
#include "target/stap_points.h"
#include "target/symbols.h"
#include "target/trust.h"

#define SCRIPT "count.stp"
#define TAPSET "sysgate.stp"
#define KEPT   "stap-"

/* ---- what is kept ---- */

void stap_module_name(const struct stap_job *job, char name[STAP_MODULE_NAME])
{
	static const char limits[] = STAP_KRETACTIVE STAP_OVERLOAD STAP_OVERLOAD_INTERVAL;
	uint64_t h = module_hash(MODULE_HASH_BEGIN, job->text, job->size);

	h = module_hash(h, limits, sizeof(limits));
	for (size_t i = 0; i < stap_files_count; i++)
		h = module_hash(h, stap_files[i].data,
				(size_t)(stap_files[i].end - stap_files[i].data));
	snprintf(name, STAP_MODULE_NAME, STAP_MODULE_PREFIX "%08" PRIx32, (uint32_t)(h ^ h >> 32));
}

static int kept_path(const struct stap_job *job, char *path, size_t size)
{
	char name[STAP_MODULE_NAME];
	int n;

	stap_module_name(job, name);
	n = snprintf(path, size, "%s/%s/" KEPT "%s/%s.ko", module_cache(), job->release,
		     name + strlen(STAP_MODULE_PREFIX), name);
	return n >= (int)size ? -ENAMETOOLONG : 0;
}

/* 0, -ENOENT: none is kept, or -EPERM. */
static int find_kept(const struct stap_job *job, char *path, size_t size, struct sg_error *e)
{
	_cleanup_close_ int fd = -1;
	int err = kept_path(job, path, size);

	if (err)
		return sg_fail_errno(e, -err, "cannot look into '%s'", module_cache());
	if (access(path, F_OK))
		return -ENOENT;
	if (geteuid())
		return 0;
	fd = trust_open(path, e);
	return fd < 0 ? fd : 0;
}

bool stap_kept_any(const char *release, char *path, size_t size)
{
	char folder[PATH_MAX];
	const struct dirent *entry;
	bool found = false;
	DIR *d;

	snprintf(folder, sizeof(folder), "%s/%s", module_cache(), release);
	d = opendir(folder);
	while (d && !found && (entry = readdir(d)))
		found = !strncmp(entry->d_name, KEPT, strlen(KEPT)) &&
			snprintf(path, size, "%s/%s/" STAP_MODULE_PREFIX "%s.ko", folder,
				 entry->d_name, entry->d_name + strlen(KEPT)) < (int)size &&
			!access(path, F_OK);
	if (d)
		closedir(d);
	return found;
}

/* ---- what is needed ---- */

int stap_can_build(const char *release, struct sg_error *e)
{
	_cleanup_free_ struct machine *m = calloc(1, sizeof(*m));
	char program[160], command[192];

	if (!m)
		return sg_fail_errno(e, ENOMEM, "cannot look at this machine");
	if (!module_program("stap", program, sizeof(program))) {
		machine_read_os(m, "");
		sg_fail(e, ENOENT, "cannot build a script's module: there is no stap");
		sg_hint(e, "%s", install_command(m, "systemtap", command, sizeof(command)));
		return -ENOENT;
	}
	return module_can_build(release, e);
}

/* ---- what SystemTap is given ---- */

static int write_text(const struct stap_build *b, const char *name, const char *data, size_t size)
{
	const struct module_file f = { name, data, size };
	int err = module_file_write(b->shop.scratch, &f);

	return err ? sg_fail_errno(b->shop.e, -err, "cannot write '%s/%s'", b->shop.scratch, name)
		   : 0;
}

int stap_write_tapset(const char *dir, struct sg_error *e)
{
	for (size_t i = 0; i < stap_files_count; i++) {
		const struct embedded_file *from = &stap_files[i];
		const struct module_file f = { "tapset/" TAPSET, from->data,
					       (size_t)(from->end - from->data) };
		int err = strcmp(from->path, TAPSET) ? 0 : module_file_write(dir, &f);

		if (err)
			return sg_fail_errno(e, -err, "cannot write '%s/%s'", dir, f.path);
	}
	return 0;
}

/*
 * For one tracepoint SystemTap compiles each header of them that it finds in the source, hundreds:
 * minutes. It is led to no more than it needs.
 */
static int lead_to_source(const struct stap_build *b, const char *source, const char *path)
{
	static const char *const folders[] = { "", "/include", "/include/trace",
					       "/include/trace/events" };
	static const char header[] = "/include/trace/events/syscalls.h";
	char from[PATH_MAX], to[PATH_MAX];

	snprintf(from, sizeof(from), "%.*s%s", PATH_MAX - 64, source, header);
	if (!stap_traces_calls_only(b->job->text, b->job->size) || access(from, R_OK))
		return symlink(source, path) ? errno : 0;
	for (size_t i = 0; i < ARRAY_SIZE(folders); i++) {
		snprintf(to, sizeof(to), "%.*s%s", PATH_MAX - 64, path, folders[i]);
		if (mkdir(to, 0755))
			return errno;
	}
	snprintf(to, sizeof(to), "%.*s%s", PATH_MAX - 64, path, header);
	return symlink(from, to) ? errno : 0;
}

/*
 * A root of its own for SystemTap, since what it looks for there Debian has empty: the kernel's
 * System.map. The headers are led to; Debian has the tracepoints' beside the others, in source.
 */
static int make_root(const struct stap_build *b, char *map, size_t size)
{
	static const char *const folders[] = { "", "/boot", "/lib", "/lib/modules", NULL };
	char path[PATH_MAX], source[PATH_MAX];
	const char *release = b->job->release;
	int err = 0;

	for (size_t i = 0; !err && i < ARRAY_SIZE(folders); i++) {
		if (folders[i])
			snprintf(path, sizeof(path), "%s/root%s", b->shop.scratch, folders[i]);
		else
			snprintf(path, sizeof(path), "%s/root/lib/modules/%s", b->shop.scratch,
				 release);
		err = mkdir(path, 0755) ? errno : 0;
	}
	snprintf(path, sizeof(path), "%s/root/lib/modules/%s/build", b->shop.scratch, release);
	if (!err && symlink(b->shop.headers, path))
		err = errno;
	snprintf(path, sizeof(path), "%s/root/lib/modules/%s/source", b->shop.scratch, release);
	snprintf(source, sizeof(source), "/lib/modules/%s/source", release);
	if (!err && !access(source, F_OK))
		err = lead_to_source(b, source, path);
	snprintf(map, size, "%s/root/boot/System.map-%s", b->shop.scratch, release);
	return err ? sg_fail_errno(b->shop.e, err, "cannot write '%s'", path) : 0;
}

struct map {
	FILE *out;
	size_t lines;
};

/* SystemTap asks for names alone; addresses that are hidden do as well. */
static bool write_symbol(uint64_t address, char type, const char *name, void *data)
{
	struct map *map = data;

	if (strchr("tT", type)) {
		map->lines++;
		fprintf(map->out, "%016" PRIx64 " %c %s\n", address ? address : map->lines * 16,
			type, name);
	}
	return true;
}

static int write_system_map(const struct stap_build *b)
{
	const char *from = b->job->kallsyms ? b->job->kallsyms : KALLSYMS_PATH;
	struct map map = { 0 };
	char path[PATH_MAX];
	int err = make_root(b, path, sizeof(path));

	if (err)
		return err;
	map.out = fopen(path, "we");
	if (!map.out)
		return sg_fail_errno(b->shop.e, errno, "cannot write '%s'", path);
	err = symbols_each(from, write_symbol, &map, b->shop.e);
	if (fclose(map.out) && !err)
		err = sg_fail_errno(b->shop.e, errno, "cannot write '%s'", path);
	if (!err && !map.lines)
		err = sg_fail(b->shop.e, EINVAL, "'%s' has no symbols", from);
	return err;
}

static int write_all(const struct stap_build *b)
{
	int err = stap_write_tapset(b->shop.scratch, b->shop.e);

	if (!err)
		err = write_text(b, SCRIPT, b->job->text, b->job->size);
	for (size_t i = 0; i < stap_files_count && !err; i++)
		err = write_text(b, stap_files[i].path, stap_files[i].data,
				 (size_t)(stap_files[i].end - stap_files[i].data));
	return err ? err : write_system_map(b);
}

/* ---- the build ---- */

/* A 32-bit kernel's module on a 64-bit one. */
static bool is_other_machine(const struct stap_build *b)
{
	char value[8];
	struct utsname u;

	uname(&u);
	return !strcmp(u.machine, "x86_64") &&
	       !module_config(b->shop.headers, "X86_32", value, sizeof(value)) && value[0] == 'y';
}

/* Runs SystemTap up to the module, with the mends that were found to be needed. */
static int run_stap(struct stap_build *b)
{
	char env[160], stap[160], in[PATH_MAX + 8], tmp[PATH_MAX], root[PATH_MAX];
	char flags[2048];
	char *argv[] = { env,
			 in,
			 stap,
			 (char *)"-p4",
			 (char *)(b->job->guru ? "-gv" : "-v"),
			 (char *)"--disable-cache",
			 tmp,
			 root,
			 (char *)"-r",
			 (char *)b->job->release,
			 (char *)"-m",
			 (char *)b->name,
			 (char *)"-I",
			 (char *)"tapset",
			 (char *)STAP_KRETACTIVE,
			 (char *)STAP_OVERLOAD,
			 (char *)STAP_OVERLOAD_INTERVAL,
			 (char *)"-B",
			 flags,
			 (char *)"-a",
			 (char *)"i386",
			 (char *)SCRIPT,
			 NULL };
	char **last = argv + ARRAY_SIZE(argv) - 4;
	size_t n;

	module_program("env", env, sizeof(env));
	module_program("stap", stap, sizeof(stap));
	snprintf(in, sizeof(in), "--chdir=%s", b->shop.scratch);
	snprintf(root, sizeof(root), "--sysroot=%s/root", b->shop.scratch);
	snprintf(tmp, sizeof(tmp), "--tmpdir=%s/tmp", b->shop.scratch);
	files_remove(tmp + strlen("--tmpdir="));
	mkdir(tmp + strlen("--tmpdir="), 0755);
	n = (size_t)snprintf(flags, sizeof(flags), "KCFLAGS=");
	for (size_t i = 0; i < stap_files_count && n < sizeof(flags); i++)
		if (b->mended & 1U << i)
			n += (size_t)snprintf(flags + n, sizeof(flags) - n, " -include %s/%s",
					      b->shop.scratch, stap_files[i].path);
	if (!is_other_machine(b)) {
		last[0] = (char *)SCRIPT;
		last[1] = NULL;
	}
	return workshop_run(&b->shop, argv);
}

static int build_once(struct stap_build *b)
{
	int err;

	unlink(b->shop.log);
	err = run_stap(b);
	if (err == -EINTR)
		return err;
	return err || access(b->shop.made, R_OK) ? -EIO : 0;
}

/* Builds until there is nothing left to mend: each try but the last one finds another mend. */
static int build_mended(struct stap_build *b)
{
	bool recalled;

	stap_mend_recall(b);
	recalled = b->mended;
	for (;;) {
		int err = build_once(b);
		char why[256];

		if (err && err != -EIO)
			return err;
		if (!stap_mend_find(b, err != 0, why, sizeof(why))) {
			if (err && !recalled)
				return workshop_failed(&b->shop, "stap");
			/* What was needed once may be in the way now. */
			if (err) {
				recalled = false;
				b->mended = 0;
				continue;
			}
			stap_mend_keep(b);
			return 0;
		}
		workshop_say(&b->shop,
			     "SystemTap and this kernel have drifted apart: %s; building with a "
			     "header that mends it ...",
			     why);
	}
}

static int make(struct workshop *w)
{
	struct stap_build *b = w->data;
	int err;

	workshop_say(w, "building the script's module for %s by SystemTap ...", w->release);
	err = write_all(b);
	return err ? err : build_mended(b);
}

int stap_obtain(const struct stap_job *job, char *path, size_t size, struct sg_error *e)
{
	static const char *const with[] = { SCRIPT, NULL };
	struct stap_build b = { .job = job };
	char keeper[32], file[STAP_MODULE_NAME + 3];
	bool anew = job->anew || job->sign_key;
	int err = anew ? -ENOENT : find_kept(job, path, size, e);

	if (err != -ENOENT)
		return err;
	if (job->kept_only) {
		sg_fail(e, ENOENT, "no module of its script is kept for kernel %s", job->release);
		sg_hint(e, "sysgate build --engine stap, with the same options");
		return -ENOENT;
	}
	err = stap_can_build(job->release, e);
	if (err)
		return err;
	stap_module_name(job, b.name);
	snprintf(keeper, sizeof(keeper), KEPT "%s", b.name + strlen(STAP_MODULE_PREFIX));
	snprintf(file, sizeof(file), "%s.ko", b.name);
	b.shop = (struct workshop){ .release = job->release,
				    .product = "the script's module",
				    .sign_key = job->sign_key,
				    .sign_cert = job->sign_cert,
				    .say = job->say,
				    .e = e,
				    .keeper = keeper,
				    .data = &b,
				    .file = file };
	err = workshop_open(&b.shop);
	/* What another build has made meanwhile is as good. */
	if (err == -EALREADY && (anew || find_kept(job, path, size, e)))
		err = 0;
	if (!err)
		err = workshop_build(&b.shop, make, with, path, size);
	workshop_close(&b.shop);
	return err == -EALREADY ? 0 : err;
}
