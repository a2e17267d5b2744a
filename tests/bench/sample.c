// SPDX-License-Identifier: GPL-2.0-or-later
/* What the benchmark compiles. */
#include <stdio.h>

int main(void)
{
	return puts("hello") < 0;
}
