// SPDX-License-Identifier: GPL-2.0-or-later
#include "collector/student.h"

#include <math.h>

#define STEPS 300
#define TINY  1e-300

static double not_zero(double v)
{
	return fabs(v) < TINY ? TINY : v;
}

/* The continued fraction of the incomplete beta function, by Lentz's method. */
static double fraction(double a, double b, double x)
{
	double c = 1, d = 1 / not_zero(1 - (a + b) * x / (a + 1)), f = d;

	for (int m = 1; m <= STEPS; m++) {
		double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
		double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
		double step;

		d = 1 / not_zero(1 + even * d);
		c = not_zero(1 + even / c);
		f *= d * c;
		d = 1 / not_zero(1 + odd * d);
		c = not_zero(1 + odd / c);
		step = d * c;
		f *= step;
		if (fabs(step - 1) < 1e-12)
			break;
	}
	return f;
}

/* The regularised incomplete beta function. */
static double beta(double a, double b, double x)
{
	double front;

	if (x <= 0)
		return 0;
	if (x >= 1)
		return 1;
	front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x));
	/* Each side converges where the other does not. */
	if (x < (a + 1) / (a + b + 2))
		return front * fraction(a, b, x) / a;
	return 1 - front * fraction(b, a, 1 - x) / b;
}

double student_p(double t, double df)
{
	if (isnan(t) || !(df > 0))
		return 1;
	if (isinf(t))
		return 0;
	return beta(df / 2, 0.5, df / (df + t * t));
}

double student_widening(double df)
{
	double low = 1, high = 100;

	/* 2.5758: what the normal distribution exceeds once in a hundred times. */
	for (int i = 0; i < 50; i++) {
		double middle = (low + high) / 2;

		if (student_p(2.5758 * middle, df) > 0.01)
			low = middle;
		else
			high = middle;
	}
	return high;
}
