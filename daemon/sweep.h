/* SPDX-License-Identifier: MIT */
/*
 * Purging all that is asked for, in steps: what a user's processes have unpinned,
 * region after region, or a run of pages of one. What is unpinned meanwhile may
 * stay. Of sparse regions (run.h) only the cells that have memory are purged.
 */
#ifndef ASHMEM_DAEMON_SWEEP_H
#define ASHMEM_DAEMON_SWEEP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct region;
struct registry;
struct sweep;

/* Of the regions to which @uid's processes are attached now; of all, if only one
 * user is served. Returns NULL with errno ENOMEM. */
struct sweep *sweep_new(const struct registry *registry, uid_t uid);

/* Of the pages [first, end) of one region. Returns NULL with errno ENOMEM. */
struct sweep *sweep_region(const struct region *region, uint64_t first,
			   uint64_t end);

/* Takes NULL as well. */
void sweep_free(struct sweep *sweep);

/* Goes on for some milliseconds. Returns true when all is done. */
bool sweep_step(struct sweep *sweep, struct registry *registry);

/* How many pages were purged since this was last asked. */
uint64_t sweep_take_pages(struct sweep *sweep);

#endif /* ASHMEM_DAEMON_SWEEP_H */
