/* SPDX-License-Identifier: MIT */
/*
 * The file of a pin map: a memfd that only ashmemd makes. Its name has the
 * region's numbers in it, and it is sealed, so that a later ashmemd of the same
 * user can tell that it is one, and of which region.
 */
#ifndef ASHMEM_DAEMON_PINFILE_H
#define ASHMEM_DAEMON_PINFILE_H

#include <stdbool.h>

struct region;

/* Makes one, all pages pinned. Returns a descriptor, or -1 with errno set. */
int pinfile_make(const struct region *region);

/**
 * pinfile_adopt - takes over one that an earlier ashmemd made
 * @brought: by somebody who can write the region; still the caller's
 * @in_use:  somebody shows that they use it all the time. Otherwise the region
 *           may have had another one since, so what that one knew to be purged
 *           is found in the region
 *
 * Ends what the earlier one began to purge; @region's own descriptor is open
 * for that. Returns a descriptor, or -1 if it is not to be believed.
 */
int pinfile_adopt(const struct region *region, int brought, bool in_use);

/* A descriptor to read it, with a description of its own; or -1 with errno. */
int pinfile_open_read_only(int pins);

#endif /* ASHMEM_DAEMON_PINFILE_H */
