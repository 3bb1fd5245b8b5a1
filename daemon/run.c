// SPDX-License-Identifier: MIT
#include "run.h"

#include <stdlib.h>

/* How many cells are remembered: 8 GiB where a page has 4 KiB. */
#define MOST		65536
#define FIRST_ROOM	64

static int by_age(const void *left, const void *right)
{
	const struct aged_cell *a = left, *b = right;

	if (a->age != b->age)
		return a->age < b->age ? -1 : 1;
	return (a->cell > b->cell) - (a->cell < b->cell);
}

static int by_number(const void *left, const void *right)
{
	const uint32_t *a = left, *b = right;

	return (*a > *b) - (*a < *b);
}

/* Keeps the older half; of the others only how old they are. */
static void shorten(struct run *run)
{
	qsort(run->cells, run->end, sizeof(*run->cells), by_age);
	if (run->end <= MOST)
		return;
	if (run->cells[MOST].age < run->left)
		run->left = run->cells[MOST].age;
	run->end = MOST;
}

static bool add(struct run *run, size_t *room, uint32_t cell, uint64_t age)
{
	struct aged_cell *cells;

	if (run->end == 2 * MOST) {
		shorten(run);
	} else if (run->end == *room) {
		*room = *room ? *room * 2 : FIRST_ROOM;
		cells = reallocarray(run->cells, *room, sizeof(*cells));
		if (!cells)
			return false;
		run->cells = cells;
	}
	run->cells[run->end++] = (struct aged_cell){ age, cell };
	return true;
}

static bool look(struct run *run, const struct pinmap *map)
{
	size_t room = 0;
	uint64_t age;

	for (size_t i = 0; i < map->cell_count; i++)
		if (pinmap_purgeable(map, i, &age) &&
		    !add(run, &room, i, age))
			return false;
	if (run->cells)
		shorten(run);
	return true;
}

struct run *run_new(const struct pinmap *map)
{
	struct run *run = calloc(1, sizeof(*run));
	bool unpinned;

	if (!run)
		return NULL;
	run->left = UINT64_MAX;
	if (pinmap_is_uniform(map, &unpinned)) {
		if (unpinned && pinmap_purgeable(map, 0, &run->age))
			run->end = map->cell_count;
		return run;
	}
	if (look(run, map))
		return run;
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
	if (run->next == run->end)
		return UINT64_MAX;
	return run->cells ? run->cells[run->next].age : run->age;
}

size_t run_take(struct run *run, uint64_t age, uint32_t *cells, size_t most)
{
	size_t count = 0;

	while (count < most && run->next < run->end && run_age(run) <= age) {
		cells[count++] = run->cells ? run->cells[run->next].cell :
					      run->next;
		run->next++;
	}
	if (run->cells)
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
