/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * block [1]: stays in pause() for ever, or with 1 in a read of standard input (which must be
 * something that has nothing to read and does not end, as a pipe does). For what is in flight.
 */
#include "sys.h"

static char byte[1];

static void program(int argc, char **argv)
{
	bool reads = arg(argc, argv, 1, 0);
	enum call call = reads ? CALL_read : CALL_pause;

	if (me.dry) {
		tally_returns(me.gate, call, 1, 0)->in_flight++;
		return;
	}
	enter(me.gate, call_nr(me.gate, call), ARGS(0, ARG(byte), reads));
	fail(1, call_names[call].name, 0);
}
