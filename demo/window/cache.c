// SPDX-License-Identifier: MIT
#include "cache.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int cache_create(struct cache *cache, const char *name, size_t slot_bytes,
		 size_t slots)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	*cache = (struct cache){
		.slot_bytes = (slot_bytes + page - 1) / page * page,
		.slots = slots,
		.known = calloc(slots, sizeof(bool)),
	};
	if (!cache->known)
		return -1;
	if (ashmem_region_create(&cache->region, name,
				 cache->slot_bytes * slots))
		goto forget;
	cache->bytes = ashmem_region_map(cache->region, 0,
					 PROT_READ | PROT_WRITE, MAP_SHARED, 0);
	if (cache->bytes == MAP_FAILED)
		goto close;
	return 0;
close:
	ashmem_region_close(cache->region);
forget:
	free(cache->known);
	return -1;
}

void cache_destroy(struct cache *cache)
{
	ashmem_region_unmap(cache->region, cache->bytes,
			    cache->slot_bytes * cache->slots);
	ashmem_region_close(cache->region);
	free(cache->known);
}

void *cache_pin(struct cache *cache, size_t slot, bool *fill)
{
	size_t at = slot * cache->slot_bytes;
	int purged = ASHMEM_NOT_PURGED;

	/* What was never unpinned is pinned. */
	if (cache->known[slot])
		purged = ashmem_region_pin(cache->region, at,
					   cache->slot_bytes);
	if (purged < 0)
		return NULL;
	*fill = !cache->known[slot] || purged == ASHMEM_WAS_PURGED;
	cache->filled += *fill;
	cache->refilled += purged == ASHMEM_WAS_PURGED;
	cache->known[slot] = true;
	return cache->bytes + at;
}

int cache_unpin(struct cache *cache, size_t slot)
{
	return ashmem_region_unpin(cache->region, slot * cache->slot_bytes,
				   cache->slot_bytes);
}

int cache_count(const struct cache *cache, struct cache_pages *pages)
{
	struct ashmem_information now;

	if (ashmem_region_information(cache->region, &now, sizeof(now)))
		return -1;
	pages->kept += (uint32_t)(now.unpinned - now.purged);
	pages->purged += (uint32_t)now.purged;
	return 0;
}
