// SPDX-License-Identifier: GPL-2.0-only
/*
 * The memory cgroups that pay for the pages of areas.
 *
 * A page is charged to the cgroup of whoever touches it first. That need not
 * be the cgroup of whoever unpins it, and an area can have pages of several.
 * When a cgroup comes to its limit, the pages to purge are those charged to
 * it. So a charge, the fact that a cgroup pays for pages of an area, is made
 * at a page fault, when the cgroup touches the first page there that had no
 * memory, and lasts as long as the area is open. Pin and unpin have nothing to
 * find out.
 *
 * The kernel asks a shrinker about a cgroup only while that cgroup's list in a
 * list_lru holds something. One object for each cgroup does that. What there
 * is to purge hangs from it as a queue of areas, ordered by the age of their
 * least recently unpinned pages. The order is kept lazily: pin and unpin do
 * not touch the queue, which all areas of a cgroup share, and whoever purges
 * puts right what it meets. A key is never too new, so nothing is overlooked.
 */
#include "memcg.h"

#include <linux/hashtable.h>
#include <linux/jiffies.h>
#include <linux/memcontrol.h>
#include <linux/rcupdate.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>

#include "area.h"
#include "compat.h"
#include "trace.h"

/* How soon a pass is made again after one that was of no use. */
#define ASHMEM_PASS_PAUSE	(HZ / 20 + 1)

/* How many pages to purge one area is counted with at most. */
#define ASHMEM_COUNTED_MAX	(1UL << 30)

struct list_lru ashmem_memcg_lru;

static struct kmem_cache *ashmem_memcg_cache;

/* Taken when a cgroup's first or last charge comes or goes. */
static DEFINE_SPINLOCK(ashmem_memcgs_lock);
static DEFINE_HASHTABLE(ashmem_memcgs, 6);

/**
 * ashmem_memcgs_init - get ready to record charges
 *
 * Return: 0 or -ENOMEM.
 */
int __init ashmem_memcgs_init(void)
{
	ashmem_memcg_cache = KMEM_CACHE(ashmem_memcg, SLAB_ACCOUNT);
	return ashmem_memcg_cache ? 0 : -ENOMEM;
}

/**
 * ashmem_memcgs_exit - undo ashmem_memcgs_init()
 */
void ashmem_memcgs_exit(void)
{
	kmem_cache_destroy(ashmem_memcg_cache);
}

#ifdef CONFIG_MEMCG
/* Whom a fault of @mm is charged to, as the kernel itself decides it. */
static struct mem_cgroup *ashmem_mm_memcg(struct mm_struct *mm)
{
	if (mem_cgroup_disabled())
		return NULL;
	return mem_cgroup_from_task(rcu_dereference(mm->owner));
}

/* Without cgroups there is nothing to hold: NULL stands for the machine. */
static bool ashmem_mem_cgroup_tryget(struct mem_cgroup *memcg)
{
	return memcg ? css_tryget(&memcg->css) : mem_cgroup_disabled();
}
#else
static struct mem_cgroup *ashmem_mm_memcg(struct mm_struct *mm)
{
	return NULL;
}

static bool ashmem_mem_cgroup_tryget(struct mem_cgroup *memcg)
{
	return true;
}
#endif

/**
 * ashmem_memcg_tryget - take a reference to a cgroup that is on a list
 * @memcg: the cgroup
 *
 * Return: @memcg, or NULL if it is on its way out.
 */
struct ashmem_memcg *ashmem_memcg_tryget(struct ashmem_memcg *memcg)
{
	return refcount_inc_not_zero(&memcg->refs) ? memcg : NULL;
}

static void ashmem_memcg_free(struct ashmem_memcg *memcg)
{
	percpu_counter_destroy(&memcg->purgeable);
	mem_cgroup_put(memcg->memcg);
	kmem_cache_free(ashmem_memcg_cache, memcg);
}

/**
 * ashmem_memcg_put - give back a reference
 * @memcg: the cgroup; forgotten with the last reference
 */
void ashmem_memcg_put(struct ashmem_memcg *memcg)
{
	if (!refcount_dec_and_lock(&memcg->refs, &ashmem_memcgs_lock))
		return;
	hash_del(&memcg->hash);
	spin_unlock(&ashmem_memcgs_lock);

	list_lru_del_obj(&ashmem_memcg_lru, &memcg->lru);
	ashmem_memcg_free(memcg);
}

static struct ashmem_memcg *ashmem_memcg_find(struct mem_cgroup *memcg)
{
	struct ashmem_memcg *found;

	lockdep_assert_held(&ashmem_memcgs_lock);
	hash_for_each_possible(ashmem_memcgs, found, hash, (unsigned long)memcg)
		if (found->memcg == memcg && ashmem_memcg_tryget(found))
			return found;
	return NULL;
}

/* Takes over the caller's reference to @memcg, also when it fails. */
static struct ashmem_memcg *ashmem_memcg_create(struct mem_cgroup *memcg,
						gfp_t gfp)
{
	struct ashmem_memcg *created;
	struct mem_cgroup *old;

	/* Charged to the cgroup itself, so that it goes on that one's list. */
	old = set_active_memcg(memcg);
	created = kmem_cache_alloc_lru(ashmem_memcg_cache, &ashmem_memcg_lru,
				       gfp);
	set_active_memcg(old);
	if (!created)
		goto put;

	INIT_LIST_HEAD(&created->lru);
	INIT_HLIST_NODE(&created->hash);
	refcount_set(&created->refs, 1);
	created->memcg = memcg;
	if (percpu_counter_init(&created->purgeable, 0, gfp))
		goto free;
	spin_lock_init(&created->lock);
	created->queue = RB_ROOT_CACHED;
	INIT_LIST_HEAD(&created->rested);
	created->relief.task = NULL;
	created->pass.useful = true;
	return created;

free:
	kmem_cache_free(ashmem_memcg_cache, created);
put:
	mem_cgroup_put(memcg);
	return NULL;
}

/* The record of a cgroup, made if there is none. Consumes the reference. */
static struct ashmem_memcg *
ashmem_memcg_find_or_create(struct mem_cgroup *memcg, gfp_t gfp)
{
	struct ashmem_memcg *found, *created;

	spin_lock(&ashmem_memcgs_lock);
	found = ashmem_memcg_find(memcg);
	spin_unlock(&ashmem_memcgs_lock);
	if (found) {
		mem_cgroup_put(memcg);
		return found;
	}

	created = ashmem_memcg_create(memcg, gfp);
	if (!created)
		return NULL;

	spin_lock(&ashmem_memcgs_lock);
	found = ashmem_memcg_find(memcg);
	if (!found)
		hash_add(ashmem_memcgs, &created->hash, (unsigned long)memcg);
	spin_unlock(&ashmem_memcgs_lock);
	if (found) {
		ashmem_memcg_free(created);
		return found;
	}

	list_lru_add_obj(&ashmem_memcg_lru, &created->lru);
	return created;
}

static bool ashmem_charge_before(struct rb_node *a, const struct rb_node *b)
{
	return rb_entry(a, struct ashmem_charge, queue)->key <
	       rb_entry(b, struct ashmem_charge, queue)->key;
}

static void ashmem_charge_enqueue(struct ashmem_charge *charge, u64 key)
{
	lockdep_assert_held(&charge->memcg->lock);
	charge->key = key;
	charge->place = ASHMEM_QUEUED;
	rb_add_cached(&charge->queue, &charge->memcg->queue,
		      ashmem_charge_before);
}

static void ashmem_charge_dequeue(struct ashmem_charge *charge)
{
	lockdep_assert_held(&charge->memcg->lock);
	if (charge->place == ASHMEM_QUEUED)
		rb_erase_cached(&charge->queue, &charge->memcg->queue);
	else if (charge->place == ASHMEM_RESTED)
		list_del(&charge->rested);
	charge->place = ASHMEM_NOWHERE;
}

/**
 * ashmem_memcg_first - the area to purge next
 * @memcg: for this cgroup
 *
 * Return: the first charge of the queue, with a reference to its area, or
 * NULL at the end of the pass.
 */
struct ashmem_charge *ashmem_memcg_first(struct ashmem_memcg *memcg)
{
	struct ashmem_charge *charge = NULL;
	struct rb_node *node;

	spin_lock(&memcg->lock);
	node = rb_first_cached(&memcg->queue);
	if (node) {
		charge = rb_entry(node, struct ashmem_charge, queue);
		/* It leaves the queue before its area can lose the last one. */
		ashmem_area_get(charge->area);
	}
	spin_unlock(&memcg->lock);
	return charge;
}

/**
 * ashmem_memcg_next_key - how old is what would be purged next?
 * @memcg: for this cgroup
 * @key:   set to the key of the first charge
 *
 * Return: false at the end of the pass.
 */
bool ashmem_memcg_next_key(struct ashmem_memcg *memcg, u64 *key)
{
	struct rb_node *node;

	spin_lock(&memcg->lock);
	node = rb_first_cached(&memcg->queue);
	if (node)
		*key = rb_entry(node, struct ashmem_charge, queue)->key;
	spin_unlock(&memcg->lock);
	return node;
}

#ifdef CONFIG_MEMCG
/* Room below a limit that lets any usual charge through, a large page too. */
#define ASHMEM_RELIEF_PAGES	576UL

static bool ashmem_limit_is_near(unsigned long usage, unsigned long limit)
{
	return usage + min(ASHMEM_RELIEF_PAGES, limit / 8) > limit;
}

/* Is this cgroup, or one above it, at a limit? */
static bool ashmem_mem_cgroup_is_short(struct mem_cgroup *memcg)
{
	for (; memcg; memcg = parent_mem_cgroup(memcg)) {
		unsigned long usage = page_counter_read(&memcg->memory);

		if (ashmem_limit_is_near(usage, READ_ONCE(memcg->memory.max)) ||
		    ashmem_limit_is_near(usage, READ_ONCE(memcg->memory.high)))
			return true;
	}
	return false;
}

/**
 * ashmem_memcg_is_relieved - has a reclaim for a limit got enough?
 * @memcg: the cgroup
 *
 * When a cgroup comes to its limit, the kernel asks its shrinkers for a little,
 * then for more, and at last for all that they have, since it does not see
 * what they free. So this looks: a task that a moment ago asked because of a
 * limit, which is clear now, has enough. Anybody else who asks while no limit
 * is near does so for another reason, and is not turned away.
 *
 * Return: true if the caller should be given no more.
 */
bool ashmem_memcg_is_relieved(struct ashmem_memcg *memcg)
{
	if (ashmem_mem_cgroup_is_short(memcg->memcg)) {
		WRITE_ONCE(memcg->relief.task, current);
		WRITE_ONCE(memcg->relief.time, jiffies);
		return false;
	}
	return !current_is_kswapd() &&
	       READ_ONCE(memcg->relief.task) == current &&
	       time_before(jiffies, READ_ONCE(memcg->relief.time) + HZ / 10);
}
#else
bool ashmem_memcg_is_relieved(struct ashmem_memcg *memcg)
{
	return false;
}
#endif

/**
 * ashmem_memcg_begin_pass - let a pass that was finished start again
 * @memcg: the cgroup
 *
 * Not at once after one in which nothing could be purged: the kernel asks over
 * and over. What is unpinned meanwhile is in the queue all the same.
 */
void ashmem_memcg_begin_pass(struct ashmem_memcg *memcg)
{
	struct ashmem_charge *charge, *next;

	spin_lock(&memcg->lock);
	if (!rb_first_cached(&memcg->queue) &&
	    (READ_ONCE(memcg->pass.useful) ||
	     time_after(jiffies, memcg->pass.time + ASHMEM_PASS_PAUSE))) {
		WRITE_ONCE(memcg->pass.useful, false);
		memcg->pass.time = jiffies;
		list_for_each_entry_safe(charge, next, &memcg->rested, rested) {
			list_del(&charge->rested);
			charge->rewind = true;
			ashmem_charge_enqueue(charge, 0);
		}
	}
	spin_unlock(&memcg->lock);
}

/**
 * ashmem_charges_queue - an area may have something more to purge
 * @area: the area, locked
 */
void ashmem_charges_queue(struct ashmem_area *area)
{
	struct ashmem_charge *charge;

	lockdep_assert_held(&area->lock);
	list_for_each_entry(charge, &area->charges, link) {
		struct ashmem_range *range;

		if (READ_ONCE(charge->place) == ASHMEM_QUEUED)
			continue;
		range = ashmem_ranges_oldest(&area->ranges, &charge->cursor);
		if (!range)
			continue;
		spin_lock(&charge->memcg->lock);
		/* A new pass may have put it there meanwhile. */
		if (charge->place != ASHMEM_QUEUED) {
			ashmem_charge_dequeue(charge);
			ashmem_charge_enqueue(charge, range->stamp);
		}
		spin_unlock(&charge->memcg->lock);
	}
}

/**
 * ashmem_charges_account - an area may have more or less to purge than before
 * @area: the area, locked
 *
 * Pages without memory are among them. No area counts for more than
 * %ASHMEM_COUNTED_MAX, so that no number of areas makes the sum overflow.
 */
void ashmem_charges_account(struct ashmem_area *area)
{
	unsigned long counted = area->closed ? 0 :
		min(area->ranges.purgeable, ASHMEM_COUNTED_MAX);
	long more = counted - area->counted;
	struct ashmem_charge *charge;

	lockdep_assert_held(&area->lock);
	if (!more)
		return;
	area->counted = counted;
	/* Hardly ever folded into the shared count, and areas share no other. */
	list_for_each_entry(charge, &area->charges, link)
		percpu_counter_add_batch(&charge->memcg->purgeable, more,
					 S32_MAX);
}

/**
 * ashmem_charge_next - the range of an area that the pass comes to next
 * @charge: of an area that is locked
 *
 * Return: the range, or NULL if the pass has seen them all.
 */
struct ashmem_range *ashmem_charge_next(struct ashmem_charge *charge)
{
	struct ashmem_ranges *ranges = &charge->area->ranges;
	bool rewind;

	lockdep_assert_held(&charge->area->lock);
	spin_lock(&charge->memcg->lock);
	rewind = charge->rewind;
	charge->rewind = false;
	spin_unlock(&charge->memcg->lock);
	if (rewind)
		list_move(&charge->cursor.age, &ranges->ages);
	return ashmem_ranges_oldest(ranges, &charge->cursor);
}

/**
 * ashmem_charge_advance - set a charge's place in the queue right
 * @charge: of an area that is locked
 * @key:    the age of the area's next range
 *
 * Return: true if it is still the first of the queue.
 */
bool ashmem_charge_advance(struct ashmem_charge *charge, u64 key)
{
	struct ashmem_memcg *memcg = charge->memcg;
	bool first = false;

	lockdep_assert_held(&charge->area->lock);
	spin_lock(&memcg->lock);
	if (charge->place == ASHMEM_QUEUED) {
		if (charge->key != key) {
			ashmem_charge_dequeue(charge);
			ashmem_charge_enqueue(charge, key);
		}
		first = rb_first_cached(&memcg->queue) == &charge->queue;
	}
	spin_unlock(&memcg->lock);
	return first;
}

/**
 * ashmem_charge_rest - the pass has seen all of an area
 * @charge: of an area that is locked
 */
void ashmem_charge_rest(struct ashmem_charge *charge)
{
	struct ashmem_area *area = charge->area;
	struct ashmem_memcg *memcg = charge->memcg;

	lockdep_assert_held(&area->lock);
	spin_lock(&memcg->lock);
	ashmem_charge_dequeue(charge);
	if (ashmem_ranges_oldest(&area->ranges, NULL)) {
		charge->place = ASHMEM_RESTED;
		list_add_tail(&charge->rested, &memcg->rested);
	}
	spin_unlock(&memcg->lock);
}

/**
 * ashmem_charges_remove - an area was closed: it is never purged again
 * @area: the area, locked and marked as closed
 */
void ashmem_charges_remove(struct ashmem_area *area)
{
	struct ashmem_charge *charge;

	lockdep_assert_held(&area->lock);
	ashmem_charges_account(area);
	list_for_each_entry(charge, &area->charges, link) {
		spin_lock(&charge->memcg->lock);
		ashmem_charge_dequeue(charge);
		spin_unlock(&charge->memcg->lock);
		list_del_init(&charge->cursor.age);
	}
}

/**
 * ashmem_charges_free - free the charges of an area that nobody uses any more
 * @area: the area
 */
void ashmem_charges_free(struct ashmem_area *area)
{
	struct ashmem_charge *charge, *next;

	list_for_each_entry_safe(charge, next, &area->charges, link) {
		ashmem_memcg_put(charge->memcg);
		kfree(charge);
	}
}

/* Records the charge; false if the area has it already, or is closed. */
static bool ashmem_charge_add(struct ashmem_charge *charge)
{
	struct ashmem_area *area = charge->area;
	struct ashmem_charge *other;
	bool added = false;

	spin_lock(&area->lock);
	if (area->closed)
		goto unlock;
	list_for_each_entry(other, &area->charges, link)
		if (other->memcg == charge->memcg)
			goto unlock;

	list_add_tail(&charge->link, &area->charges);
	list_add(&charge->cursor.age, &area->ranges.ages);
	percpu_counter_add_batch(&charge->memcg->purgeable, area->counted,
				 S32_MAX);
	ashmem_charges_queue(area);
	added = true;
unlock:
	spin_unlock(&area->lock);
	return added;
}

/* Is it recorded that @memcg pays? Then that is what the next fault expects. */
static bool ashmem_charge_recall(struct ashmem_area *area,
				 struct mem_cgroup *memcg)
{
	struct ashmem_charge *charge;
	bool known;

	spin_lock(&area->lock);
	known = area->closed;
	list_for_each_entry(charge, &area->charges, link)
		if (charge->memcg->memcg == memcg)
			known = true;
	if (known)
		WRITE_ONCE(area->charged, memcg);
	spin_unlock(&area->lock);
	return known;
}

/**
 * ashmem_charge_is_known - is it recorded that a cgroup pays for an area?
 * @area:  the area
 * @memcg: the cgroup
 */
bool ashmem_charge_is_known(struct ashmem_area *area,
			    const struct mem_cgroup *memcg)
{
	struct ashmem_charge *charge;
	bool known = false;

	spin_lock(&area->lock);
	list_for_each_entry(charge, &area->charges, link)
		if (charge->memcg->memcg == memcg)
			known = true;
	spin_unlock(&area->lock);
	return known;
}

/*
 * Records that @memcg pays for pages of the area. Consumes the reference to it.
 * If there is no memory for that, what it pays for is not purged when it is
 * short, until it touches one more page.
 */
static void ashmem_charge_record(struct ashmem_area *area,
				 struct mem_cgroup *memcg, gfp_t gfp)
{
	struct ashmem_charge *charge;

	if (ashmem_charge_recall(area, memcg))
		goto put;
	charge = kzalloc(sizeof(*charge), gfp | __GFP_ACCOUNT);
	if (!charge)
		goto put;
	charge->area = area;
	charge->memcg = ashmem_memcg_find_or_create(memcg, gfp);
	if (!charge->memcg) {
		kfree(charge);
		return;
	}
	if (ashmem_charge_add(charge)) {
		WRITE_ONCE(area->charged, memcg);
		trace_ashmem_charge(area, memcg);
	} else {
		ashmem_memcg_put(charge->memcg);
		kfree(charge);
	}
	return;
put:
	mem_cgroup_put(memcg);
}

/* Is this the cgroup that is known to have paid last? */
static bool ashmem_charge_is_expected(struct ashmem_area *area,
				      const struct mem_cgroup *memcg)
{
	return memcg == READ_ONCE(area->charged) &&
	       !list_empty(&area->charges);
}

/**
 * ashmem_charge_touch - a page of an area is about to get memory
 * @area: the area
 * @mm:   whose cgroup will pay for it
 */
void ashmem_charge_touch(struct ashmem_area *area, struct mm_struct *mm)
{
	struct mem_cgroup *memcg;
	bool held;

	rcu_read_lock();
	memcg = ashmem_mm_memcg(mm);
	/* Without an owner of @mm, ashmem_charge_folio() finds out. */
	held = !ashmem_charge_is_expected(area, memcg) &&
	       ashmem_mem_cgroup_tryget(memcg);
	rcu_read_unlock();
	if (held)
		ashmem_charge_record(area, memcg, GFP_KERNEL);
}

/**
 * ashmem_charge_folio - a page of an area was touched
 * @area:  the area
 * @folio: the page, locked
 *
 * It had memory when it was looked at before the touch, or another cgroup paid
 * than was thought. No more than a comparison in all but rare cases; in these
 * it must not wait for memory, as the page is locked.
 */
void ashmem_charge_folio(struct ashmem_area *area, struct folio *folio)
{
	struct mem_cgroup *memcg;
	bool held;

	/* Its lock does not keep a page with a cgroup that is being removed. */
	rcu_read_lock();
	memcg = folio_memcg(folio);
	held = !ashmem_charge_is_expected(area, memcg) &&
	       ashmem_mem_cgroup_tryget(memcg);
	rcu_read_unlock();
	if (held)
		ashmem_charge_record(area, memcg, GFP_NOWAIT | __GFP_NOWARN);
}
