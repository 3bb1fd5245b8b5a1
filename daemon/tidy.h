/* SPDX-License-Identifier: MIT */
/*
 * Regions that have purged pages, or had. Whoever pins such a region as a whole
 * has to look at all of its cells, until somebody finds that all that was purged
 * has been told, and says so.
 */
#ifndef ASHMEM_DAEMON_TIDY_H
#define ASHMEM_DAEMON_TIDY_H

#include <stdbool.h>

struct region;
struct registry;

/* Something of it was purged. */
void tidy_add(struct registry *registry, struct region *region);

/* It is about to be closed. */
void tidy_last(struct registry *registry, struct region *region);

/* Looks at some of them. Returns whether any is left. */
bool tidy_step(struct registry *registry);

#endif /* ASHMEM_DAEMON_TIDY_H */
