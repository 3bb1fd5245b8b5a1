/* SPDX-License-Identifier: MIT */
/*
 * What a client could draw anew, kept in an ashmem region as long as nobody
 * needs the memory. It consists of slots of whole pages. A slot is pinned only
 * while it is looked at, or filled.
 */
#ifndef DEMO_WINDOW_CACHE_H
#define DEMO_WINDOW_CACHE_H

#include <ashmem.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * struct cache - a region of slots; members are for reading only
 * @slot_bytes: of one slot, a multiple of the page
 * @slots:      how many
 * @filled:     slots that were filled
 * @refilled:   of these, how many because they had been purged
 */
struct cache {
	struct ashmem_region *region;
	char *bytes;
	bool *known;		/* of each slot: filled once */
	size_t slot_bytes;
	size_t slots;
	uint64_t filled;
	uint64_t refilled;
};

/* Pages of caches, as of ashmem_region_information(). */
struct cache_pages {
	uint32_t kept;		/* unpinned, and have memory */
	uint32_t purged;
};

/**
 * cache_create - makes an empty cache
 * @name:       of its region
 * @slot_bytes: at least, of each slot
 * @slots:      how many
 *
 * Returns 0, or -1 with errno.
 */
int cache_create(struct cache *cache, const char *name, size_t slot_bytes,
		 size_t slots);
void cache_destroy(struct cache *cache);

/**
 * cache_pin - pins a slot
 * @slot: which
 * @fill: is set if the caller has to fill it: it is new, or was purged
 *
 * Returns its address, or NULL with errno as from ashmem_region_pin().
 */
void *cache_pin(struct cache *cache, size_t slot, bool *fill);

/* Unpins a slot that has been filled. Returns 0, or -1 with errno. */
int cache_unpin(struct cache *cache, size_t slot);

/* Adds the pages of a cache. Returns 0, or -1 with errno. */
int cache_count(const struct cache *cache, struct cache_pages *pages);

#endif /* DEMO_WINDOW_CACHE_H */
