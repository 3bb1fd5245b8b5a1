// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pinning and unpinning: the pure bookkeeping of range.c, with a lock, with
 * memory, and with an eye on whoever purges at the same time.
 *
 * Memory is taken before the lock, and only when a first look under the lock
 * has shown how much. A pin whose pages are being purged at that moment waits
 * for the end of it. So a pin that has returned 0 has the old content for
 * good, and what is written after any pin is not wiped by an earlier purge.
 *
 * A run may have any number of ranges. It is worked off in parts, so that the
 * lock, a spinlock, is held for a limited time.
 */
#include "pin.h"

#include <linux/mman.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>

#include "area.h"
#include "main.h"
#include "memcg.h"
#include "trace.h"

/* How many ranges one part has. A run of no more pages is in one part. */
#define ASHMEM_PART	1024

static struct kmem_cache *ashmem_range_cache;

/**
 * ashmem_ranges_cache_init - get ready to make ranges
 *
 * Return: 0 or -ENOMEM.
 */
int __init ashmem_ranges_cache_init(void)
{
	ashmem_range_cache = KMEM_CACHE(ashmem_range, SLAB_ACCOUNT);
	return ashmem_range_cache ? 0 : -ENOMEM;
}

/**
 * ashmem_ranges_cache_exit - undo ashmem_ranges_cache_init()
 */
void ashmem_ranges_cache_exit(void)
{
	kmem_cache_destroy(ashmem_range_cache);
}

/**
 * ashmem_range_alloc - memory for a range
 * @gfp: how to get it
 *
 * Return: a range that is on no list, or NULL.
 */
struct ashmem_range *ashmem_range_alloc(gfp_t gfp)
{
	struct ashmem_range *range = kmem_cache_alloc(ashmem_range_cache, gfp);

	if (range)
		INIT_LIST_HEAD(&range->age);
	return range;
}

/**
 * ashmem_ranges_free - free spare ranges, or such as are no longer in use
 * @ranges: a list of them; empty afterwards
 */
void ashmem_ranges_free(struct list_head *ranges)
{
	struct ashmem_range *range, *next;

	list_for_each_entry_safe(range, next, ranges, age) {
		kmem_cache_free(ashmem_range_cache, range);
		cond_resched();
	}
	INIT_LIST_HEAD(ranges);
}

/* Brings @spares to @count ranges; it has @had. Returns 0 or an error. */
static int ashmem_ranges_stock(struct list_head *spares, unsigned long had,
			       unsigned long count)
{
	while (had++ < count) {
		struct ashmem_range *range;

		if (fatal_signal_pending(current))
			return -EINTR;
		range = ashmem_range_alloc(GFP_KERNEL);
		if (!range)
			return -ENOMEM;
		list_add(&range->age, spares);
		cond_resched();
	}
	return 0;
}

/* The run of pages that a caller means. Returns 0 or -EINVAL. */
static int ashmem_pin_run(struct ashmem_area *area, u64 offset, u64 len,
			  pgoff_t *start, pgoff_t *end)
{
	u64 bytes;

	if (!ashmem_area_backing(area))
		return -EINVAL;

	bytes = (u64)ashmem_area_pages(area) << PAGE_SHIFT;
	if (!PAGE_ALIGNED(offset) || !PAGE_ALIGNED(len))
		return -EINVAL;
	if (offset >= bytes || len > bytes - offset)
		return -EINVAL;
	if (!len)
		len = bytes - offset;

	*start = offset >> PAGE_SHIFT;
	*end = (offset + len) >> PAGE_SHIFT;
	return 0;
}

static bool ashmem_punching(const struct ashmem_area *area,
			    pgoff_t start, pgoff_t end)
{
	return start < READ_ONCE(area->punch.end) &&
	       READ_ONCE(area->punch.start) < end;
}

static pgoff_t ashmem_part_end(const struct ashmem_area *area,
			       pgoff_t start, pgoff_t end)
{
	lockdep_assert_held(&area->lock);
	if (end - start <= ASHMEM_PART)
		return end;
	return ashmem_ranges_slice(&area->ranges, start, end, ASHMEM_PART);
}

/* Locks the area at a moment when nobody is purging any page of the run. */
static void ashmem_lock_unpunched(struct ashmem_area *area,
				  pgoff_t start, pgoff_t end)
	__acquires(&area->lock)
{
	spin_lock(&area->lock);
	while (ashmem_punching(area, start, end)) {
		spin_unlock(&area->lock);
		wait_event(area->idle, !ashmem_punching(area, start, end));
		spin_lock(&area->lock);
	}
}

/*
 * Gets a spare range for a pin. Once a part of the run is pinned there is no way
 * back, since it is not known any more what was purged in it.
 */
static int ashmem_pin_stock(struct list_head *spares, bool must)
{
	struct ashmem_range *range;

	if (!must)
		return ashmem_ranges_stock(spares, 0, 1);
	range = ashmem_range_alloc(GFP_KERNEL | __GFP_NOFAIL);
	list_add(&range->age, spares);
	return 0;
}

/**
 * ashmem_pin - pin pages
 * @area:   the area
 * @offset: bytes, a multiple of the page size
 * @len:    bytes, a multiple of the page size; 0 means to the end
 *
 * Return: %ASHMEM_WAS_PURGED if any of the pages was purged since it was
 * unpinned, else %ASHMEM_NOT_PURGED; -EINVAL for a run that the area does not
 * have; -ENOMEM. After an error nothing is changed.
 */
int ashmem_pin(struct ashmem_area *area, u64 offset, u64 len)
{
	LIST_HEAD(spares);
	LIST_HEAD(freed);
	pgoff_t start, end, page;
	bool purged = false;
	int error;

	error = ashmem_pin_run(area, offset, len, &start, &end);
	if (error)
		return error;

	for (page = start; !error && page < end;) {
		pgoff_t stop;

		ashmem_lock_unpunched(area, page, end);
		if (list_empty(&spares) &&
		    ashmem_ranges_pin_splits(&area->ranges, page, end)) {
			spin_unlock(&area->lock);
			error = ashmem_pin_stock(&spares, page > start);
			continue;
		}
		stop = ashmem_part_end(area, page, end);
		purged |= ashmem_ranges_pin(&area->ranges, page, stop,
					    &spares, &freed);
		ashmem_charges_account(area);
		spin_unlock(&area->lock);
		page = stop;
		cond_resched();
	}

	ashmem_ranges_free(&spares);
	ashmem_ranges_free(&freed);
	if (error)
		return error;
	trace_ashmem_pin(area, start, end, purged);
	return purged ? ASHMEM_WAS_PURGED : ASHMEM_NOT_PURGED;
}

/* Once nobody may write any more, only the opener gives pages up. */
static bool ashmem_may_unpin(struct ashmem_area *area)
{
	return ashmem_area_get_prot_mask(area) & PROT_WRITE ||
	       task_tgid(current) == area->opener || ashmem_legacy_unpin();
}

/* Unpins the first part of a run, and moves @start past it. */
static int ashmem_unpin_part(struct ashmem_area *area,
			     pgoff_t *start, pgoff_t end)
{
	unsigned long gaps, stocked = 0;
	LIST_HEAD(spares);
	pgoff_t stop;
	int error;

	for (;;) {
		spin_lock(&area->lock);
		stop = ashmem_part_end(area, *start, end);
		gaps = ashmem_ranges_gaps(&area->ranges, *start, stop);
		if (gaps <= stocked)
			break;
		spin_unlock(&area->lock);
		error = ashmem_ranges_stock(&spares, stocked, gaps);
		if (error) {
			ashmem_ranges_free(&spares);
			return error;
		}
		stocked = gaps;
	}

	ashmem_ranges_unpin(&area->ranges, *start, stop, ktime_get_ns(),
			    &spares);
	ashmem_charges_account(area);
	ashmem_charges_queue(area);
	spin_unlock(&area->lock);

	ashmem_ranges_free(&spares);
	*start = stop;
	return 0;
}

/**
 * ashmem_unpin - unpin pages
 * @area:   the area
 * @offset: bytes, a multiple of the page size
 * @len:    bytes, a multiple of the page size; 0 means to the end
 *
 * Return: 0; -EINVAL for a run that the area does not have; -EPERM if write
 * has been taken from the mask, and the caller is not the process that opened
 * the area; -ENOMEM; -EINTR if the caller is being killed. After -EINVAL and
 * -EPERM nothing is changed. After the other two nothing is, or only the first
 * pages are unpinned, if there are more than a thousand ranges in the run.
 */
int ashmem_unpin(struct ashmem_area *area, u64 offset, u64 len)
{
	pgoff_t start, end, page;
	int error;

	error = ashmem_pin_run(area, offset, len, &start, &end);
	if (error)
		return error;
	if (!ashmem_may_unpin(area))
		return -EPERM;

	for (page = start; !error && page < end; cond_resched())
		error = ashmem_unpin_part(area, &page, end);
	if (error)
		return error;
	trace_ashmem_unpin(area, start, end, 0);
	return 0;
}

/**
 * ashmem_pin_status - are pages pinned?
 * @area:   the area
 * @offset: bytes, a multiple of the page size
 * @len:    bytes, a multiple of the page size; 0 means to the end
 *
 * Return: %ASHMEM_IS_UNPINNED if any of the pages is unpinned, else
 * %ASHMEM_IS_PINNED; -EINVAL for a run that the area does not have.
 */
int ashmem_pin_status(struct ashmem_area *area, u64 offset, u64 len)
{
	pgoff_t start, end;
	bool unpinned;
	int error;

	error = ashmem_pin_run(area, offset, len, &start, &end);
	if (error)
		return error;

	spin_lock(&area->lock);
	unpinned = ashmem_ranges_overlap(&area->ranges, start, end);
	spin_unlock(&area->lock);
	return unpinned ? ASHMEM_IS_UNPINNED : ASHMEM_IS_PINNED;
}

/**
 * ashmem_pin_count - count the pages in each state
 * @area:   the area
 * @counts: filled in; all 0 while the size is unset
 */
void ashmem_pin_count(struct ashmem_area *area,
		      struct ashmem_pin_counts *counts)
{
	unsigned long pages;

	mutex_lock(&area->config);
	pages = area->size ? ashmem_area_pages(area) : 0;
	mutex_unlock(&area->config);

	spin_lock(&area->lock);
	counts->pinned = pages - area->ranges.unpinned;
	counts->unpinned = area->ranges.unpinned - area->ranges.purged;
	counts->purged = area->ranges.purged;
	spin_unlock(&area->lock);
}
