/* SPDX-License-Identifier: MIT */
/*
 * The cells of one region that can be purged, by age: what one look at its pin
 * map has found.
 *
 * Where only a small part of the region has memory, only that part is looked at:
 * the rest has nothing to give back, and to look at its pin map would cost
 * memory.
 */
#ifndef ASHMEM_DAEMON_RUN_H
#define ASHMEM_DAEMON_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pinmap.h"

/**
 * struct aged_cells - cells with something to purge
 * @age:   when they were last unpinned, in nanoseconds
 * @first: the first of them
 * @count: how many
 */
struct aged_cells {
	uint64_t age;
	uint32_t first;
	uint32_t count;
};

/**
 * struct run - see above
 * @cells: the oldest first
 * @next:  of @cells, the one to come next
 * @end:   after the last
 * @room:  for how many there is memory
 * @left:  the age of the oldest that was tried and stays, or that was not
 *         remembered, being younger; UINT64_MAX if there is none
 */
struct run {
	struct aged_cells *cells;
	size_t next;
	size_t end;
	size_t room;
	uint64_t left;
};

/* Has so little of a large region memory that only this part is looked at?
 * @resident is how many of its pages have. */
bool run_is_sparse(const struct pinmap *map, uint64_t resident);

/**
 * run_new - looks at a pin map
 * @fd:       of the region
 * @resident: how many of its pages have memory
 *
 * Returns NULL with errno ENOMEM.
 */
struct run *run_new(const struct pinmap *map, int fd, uint64_t resident);

void run_free(struct run *run);

/* The age of the next cell; UINT64_MAX at the end. */
uint64_t run_age(const struct run *run);

/* Takes up to @most cells that are not younger than @age, and gives them in
 * ascending order. Returns how many. */
size_t run_take(struct run *run, uint64_t age, uint32_t *cells, size_t most);

/* The age of the oldest that is not purged; 0 if there is none. */
uint64_t run_oldest(const struct run *run);

#endif /* ASHMEM_DAEMON_RUN_H */
