// SPDX-License-Identifier: MIT
#include "cells.h"

#include <unistd.h>

/* The cell that has this byte of the file, or the next. */
static size_t cell_at(uint64_t offset)
{
	if (offset <= sizeof(struct pinmap_header))
		return 0;
	return (offset - sizeof(struct pinmap_header)) /
	       sizeof(struct pinmap_cell);
}

bool cells_next(struct cells *cells, int pins, const struct pinmap *map)
{
	off_t data = lseek(pins, cells->next, SEEK_DATA), hole;

	if (data < 0)
		return false;
	hole = lseek(pins, data, SEEK_HOLE);
	if (hole < 0)
		return false;
	cells->first = cell_at(data);
	cells->end = cell_at(hole) + 1;
	if (cells->end > map->cell_count)
		cells->end = map->cell_count;
	cells->next = hole;
	return true;
}
