// SPDX-License-Identifier: GPL-2.0-only
/*
 * The unpinned pages of one area. See range.h for what a range is.
 *
 * Only what is unpinned is recorded: an area that nobody unpins costs nothing,
 * and a cache of a million objects that are all unpinned next to one another
 * costs a range for each time it was told so. Every operation finds its place
 * in the tree once and walks on from there, over the ranges that it changes.
 *
 * Ranges differ in age, so neighbours are not merged while there is anything
 * to purge in them: a page must neither grow older nor younger by what happens
 * next to it. Once all of a range is purged its age means nothing, and it is
 * joined to its neighbours.
 *
 * The file is compiled into the kernel and, for the tests, into a program.
 */
#include "range.h"

#include <linux/kernel.h>

static struct ashmem_range *ashmem_range_next(const struct ashmem_range *range)
{
	struct rb_node *node = rb_next(&range->node);

	return node ? rb_entry(node, struct ashmem_range, node) : NULL;
}

static struct ashmem_range *ashmem_range_prev(const struct ashmem_range *range)
{
	struct rb_node *node = rb_prev(&range->node);

	return node ? rb_entry(node, struct ashmem_range, node) : NULL;
}

static bool ashmem_range_is_cursor(const struct ashmem_range *range)
{
	return range->start == range->end;
}

/* Nothing is left to purge: its age means nothing any more. */
static bool ashmem_range_is_spent(const struct ashmem_range *range)
{
	return range->purged_to == range->end && !range->touched;
}

static void ashmem_range_count(struct ashmem_ranges *ranges,
			       const struct ashmem_range *range)
{
	ranges->unpinned += range->end - range->start;
	ranges->purged += range->purged_to - range->start;
	ranges->purgeable += range->end -
			     (range->touched ? range->start : range->purged_to);
}

static void ashmem_range_uncount(struct ashmem_ranges *ranges,
				 const struct ashmem_range *range)
{
	ranges->unpinned -= range->end - range->start;
	ranges->purged -= range->purged_to - range->start;
	ranges->purgeable -= range->end -
			     (range->touched ? range->start : range->purged_to);
}

/* After a change of its bounds: counted anew, and out of the order if spent. */
static void ashmem_range_settle(struct ashmem_ranges *ranges,
				struct ashmem_range *range)
{
	if (range->purged_to == range->start)
		range->touched = false;
	if (ashmem_range_is_spent(range))
		list_del_init(&range->age);
	ashmem_range_count(ranges, range);
}

static void ashmem_range_link(struct ashmem_ranges *ranges,
			      struct ashmem_range *range)
{
	struct rb_node **link = &ranges->tree.rb_node;
	struct rb_node *parent = NULL;

	while (*link) {
		const struct ashmem_range *other;

		parent = *link;
		other = rb_entry(parent, struct ashmem_range, node);
		link = range->start < other->start ? &parent->rb_left :
						     &parent->rb_right;
	}
	rb_link_node(&range->node, parent, link);
	rb_insert_color(&range->node, &ranges->tree);
}

static void ashmem_range_unlink(struct ashmem_ranges *ranges,
				struct ashmem_range *range,
				struct list_head *freed)
{
	rb_erase(&range->node, &ranges->tree);
	list_move(&range->age, freed);
}

static struct ashmem_range *ashmem_range_take_spare(struct list_head *spares)
{
	struct ashmem_range *range;

	range = list_first_entry(spares, struct ashmem_range, age);
	list_del_init(&range->age);
	return range;
}

/*
 * Cuts @range in two before page @at, which lies inside it. The second half
 * is made of a spare, takes the same place in the order, and is returned.
 * Neither half is counted.
 */
static struct ashmem_range *ashmem_range_split(struct ashmem_ranges *ranges,
					       struct ashmem_range *range,
					       pgoff_t at,
					       struct list_head *spares)
{
	struct ashmem_range *right = ashmem_range_take_spare(spares);

	right->start = at;
	right->purged_to = max(range->purged_to, at);
	right->end = range->end;
	right->stamp = range->stamp;
	right->touched = range->touched;
	if (!list_empty(&range->age))
		list_add(&right->age, &range->age);

	range->purged_to = min(range->purged_to, at);
	range->end = at;
	ashmem_range_link(ranges, right);
	return right;
}

/* Joins a spent @range to neighbours that it touches, where that loses no age. */
static void ashmem_range_merge(struct ashmem_ranges *ranges,
			       struct ashmem_range *range,
			       struct list_head *freed)
{
	struct ashmem_range *prev = ashmem_range_prev(range);
	struct ashmem_range *next = ashmem_range_next(range);

	if (!ashmem_range_is_spent(range))
		return;
	if (prev && prev->end == range->start && ashmem_range_is_spent(prev)) {
		range->start = prev->start;
		ashmem_range_unlink(ranges, prev, freed);
	}
	if (next && next->start == range->end) {
		ashmem_range_uncount(ranges, next);
		ranges->unpinned -= range->end - range->start;
		ranges->purged -= range->purged_to - range->start;
		next->start = range->start;
		ashmem_range_unlink(ranges, range, freed);
		ashmem_range_count(ranges, next);
	}
}

/**
 * ashmem_ranges_init - all pages are pinned
 * @ranges: what to set up
 */
void ashmem_ranges_init(struct ashmem_ranges *ranges)
{
	ranges->tree = RB_ROOT;
	INIT_LIST_HEAD(&ranges->ages);
	ranges->unpinned = 0;
	ranges->purged = 0;
	ranges->purgeable = 0;
}

/**
 * ashmem_ranges_find - the first range that ends after a page
 * @ranges: where to look
 * @page:   the page
 *
 * Return: the range that has @page, or else the next one, or else NULL.
 */
struct ashmem_range *ashmem_ranges_find(const struct ashmem_ranges *ranges,
					pgoff_t page)
{
	struct rb_node *node = ranges->tree.rb_node;
	struct ashmem_range *found = NULL;

	while (node) {
		struct ashmem_range *range;

		range = rb_entry(node, struct ashmem_range, node);
		if (page < range->end) {
			found = range;
			node = node->rb_left;
		} else {
			node = node->rb_right;
		}
	}
	return found;
}

/**
 * ashmem_ranges_slice - the part of a run that has no more than so many ranges
 * @ranges: where to look
 * @start:  the first page
 * @end:    one past the last page
 * @max:    how many ranges, at least 1
 *
 * Return: the end of that part, which begins at @start.
 */
pgoff_t ashmem_ranges_slice(const struct ashmem_ranges *ranges,
			    pgoff_t start, pgoff_t end, unsigned long max)
{
	const struct ashmem_range *range = ashmem_ranges_find(ranges, start);

	while (range && range->start < end) {
		if (!max--)
			return range->start;
		range = ashmem_range_next(range);
	}
	return end;
}

/**
 * ashmem_ranges_overlap - is any page of a run unpinned?
 * @ranges: where to look
 * @start:  the first page
 * @end:    one past the last page
 */
bool ashmem_ranges_overlap(const struct ashmem_ranges *ranges,
			   pgoff_t start, pgoff_t end)
{
	const struct ashmem_range *range = ashmem_ranges_find(ranges, start);

	return range && range->start < end;
}

/**
 * ashmem_ranges_pin_splits - does pinning a run leave a piece on either side?
 * @ranges: where to look
 * @start:  the first page
 * @end:    one past the last page
 *
 * Return: true if ashmem_ranges_pin() of this run needs a spare range.
 */
bool ashmem_ranges_pin_splits(const struct ashmem_ranges *ranges,
			      pgoff_t start, pgoff_t end)
{
	const struct ashmem_range *range = ashmem_ranges_find(ranges, start);

	return range && range->start < start && end < range->end;
}

/**
 * ashmem_ranges_pin - pin a run of pages
 * @ranges: the ranges of the area
 * @start:  the first page
 * @end:    one past the last page
 * @spares: has a range if ashmem_ranges_pin_splits() says that one is needed
 * @freed:  takes ranges that are no longer in use
 *
 * Return: true if any page of the run was purged since it was unpinned. The
 * purged marks of the run, and of nothing else, are gone.
 */
bool ashmem_ranges_pin(struct ashmem_ranges *ranges, pgoff_t start, pgoff_t end,
		       struct list_head *spares, struct list_head *freed)
{
	struct ashmem_range *range = ashmem_ranges_find(ranges, start);
	bool purged = false;

	while (range && range->start < end) {
		struct ashmem_range *next = ashmem_range_next(range);

		if (max(range->start, start) < range->purged_to)
			purged = true;

		ashmem_range_uncount(ranges, range);
		if (range->start < start && end < range->end) {
			ashmem_range_settle(ranges,
				ashmem_range_split(ranges, range, end, spares));
			range->end = start;
			range->purged_to = min(range->purged_to, start);
			ashmem_range_settle(ranges, range);
		} else if (range->start < start) {
			range->end = start;
			range->purged_to = min(range->purged_to, start);
			ashmem_range_settle(ranges, range);
		} else if (end < range->end) {
			range->start = end;
			range->purged_to = max(range->purged_to, end);
			ashmem_range_settle(ranges, range);
		} else {
			ashmem_range_unlink(ranges, range, freed);
		}
		range = next;
	}
	return purged;
}

/*
 * Moves @start to the next pinned page of [@start, @end) and sets @stop to the
 * end of the pinned pages there. Returns false if there is none.
 */
static bool ashmem_ranges_next_gap(const struct ashmem_ranges *ranges,
				   pgoff_t *start, pgoff_t end, pgoff_t *stop)
{
	const struct ashmem_range *range = ashmem_ranges_find(ranges, *start);

	while (range && range->start <= *start) {
		*start = range->end;
		range = ashmem_range_next(range);
	}
	*stop = range && range->start < end ? range->start : end;
	return *start < end;
}

/**
 * ashmem_ranges_gaps - how many runs of pinned pages are there in a run?
 * @ranges: where to look
 * @start:  the first page
 * @end:    one past the last page
 *
 * Return: the number of spare ranges that ashmem_ranges_unpin() of this run
 * uses.
 */
unsigned long ashmem_ranges_gaps(const struct ashmem_ranges *ranges,
				 pgoff_t start, pgoff_t end)
{
	unsigned long gaps = 0;
	pgoff_t stop;

	while (ashmem_ranges_next_gap(ranges, &start, end, &stop)) {
		gaps++;
		start = stop;
	}
	return gaps;
}

/**
 * ashmem_ranges_unpin - unpin a run of pages
 * @ranges: the ranges of the area
 * @start:  the first page
 * @end:    one past the last page
 * @stamp:  now; not before the stamp of any earlier call
 * @spares: at least as many ranges as ashmem_ranges_gaps() says
 *
 * Pages of the run that are unpinned already keep their age and their mark.
 */
void ashmem_ranges_unpin(struct ashmem_ranges *ranges,
			 pgoff_t start, pgoff_t end, u64 stamp,
			 struct list_head *spares)
{
	pgoff_t stop;

	while (ashmem_ranges_next_gap(ranges, &start, end, &stop)) {
		struct ashmem_range *range = ashmem_range_take_spare(spares);

		range->start = start;
		range->purged_to = start;
		range->end = stop;
		range->stamp = stamp;
		range->touched = false;
		ashmem_range_link(ranges, range);
		list_add_tail(&range->age, &ranges->ages);
		ashmem_range_count(ranges, range);
		start = stop;
	}
}

/**
 * ashmem_ranges_clear - forget some ranges, until none is left
 * @ranges: the ranges of the area; cursors stay
 * @max:    how many
 * @freed:  takes them
 *
 * Return: false if there was none.
 */
bool ashmem_ranges_clear(struct ashmem_ranges *ranges, unsigned long max,
			 struct list_head *freed)
{
	struct rb_node *node = rb_first(&ranges->tree);
	bool any = node;

	for (; node && max; max--, node = rb_first(&ranges->tree)) {
		struct ashmem_range *range;

		range = rb_entry(node, struct ashmem_range, node);
		ashmem_range_uncount(ranges, range);
		ashmem_range_unlink(ranges, range, freed);
	}
	return any;
}

/**
 * ashmem_ranges_oldest - the least recently unpinned range
 * @ranges: where to look
 * @cursor: where in the order of age to begin, or NULL for its start
 *
 * Return: the first range after @cursor that has something left to purge, or
 * NULL.
 */
struct ashmem_range *ashmem_ranges_oldest(const struct ashmem_ranges *ranges,
					  const struct ashmem_range *cursor)
{
	const struct list_head *age = cursor ? &cursor->age : &ranges->ages;

	for (age = age->next; age != &ranges->ages; age = age->next) {
		struct ashmem_range *range;

		range = list_entry(age, struct ashmem_range, age);
		if (!ashmem_range_is_cursor(range))
			return range;
	}
	return NULL;
}

/**
 * ashmem_ranges_purge - mark a run of pages as purged
 * @ranges: the ranges of the area
 * @start:  the first page
 * @end:    one past the last page; the run lies inside one range
 * @spares: has a range if pages of that range before @start are not purged
 * @freed:  takes ranges that are no longer in use
 */
void ashmem_ranges_purge(struct ashmem_ranges *ranges,
			 pgoff_t start, pgoff_t end,
			 struct list_head *spares, struct list_head *freed)
{
	struct ashmem_range *range = ashmem_ranges_find(ranges, start);

	if (end <= range->purged_to)
		return;

	ashmem_range_uncount(ranges, range);
	if (range->purged_to < start) {
		struct ashmem_range *right;

		right = ashmem_range_split(ranges, range, start, spares);
		ashmem_range_settle(ranges, range);
		range = right;
	}
	range->purged_to = end;
	ashmem_range_settle(ranges, range);
	ashmem_range_merge(ranges, range, freed);
}

/* Purged pages of @range may have memory. Returns whether it was spent. */
static bool ashmem_range_touch(struct ashmem_ranges *ranges,
			       struct ashmem_range *range, u64 stamp)
{
	bool was_spent = ashmem_range_is_spent(range);

	ashmem_range_uncount(ranges, range);
	range->touched = true;
	ashmem_range_count(ranges, range);
	if (was_spent) {
		range->stamp = stamp;
		list_add_tail(&range->age, &ranges->ages);
	}
	return was_spent;
}

/**
 * ashmem_ranges_touch - purged pages may have memory again
 * @ranges: the ranges of the area
 * @start:  the first page
 * @end:    one past the last page
 * @stamp:  now; not before the stamp of any earlier call
 *
 * Does nothing with pages that are not unpinned and purged.
 *
 * Return: true if a range had nothing left to purge, and now has.
 */
bool ashmem_ranges_touch(struct ashmem_ranges *ranges,
			 pgoff_t start, pgoff_t end, u64 stamp)
{
	struct ashmem_range *range = ashmem_ranges_find(ranges, start);
	bool revived = false;

	for (; range && range->start < end; range = ashmem_range_next(range))
		if (max(range->start, start) < range->purged_to &&
		    !range->touched &&
		    ashmem_range_touch(ranges, range, stamp))
			revived = true;
	return revived;
}

/**
 * ashmem_ranges_untouch - no purged page of a range has memory any more
 * @ranges: the ranges of the area
 * @range:  one of them
 */
void ashmem_ranges_untouch(struct ashmem_ranges *ranges,
			   struct ashmem_range *range)
{
	ashmem_range_uncount(ranges, range);
	range->touched = false;
	ashmem_range_settle(ranges, range);
}
