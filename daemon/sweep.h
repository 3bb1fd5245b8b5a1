/* SPDX-License-Identifier: MIT */
/*
 * Purging all that a user's processes have unpinned, in steps, region after
 * region. What is unpinned meanwhile may stay.
 */
#ifndef ASHMEM_DAEMON_SWEEP_H
#define ASHMEM_DAEMON_SWEEP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct registry;
struct sweep;

/* Of the regions to which @uid's processes are attached now; of all, if only one
 * user is served. Returns NULL with errno ENOMEM. */
struct sweep *sweep_new(const struct registry *registry, uid_t uid);

/* Takes NULL as well. */
void sweep_free(struct sweep *sweep);

/* Goes on for some milliseconds. Returns true when all is done; @pages is given
 * the number of pages that were purged. */
bool sweep_step(struct sweep *sweep, struct registry *registry,
		uint64_t *pages);

#endif /* ASHMEM_DAEMON_SWEEP_H */
