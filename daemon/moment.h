/* SPDX-License-Identifier: MIT */
/* The clock by which pages are unpinned, and by which steps are bounded. */
#ifndef ASHMEM_DAEMON_MOMENT_H
#define ASHMEM_DAEMON_MOMENT_H

#include <stdint.h>
#include <time.h>

/* In nanoseconds. */
static inline uint64_t moment_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * UINT64_C(1000000000) + now.tv_nsec;
}

#endif /* ASHMEM_DAEMON_MOMENT_H */
