/* SPDX-License-Identifier: MIT */
/*
 * The pin map of a region: which pages may be purged, which are being purged,
 * and which were. It lies in memory that every process shares that uses the
 * region, and is changed by atomic operations alone.
 *
 * Here are words, bits and times. Nothing here knows of sockets, files or
 * processes, and nothing here waits: who has to wait for a purge is told so.
 *
 * A page's state is spread over
 *
 *   header.whole  an epoch, and what holds for every page that no cell of this
 *                 epoch speaks for. A pin or unpin of the whole region writes
 *                 this one word.
 *   cell.pins     an epoch and a bit a page, "unpinned". A cell is in effect if
 *                 its epoch is that of the whole; else the whole speaks for its
 *                 pages, and the first to need a part brings the cell up to
 *                 date.
 *   cell.purges   two bits a page, in one word:
 *     purging     the purger has laid claim to it.
 *     purged      it was purged, and nobody was told yet. Together with purging:
 *                 the purge can no longer be called off.
 *
 * The one rule that all rests on: who pins (or holds) first says so, and then
 * looks at purging; the purger first sets purging, and then looks whether a
 * page is pinned (or held). In any order of these four steps at least one sees
 * the other. Who pins and finds purging set waits for its end, so no pin
 * succeeds before an earlier purge has ended. All are sequentially consistent.
 *
 * A purged mark is only cleared while its page is not being purged, and both
 * are looked at and changed at once. Else who pins could take the mark of a
 * purge that is still to come: one of pages that somebody else has unpinned
 * meanwhile.
 *
 * There is one purger for a region at any time. Any number of threads, of any
 * number of processes, may pin and unpin. docs/portable-engine.md tells the
 * whole; tests/model/ proves it with a model checker.
 */
#ifndef ASHMEM_LIB_PINMAP_H
#define ASHMEM_LIB_PINMAP_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PINMAP_MAGIC		0x70616d6e69706d61ULL
#define PINMAP_VERSION		1

#define PINMAP_CELL_PAGES	32

/* Of the epoch, in a cell's pins and in the whole. */
#define PINMAP_EPOCH_SHIFT	32

/* The largest region: its map takes 1.5 GiB of address space. */
#define PINMAP_MAX_PAGES	(UINT64_C(1) << 31)

/**
 * struct pinmap_header - what the map is of, and the word for all its pages
 * @magic:             PINMAP_MAGIC
 * @version:           PINMAP_VERSION
 * @page_size:         bytes
 * @pages:             of the region
 * @sealed:            the region cannot be purged any more: nothing is unpinned
 * @whole:             an epoch and flags, see pinmap.c
 * @whole_unpinned_at: when @whole last became unpinned, in nanoseconds
 *
 * All before @sealed are written once, before the map is shared.
 */
struct pinmap_header {
	uint64_t magic;
	uint32_t version;
	uint32_t page_size;
	uint64_t pages;
	_Atomic uint32_t sealed;
	uint32_t reserved[9];
	_Atomic uint64_t whole;
	_Atomic uint64_t whole_unpinned_at;
};

/**
 * struct pinmap_cell - the state of PINMAP_CELL_PAGES pages
 * @pins:        an epoch, and a bit a page that is unpinned
 * @purges:      a bit a page that the purger lays claim to, in the lower half,
 *               which is a futex; a bit a page that was purged, in the upper
 * @unpinned_at: when a page of it was last unpinned, in nanoseconds
 */
struct pinmap_cell {
	_Atomic uint64_t pins;
	_Atomic uint64_t purges;
	_Atomic uint64_t unpinned_at;
};

/**
 * struct pinmap - a pin map as one process sees it
 * @header: in shared memory, as is what it says: trust none of it
 * @cells:  in shared memory, @cell_count of them
 * @pages:  of the region
 */
struct pinmap {
	struct pinmap_header *header;
	struct pinmap_cell *cells;
	uint64_t pages;
	size_t cell_count;
};

/* Bytes that the map of a region of so many pages takes. */
size_t pinmap_bytes(uint64_t pages);

/* The map of so many pages in @memory, which has pinmap_bytes() of it. */
struct pinmap pinmap_at(void *memory, uint64_t pages);

/* Makes a new map from @map's memory, which is all zero: all pages pinned. */
void pinmap_init(const struct pinmap *map, uint32_t page_size);

/* Is this memory a map of the version and the size expected? */
bool pinmap_valid(const struct pinmap *map, uint32_t page_size);

/* The futex of a cell, on which who waits for the end of a purge sleeps. */
_Atomic uint32_t *pinmap_futex(const struct pinmap *map, size_t cell);

/**
 * pinmap_wait_fn - waits for the end of a purge
 * @context: of who called
 * @purging: a futex
 * @seen:    its value when last looked at
 *
 * Returns when @purging may differ from @seen, or has to be looked at again.
 * Returns false to give up, with errno set.
 */
typedef bool pinmap_wait_fn(void *context, _Atomic uint32_t *purging,
			    uint32_t seen);

/*
 * Runs are given as page numbers [first, end), first < end <= pages.
 */

/* From here on nothing is unpinned any more: the region's file was sealed, and
 * its pages cannot be purged. */
void pinmap_seal(const struct pinmap *map);

/* Unpins. Pages that are unpinned already keep their age. */
void pinmap_unpin(const struct pinmap *map, uint64_t first, uint64_t end,
		  uint64_t now);

/**
 * pinmap_pin - pins, and waits until no purge of these pages is under way
 *
 * Returns 1 if a page was purged since it was unpinned, 0 if none was. The
 * marks of these pages are cleared. Returns -1 if @wait gave up: the pages are
 * pinned, and their marks are as they were.
 */
int pinmap_pin(const struct pinmap *map, uint64_t first, uint64_t end,
	       pinmap_wait_fn *wait, void *context);

/*
 * Nearly all runs are a part of one cell that is in effect, and of which nothing
 * is being purged or was. For these the three above begin with, and end with,
 * the following, which can be had in line. Where one says false, the whole has
 * to be called.
 */
static inline bool pinmap_is_in_cell(const struct pinmap *map, uint64_t first,
				     uint64_t end)
{
	return first / PINMAP_CELL_PAGES == (end - 1) / PINMAP_CELL_PAGES &&
	       end - first < map->pages;
}

/* The pages of a run within one cell. */
static inline uint32_t pinmap_mask(uint64_t first, uint64_t end)
{
	return UINT32_MAX >> (PINMAP_CELL_PAGES - (end - first))
	       << first % PINMAP_CELL_PAGES;
}

/* Is this cell in effect? Looks at the whole first, as all who change cells. */
static inline bool pinmap_is_in_effect(const struct pinmap *map,
				       const struct pinmap_cell *cell,
				       uint64_t *pins)
{
	uint64_t whole = atomic_load(&map->header->whole);

	*pins = atomic_load(&cell->pins);
	return !((*pins ^ whole) >> PINMAP_EPOCH_SHIFT);
}

static inline bool pinmap_pin_quickly(const struct pinmap *map, uint64_t first,
				      uint64_t end)
{
	struct pinmap_cell *cell = &map->cells[first / PINMAP_CELL_PAGES];
	uint64_t pins;

	if (!pinmap_is_in_cell(map, first, end) ||
	    !pinmap_is_in_effect(map, cell, &pins))
		return false;
	if (pins & pinmap_mask(first, end))
		atomic_fetch_and(&cell->pins,
				 ~(uint64_t)pinmap_mask(first, end));
	return !atomic_load(&cell->purges);
}

static inline bool pinmap_unpin_quickly(const struct pinmap *map,
					uint64_t first, uint64_t end,
					uint64_t now)
{
	struct pinmap_cell *cell = &map->cells[first / PINMAP_CELL_PAGES];
	uint64_t pins;

	if (!pinmap_is_in_cell(map, first, end) ||
	    atomic_load_explicit(&map->header->sealed, memory_order_relaxed) ||
	    !pinmap_is_in_effect(map, cell, &pins))
		return false;
	if (~pins & pinmap_mask(first, end)) {
		atomic_fetch_or(&cell->pins, pinmap_mask(first, end));
		atomic_store_explicit(&cell->unpinned_at, now,
				      memory_order_relaxed);
	}
	return true;
}

static inline bool pinmap_settle_quickly(const struct pinmap *map,
					 uint64_t first, uint64_t end)
{
	return pinmap_is_in_cell(map, first, end) &&
	       !atomic_load(&map->cells[first / PINMAP_CELL_PAGES].purges);
}

/* Are all pages of the run pinned? */
bool pinmap_is_pinned(const struct pinmap *map, uint64_t first, uint64_t end);

/**
 * pinmap_settle - waits until no purge of these pages is under way
 *
 * What a holder does once its holds are set. Returns 1 if a page was purged and
 * is not renewed, 0 if none was, -1 if @wait gave up. Only reads the map.
 */
int pinmap_settle(const struct pinmap *map, uint64_t first, uint64_t end,
		  pinmap_wait_fn *wait, void *context);

/* Clears the marks of purged pages, for a holder who has written them anew, and
 * still holds them: they could be purged again before this. */
void pinmap_renew(const struct pinmap *map, uint64_t first, uint64_t end,
		  uint64_t now);

/**
 * struct pinmap_count - pages by state
 * @unpinned: may be purged, or were
 * @purged:   were, since they were unpinned
 */
struct pinmap_count {
	uint64_t unpinned;
	uint64_t purged;
};

struct pinmap_count pinmap_count(const struct pinmap *map);

/*
 * For the purger. Pages of a cell are given as a mask.
 */

/**
 * pinmap_purgeable - the pages of a cell that are unpinned and not yet purged
 * @unpinned_at: is given their age, in nanoseconds
 */
uint32_t pinmap_purgeable(const struct pinmap *map, size_t cell,
			  uint64_t *unpinned_at);

/* Is the whole region unpinned, or pinned, by one word, with no cells? */
bool pinmap_is_uniform(const struct pinmap *map, bool *unpinned);

/**
 * pinmap_claim - lays claim to pages
 *
 * Returns those that are unpinned still. Nobody who pins or holds one of these
 * gets on until it is finished; look for holds now. If it is not all, then the
 * claim of the others has ended: wake who waits, as after pinmap_finish().
 */
uint32_t pinmap_claim(const struct pinmap *map, size_t cell, uint32_t mask);

/* From here on these pages, claimed before, count as purged. Punch now. */
void pinmap_commit(const struct pinmap *map, size_t cell, uint32_t mask);

/* Takes back a commit whose punch failed. The claim stays. */
void pinmap_uncommit(const struct pinmap *map, size_t cell, uint32_t mask);

/* Marks pages as purged, in a map that nobody else uses yet. */
void pinmap_mark(const struct pinmap *map, uint64_t first, uint64_t end);

/* Ends a claim. The caller wakes who waits for pinmap_futex(). As it may die
 * before it does, nobody may wait without a limit of time. */
void pinmap_finish(const struct pinmap *map, size_t cell, uint32_t mask);

/**
 * pinmap_left_behind - claims of a purger that died
 * @committed: is given those that have to be punched before they are finished
 *
 * Returns all claims of the cell.
 */
uint32_t pinmap_left_behind(const struct pinmap *map, size_t cell,
			    uint32_t *committed);

/* Those that were purged, as far as nobody was told yet. */
uint32_t pinmap_purged(const struct pinmap *map, size_t cell);

/* Is nothing being purged in these cells [first, end), and has everybody been
 * told of what was? */
bool pinmap_is_told(const struct pinmap *map, size_t first, size_t end);

/* Forgets that anything was ever purged, as all of its cells have been told. */
void pinmap_forget(const struct pinmap *map);

#endif /* ASHMEM_LIB_PINMAP_H */
