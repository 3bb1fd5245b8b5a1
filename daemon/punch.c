// SPDX-License-Identifier: MIT
#include "punch.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/falloc.h>
#include <linux/futex.h>
#include <stdbool.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "cells.h"
#include "client.h"
#include "holdmap.h"
#include "log.h"
#include "loss.h"
#include "region.h"

/**
 * struct hole - pages that are to go, next to each other
 * @first: a page
 * @end:   the page after the last
 */
struct hole {
	uint64_t first;
	uint64_t end;
};

static int punch(int fd, struct hole hole)
{
	uint64_t page = region_page_size();
	int result;

	if (hole.first == hole.end)
		return 0;
	do
		result = fallocate(fd, FALLOC_FL_PUNCH_HOLE |
				       FALLOC_FL_KEEP_SIZE, hole.first * page,
				   (hole.end - hole.first) * page);
	while (result < 0 && errno == EINTR);
	return result;
}

/* Adds pages of a cell, punching what is before them and not next to them. */
static int add(int fd, struct hole *hole, uint32_t cell, uint32_t mask)
{
	uint64_t start = (uint64_t)cell * PINMAP_CELL_PAGES;

	while (mask) {
		uint64_t first = start + __builtin_ctz(mask);
		uint32_t rest = ~(mask >> __builtin_ctz(mask));
		uint64_t end = rest ? first + __builtin_ctz(rest) :
				      first + PINMAP_CELL_PAGES;

		if (hole->end != first) {
			if (punch(fd, *hole) < 0)
				return -1;
			hole->first = first;
		}
		hole->end = end;
		if (end - start >= PINMAP_CELL_PAGES)
			break;
		mask &= UINT32_MAX << (end - start);
	}
	return 0;
}

/*
 * One call for each run of pages, across cells. Returns the first page that
 * was not punched because the kernel refused, UINT64_MAX if all were.
 */
static uint64_t punch_masks(int fd, const uint32_t *cells,
			    const uint32_t *masks, size_t count)
{
	struct hole hole = { 0 };

	for (size_t i = 0; i < count; i++)
		if (masks[i] && add(fd, &hole, cells[i], masks[i]) < 0)
			return hole.first;
	return punch(fd, hole) < 0 ? hole.first : UINT64_MAX;
}

static void wake(const struct pinmap *map, uint32_t cell)
{
	syscall(SYS_futex, pinmap_futex(map, cell), FUTEX_WAKE, INT_MAX, NULL,
		NULL, 0);
}

static void finish(const struct pinmap *map, uint32_t cell, uint32_t mask)
{
	if (!mask)
		return;
	pinmap_finish(map, cell, mask);
	wake(map, cell);
}

static uint32_t held(const struct region *region, uint32_t cell)
{
	const struct attachment *attachment = region->attachments;
	uint32_t pages = 0;

	for (; attachment; attachment = attachment->next)
		if (attachment->hold_map)
			pages |= holdmap_held(client_hold_map(attachment),
				(uint64_t)cell * PINMAP_CELL_PAGES);
	return pages;
}

/* The pages of a cell from @first on. */
static uint32_t from(uint32_t cell, uint64_t first)
{
	uint64_t start = (uint64_t)cell * PINMAP_CELL_PAGES;

	if (first <= start)
		return UINT32_MAX;
	if (first >= start + PINMAP_CELL_PAGES)
		return 0;
	return UINT32_MAX << (first - start);
}

/* Steps 1 and 2 for one cell. Returns the pages that are to go. */
static uint32_t claim(struct region *region, const struct pinmap *map,
		      uint32_t cell, struct punch_limits limits,
		      uint64_t *oldest)
{
	uint32_t purgeable, early, late, wanted, claimed = 0;
	uint64_t age;

	purgeable = pinmap_purgeable(map, cell, &age);
	purgeable &= from(cell, limits.first) & ~from(cell, limits.end);
	if (!purgeable || age > limits.not_after)
		return 0;
	/* Who holds pages for long need not be disturbed each time. */
	early = purgeable & held(region, cell);
	wanted = purgeable & ~early;
	if (wanted)
		claimed = pinmap_claim(map, cell, wanted);
	if (claimed != wanted)
		wake(map, cell);
	late = claimed ? claimed & held(region, cell) : 0;
	finish(map, cell, late);
	if (early | late && age < *oldest)
		*oldest = age;
	return claimed & ~late;
}

/* That pages were purged has to be found in the file before any is. */
static bool note(struct region *region)
{
	if (region->noted)
		return true;
	region->noted = loss_note(region->fd, true) == 0;
	if (!region->noted && errno != EAGAIN) {
		log_info("region %ju is not purged, as that cannot be noted "
			 "in its file: %m", (uintmax_t)region->ino);
		region->sealed = true;
	}
	return region->noted;
}

uint64_t punch_cells(struct region *region, const uint32_t *cells,
		     size_t count, struct punch_limits limits,
		     uint64_t *oldest)
{
	struct pinmap map = pinmap_at(region->memory, region->pages);
	uint32_t masks[PUNCH_CELLS] = { 0 }, refused;
	uint64_t pages = 0, stopped;

	*oldest = 1;
	if (!note(region))
		return 0;
	*oldest = UINT64_MAX;
	for (size_t i = 0; i < count; i++)
		masks[i] = claim(region, &map, cells[i], limits, oldest);
	for (size_t i = 0; i < count; i++)
		if (masks[i])
			pinmap_commit(&map, cells[i], masks[i]);
	stopped = punch_masks(region->fd, cells, masks, count);
	if (stopped != UINT64_MAX) {
		log_info("region %ju is not purged any more: %m",
			 (uintmax_t)region->ino);
		region->sealed = true;
	}
	for (size_t i = 0; i < count; i++) {
		refused = masks[i] & from(cells[i], stopped);
		if (refused)
			pinmap_uncommit(&map, cells[i], refused);
		finish(&map, cells[i], masks[i]);
		pages += __builtin_popcount(masks[i] & ~refused);
	}
	region->purged += pages;
	return pages;
}

/* Pages that were purged, and that nobody has pinned since. */
static uint32_t purged_and_unpinned(const struct pinmap *map, size_t cell)
{
	uint64_t start = (uint64_t)cell * PINMAP_CELL_PAGES;
	uint32_t purged = pinmap_purged(map, cell), mask = 0;

	for (unsigned int i = 0; i < PINMAP_CELL_PAGES && purged >> i; i++)
		if (purged >> i & 1 && start + i < map->pages &&
		    !pinmap_is_pinned(map, start + i, start + i + 1))
			mask |= UINT32_C(1) << i;
	return mask;
}

void punch_again(const struct region *region)
{
	struct pinmap map = pinmap_at(region->memory, region->pages);
	struct cells cells = { 0 };

	while (cells_next(&cells, region->pins, &map))
		for (uint32_t i = cells.first; i < cells.end; i++) {
			uint32_t mask = purged_and_unpinned(&map, i);

			if (mask)
				punch_masks(region->fd, &i, &mask, 1);
		}
}

static void end_claims(int fd, const struct pinmap *map, uint32_t cell)
{
	uint32_t committed, mask;

	mask = pinmap_left_behind(map, cell, &committed);
	/* If it is refused, the pages count as purged all the same. */
	if (committed)
		punch_masks(fd, &cell, &committed, 1);
	finish(map, cell, mask);
}

void punch_left_behind(int fd, const struct pinmap *map, int pins)
{
	struct cells cells = { 0 };

	while (cells_next(&cells, pins, map))
		for (size_t i = cells.first; i < cells.end; i++)
			end_claims(fd, map, i);
}
