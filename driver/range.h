/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The unpinned pages of one area, as ranges in a tree.
 *
 * A page that lies in no range is pinned. Each range is a run of pages that
 * were unpinned together; ranges never overlap. The pages of a range are
 * purged from its front, so that one boundary tells which: those before
 * @purged_to were purged since they were unpinned, the rest were not.
 *
 *	start        purged_to            end
 *	  |   purged     |   still there    |
 *
 * All runs are given as page numbers [start, end). Nothing here locks,
 * allocates, or touches a file: whoever calls holds the lock of the area and
 * brings the memory. What an operation has no more use for it puts on a list
 * for the caller to free.
 */
#ifndef _ASHMEM_RANGE_H
#define _ASHMEM_RANGE_H

#include <linux/list.h>
#include <linux/rbtree.h>
#include <linux/types.h>

/**
 * struct ashmem_range - a run of unpinned pages
 * @node:      in &struct ashmem_ranges.tree
 * @age:       in &struct ashmem_ranges.ages; while in no tree, on a list of
 *             spare or freed ranges
 * @start:     the first page
 * @purged_to: the first page that was not purged; from @start to @end
 * @end:       one past the last page. A range with @start == @end is a cursor
 *             in the order of age, and in no tree
 * @stamp:     when it was unpinned, on a clock that never runs backwards
 * @touched:   some of the purged pages may have memory again
 */
struct ashmem_range {
	struct rb_node node;
	struct list_head age;
	pgoff_t start;
	pgoff_t purged_to;
	pgoff_t end;
	u64 stamp;
	bool touched;
};

/**
 * struct ashmem_ranges - all unpinned pages of an area
 * @tree:      the ranges by page number
 * @ages:      those with something left to purge, least recently unpinned
 *             first; a range joins at the end and stays in its place, also
 *             when it is split
 * @unpinned:  pages that are unpinned, purged or not
 * @purged:    pages of these that were purged
 * @purgeable: pages that a purge may find: those not purged, and the purged
 *             ones of touched ranges
 */
struct ashmem_ranges {
	struct rb_root tree;
	struct list_head ages;
	unsigned long unpinned;
	unsigned long purged;
	unsigned long purgeable;
};

void ashmem_ranges_init(struct ashmem_ranges *ranges);

pgoff_t ashmem_ranges_slice(const struct ashmem_ranges *ranges,
			    pgoff_t start, pgoff_t end, unsigned long max);

/* Pinning. */
bool ashmem_ranges_overlap(const struct ashmem_ranges *ranges,
			   pgoff_t start, pgoff_t end);
bool ashmem_ranges_pin_splits(const struct ashmem_ranges *ranges,
			      pgoff_t start, pgoff_t end);
bool ashmem_ranges_pin(struct ashmem_ranges *ranges, pgoff_t start, pgoff_t end,
		       struct list_head *spares, struct list_head *freed);
unsigned long ashmem_ranges_gaps(const struct ashmem_ranges *ranges,
				 pgoff_t start, pgoff_t end);
void ashmem_ranges_unpin(struct ashmem_ranges *ranges,
			 pgoff_t start, pgoff_t end, u64 stamp,
			 struct list_head *spares);
bool ashmem_ranges_clear(struct ashmem_ranges *ranges, unsigned long max,
			 struct list_head *freed);

/* Purging. */
struct ashmem_range *ashmem_ranges_find(const struct ashmem_ranges *ranges,
					pgoff_t page);
struct ashmem_range *ashmem_ranges_oldest(const struct ashmem_ranges *ranges,
					  const struct ashmem_range *cursor);
void ashmem_ranges_purge(struct ashmem_ranges *ranges,
			 pgoff_t start, pgoff_t end,
			 struct list_head *spares, struct list_head *freed);
bool ashmem_ranges_touch(struct ashmem_ranges *ranges,
			 pgoff_t start, pgoff_t end, u64 stamp);
void ashmem_ranges_untouch(struct ashmem_ranges *ranges,
			   struct ashmem_range *range);

#endif /* _ASHMEM_RANGE_H */
