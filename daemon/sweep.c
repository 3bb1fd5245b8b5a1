// SPDX-License-Identifier: MIT
#include "sweep.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "moment.h"
#include "punch.h"
#include "registry.h"
#include "run.h"

#define STEP_NANOSECONDS	8000000

/* How many cells are looked at between two looks at the clock. */
#define MOST_LOOKS		16384

/**
 * struct place - a region, which may be gone by the time it comes to its turn
 */
struct place {
	dev_t dev;
	ino_t ino;
};

/**
 * struct sweep - see above
 * @count:  of @places
 * @index:  of the region that is being purged
 * @cell:   of it, the next to look at
 * @extent: in a sparse region, all cells from @cell to before this one have
 *          memory
 * @begun:  that region has been looked at
 * @sparse: and only what has memory is purged; whether it is so is not asked
 *          again, as to purge it takes memory away
 * @first:  page of each region that may go
 * @end:    and the one after the last
 * @pages:  that were purged and not yet told of
 * @places: the regions
 */
struct sweep {
	size_t count;
	size_t index;
	size_t cell;
	size_t extent;
	bool begun;
	bool sparse;
	uint64_t first;
	uint64_t end;
	uint64_t pages;
	struct place places[];
};

/* Only who can write has unpinned anything. */
static bool belongs_to(const struct region *region, uid_t uid)
{
	const struct attachment *attachment = region->attachments;

	for (; attachment; attachment = attachment->next)
		if (attachment->writable && attachment->client->uid == uid)
			return true;
	return false;
}

struct sweep *sweep_new(const struct registry *registry, uid_t uid)
{
	struct sweep *sweep = malloc(sizeof(*sweep) + registry->region_count *
				     sizeof(sweep->places[0]));

	if (!sweep)
		return NULL;
	*sweep = (struct sweep){ .end = UINT64_MAX };
	for (size_t i = 0; i < registry->bucket_count; i++) {
		const struct region *region = registry->buckets[i];

		for (; region; region = region->chain)
			if (!registry->machine || belongs_to(region, uid))
				sweep->places[sweep->count++] = (struct place){
					region->dev, region->ino
				};
	}
	return sweep;
}

struct sweep *sweep_region(const struct region *region, uint64_t first,
			   uint64_t end)
{
	struct sweep *sweep = malloc(sizeof(*sweep) +
				     sizeof(sweep->places[0]));

	if (!sweep)
		return NULL;
	*sweep = (struct sweep){
		.count = 1,
		.cell = first / PINMAP_CELL_PAGES,
		.first = first,
		.end = end,
	};
	sweep->places[0] = (struct place){ region->dev, region->ino };
	return sweep;
}

void sweep_free(struct sweep *sweep)
{
	free(sweep);
}

/* Is there a cell to look at before @end? In a sparse region, goes to it, or to
 * the end. */
static bool find_cell(struct sweep *sweep, const struct region *region,
		      size_t end)
{
	off_t bytes = (off_t)region_page_size() * PINMAP_CELL_PAGES;
	off_t data, hole;

	if (sweep->sparse && sweep->cell < end &&
	    sweep->cell >= sweep->extent) {
		data = lseek(region->fd, sweep->cell * bytes, SEEK_DATA);
		hole = data < 0 ? -1 : lseek(region->fd, data, SEEK_HOLE);
		if (data >= hole) {
			sweep->cell = end;
			return false;
		}
		sweep->cell = data / bytes;
		sweep->extent = (hole - 1) / bytes + 1;
	}
	return sweep->cell < end;
}

/* Purges the next cells. Returns true at the region's end. */
static bool purge_some(struct sweep *sweep, struct registry *registry,
		       struct region *region)
{
	struct pinmap map = pinmap_at(region->memory, region->pages);
	struct punch_limits limits = { UINT64_MAX, sweep->first, sweep->end };
	uint32_t cells[PUNCH_CELLS];
	uint64_t age, oldest, pages;
	size_t count = 0, end = map.cell_count;

	if (end > (sweep->end - 1) / PINMAP_CELL_PAGES + 1)
		end = (sweep->end - 1) / PINMAP_CELL_PAGES + 1;
	for (int i = 0; i < MOST_LOOKS && count < PUNCH_CELLS &&
			find_cell(sweep, region, end); i++, sweep->cell++)
		if (pinmap_purgeable(&map, sweep->cell, &age))
			cells[count++] = sweep->cell;
	if (count) {
		pages = punch_cells(region, cells, count, limits, &oldest);
		registry_purged(registry, region, pages);
		registry->for_request.pages += pages;
		sweep->pages += pages;
	}
	return sweep->cell >= end || region->sealed;
}

static bool is_all_pinned(const struct region *region)
{
	struct pinmap map = pinmap_at(region->memory, region->pages);
	bool unpinned;

	return pinmap_is_uniform(&map, &unpinned) && !unpinned;
}

static bool is_sparse(const struct region *region)
{
	struct pinmap map = pinmap_at(region->memory, region->pages);
	struct stat status;

	return fstat(region->fd, &status) == 0 &&
	       run_is_sparse(&map, status.st_blocks * UINT64_C(512) /
				   region_page_size());
}

/* Returns true when the region is done with. */
static bool go_on(struct sweep *sweep, struct registry *registry)
{
	struct place place = sweep->places[sweep->index];
	struct region *region = registry_find(registry, place.dev, place.ino);

	if (!region || !region_may_purge(region) ||
	    !region->writable || region->sealed ||
	    !pincache_map(&registry->cache, region))
		return true;
	if (!sweep->begun) {
		if (is_all_pinned(region))
			return true;
		sweep->begun = true;
		sweep->sparse = is_sparse(region);
		sweep->extent = 0;
	}
	return purge_some(sweep, registry, region);
}

bool sweep_step(struct sweep *sweep, struct registry *registry)
{
	uint64_t start = moment_now();

	while (sweep->index < sweep->count &&
	       moment_now() - start < STEP_NANOSECONDS) {
		if (go_on(sweep, registry)) {
			sweep->index++;
			sweep->cell = 0;
			sweep->begun = false;
		}
	}
	registry->for_request.purges += sweep->index == sweep->count;
	registry->for_request.nanoseconds += moment_now() - start;
	return sweep->index == sweep->count;
}

uint64_t sweep_take_pages(struct sweep *sweep)
{
	uint64_t pages = sweep->pages;

	sweep->pages = 0;
	return pages;
}
