/* SPDX-License-Identifier: MIT */
#ifndef DEMO_WINDOW_PERCENTILE_H
#define DEMO_WINDOW_PERCENTILE_H

#include <stddef.h>

/* The least value that @percent percent of the values do not exceed; it sorts
 * them. 0 if there are none. */
double percentile(float *values, size_t count, double percent);

#endif /* DEMO_WINDOW_PERCENTILE_H */
