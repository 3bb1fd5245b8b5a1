/* SPDX-License-Identifier: MIT */
#ifndef DEMO_MILLISECONDS_H
#define DEMO_MILLISECONDS_H

#include <time.h>

/* On a clock that never runs backwards, and is the same for all processes. */
static inline double milliseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return 1e3 * (double)now.tv_sec + 1e-6 * (double)now.tv_nsec;
}

#endif /* DEMO_MILLISECONDS_H */
