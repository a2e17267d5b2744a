/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Student's t: how likely a difference is by chance alone. */
#ifndef SYSGATE_COLLECTOR_STUDENT_H
#define SYSGATE_COLLECTOR_STUDENT_H

/* The probability that |t| of df degrees of freedom is at least so large by chance; 0..1. */
double student_p(double t, double df);

/*
 * How much wider an interval is for an error of so few degrees of freedom than for one that is
 * known: 1 for many, 1.8 for 4, at a chance of one in a hundred.
 */
double student_widening(double df);

#endif
