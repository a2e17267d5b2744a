/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What sysgate could use on a machine, each with the reason and what would enable it. */
#ifndef SYSGATE_TARGET_FEATURES_H
#define SYSGATE_TARGET_FEATURES_H

#include "target/machine.h"

struct feature {
	const char *name;
	enum answer works;
	char why[256];
	char enable[256]; /* the command or setting; "" when none would */
};

#define FEATURES_MAX 32

/* Judges m's facts. Returns how many features it filled, in the order in which they are shown. */
size_t features_judge(const struct machine *m, struct feature features[FEATURES_MAX]);

/* The command that installs what on m's system; "" in buf where it is unknown. */
const char *install_command(const struct machine *m, const char *what, char *buf, size_t size);

#endif
