// SPDX-License-Identifier: MIT
#include "percentile.h"

#include <math.h>
#include <stdlib.h>

static int compare(const void *a, const void *b)
{
	float x = *(const float *)a, y = *(const float *)b;

	return (x > y) - (x < y);
}

double percentile(float *values, size_t count, double percent)
{
	size_t rank = (size_t)ceil((double)count * percent / 100);

	if (!count)
		return 0;
	qsort(values, count, sizeof(*values), compare);
	return (double)values[rank ? rank - 1 : 0];
}
