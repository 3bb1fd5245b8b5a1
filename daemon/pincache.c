// SPDX-License-Identifier: MIT
#include "pincache.h"

#include <sys/mman.h>

#include "region.h"

/* An eighth of what a process can have by default. */
#define MOST	8192

void pincache_start(struct pincache *cache)
{
	TAILQ_INIT(&cache->used);
	cache->count = 0;
}

void pincache_forget(struct pincache *cache, struct region *region)
{
	if (!region->memory)
		return;
	TAILQ_REMOVE(&cache->used, region, used);
	munmap(region->memory, pinmap_bytes(region->pages));
	region->memory = NULL;
	cache->count--;
}

bool pincache_map(struct pincache *cache, struct region *region)
{
	void *memory = region->memory;

	if (memory) {
		TAILQ_REMOVE(&cache->used, region, used);
		TAILQ_INSERT_HEAD(&cache->used, region, used);
		return true;
	}
	if (cache->count >= MOST)
		pincache_forget(cache, TAILQ_LAST(&cache->used, pincache_list));
	memory = mmap(NULL, pinmap_bytes(region->pages), PROT_READ | PROT_WRITE,
		      MAP_SHARED, region->pins, 0);
	if (memory == MAP_FAILED)
		return false;
	region->memory = memory;
	TAILQ_INSERT_HEAD(&cache->used, region, used);
	cache->count++;
	return true;
}
