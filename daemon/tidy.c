// SPDX-License-Identifier: MIT
#include "tidy.h"

#include "loss.h"
#include "cells.h"
#include "punch.h"
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

static void forget(struct registry *registry, struct region *region)
{
	if (!region->is_marked)
		return;
	region->is_marked = false;
	TAILQ_REMOVE(&registry->marked, region, marked);
}

static bool is_tidy(struct registry *registry, struct region *region)
{
	struct cells cells = { 0 };
	struct pinmap map;

	if (!pincache_map(&registry->cache, region))
		return false;
	map = pinmap_at(region->memory, region->pages);
	while (cells_next(&cells, region->pins, &map))
		if (!pinmap_is_told(&map, cells.first, cells.end))
			return false;
	pinmap_forget(&map);
	/* Nobody else purges, so nothing can have been purged since. */
	if (region->noted && region->writable &&
	    loss_note(region->fd, false) == 0)
		region->noted = false;
	return !region->noted;
}

void tidy_last(struct registry *registry, struct region *region)
{
	forget(registry, region);
	if (region->noted && !is_tidy(registry, region) &&
	    region->memory && region->writable && !region->sealed)
		punch_again(region);
}

bool tidy_step(struct registry *registry)
{
	struct region *region;

	for (int i = 0; i < STEP; i++) {
		region = TAILQ_FIRST(&registry->marked);
		if (!region)
			return false;
		forget(registry, region);
		if (!is_tidy(registry, region))
			tidy_add(registry, region);
	}
	return true;
}
