/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel module: built from the source that the binary carries, kept by kernel release and by
 * source, loaded and unloaded.
 */
#ifndef SYSGATE_TARGET_MODULE_H
#define SYSGATE_TARGET_MODULE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/error.h"

#define MODULE_NAME   "sysgate"
#define MODULE_DEVICE "/dev/sysgate"

/* Told of what takes time or was done unasked: one line, no newline. */
typedef void (*module_say)(const char *text);

/*
 * Could the module be built for kernel release here? 0, or -ENOENT with what is missing and the
 * command that installs it in e.
 */
int module_can_build(const char *release, struct sg_error *e);

/*
 * Where built modules are kept: SYSGATE_MODULES or /var/cache/sysgate/modules. A module is
 * RELEASE/SOURCEID/sysgate.ko below it, with the build's log beside it.
 */
const char *module_cache(void);

/*
 * The release that a module file was built for, from its version magic. 0, -ENOEXEC when it is no
 * module of this project, or -errno.
 */
int module_release(const char *path, char *release, size_t size, struct sg_error *e);

/* The kept module for release, of this binary's source. 0, -ENOENT: none, -EPERM: see trust.h. */
int module_find(const char *release, char *path, size_t size, struct sg_error *e);

/* One that is kept. */
struct module_kept {
	const char *release, *source, *path;
	bool trusted; /* by root; see trust.h */
};

/* Calls visit for each kept module, by release and source. A cache that is not there has none. */
void module_kept_each(void (*visit)(const struct module_kept *kept, void *data), void *data);

struct module_build_options {
	const char *sign_key,
		*sign_cert; /* both or neither; PEM or DER as the kernel's tool takes */
	module_say say;	    /* may be NULL */
};

/*
 * Builds the module for release and keeps it. Two builds at once do each other no harm, and a
 * stopped one leaves nothing half-written. -ENOENT: something is missing to build, -EIO: the build
 * failed, with the log's last lines, or another -errno.
 */
int module_build(const char *release, const struct module_build_options *o, char *path, size_t size,
		 struct sg_error *e);

/* The kept module, or else one that is built. The same errors. */
int module_obtain(const char *release, module_say say, char *path, size_t size, struct sg_error *e);

/*
 * Does the kernel take the module in path as far as its signature goes? NULL: one that is built
 * here without a key. 0, or -EKEYREJECTED with the reason and what to do in e. Whether the kernel
 * knows the key only loading tells.
 */
int module_can_load_file(const char *path, struct sg_error *e);

struct module_params {
	pid_t owner;	      /* the sysgate that takes it away again; 0: it stays */
	gid_t gid;	      /* who may open the device beside root; 0: nobody */
	unsigned int pool_kb; /* for each CPU; 0: the module's default */
};

/* Does this kernel load modules, whoever asks? 0 or -ENOTSUP. */
int module_kernel_loads(struct sg_error *e);
/* All refusals that can be told before anything is built: 0, -ENOTSUP or -EPERM. */
int module_can_load(struct sg_error *e);

/*
 * Loads the file, if trust.h lets it, and waits for the device. -EEXIST: one is loaded;
 * -EKEYREJECTED, -EPERM, -ENOEXEC and others as the kernel says, in words.
 */
int module_load(const char *path, const struct module_params *p, struct sg_error *e);

/* Removes it. 0 also when none was loaded; -EBUSY: somebody holds it, named in e where seen. */
int module_unload(struct sg_error *e);

struct module_state {
	bool loaded;
	pid_t owner; /* 0: it was loaded to stay */
	bool owner_alive;
	gid_t gid;
	unsigned int pool_kb;
	unsigned long long memory_once, memory_cpu; /* bytes; 0: not asked or not told */
	char version[64];			    /* "" where the module tells none */
	char source[64]; /* the kernel's checksum of its source; "" where it tells none */
	long users;	 /* -1: not known */
	long long since; /* seconds since 1970 that it was loaded at; 0: not known */
};

void module_state(struct module_state *s);
/* The same of another /sys, for tests. */
void module_state_read(struct module_state *s, const char *sys);
/* Adds what the module itself tells: its memory, to those who may open the device. */
void module_state_ask(struct module_state *s);

/*
 * Sees to it that the module is loaded: takes the loaded one, but for one that a killed run left;
 * else the kept one; else builds it. loaded_here: the caller has to unload it. 0 or -errno as
 * above.
 */
int module_ensure(const char *release, module_say say, bool *loaded_here, struct sg_error *e);

#endif
