// SPDX-License-Identifier: GPL-2.0-or-later
/* Loading and unloading, and the device that comes and goes with it. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libkmod.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <time.h>

#include "base/cleanup.h"
#include "target/files.h"
#include "target/machine.h"
#include "target/module_internal.h"
#include "target/module_source.h"
#include "target/trust.h"

#define DEVICE_LOOKS  100 /* ... of 10 ms each until the device has to be there */
#define DEVICE_NUMBER "/sys/class/misc/" MODULE_NAME "/dev"

#define SIGN_IT \
	"sign it: sysgate build --sign KEY CERT, with a key that mokutil --import has enrolled"
#define NO_KEY "the kernel takes signed modules only, and knows no key that signed it"

/* What the kernel's refusals mean for a module, and what to do. */
static const struct {
	int err;
	const char *what, *next;
} refusals[] = {
	{ EKEYREJECTED, NO_KEY, SIGN_IT },
	{ ENOKEY, NO_KEY, SIGN_IT },
	{ EBADMSG, "its signature is damaged", "build it anew: sysgate build --force" },
	{ EPERM, "the kernel does not allow it", "sysgate doctor says what it allows" },
	{ ENOEXEC, "it was not built for this kernel", "build it anew: sysgate build --force" },
	{ ENOSYS, "this kernel loads no modules", "boot a kernel with CONFIG_MODULES" },
	{ EINVAL, "a parameter is out of its range, or it was not built for this kernel",
	  "dmesg says why" },
	{ ENOENT, "it needs a symbol that this kernel does not have", "dmesg says which" },
	{ ENOMEM, "it would take half of the memory that is free, or more",
	  "a smaller --pool needs less" },
	{ EEXIST, "it is loaded already", "sysgate unload removes it" },
};

static bool signed_only(char *why, size_t size)
{
	struct machine m = { 0 };

	machine_read_loading(&m, "");
	machine_signed_only(&m, why, size);
	return why[0];
}

int module_can_load_file(const char *path, struct sg_error *e)
{
	struct machine m = { 0 };
	char why[128], key[256];

	machine_read_loading(&m, "");
	machine_signed_only(&m, why, sizeof(why));
	if (!why[0])
		return 0;
	if (path && !module_file_info(path, "sig_id", key, sizeof(key)))
		return 0;
	sg_fail(e, EKEYREJECTED, "cannot load %s: %s, and it is not signed",
		path ? path : "a module that is built here", why);
	sg_hint(e, SIGN_IT "; or %s",
		machine_tracing_locked(&m)
			? "boot with lockdown=integrity, which lets --engine events work"
			: "--engine events, which needs no module");
	return -EKEYREJECTED;
}

static int refused(const char *path, int err, struct sg_error *e)
{
	char why[128];

	/* So a key that is not known looks under lockdown. */
	if (err == EPERM && signed_only(why, sizeof(why)))
		err = EKEYREJECTED;
	for (size_t i = 0; i < ARRAY_SIZE(refusals); i++) {
		if (refusals[i].err != err)
			continue;
		sg_fail(e, err, "cannot load '%s': %s (%s)", path, refusals[i].what,
			strerrorname_np(err));
		sg_hint(e, "%s", refusals[i].next);
		return -err;
	}
	return sg_fail_errno(e, err, "cannot load '%s'", path);
}

int module_kernel_loads(struct sg_error *e)
{
	int err = ENOTSUP;

	if (!file_exists("", "proc/modules")) {
		sg_fail(e, err, "cannot load a module: this kernel loads none");
		sg_hint(e, "boot a kernel with CONFIG_MODULES");
	} else if (file_number("", "proc/sys/kernel/modules_disabled", 0)) {
		sg_fail(e, err,
			"cannot load a module: kernel.modules_disabled is 1 until the next boot");
		sg_hint(e, "load it before that is set: sysgate load");
	} else {
		return 0;
	}
	return -err;
}

int module_can_load(struct sg_error *e)
{
	int err = module_kernel_loads(e);

	if (err || !geteuid())
		return err;
	sg_fail(e, EPERM, "cannot load a module: only root can");
	sg_hint(e, "run it as root");
	return -EPERM;
}

/* The device's number, as the kernel tells it; 0: not (yet). */
static dev_t device_number(void)
{
	unsigned int major, minor;
	char text[32];

	if (file_text("", DEVICE_NUMBER, text, sizeof(text)) ||
	    sscanf(text, "%u:%u", &major, &minor) != 2)
		return 0;
	return makedev(major, minor);
}

static bool device_is(dev_t number)
{
	struct stat st;

	return number && !lstat(MODULE_DEVICE, &st) && S_ISCHR(st.st_mode) && st.st_rdev == number;
}

/* Where /dev is a plain folder nobody makes the device; and an old one may be in the way. */
static int make_device(dev_t number, struct sg_error *e)
{
	struct stat st;

	if (!lstat(MODULE_DEVICE, &st) && (!S_ISCHR(st.st_mode) || unlink(MODULE_DEVICE)))
		return sg_fail_errno(e, EEXIST, "cannot make '%s'", MODULE_DEVICE);
	if (mknod(MODULE_DEVICE, S_IFCHR | 0600, number))
		return sg_fail_errno(e, errno, "cannot make '%s'", MODULE_DEVICE);
	return 0;
}

static int wait_for_device(const struct module_params *p, struct sg_error *e)
{
	const struct timespec look = { 0, 10000000 };
	dev_t number = device_number();
	int err = 0;

	for (int i = 0; i < DEVICE_LOOKS && !device_is(number); i++) {
		nanosleep(&look, NULL);
		number = device_number();
	}
	if (!number)
		return sg_fail(e, ENODEV, "the module is loaded, but has no device '%s'",
			       DEVICE_NUMBER);
	if (!device_is(number))
		err = make_device(number, e);
	if (err)
		return err;
	if (p->gid && (chown(MODULE_DEVICE, 0, p->gid) || chmod(MODULE_DEVICE, 0660)))
		return sg_fail_errno(e, errno, "cannot give '%s' to group %u", MODULE_DEVICE,
				     p->gid);
	return 0;
}

static void word_params(const struct module_params *p, char *text, size_t size)
{
	int n = snprintf(text, size, "owner=%d gid=%d", p->owner, (int)p->gid);

	if (p->pool_kb)
		snprintf(text + n, size - (size_t)n, " pool_kb=%u", p->pool_kb);
}

int module_load(const char *path, const struct module_params *p, struct sg_error *e)
{
	_cleanup_close_ int fd = -1;
	char params[96], release[65];
	int err = module_can_load(e);

	if (err)
		return err;
	fd = trust_open(path, e);
	if (fd < 0)
		return fd;
	err = module_release(path, release, sizeof(release), e);
	if (err)
		return err;
	err = module_can_load_file(path, e);
	if (err)
		return err;
	word_params(p, params, sizeof(params));
	/* Not by its path, as libkmod would: what was judged is what is loaded. */
	if (syscall(SYS_finit_module, fd, params, 0))
		return refused(path, errno, e);
	err = wait_for_device(p, e);
	if (err) {
		struct sg_error ignored = { 0 };

		module_unload(&ignored);
	}
	return err;
}

/* Has the process the device open, or mapped? Its descriptors are looked at. */
static bool holds_device(const char *pid, dev_t number)
{
	char path[64 + NAME_MAX];
	const struct dirent *entry;
	struct stat st;
	bool holds = false;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%.16s/fd", pid);
	dir = opendir(path);
	while (dir && !holds && (entry = readdir(dir)))
		holds = !fstatat(dirfd(dir), entry->d_name, &st, 0) && S_ISCHR(st.st_mode) &&
			st.st_rdev == number;
	if (dir)
		closedir(dir);
	return holds;
}

/* "123 (sysgate), 456 (cat)": who has the device open. */
static void list_holders(char *list, size_t size)
{
	dev_t number = device_number();
	DIR *proc = opendir("/proc");
	const struct dirent *entry;
	char path[NAME_MAX + 8], comm[32], own[16];
	size_t n = 0;

	list[0] = '\0';
	/* What this process has inherited is another's. */
	snprintf(own, sizeof(own), "%d", getpid());
	while (proc && number && n < size && (entry = readdir(proc))) {
		if (entry->d_name[strspn(entry->d_name, "0123456789")] ||
		    !strcmp(entry->d_name, own) || !holds_device(entry->d_name, number))
			continue;
		snprintf(path, sizeof(path), "%s/comm", entry->d_name);
		file_text("/proc", path, comm, sizeof(comm));
		n += (size_t)snprintf(list + n, size - n, "%s%s (%s)", n ? ", " : "", entry->d_name,
				      comm);
	}
	if (proc)
		closedir(proc);
}

static int is_busy(struct sg_error *e)
{
	char list[256];

	list_holders(list, sizeof(list));
	if (list[0])
		sg_fail(e, EBUSY, "cannot unload the module: process %s has it open", list);
	else
		sg_fail(e, EBUSY, "cannot unload the module: it is in use");
	sg_hint(e, "end the run that uses it, then try again");
	return -EBUSY;
}

int module_unload(struct sg_error *e)
{
	dev_t number = device_number();
	struct kmod_ctx *ctx;
	struct kmod_module *mod = NULL;
	int err;

	if (!file_exists("/sys/module/" MODULE_NAME, "initstate"))
		return 0;
	ctx = kmod_new(NULL, NULL);
	if (!ctx)
		return sg_fail_errno(e, ENOMEM, "cannot unload the module");
	err = kmod_module_new_from_name(ctx, MODULE_NAME, &mod);
	if (!err)
		err = kmod_module_remove_module(mod, KMOD_REMOVE_NOLOG);
	kmod_module_unref(mod);
	kmod_unref(ctx);
	if (err == -EWOULDBLOCK || err == -EBUSY)
		return is_busy(e);
	if (err && err != -ENOENT) {
		sg_fail_errno(e, -err, "cannot unload the module");
		if (err == -EPERM && geteuid())
			sg_hint(e, "run it as root");
		return err;
	}
	/* Of our making: the kernel removes its own. */
	if (device_is(number) && unlink(MODULE_DEVICE))
		return sg_fail_errno(e, errno, "cannot remove '%s'", MODULE_DEVICE);
	return 0;
}

static void say_source(const struct module_state *s, module_say say)
{
	char text[256];

	if (!say || !strcmp(s->version, module_source_id()))
		return;
	snprintf(text, sizeof(text),
		 "the loaded module is of another source (%s) than this sysgate carries (%s)",
		 s->version[0] ? s->version : "unknown", module_source_id());
	say(text);
}

/* 1: the loaded one serves; 0: none is loaded (any more); -errno. */
static int take_loaded(module_say say, struct sg_error *e)
{
	struct module_state s;
	int err;

	module_state(&s);
	if (!s.loaded)
		return 0;
	if (s.owner && !s.owner_alive) {
		err = module_unload(e);
		if (!err && say)
			say("removed the module that a killed run left");
		/* Somebody else uses it meanwhile: then so can we. */
		if (err != -EBUSY)
			return err;
	}
	say_source(&s, say);
	return 1;
}

int module_obtain(const char *release, module_say say, char *path, size_t size, struct sg_error *e)
{
	const struct module_build_options o = { .say = say };
	int err = module_find(release, path, size, e);

	/* One that may not be trusted is not just built over. */
	if (err != -ENOENT)
		return err;
	err = module_can_load_file(NULL, e);
	return err ? err : module_build(release, &o, path, size, e);
}

static int load_own(const char *release, module_say say, struct sg_error *e)
{
	const struct module_build_options o = { .say = say };
	const struct module_params p = { .owner = getpid() };
	char path[PATH_MAX];
	int err = module_obtain(release, say, path, sizeof(path), e);

	if (!err)
		err = module_load(path, &p, e);
	/* A kernel can change its symbols and keep its release's name. */
	if (err != -ENOEXEC)
		return err;
	err = module_build(release, &o, path, sizeof(path), e);
	return err ? err : module_load(path, &p, e);
}

int module_ensure(const char *release, module_say say, bool *loaded_here, struct sg_error *e)
{
	int ret = take_loaded(say, e);

	*loaded_here = false;
	if (ret)
		return ret < 0 ? ret : 0;
	ret = module_can_load(e);
	if (!ret)
		ret = load_own(release, say, e);
	*loaded_here = !ret;
	/* Another run was faster. */
	return ret == -EEXIST ? 0 : ret;
}
