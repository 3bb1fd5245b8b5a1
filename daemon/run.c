// SPDX-License-Identifier: MIT
#include "run.h"

#include <stdlib.h>
#include <unistd.h>

#include "region.h"

/* How many cells are remembered: 8 GiB where a page has 4 KiB. */
#define MOST		65536
#define FIRST_ROOM	16

/* With less than one of so many pages in memory a region is sparse, if it has
 * that many cells at least. */
#define SPARSE		8
#define SPARSE_CELLS	4096

static int by_age(const void *left, const void *right)
{
	const struct aged_cells *a = left, *b = right;

	if (a->age != b->age)
		return a->age < b->age ? -1 : 1;
	return (a->first > b->first) - (a->first < b->first);
}

static int by_number(const void *left, const void *right)
{
	const uint32_t *a = left, *b = right;

	return (*a > *b) - (*a < *b);
}

/* Keeps the older half; of the others only how old they are. */
static void shorten(struct run *run)
{
	if (run->end > 1)
		qsort(run->cells, run->end, sizeof(*run->cells), by_age);
	if (run->end <= MOST)
		return;
	if (run->cells[MOST].age < run->left)
		run->left = run->cells[MOST].age;
	run->end = MOST;
}

static bool add(struct run *run, uint64_t age, uint32_t first, uint32_t count)
{
	struct aged_cells *cells;

	if (run->end == 2 * MOST) {
		shorten(run);
	} else if (run->end == run->room) {
		run->room = run->room ? run->room * 2 : FIRST_ROOM;
		cells = reallocarray(run->cells, run->room, sizeof(*cells));
		if (!cells)
			return false;
		run->cells = cells;
	}
	run->cells[run->end++] = (struct aged_cells){ age, first, count };
	return true;
}

/* Adds what can be purged of the cells [first, end). */
static bool look(struct run *run, const struct pinmap *map, size_t first,
		 size_t end)
{
	bool uniform, unpinned;
	uint64_t age;

	uniform = pinmap_is_uniform(map, &unpinned);
	if (uniform && !unpinned)
		return true;
	if (uniform && pinmap_purgeable(map, first, &age))
		return add(run, age, first, end - first);
	for (size_t i = first; i < end; i++)
		if (pinmap_purgeable(map, i, &age) && !add(run, age, i, 1))
			return false;
	return true;
}

bool run_is_sparse(const struct pinmap *map, uint64_t resident)
{
	return map->cell_count >= SPARSE_CELLS &&
	       resident < map->pages / SPARSE;
}

/* Only at cells that have memory. The others may get some without having been
 * pinned and unpinned, so there is always something left to look at. */
static bool look_sparsely(struct run *run, const struct pinmap *map, int fd)
{
	off_t bytes = (off_t)region_page_size() * PINMAP_CELL_PAGES;
	off_t data = 0, hole;

	run->left = 1;
	while ((data = lseek(fd, data, SEEK_DATA)) >= 0) {
		uint64_t first = data / bytes, end;

		hole = lseek(fd, data, SEEK_HOLE);
		if (hole <= data)
			break;
		end = (hole - 1) / bytes + 1;
		if (end > map->cell_count)
			end = map->cell_count;
		if (first >= end)
			break;
		if (!look(run, map, first, end))
			return false;
		data = end * bytes;
	}
	return true;
}

struct run *run_new(const struct pinmap *map, int fd, uint64_t resident)
{
	struct run *run = calloc(1, sizeof(*run));
	bool done;

	if (!run)
		return NULL;
	run->left = UINT64_MAX;
	done = run_is_sparse(map, resident) ?
	       look_sparsely(run, map, fd) :
	       look(run, map, 0, map->cell_count);
	if (done) {
		shorten(run);
		return run;
	}
	run_free(run);
	return NULL;
}

void run_free(struct run *run)
{
	if (run)
		free(run->cells);
	free(run);
}

uint64_t run_age(const struct run *run)
{
	return run->next == run->end ? UINT64_MAX : run->cells[run->next].age;
}

size_t run_take(struct run *run, uint64_t age, uint32_t *cells, size_t most)
{
	size_t count = 0;

	while (count < most && run->next < run->end && run_age(run) <= age) {
		struct aged_cells *next = &run->cells[run->next];

		cells[count++] = next->first++;
		if (!--next->count)
			run->next++;
	}
	if (count > 1)
		qsort(cells, count, sizeof(*cells), by_number);
	return count;
}

uint64_t run_oldest(const struct run *run)
{
	uint64_t age = run_age(run);

	if (run->left < age)
		age = run->left;
	return age == UINT64_MAX ? 0 : age;
}
