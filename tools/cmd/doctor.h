/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What 'sysgate doctor' found, and the two forms in which it is written. */
#ifndef SYSGATE_CMD_DOCTOR_H
#define SYSGATE_CMD_DOCTOR_H

#include <stdio.h>

#include "engine/engine.h"
#include "target/features.h"

#define ENGINES_MAX 8

struct diagnosis {
	struct machine machine;
	const struct engine_ops *engines[ENGINES_MAX];
	struct engine_check checks[ENGINES_MAX];
	size_t engines_count;
	struct feature features[FEATURES_MAX];
	size_t features_count;
};

/* width: 0 for a file; colour: SGR marks. 0 or -errno. */
int doctor_write_table(FILE *out, const struct diagnosis *d, unsigned int width, bool colour);
/* The object of docs/doctor.schema.json. 0 or -errno. */
int doctor_write_json(FILE *out, const struct diagnosis *d);

#endif
