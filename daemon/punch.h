/* SPDX-License-Identifier: MIT */
/*
 * Purging some cells of one region: the steps from claim to finish, in the
 * order that docs/portable-engine.md gives them and tests/model/ proves.
 */
#ifndef ASHMEM_DAEMON_PUNCH_H
#define ASHMEM_DAEMON_PUNCH_H

#include <stddef.h>
#include <stdint.h>

#include "pinmap.h"

struct region;

/* The most cells at a time: 16 MiB where a page has 4 KiB. */
#define PUNCH_CELLS	128

/**
 * struct punch_limits - what stays, whatever its state
 * @not_after: what was unpinned later, in nanoseconds
 * @first:     pages before this one
 * @end:       this page, and those that follow
 */
struct punch_limits {
	uint64_t not_after;
	uint64_t first;
	uint64_t end;
};

/**
 * punch_cells - purges what can be purged of some cells
 * @region:    whose pin map is mapped, and which may be purged
 * @cells:     their numbers, ascending
 * @count:     up to PUNCH_CELLS
 * @oldest:    the age of the oldest cell that could be purged and was not, as
 *             somebody holds it; UINT64_MAX if there is none
 *
 * Returns the number of pages that were purged, with memory or without. If the
 * kernel refuses, @region is sealed from then on.
 */
uint64_t punch_cells(struct region *region, const uint32_t *cells,
		     size_t count, struct punch_limits limits,
		     uint64_t *oldest);

/* Takes memory from purged pages that got some since by being looked at, and are
 * unpinned still: what a page without memory means, lib/loss.h says. For a
 * region that nobody is attached to any more, and whose pin map is mapped. */
void punch_again(const struct region *region);

/**
 * punch_left_behind - ends the claims of a purger that died
 * @fd:   of the region, to be written; the caller has the exclusive claim
 * @pins: of the pin map's file
 */
void punch_left_behind(int fd, const struct pinmap *map, int pins);

#endif /* ASHMEM_DAEMON_PUNCH_H */
