// SPDX-License-Identifier: GPL-2.0-or-later
#include "collector/estimate.h"

#include <math.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "collector/student.h"

/* A change that chance gives so often is none from how it was, the pace aside. */
#define STAYED 0.05

static int compare_doubles(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

double estimate_median(double *values, size_t n)
{
	qsort(values, n, sizeof(*values), compare_doubles);
	return n % 2 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

/* The variance of the sum of residuals, those of neighbours not taken as independent. */
static double variance(const double *e, size_t n)
{
	double squares = 0, products = 0, rho;

	for (size_t k = 0; k < n; k++) {
		squares += e[k] * e[k];
		products += k ? e[k] * e[k - 1] : 0;
	}
	rho = squares > 0 ? fmin(fmax(products / squares, 0), 0.9) : 0;
	return squares * (double)n / (double)(n - 1) * (1 + rho) / (1 - rho);
}

struct estimate estimate_ratio(const double *num, const double *den, size_t count)
{
	double nums = 0, dens = 0, squares = 0;
	_cleanup_free_ double *e = calloc(count + 1, sizeof(*e));
	struct estimate out = { .value = NAN };
	size_t n = 0;

	for (size_t k = 0; k < count; k++) {
		nums += num[k];
		dens += den[k];
		squares += den[k] * den[k];
	}
	if (!(dens > 0) || !e)
		return out;
	out.value = nums / dens;
	for (size_t k = 0; k < count; k++)
		if (den[k] > 0)
			e[n++] = num[k] - out.value * den[k];
	if (n < ESTIMATE_LEAST)
		return out;
	out.error = sqrt(variance(e, n)) / dens;
	out.df = fmax(dens * dens / squares - 1, 1);
	out.known = true;
	return out;
}

double estimate_pace(double *ratios, size_t n, double *spread)
{
	double pace = estimate_median(ratios, n);

	for (size_t i = 0; i < n; i++)
		ratios[i] = fabs(ratios[i] / pace - 1);
	/* 1.4826: from the median deviation to the standard one. */
	*spread = 1.4826 * estimate_median(ratios, n);
	return pace;
}

struct contrast estimate_against(const struct estimate *a, const struct estimate *b, double pace,
				 double spread, bool absolute)
{
	double ref = a->value * pace, vb = b->error * b->error;
	double va = pow(a->error * pace, 2) + pow(spread * ref, 2), error = sqrt(va + vb);
	struct contrast c = { .change = absolute ? b->value - ref : b->value / ref - 1 };

	c.smaller = fabs(c.change);
	c.noise = absolute ? error : error / ref;
	c.df = pow(va + vb, 2) / (va * va / a->df + vb * vb / b->df);
	c.p = student_p((b->value - ref) / error, c.df);
	return c;
}

struct contrast estimate_contrast(const struct estimate *a, const struct estimate *b, double pace,
				  double spread, bool absolute)
{
	struct contrast plain = estimate_against(a, b, 1, spread, absolute);
	struct contrast paced =
		isnan(pace) ? plain : estimate_against(a, b, pace, spread, absolute);

	if (plain.p >= STAYED)
		paced.p = fmax(paced.p, plain.p);
	paced.smaller = fmin(paced.smaller, plain.smaller);
	return paced;
}
