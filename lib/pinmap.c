// SPDX-License-Identifier: MIT
#include "pinmap.h"

#include <string.h>

/*
 * The word for the whole region: the epoch in the upper half, and these.
 *
 * CELLS says that a cell of this epoch may exist. Only while it is clear may
 * UNPINNED change without a new epoch.
 *
 * PURGES says that some page may be purging or purged, so that who pins the
 * whole region has to look at every cell. Only the purger sets and clears it.
 */
enum {
	UNPINNED	= 1,
	CELLS		= 2,
	PURGES		= 4,
};

#define LAST_EPOCH	UINT32_MAX

static uint32_t epoch_of(uint64_t word)
{
	return word >> PINMAP_EPOCH_SHIFT;
}

static uint64_t with_epoch(uint32_t epoch, uint32_t bits)
{
	return (uint64_t)epoch << PINMAP_EPOCH_SHIFT | bits;
}

static uint32_t bits_of(uint64_t pins)
{
	return (uint32_t)pins;
}

#define PURGED_SHIFT	32

static uint32_t purging_of(uint64_t purges)
{
	return (uint32_t)purges;
}

static uint32_t purged_of(uint64_t purges)
{
	return purges >> PURGED_SHIFT;
}

static uint64_t purged_marks(uint32_t mask)
{
	return (uint64_t)mask << PURGED_SHIFT;
}

/* What the whole says of a cell's pages. */
static uint32_t default_bits(uint64_t whole)
{
	return whole & UNPINNED ? UINT32_MAX : 0;
}

size_t pinmap_bytes(uint64_t pages)
{
	uint64_t cells = (pages + PINMAP_CELL_PAGES - 1) / PINMAP_CELL_PAGES;

	return sizeof(struct pinmap_header) +
	       cells * sizeof(struct pinmap_cell);
}

struct pinmap pinmap_at(void *memory, uint64_t pages)
{
	return (struct pinmap){
		.header = memory,
		.cells = (struct pinmap_cell *)((struct pinmap_header *)memory +
						1),
		.pages = pages,
		.cell_count = (pages + PINMAP_CELL_PAGES - 1) /
			      PINMAP_CELL_PAGES,
	};
}

void pinmap_init(const struct pinmap *map, uint32_t page_size)
{
	map->header->magic = PINMAP_MAGIC;
	map->header->version = PINMAP_VERSION;
	map->header->page_size = page_size;
	map->header->pages = map->pages;
	/* Epoch 0 is that of cells never written. */
	atomic_store(&map->header->whole, with_epoch(1, 0));
}

bool pinmap_valid(const struct pinmap *map, uint32_t page_size)
{
	return map->header->magic == PINMAP_MAGIC &&
	       map->header->version == PINMAP_VERSION &&
	       map->header->page_size == page_size &&
	       map->header->pages == map->pages;
}

_Atomic uint32_t *pinmap_futex(const struct pinmap *map, size_t cell)
{
	/* Where purging_of() lies. */
	return (_Atomic uint32_t *)&map->cells[cell].purges +
	       (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__);
}

void pinmap_seal(const struct pinmap *map)
{
	atomic_store(&map->header->sealed, 1);
}

static inline size_t cell_of(uint64_t page)
{
	return page / PINMAP_CELL_PAGES;
}

/* The pages of [first, end) that lie in a cell. */
static uint32_t mask_in_cell(size_t cell, uint64_t first, uint64_t end)
{
	uint64_t start = (uint64_t)cell * PINMAP_CELL_PAGES;
	uint32_t mask = UINT32_MAX;

	if (first > start)
		mask <<= first - start;
	if (end < start + PINMAP_CELL_PAGES)
		mask &= UINT32_MAX >> (start + PINMAP_CELL_PAGES - end);
	return mask;
}

static bool is_whole(const struct pinmap *map, uint64_t first, uint64_t end)
{
	return first == 0 && end == map->pages;
}

/*
 * Changes pages of one cell. Returns false if they were so already.
 *
 * A cell in effect is changed blindly: should the epoch have passed meanwhile,
 * then a pin or unpin of the whole region came after this one, and either has
 * made the cell void, or somebody who came later still has brought it up to
 * date, and this change comes after theirs. An out-of-date cell is replaced,
 * and never one of a later epoch than the one that was looked up.
 */
static bool set_in_cell(const struct pinmap *map, size_t number,
			uint32_t mask, bool unpinned)
{
	struct pinmap_cell *cell = &map->cells[number];
	uint64_t whole, pins, changed;

	for (;;) {
		whole = atomic_load(&map->header->whole);
		if (!(whole & CELLS))
			whole = atomic_fetch_or(&map->header->whole, CELLS);
		pins = atomic_load(&cell->pins);
		if (epoch_of(pins) == epoch_of(whole)) {
			if ((unpinned ? ~bits_of(pins) : bits_of(pins)) & mask)
				break;
			return false;
		}
		/* The whole has gone on; or else somebody wrote nonsense. */
		if (epoch_of(pins) > epoch_of(whole) &&
		    epoch_of(atomic_load(&map->header->whole)) !=
		    epoch_of(whole))
			continue;
		/* The cell's pages that stay unpinned keep their age. */
		if (whole & UNPINNED)
			atomic_store_explicit(&cell->unpinned_at,
				atomic_load_explicit(
					&map->header->whole_unpinned_at,
					memory_order_relaxed),
				memory_order_relaxed);
		changed = default_bits(whole);
		changed = unpinned ? changed | mask : changed & ~mask;
		if (atomic_compare_exchange_strong(&cell->pins, &pins,
				with_epoch(epoch_of(whole), changed)))
			return changed != default_bits(whole);
	}
	if (unpinned)
		atomic_fetch_or(&cell->pins, mask);
	else
		atomic_fetch_and(&cell->pins, ~(uint64_t)mask);
	return true;
}

/*
 * Changes all pages by one word. Gives back what it was.
 *
 * Returns false when no epoch is left: then the cells have to be changed one by
 * one, for ever after. A cell of an epoch that comes round again would lie.
 */
static bool set_whole(const struct pinmap *map, bool unpinned, uint64_t now,
		      uint64_t *before)
{
	uint64_t whole = atomic_load(&map->header->whole);
	uint64_t changed;

	do {
		if (whole & CELLS) {
			if (epoch_of(whole) == LAST_EPOCH)
				return false;
			changed = with_epoch(epoch_of(whole) + 1,
					     (whole & PURGES) |
					     (unpinned ? UNPINNED : 0));
		} else {
			changed = (whole & ~(uint64_t)UNPINNED) |
				  (unpinned ? UNPINNED : 0);
		}
		if (changed == whole)
			break;
		if (unpinned)
			atomic_store_explicit(&map->header->whole_unpinned_at,
					      now, memory_order_relaxed);
	} while (!atomic_compare_exchange_weak(&map->header->whole, &whole,
					       changed));
	*before = whole;
	return true;
}

static void unpin_in_cells(const struct pinmap *map, uint64_t first,
			   uint64_t end, uint64_t now)
{
	for (size_t i = cell_of(first); i <= cell_of(end - 1); i++)
		if (set_in_cell(map, i, mask_in_cell(i, first, end), true))
			atomic_store_explicit(&map->cells[i].unpinned_at, now,
					      memory_order_relaxed);
}

void pinmap_unpin(const struct pinmap *map, uint64_t first, uint64_t end,
		  uint64_t now)
{
	uint64_t before;

	if (pinmap_unpin_quickly(map, first, end, now) ||
	    atomic_load_explicit(&map->header->sealed, memory_order_relaxed))
		return;
	if (is_whole(map, first, end) && set_whole(map, true, now, &before))
		return;
	unpin_in_cells(map, first, end, now);
}

/* Waits for the end of a purge of these pages. Returns their purged marks. */
static bool settle_cell(const struct pinmap *map, size_t number, uint32_t mask,
			pinmap_wait_fn *wait, void *context, uint32_t *purged)
{
	struct pinmap_cell *cell = &map->cells[number];
	uint64_t purges;

	while (purging_of(purges = atomic_load(&cell->purges)) & mask)
		if (!wait(context, pinmap_futex(map, number),
			  purging_of(purges)))
			return false;
	*purged = purged_of(purges) & mask;
	return true;
}

int pinmap_settle(const struct pinmap *map, uint64_t first, uint64_t end,
		  pinmap_wait_fn *wait, void *context)
{
	uint32_t purged, any = 0;

	if (pinmap_settle_quickly(map, first, end))
		return 0;
	for (size_t i = cell_of(first); i <= cell_of(end - 1); i++) {
		if (!settle_cell(map, i, mask_in_cell(i, first, end), wait,
				 context, &purged))
			return -1;
		any |= purged;
	}
	return any != 0;
}

/*
 * Clears the marks of purges that have ended. Returns which.
 *
 * A purge can be under way even though the caller has pinned the page and has
 * waited: then somebody else has unpinned it since, and its mark is for who
 * pins next. Were it cleared now, then who is told would write the page anew
 * before the purge wipes it, and nobody would hear of that.
 */
static uint32_t clear_marks(struct pinmap_cell *cell, uint32_t mask)
{
	uint64_t purges = atomic_load(&cell->purges);
	uint32_t cleared;

	do {
		cleared = purged_of(purges) & ~purging_of(purges) & mask;
		if (!cleared)
			break;
	} while (!atomic_compare_exchange_weak(&cell->purges, &purges,
					       purges & ~purged_marks(cleared)));
	return cleared;
}

/* As pinmap_settle(), and clears the marks once all purges have ended. */
static int collect(const struct pinmap *map, uint64_t first, uint64_t end,
		   pinmap_wait_fn *wait, void *context)
{
	uint32_t any = 0;
	int purged = pinmap_settle(map, first, end, wait, context);

	if (purged != 1)
		return purged;
	for (size_t i = cell_of(first); i <= cell_of(end - 1); i++)
		any |= clear_marks(&map->cells[i],
				   mask_in_cell(i, first, end));
	return any != 0;
}

int pinmap_pin(const struct pinmap *map, uint64_t first, uint64_t end,
	       pinmap_wait_fn *wait, void *context)
{
	uint64_t before;

	if (pinmap_pin_quickly(map, first, end))
		return 0;
	if (is_whole(map, first, end) && set_whole(map, false, 0, &before)) {
		if (!(before & PURGES))
			return 0;
	} else {
		for (size_t i = cell_of(first); i <= cell_of(end - 1); i++)
			set_in_cell(map, i, mask_in_cell(i, first, end), false);
	}
	return collect(map, first, end, wait, context);
}

/*
 * The unpinned pages of a cell, as of one moment: had the whole changed between
 * the two looks, then the cell could be taken for out of date by an old epoch,
 * and a default that no longer held.
 */
static uint32_t unpinned_in_cell(const struct pinmap *map, size_t number,
				 uint64_t *unpinned_at)
{
	struct pinmap_cell *cell = &map->cells[number];
	uint64_t whole, pins;

	do {
		whole = atomic_load(&map->header->whole);
		pins = atomic_load(&cell->pins);
	} while (atomic_load(&map->header->whole) != whole);
	if (epoch_of(pins) == epoch_of(whole)) {
		*unpinned_at = atomic_load_explicit(&cell->unpinned_at,
						    memory_order_relaxed);
		return bits_of(pins);
	}
	*unpinned_at = atomic_load_explicit(&map->header->whole_unpinned_at,
					    memory_order_relaxed);
	return default_bits(whole);
}

bool pinmap_is_pinned(const struct pinmap *map, uint64_t first, uint64_t end)
{
	uint64_t whole = atomic_load(&map->header->whole);
	uint64_t unpinned_at;

	if (!(whole & CELLS))
		return !(whole & UNPINNED);
	for (size_t i = cell_of(first); i <= cell_of(end - 1); i++)
		if (unpinned_in_cell(map, i, &unpinned_at) &
		    mask_in_cell(i, first, end))
			return false;
	return true;
}

void pinmap_renew(const struct pinmap *map, uint64_t first, uint64_t end,
		  uint64_t now)
{
	for (size_t i = cell_of(first); i <= cell_of(end - 1); i++)
		if (clear_marks(&map->cells[i], mask_in_cell(i, first, end)))
			atomic_store_explicit(&map->cells[i].unpinned_at, now,
					      memory_order_relaxed);
}

struct pinmap_count pinmap_count(const struct pinmap *map)
{
	struct pinmap_count count = { 0 };
	uint64_t unpinned_at;
	uint32_t unpinned, purged;

	for (size_t i = 0; i < map->cell_count; i++) {
		unpinned = unpinned_in_cell(map, i, &unpinned_at) &
			   mask_in_cell(i, 0, map->pages);
		purged = purged_of(atomic_load(&map->cells[i].purges));
		count.unpinned += __builtin_popcount(unpinned);
		count.purged += __builtin_popcount(unpinned & purged);
	}
	return count;
}

uint32_t pinmap_purgeable(const struct pinmap *map, size_t cell,
			  uint64_t *unpinned_at)
{
	return unpinned_in_cell(map, cell, unpinned_at) &
	       mask_in_cell(cell, 0, map->pages) &
	       ~purged_of(atomic_load(&map->cells[cell].purges));
}

bool pinmap_is_uniform(const struct pinmap *map, bool *unpinned)
{
	uint64_t whole = atomic_load(&map->header->whole);

	*unpinned = whole & UNPINNED;
	return !(whole & (CELLS | PURGES));
}

uint32_t pinmap_claim(const struct pinmap *map, size_t cell, uint32_t mask)
{
	uint64_t unpinned_at;
	uint32_t unpinned;

	if (!(atomic_load(&map->header->whole) & PURGES))
		atomic_fetch_or(&map->header->whole, PURGES);
	atomic_fetch_or(&map->cells[cell].purges, mask);
	unpinned = mask & unpinned_in_cell(map, cell, &unpinned_at);
	if (unpinned != mask)
		pinmap_finish(map, cell, mask & ~unpinned);
	return unpinned;
}

void pinmap_commit(const struct pinmap *map, size_t cell, uint32_t mask)
{
	atomic_fetch_or(&map->cells[cell].purges, purged_marks(mask));
}

void pinmap_mark(const struct pinmap *map, uint64_t first, uint64_t end)
{
	atomic_fetch_or(&map->header->whole, PURGES);
	for (size_t i = cell_of(first); i <= cell_of(end - 1); i++)
		pinmap_commit(map, i, mask_in_cell(i, first, end));
}

void pinmap_uncommit(const struct pinmap *map, size_t cell, uint32_t mask)
{
	atomic_fetch_and(&map->cells[cell].purges, ~purged_marks(mask));
}

void pinmap_finish(const struct pinmap *map, size_t cell, uint32_t mask)
{
	atomic_fetch_and(&map->cells[cell].purges, ~(uint64_t)mask);
}

uint32_t pinmap_left_behind(const struct pinmap *map, size_t cell,
			    uint32_t *committed)
{
	uint64_t purges = atomic_load(&map->cells[cell].purges);

	*committed = purging_of(purges) & purged_of(purges);
	return purging_of(purges);
}

uint32_t pinmap_purged(const struct pinmap *map, size_t cell)
{
	return purged_of(atomic_load(&map->cells[cell].purges));
}

bool pinmap_is_told(const struct pinmap *map, size_t first, size_t end)
{
	for (size_t i = first; i < end; i++)
		if (atomic_load(&map->cells[i].purges))
			return false;
	return true;
}

void pinmap_forget(const struct pinmap *map)
{
	if (atomic_load(&map->header->whole) & PURGES)
		atomic_fetch_and(&map->header->whole, ~(uint64_t)PURGES);
}
