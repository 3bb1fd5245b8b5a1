// SPDX-License-Identifier: MIT
#include "pins.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cells.h"
#include "pinmap.h"

/* That are read at once. */
#define CHUNK_CELLS	4096

/**
 * struct chunk - a part of a pin map, as if it were a map of its own
 */
struct chunk {
	struct pinmap_header header;
	struct pinmap_cell cells[CHUNK_CELLS];
};

/**
 * struct walk - along a pin map
 * @map:   the whole, of which only numbers are looked at
 * @chunk: the header, and what was read last
 */
struct walk {
	int fd;
	struct pinmap map;
	struct chunk *chunk;
	pins_fn *tell;
	void *context;
};

static uint64_t first_page(size_t cell)
{
	return (uint64_t)cell * PINMAP_CELL_PAGES;
}

static uint64_t end_page(const struct walk *walk, size_t cell)
{
	uint64_t end = first_page(cell + 1);

	return end < walk->map.pages ? end : walk->map.pages;
}

/* Those of a cell in the chunk that were purged, and are unpinned still. */
static uint32_t purged_in(const struct pinmap *part, size_t cell,
			  unsigned int pages)
{
	uint32_t marks = pinmap_purged(part, cell), purged = 0;

	for (unsigned int i = 0; i < pages; i++)
		if (marks >> i & 1 &&
		    !pinmap_is_pinned(part, first_page(cell) + i,
				      first_page(cell) + i + 1))
			purged |= UINT32_C(1) << i;
	return purged;
}

static int tell_cells(struct walk *walk, size_t first, size_t count)
{
	uint64_t pages = end_page(walk, first + count - 1) - first_page(first);
	struct pinmap part = pinmap_at(walk->chunk, pages);
	uint64_t age;

	for (size_t i = 0; i < count; i++) {
		uint64_t start = first_page(first + i);
		uint64_t end = end_page(walk, first + i);

		if (walk->tell(walk->context, start, end,
			       pinmap_purgeable(&part, i, &age),
			       purged_in(&part, i, end - start)) < 0)
			return -1;
	}
	return 0;
}

/* Cells that have memory. Where the file ends too early they are all zero. */
static int walk_data(struct walk *walk, size_t first, size_t end)
{
	const off_t cells = sizeof(walk->chunk->header);

	while (first < end) {
		size_t count = end - first < CHUNK_CELLS ? end - first :
							   CHUNK_CELLS;
		size_t bytes = count * sizeof(struct pinmap_cell);

		memset(walk->chunk->cells, 0, bytes);
		if (pread(walk->fd, walk->chunk->cells, bytes, cells +
			  (off_t)first * sizeof(struct pinmap_cell)) < 0 ||
		    tell_cells(walk, first, count) < 0)
			return -1;
		first += count;
	}
	return 0;
}

/* Cells that nobody has ever written: one of them tells for all. */
static int walk_hole(struct walk *walk, size_t first, size_t end)
{
	uint64_t age, start = first_page(first), until;
	struct pinmap part;

	if (first >= end)
		return 0;
	until = end_page(walk, end - 1);
	part = pinmap_at(walk->chunk, until - start < PINMAP_CELL_PAGES ?
				      until - start : PINMAP_CELL_PAGES);
	memset(&walk->chunk->cells[0], 0, sizeof(walk->chunk->cells[0]));
	return walk->tell(walk->context, start, until,
			  pinmap_purgeable(&part, 0, &age), 0);
}

static int walk_all(struct walk *walk)
{
	struct cells cells = { 0 };
	size_t at = 0;

	while (at < walk->map.cell_count &&
	       cells_next(&cells, walk->fd, &walk->map)) {
		if (cells.first < at)
			cells.first = at;
		if (walk_hole(walk, at, cells.first) < 0 ||
		    walk_data(walk, cells.first, cells.end) < 0)
			return -1;
		if (cells.end > at)
			at = cells.end;
	}
	return walk_hole(walk, at, walk->map.cell_count);
}

int pins_walk(int fd, uint64_t pages, pins_fn *tell, void *context)
{
	struct walk walk = {
		.fd = fd,
		.chunk = malloc(sizeof(*walk.chunk)),
		.tell = tell,
		.context = context,
	};
	int result = -1;

	if (!walk.chunk)
		return -1;
	walk.map = pinmap_at(walk.chunk, pages);
	if (pages && pages <= PINMAP_MAX_PAGES &&
	    pread(fd, &walk.chunk->header, sizeof(walk.chunk->header), 0) ==
	    sizeof(walk.chunk->header) &&
	    pinmap_valid(&walk.map, sysconf(_SC_PAGESIZE)))
		result = walk_all(&walk);
	else
		errno = EPROTO;
	free(walk.chunk);
	return result;
}
