/* SPDX-License-Identifier: MIT */
/*
 * The cells of one region that can be purged, by age: what one look at its pin
 * map has found.
 */
#ifndef ASHMEM_DAEMON_RUN_H
#define ASHMEM_DAEMON_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pinmap.h"

/**
 * struct aged_cell - a cell with something to purge
 * @age: when it was last unpinned, in nanoseconds
 */
struct aged_cell {
	uint64_t age;
	uint32_t cell;
};

/**
 * struct run - see above
 * @age:     of all cells, if the whole region was unpinned by one word
 * @next:    the cell, or the index in @cells, to come next
 * @end:     after the last of these
 * @cells:   the oldest first; NULL if all are of the same age
 * @left:    the age of the oldest that was tried and stays, or that was not
 *           remembered, being younger; UINT64_MAX if there is none
 */
struct run {
	uint64_t age;
	size_t next;
	size_t end;
	struct aged_cell *cells;
	uint64_t left;
};

/* Looks at a pin map. Returns NULL with errno ENOMEM. */
struct run *run_new(const struct pinmap *map);

void run_free(struct run *run);

/* The age of the next cell; UINT64_MAX at the end. */
uint64_t run_age(const struct run *run);

/* Takes up to @most cells that are not younger than @age, and gives them in
 * ascending order. Returns how many. */
size_t run_take(struct run *run, uint64_t age, uint32_t *cells, size_t most);

/* The age of the oldest that is not purged; 0 if there is none. */
uint64_t run_oldest(const struct run *run);

#endif /* ASHMEM_DAEMON_RUN_H */
