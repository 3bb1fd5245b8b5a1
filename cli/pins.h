/* SPDX-License-Identifier: MIT */
/*
 * Reading a pin map that ashmemd has shown. It is read, and not mapped: to look
 * at a part of a mapping that has no memory would give it some. So it may also
 * be anything, of any size, and do no harm.
 */
#ifndef ASHMEM_CLI_PINS_H
#define ASHMEM_CLI_PINS_H

#include <stdint.h>

/**
 * pins_fn - told of pages [first, end), which begin with a cell
 * @purgeable: those that are unpinned and were not purged, a bit a page; none
 *             past @end
 * @purged:    those that are unpinned and were, likewise
 *
 * Of more pages than a cell has, all are alike: both are 0, or @purgeable alone
 * is UINT32_MAX. Returns 0, or -1 to be told no more.
 */
typedef int pins_fn(void *context, uint64_t first, uint64_t end,
		    uint32_t purgeable, uint32_t purged);

/* Tells of all pages, in order. Returns 0; or -1 with errno EPROTO if this is
 * no pin map of so many pages, or ENOMEM, or what @tell has set. */
int pins_walk(int fd, uint64_t pages, pins_fn *tell, void *context);

#endif /* ASHMEM_CLI_PINS_H */
