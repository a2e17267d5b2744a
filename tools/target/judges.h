/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside features: how a judge words what it found. */
#ifndef SYSGATE_TARGET_JUDGES_H
#define SYSGATE_TARGET_JUDGES_H

#include "target/features.h"

void feature_say(char *text, size_t size, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#define why(f, ...)    feature_say((f)->why, sizeof((f)->why), __VA_ARGS__)
#define enable(f, ...) feature_say((f)->enable, sizeof((f)->enable), __VA_ARGS__)

/* Has the distribution's archive packages of m's kernel? */
bool archive_has_kernel(const struct machine *m);

/* What loading a module and building one need. */
void judge_modules(const struct machine *m, struct feature *f);
void judge_unsigned(const struct machine *m, struct feature *f);
void judge_lockdown(const struct machine *m, struct feature *f);
void judge_headers(const struct machine *m, struct feature *f);
void judge_compiler(const struct machine *m, struct feature *f);
void judge_stap(const struct machine *m, struct feature *f);
void judge_stap_runtime(const struct machine *m, struct feature *f);
void judge_stap_group(const struct machine *m, struct feature *f);
void judge_stap_symbols(const struct machine *m, struct feature *f);

#endif
