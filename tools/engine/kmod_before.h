/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Calls that were in flight before the module was attached: found through /proc. */
#ifndef SYSGATE_ENGINE_KMOD_BEFORE_H
#define SYSGATE_ENGINE_KMOD_BEFORE_H

#include "engine/engine.h"

struct kmod_before_call {
	pid_t tgid, tid;
	int32_t nr;
};

struct kmod_before {
	struct kmod_before_call *calls;
	size_t count;
};

/* Notes what the asked tasks sleep in. 0 or -ENOMEM. */
int kmod_before_note(struct kmod_before *b, const struct engine_filter *f, struct sg_error *e);
/* Adds those that still are to s; age_ns: since the attach. 0 or -ENOMEM. */
int kmod_before_add(const struct kmod_before *b, uint64_t age_ns, struct snapshot *s);
void kmod_before_fini(struct kmod_before *b);

#endif
