/* SPDX-License-Identifier: MIT */
/*
 * Does purging in a cgroup make room in it?
 *
 * The kernel charges a page to the cgroup of whoever touched it first, and does
 * not tell. When a cgroup is tight whose processes use what others have filled,
 * purging for it would empty all their caches and help nobody. So what was
 * freed is compared with what became free; where it does not show, purging
 * rests for some seconds, and then tries one step.
 *
 * Nothing here reads anything, the clock included.
 */
#ifndef ASHMEM_DAEMON_EFFECT_H
#define ASHMEM_DAEMON_EFFECT_H

#include <stdbool.h>
#include <stdint.h>

#include "memory.h"

/* In microseconds: the first rest, and the longest. */
#define EFFECT_FIRST_REST	UINT64_C(2000000)
#define EFFECT_LONGEST_REST	UINT64_C(16000000)

/* How many steps in a row may show nothing. */
#define EFFECT_PATIENCE		6

/**
 * struct effect - what purges in one cgroup have shown; all 0 at the beginning
 * @failures: how many in a row showed nothing
 * @freed:    bytes in these
 * @shmem:    shared memory in the cgroup before these
 * @rest:     how long the last rest was
 * @until:    when it ends
 */
struct effect {
	unsigned int failures;
	uint64_t freed;
	uint64_t shmem;
	uint64_t rest;
	uint64_t until;
};

/* May there be a purge now? */
bool effect_allows(const struct effect *effect, uint64_t now);

/**
 * effect_judge - takes notice of a purge
 * @freed: bytes, more than 0
 * @grown: bytes that others may have taken meanwhile
 *
 * Returns whether it can be seen to have helped.
 */
bool effect_judge(struct effect *effect, uint64_t now,
		  const struct memory *before, const struct memory *after,
		  uint64_t freed, uint64_t grown);

#endif /* ASHMEM_DAEMON_EFFECT_H */
