/* SPDX-License-Identifier: MIT */
/*
 * Pin maps that are mapped: those that were used last. A process can have only
 * so many mappings (vm.max_map_count), and there may be more regions.
 */
#ifndef ASHMEM_DAEMON_PINCACHE_H
#define ASHMEM_DAEMON_PINCACHE_H

#include <stdbool.h>
#include <stddef.h>

#include "region.h"

/**
 * struct pincache - those that are mapped
 * @used:  in the order of their last use, the newest first
 * @count: of them
 */
struct pincache {
	TAILQ_HEAD(pincache_list, region) used;
	size_t count;
};

void pincache_start(struct pincache *cache);

/* Makes sure that @region->memory is there, until the next call of this for
 * another region. Returns false with errno set if it cannot be mapped. */
bool pincache_map(struct pincache *cache, struct region *region);

/* Unmaps it, if it is mapped. */
void pincache_forget(struct pincache *cache, struct region *region);

#endif /* ASHMEM_DAEMON_PINCACHE_H */
