// SPDX-License-Identifier: GPL-2.0-only
/*
 * Purging: freeing the memory of unpinned pages.
 *
 * The kernel calls the shrinker for a cgroup that is short of memory, or for
 * one after another when the machine is. It purges pages that are charged to
 * this cgroup, and no others, least recently unpinned first, as many as it was
 * asked for.
 *
 * One purge of a run of pages goes like this. Under the lock of the area the
 * run is made known as the one being punched. Without the lock its memory is
 * freed. Under the lock again it is marked as purged. A pin of any of these
 * pages waits from the first step to the last. So it is never found between
 * the two that a page is pinned and its memory goes.
 *
 * Reclaim starts inside any allocation, so whoever purges may hold any lock of
 * the kernel but those that exclude reclaim. What it waits for is therefore
 * limited. It takes spinlocks, and the lock of the mappings of a file, which
 * the kernel's own reclaim takes as well. It waits for another purge only for a
 * limited time. And it waits for a page lock only where it has found the page
 * unlocked a moment before: whoever holds page A while it purges page B saw B
 * unlocked after it had locked A, so of several who wait in a circle, each would
 * have locked its page after the next one did.
 *
 * None of this is a lock of a file system that could be held by who allocates.
 * So allocations that exclude calls into file systems (GFP_NOFS) are served as
 * well: a cgroup at its limit has somebody killed for these too.
 */
#include "reclaim.h"

#include <linux/memcontrol.h>
#include <linux/pagemap.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/shmem_fs.h>
#include <linux/shrinker.h>
#include <linux/timekeeping.h>
#include <linux/xarray.h>

#include "area.h"
#include "compat.h"
#include "memcg.h"
#include "pin.h"
#include "trace.h"

/* How much is freed at a time where nobody says how much is wanted. */
#define ASHMEM_PUNCH_PAGES	512

/* How long reclaim waits for somebody else who purges the same area. */
#define ASHMEM_PURGER_WAIT	(HZ / 10)

/* How many pages with memory are looked at before somebody else has a turn. */
#define ASHMEM_LOOK_PAGES	1024

/* How many ranges of a closed area are let go of at a time. */
#define ASHMEM_CLEAR_RANGES	1024

/* All open areas; the lock is taken when one is opened, closed or listed. */
static DEFINE_SPINLOCK(ashmem_areas_lock);
static LIST_HEAD(ashmem_areas);

static struct shrinker *ashmem_shrinker;

/**
 * ashmem_reclaim_add - an area was opened
 * @area: the area; gets its number
 */
void ashmem_reclaim_add(struct ashmem_area *area)
{
	static u64 last_id;

	spin_lock(&ashmem_areas_lock);
	area->id = ++last_id;
	list_add_tail(&area->all, &ashmem_areas);
	spin_unlock(&ashmem_areas_lock);
}

/**
 * ashmem_reclaim_remove - an area was closed
 * @area: the area
 *
 * When this returns, no purge of the area is under way and none comes.
 */
void ashmem_reclaim_remove(struct ashmem_area *area)
{
	LIST_HEAD(freed);

	spin_lock(&ashmem_areas_lock);
	list_del_init(&area->all);
	spin_unlock(&ashmem_areas_lock);

	spin_lock(&area->lock);
	area->closed = true;
	ashmem_charges_remove(area);
	spin_unlock(&area->lock);

	wait_event(area->idle, !READ_ONCE(area->purging));
	/* Whoever finds the area closed keeps its hands off the ranges. */
	while (ashmem_ranges_clear(&area->ranges, ASHMEM_CLEAR_RANGES,
				   &freed)) {
		ashmem_ranges_free(&freed);
		cond_resched();
	}
}

/* Makes the caller the one who purges the area; false if it cannot be. */
static bool ashmem_purge_begin(struct ashmem_area *area)
{
	lockdep_assert_held(&area->lock);
	if (area->closed || area->purging)
		return false;
	WRITE_ONCE(area->purging, true);
	return true;
}

static void ashmem_purge_end(struct ashmem_area *area)
{
	spin_lock(&area->lock);
	WRITE_ONCE(area->purging, false);
	spin_unlock(&area->lock);
	wake_up_all(&area->idle);
}

/*
 * Frees the memory of a run of pages that lie in one range and marks them as
 * purged. Called and returns with the lock held, and drops it meanwhile.
 * @spares has a range if one is needed. Returns how many of the pages had not
 * been purged before; *@freed is how many pages of memory there were.
 */
static unsigned long ashmem_punch(struct ashmem_area *area,
				  pgoff_t start, pgoff_t end,
				  struct list_head *spares,
				  unsigned long *freed)
	__releases(&area->lock) __acquires(&area->lock)
{
	struct inode *inode = file_inode(area->backing);
	unsigned long before, after, purged = 0;
	unsigned int noreclaim;
	LIST_HEAD(unused);

	WRITE_ONCE(area->punch.start, start);
	WRITE_ONCE(area->punch.end, end);
	spin_unlock(&area->lock);

	/* A large page may be split, which allocates with its lock held. */
	noreclaim = memalloc_noreclaim_save();
	before = READ_ONCE(inode->i_mapping->nrpages);
	shmem_truncate_range(inode, (loff_t)start << PAGE_SHIFT,
			     ((loff_t)end << PAGE_SHIFT) - 1);
	after = READ_ONCE(inode->i_mapping->nrpages);
	memalloc_noreclaim_restore(noreclaim);
	*freed = before > after ? min(before - after, end - start) : 0;

	spin_lock(&area->lock);
	if (!area->closed) {
		purged = area->ranges.purged;
		ashmem_ranges_purge(&area->ranges, start, end, spares, &unused);
		purged = area->ranges.purged - purged;
		ashmem_ranges_touch(&area->ranges, area->late.start,
				    area->late.end, ktime_get_ns());
		ashmem_charges_account(area);
		ashmem_charges_queue(area);
	}
	area->late.start = 0;
	area->late.end = 0;
	WRITE_ONCE(area->punch.start, 0);
	WRITE_ONCE(area->punch.end, 0);
	spin_unlock(&area->lock);

	wake_up_all(&area->idle);
	ashmem_ranges_free(&unused);
	trace_ashmem_purge(area, start, end, *freed);
	spin_lock(&area->lock);
	return purged;
}

/* Pages of the run that is being punched have memory, perhaps for longer. */
static void ashmem_touch_late(struct ashmem_area *area,
			      pgoff_t start, pgoff_t end)
{
	lockdep_assert_held(&area->lock);
	start = max(start, area->punch.start);
	end = min(end, area->punch.end);
	if (start >= end)
		return;
	if (area->late.start < area->late.end) {
		start = min(start, area->late.start);
		end = max(end, area->late.end);
	}
	area->late.start = start;
	area->late.end = end;
}

/**
 * ashmem_reclaim_touch - pages of an area have memory
 * @area:  the area
 * @start: the first page
 * @end:   one past the last page; may lie past the end of the area
 *
 * Pages that are touched while they are purged can be purged again.
 */
void ashmem_reclaim_touch(struct ashmem_area *area, pgoff_t start, pgoff_t end)
{
	if (!READ_ONCE(area->ranges.unpinned))
		return;

	spin_lock(&area->lock);
	if (!area->closed) {
		area->touches++;
		ashmem_touch_late(area, start, end);
		if (ashmem_ranges_touch(&area->ranges, start, end,
					ktime_get_ns()))
			ashmem_charges_queue(area);
		ashmem_charges_account(area);
	}
	spin_unlock(&area->lock);
}

/**
 * struct ashmem_run - a run of pages to purge
 * @start:  where to look from; then the first page of the run
 * @end:    where to look to; then one past its last page
 * @apart:  there is memory before the run that stays
 * @looked: how many pages with memory were looked at
 * @resume: where to look on if that were too many and there is no run so far,
 *          else 0
 */
struct ashmem_run {
	pgoff_t start;
	pgoff_t end;
	bool apart;
	unsigned long looked;
	pgoff_t resume;
};

/*
 * May this page be purged for @memcg, and without waiting for it? One whose
 * cgroup is not known to pay for the area goes with anybody's: a page can be
 * charged anew when the kernel makes one large page of several.
 */
static bool ashmem_folio_is_purgeable(struct ashmem_area *area,
				      struct folio *folio,
				      const struct mem_cgroup *memcg)
{
	bool ours = false;

	if (!folio_trylock(folio))
		return false;
	if (folio->mapping == area->backing->f_mapping &&
	    !folio_test_writeback(folio)) {
		const struct mem_cgroup *payer;

		rcu_read_lock();
		payer = folio_memcg(folio);
		ours = payer == memcg || !ashmem_charge_is_known(area, payer);
		rcu_read_unlock();
	}
	folio_unlock(folio);
	return ours;
}

/*
 * Takes the next page with memory into a run that has @pages of them. Returns
 * how many it has then; *@done is set once the run is complete.
 */
static unsigned long ashmem_run_add(struct ashmem_run *run, struct folio *folio,
				    bool purgeable, unsigned long pages,
				    unsigned long max, bool *done)
{
	run->looked += folio_nr_pages(folio);
	if (!purgeable && !pages) {
		run->apart = true;
	} else if (!purgeable) {
		run->end = folio->index;
		*done = true;
	} else {
		pgoff_t next = folio->index + folio_nr_pages(folio);

		if (!pages && run->apart)
			run->start = max(run->start, folio->index);
		pages += folio_nr_pages(folio);
		if (pages >= max) {
			run->end = min(run->end, next);
			*done = true;
		}
	}
	return pages;
}

/*
 * Finds the first run of pages with memory that is charged to @memcg, as many
 * as @max. Pages without memory go along with it. Returns false if there is
 * none, or none has been found so far.
 */
static bool ashmem_find_run(struct ashmem_area *area,
			    const struct mem_cgroup *memcg, unsigned long max,
			    struct ashmem_run *run)
{
	struct address_space *mapping = area->backing->f_mapping;
	pgoff_t next = run->start, last = run->end - 1;
	unsigned long pages = 0;
	struct folio_batch batch;
	bool done = false;

	folio_batch_init(&batch);
	while (!done && run->looked < ASHMEM_LOOK_PAGES &&
	       filemap_get_folios(mapping, &next, last, &batch)) {
		unsigned int i;

		for (i = 0; !done && i < folio_batch_count(&batch); i++) {
			struct folio *folio = batch.folios[i];

			pages = ashmem_run_add(run, folio,
				ashmem_folio_is_purgeable(area, folio, memcg),
				pages, max, &done);
		}
		folio_batch_release(&batch);
		cond_resched();
	}
	if (!done && run->looked >= ASHMEM_LOOK_PAGES && next <= last) {
		if (pages)
			run->end = next;
		else
			run->resume = next;
	}
	return pages;
}

/*
 * Frees the memory of @run, as far as it is still unpinned. Called and returns
 * with the lock held. Returns the pages of memory freed.
 */
static unsigned long ashmem_purge_run(struct ashmem_area *area,
				      const struct ashmem_run *run,
				      struct list_head *spares)
	__must_hold(&area->lock)
{
	struct ashmem_range *range;
	unsigned long freed = 0;

	if (area->closed)
		return 0;
	range = ashmem_ranges_find(&area->ranges, run->start);
	if (!range || run->start < range->start)
		return 0;
	if (range->purged_to < run->start && list_empty(spares))
		return 0;
	ashmem_punch(area, run->start, min(run->end, range->end), spares,
		     &freed);
	return freed;
}

/*
 * The pass has found nothing of its cgroup in the range that is next for it,
 * if that range is still the one it saw.
 */
static void ashmem_pass_range(struct ashmem_charge *charge,
			      const struct ashmem_range *seen, bool empty)
{
	struct ashmem_ranges *ranges = &charge->area->ranges;
	struct ashmem_range *range;

	range = ashmem_ranges_oldest(ranges, &charge->cursor);
	if (!range || range->start != seen->start ||
	    range->stamp != seen->stamp)
		return;
	list_move(&charge->cursor.age, &range->age);
	if (range->touched && empty)
		ashmem_ranges_untouch(ranges, range);
}

/* Where to look for pages to purge in a range that looked like @seen. */
static void ashmem_run_init(struct ashmem_run *run,
			    const struct ashmem_charge *charge,
			    const struct ashmem_range *seen)
{
	*run = (struct ashmem_run) {
		.start = seen->touched ? seen->start : seen->purged_to,
		.end = seen->end,
	};
	if (charge->resume.start == seen->start &&
	    charge->resume.stamp == seen->stamp &&
	    charge->resume.page > run->start && charge->resume.page < run->end) {
		run->start = charge->resume.page;
		run->apart = true;
	}
}

/**
 * struct ashmem_progress - what an attempt to purge has come to
 * @freed:  pages of memory freed
 * @looked: pages with memory looked at
 */
struct ashmem_progress {
	unsigned long freed;
	unsigned long looked;
};

/*
 * Purges pages of the range that is next in the area of @charge, at most @max.
 * The area is being purged by the caller, and @seen is what that range looked
 * like.
 */
static void ashmem_purge_range(struct ashmem_charge *charge,
			       const struct ashmem_range *seen, u64 touches,
			       unsigned long max,
			       struct ashmem_progress *progress)
{
	struct ashmem_area *area = charge->area;
	struct ashmem_run run;
	LIST_HEAD(spares);
	bool found;

	ashmem_run_init(&run, charge, seen);
	found = ashmem_find_run(area, charge->memcg->memcg, max, &run);
	if (found && run.apart) {
		struct ashmem_range *spare;

		spare = ashmem_range_alloc(GFP_NOWAIT | __GFP_NOWARN);
		if (spare)
			list_add(&spare->age, &spares);
		else
			found = false;
	}
	charge->resume.start = seen->start;
	charge->resume.stamp = seen->stamp;
	charge->resume.page = run.resume;

	spin_lock(&area->lock);
	if (found) {
		progress->freed = ashmem_purge_run(area, &run, &spares);
	} else if (!area->closed && !run.resume) {
		ashmem_pass_range(charge, seen,
				  !run.apart && touches == area->touches);
		ashmem_charges_account(area);
	}
	spin_unlock(&area->lock);

	progress->looked = run.looked;
	ashmem_ranges_free(&spares);
}

/*
 * Somebody else purges the area. Waits for the end of it, but not for long:
 * then the others of the pass have their turn.
 */
static void ashmem_await_purger(struct ashmem_charge *charge)
{
	struct ashmem_area *area = charge->area;

	if (wait_event_timeout(area->idle, !READ_ONCE(area->purging),
			       ASHMEM_PURGER_WAIT))
		return;
	spin_lock(&area->lock);
	if (!area->closed)
		ashmem_charge_rest(charge);
	spin_unlock(&area->lock);
	/* There may well be something: the next pass need not be put off. */
	WRITE_ONCE(charge->memcg->pass.useful, true);
}

/*
 * Purges the least recently unpinned range of an area, at most @max pages, if
 * it is this area's turn.
 */
static void ashmem_purge_charge(struct ashmem_charge *charge, unsigned long max,
				struct ashmem_progress *progress)
{
	struct ashmem_area *area = charge->area;
	struct ashmem_range *range, seen;
	u64 touches;

	spin_lock(&area->lock);
	if (area->closed)
		goto unlock;
	range = ashmem_charge_next(charge);
	if (!range) {
		ashmem_charge_rest(charge);
		goto unlock;
	}
	if (!ashmem_charge_advance(charge, range->stamp))
		goto unlock;
	if (!ashmem_purge_begin(area)) {
		spin_unlock(&area->lock);
		ashmem_await_purger(charge);
		return;
	}
	seen = *range;
	touches = area->touches;
	spin_unlock(&area->lock);

	ashmem_purge_range(charge, &seen, touches, max, progress);
	ashmem_purge_end(area);
	if (progress->freed)
		WRITE_ONCE(charge->memcg->pass.useful, true);
	return;

unlock:
	spin_unlock(&area->lock);
}

/*
 * The list of a cgroup has its record, and those of the cgroups below it that
 * were removed while they still paid for pages.
 */
static void ashmem_walk_memcgs(struct shrink_control *sc,
			       list_lru_walk_cb visit, void *arg)
{
	unsigned long all = ULONG_MAX;

	list_lru_walk_one(&ashmem_memcg_lru, sc->nid, sc->memcg, visit, arg,
			  &all);
}

static LIST_LRU_WALK_CB(ashmem_count_memcg)
{
	struct ashmem_memcg *memcg = container_of(item, struct ashmem_memcg,
						  lru);

	*(unsigned long *)arg +=
		percpu_counter_sum_positive(&memcg->purgeable);
	return LRU_SKIP;
}

static LIST_LRU_WALK_CB(ashmem_begin_pass)
{
	ashmem_memcg_begin_pass(container_of(item, struct ashmem_memcg, lru));
	return LRU_SKIP;
}

struct ashmem_choice {
	struct ashmem_memcg *memcg;
	u64 key;
	bool held;
};

static LIST_LRU_WALK_CB(ashmem_choose_memcg)
{
	struct ashmem_memcg *memcg = container_of(item, struct ashmem_memcg,
						  lru);
	struct ashmem_choice *choice = arg;
	u64 key;

	if (ashmem_memcg_next_key(memcg, &key) &&
	    (!choice->memcg || key < choice->key)) {
		choice->memcg = memcg;
		choice->key = key;
	}
	return LRU_SKIP;
}

static LIST_LRU_WALK_CB(ashmem_hold_memcg)
{
	struct ashmem_memcg *memcg = container_of(item, struct ashmem_memcg,
						  lru);
	struct ashmem_choice *choice = arg;

	if (memcg == choice->memcg)
		choice->held = ashmem_memcg_tryget(memcg);
	return LRU_SKIP;
}

/* The one whose pages were unpinned first, with a reference, or NULL. */
static struct ashmem_memcg *ashmem_oldest_memcg(struct shrink_control *sc)
{
	struct ashmem_choice choice;

	/* One that is being freed leaves the list; then another is chosen. */
	do {
		choice = (struct ashmem_choice) {};
		ashmem_walk_memcgs(sc, ashmem_choose_memcg, &choice);
		if (choice.memcg)
			ashmem_walk_memcgs(sc, ashmem_hold_memcg, &choice);
	} while (choice.memcg && !choice.held);
	return choice.memcg;
}

/*
 * How many pages could be purged for a cgroup. Never SHRINK_EMPTY: the kernel
 * would stop asking until something is added to the cgroup's list, and what is
 * there stays there. And never more than the machine has: pages without memory
 * are counted too, and the kernel asks for a part of what it is told, in steps.
 */
static unsigned long ashmem_shrink_count(struct shrinker *shrinker,
					 struct shrink_control *sc)
{
	unsigned long pages = 0;

	ashmem_walk_memcgs(sc, ashmem_count_memcg, &pages);
	return min(pages, totalram_pages());
}

/*
 * Purges for a cgroup. Returns the pages of memory freed, or SHRINK_STOP where
 * it is of no use to ask again.
 */
static unsigned long ashmem_shrink_scan(struct shrinker *shrinker,
					struct shrink_control *sc)
{
	unsigned long freed = 0, scanned = 0;
	bool more = true;

	/* A page that is being swapped out is waited for. */
	if (!(sc->gfp_mask & __GFP_IO))
		return SHRINK_STOP;

	ashmem_walk_memcgs(sc, ashmem_begin_pass, NULL);
	while (scanned < sc->nr_to_scan) {
		struct ashmem_memcg *memcg = ashmem_oldest_memcg(sc);
		struct ashmem_progress progress = {};
		struct ashmem_charge *charge;

		more = memcg && !ashmem_memcg_is_relieved(memcg) &&
		       !fatal_signal_pending(current);
		charge = more ? ashmem_memcg_first(memcg) : NULL;
		if (charge) {
			struct ashmem_area *area = charge->area;

			ashmem_purge_charge(charge, sc->nr_to_scan - scanned,
					    &progress);
			ashmem_area_put(area);
		}
		if (memcg)
			ashmem_memcg_put(memcg);
		if (!more)
			break;
		freed += progress.freed;
		scanned += max3(progress.freed, progress.looked, 1UL);
		cond_resched();
	}

	mm_account_reclaimed_pages(freed);
	sc->nr_scanned = scanned;
	return more || freed ? freed : SHRINK_STOP;
}

/*
 * The first pages from @page on that a purge of the whole area frees, or none
 * if @start is @end. @end is where to go on in any case.
 */
static void ashmem_purge_area_run(struct ashmem_area *area,
				  const struct ashmem_range *range,
				  pgoff_t page, pgoff_t *start, pgoff_t *end)
{
	unsigned long memory;

	if (range->touched)
		*start = max(range->start, page);
	else
		*start = max(range->purged_to, page);
	*end = range->end;
	/*
	 * Pages before @page were purged or pinned when it came by. That they
	 * are neither now means that the range was pinned, and unpinned, since.
	 */
	if (range->purged_to < *start) {
		*start = *end;
		return;
	}
	/* Pages without memory, or something in swap, cost nothing. */
	memory = *start;
	if (*start < *end &&
	    xa_find(&area->backing->f_mapping->i_pages, &memory, *end - 1,
		    XA_PRESENT))
		*end = min(memory + ASHMEM_PUNCH_PAGES, *end);
}

/* Purges an area, whatever was charged to whom. Returns the pages purged. */
static unsigned long ashmem_purge_area(struct ashmem_area *area)
{
	unsigned long purged = 0, freed;
	pgoff_t page = 0;
	LIST_HEAD(spares);

	for (;;) {
		struct ashmem_range *range;
		pgoff_t start;

		spin_lock(&area->lock);
		if (!ashmem_purge_begin(area)) {
			bool closed = area->closed;

			spin_unlock(&area->lock);
			if (closed)
				return purged;
			wait_event(area->idle, !READ_ONCE(area->purging));
			continue;
		}

		range = ashmem_ranges_find(&area->ranges, page);
		if (range) {
			ashmem_purge_area_run(area, range, page, &start, &page);
			if (start < page)
				purged += ashmem_punch(area, start, page,
						       &spares, &freed);
		}
		spin_unlock(&area->lock);
		ashmem_purge_end(area);
		if (!range || fatal_signal_pending(current))
			return purged;
		cond_resched();
	}
}

/*
 * Walks over all open areas: returns the one after @area, or the first, with a
 * reference, and gives back that to @area.
 */
static struct ashmem_area *ashmem_next_area(struct ashmem_area *area)
{
	struct ashmem_area *next;

	spin_lock(&ashmem_areas_lock);
	if (area && !list_empty(&area->all))
		next = list_next_entry(area, all);
	else
		next = list_first_entry(&ashmem_areas, struct ashmem_area, all);
	/* Closed meanwhile, it has left its place; numbers rise in the list. */
	while (area && !list_entry_is_head(next, &ashmem_areas, all) &&
	       next->id <= area->id)
		next = list_next_entry(next, all);
	next = list_entry_is_head(next, &ashmem_areas, all) ?
	       NULL : ashmem_area_get(next);
	spin_unlock(&ashmem_areas_lock);

	if (area)
		ashmem_area_put(area);
	return next;
}

/**
 * ashmem_purge_all - purge all that is unpinned, in all areas
 *
 * Return: the number of pages purged that had not been purged before. A caller
 * that is being killed stops early.
 */
unsigned long ashmem_purge_all(void)
{
	struct ashmem_area *area = NULL;
	unsigned long purged = 0;

	while ((area = ashmem_next_area(area))) {
		purged += ashmem_purge_area(area);
		if (fatal_signal_pending(current)) {
			ashmem_area_put(area);
			break;
		}
		cond_resched();
	}
	return purged;
}

/**
 * ashmem_reclaim_init - let the kernel call for memory
 *
 * Return: 0 or a negative error.
 */
int __init ashmem_reclaim_init(void)
{
	struct shrinker *shrinker;

	shrinker = ashmem_shrinker_create(&ashmem_memcg_lru,
					  ashmem_shrink_count,
					  ashmem_shrink_scan);
	if (IS_ERR(shrinker))
		return PTR_ERR(shrinker);
	ashmem_shrinker = shrinker;
	return 0;
}

/**
 * ashmem_reclaim_exit - undo ashmem_reclaim_init()
 */
void ashmem_reclaim_exit(void)
{
	ashmem_shrinker_destroy(ashmem_shrinker, &ashmem_memcg_lru);
}
