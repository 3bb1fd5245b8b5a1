/* SPDX-License-Identifier: MIT */
/*
 * The cells of a pin map that have memory: in the others nothing was ever
 * written. To read those would give them some, and take long.
 */
#ifndef ASHMEM_DAEMON_CELLS_H
#define ASHMEM_DAEMON_CELLS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "pinmap.h"

/**
 * struct cells - a run of them; all zero to begin with
 * @first: a cell
 * @end:   one past the last
 * @next:  where in the file to go on
 */
struct cells {
	size_t first;
	size_t end;
	off_t next;
};

/* Goes to the next run. @pins is the map's file. Returns false at the end. */
bool cells_next(struct cells *cells, int pins, const struct pinmap *map);

#endif /* ASHMEM_DAEMON_CELLS_H */
