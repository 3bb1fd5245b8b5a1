// SPDX-License-Identifier: MIT
#include "tidy.h"

#include "registry.h"

/* Regions to look at in one step. */
#define STEP	256

void tidy_add(struct registry *registry, struct region *region)
{
	if (region->is_marked)
		return;
	region->is_marked = true;
	TAILQ_INSERT_TAIL(&registry->marked, region, marked);
}

void tidy_forget(struct registry *registry, struct region *region)
{
	if (!region->is_marked)
		return;
	region->is_marked = false;
	TAILQ_REMOVE(&registry->marked, region, marked);
}

static bool is_tidy(struct registry *registry, struct region *region)
{
	struct pinmap map;

	if (!pincache_map(&registry->cache, region))
		return false;
	map = pinmap_at(region->memory, region->pages);
	return pinmap_tidy(&map);
}

bool tidy_step(struct registry *registry)
{
	struct region *region;

	for (int i = 0; i < STEP; i++) {
		region = TAILQ_FIRST(&registry->marked);
		if (!region)
			return false;
		tidy_forget(registry, region);
		if (!is_tidy(registry, region))
			tidy_add(registry, region);
	}
	return true;
}
