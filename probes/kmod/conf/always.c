// SPDX-License-Identifier: GPL-2.0-only
/* Compiles on every kernel: when it does not, the headers are not usable. */
#include <linux/module.h>
