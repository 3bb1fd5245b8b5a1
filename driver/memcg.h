/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _ASHMEM_MEMCG_H
#define _ASHMEM_MEMCG_H

#include <linux/cgroup.h>
#include <linux/list.h>
#include <linux/list_lru.h>
#include <linux/memcontrol.h>
#include <linux/percpu_counter.h>
#include <linux/rbtree.h>
#include <linux/refcount.h>
#include <linux/shrinker.h>
#include <linux/spinlock.h>

#include "range.h"

struct ashmem_area;
struct folio;
struct mm_struct;

/**
 * struct ashmem_memcg - a memory cgroup that pays for pages of areas
 * @lru:       on a list_lru, in the list of the cgroup that this object is
 *             charged to. It is there all the time, and makes the kernel call
 *             the shrinker when that cgroup is short of memory
 * @hash:      in the table by @memcg
 * @refs:      its charges, and whoever purges for it
 * @memcg:     the cgroup, with a reference; NULL if the kernel has none
 * @purgeable: the sum of &struct ashmem_area.counted. An area that several
 *             cgroups pay for counts for each of them
 * @lock:      guards @queue and @rested. Innermost
 * @queue:     &struct ashmem_charge by key: areas that may have something to
 *             purge, least recently unpinned first
 * @rested:    charges that a pass over the queue has finished with
 * @relief:    who was short of memory when it purged last, and when that was
 * @pass:      when the pass over the queue began, and whether it has been of
 *             use so far
 */
struct ashmem_memcg {
	struct list_head lru;
	struct hlist_node hash;
	refcount_t refs;
	struct mem_cgroup *memcg;
	struct percpu_counter purgeable;
	spinlock_t lock;
	struct rb_root_cached queue;
	struct list_head rested;
	struct {
		struct task_struct *task;
		unsigned long time;
	} relief;
	struct {
		unsigned long time;
		bool useful;
	} pass;
};

/**
 * struct ashmem_charge - one cgroup pays for pages of one area
 * @memcg:  the cgroup, with a reference
 * @area:   the area, which owns the charge
 * @link:   in &struct ashmem_area.charges
 * @place:  where it waits for a purge. Leaves the queue only under the lock of
 *          the area; not in the queue, the next unpin puts it there
 * @queue:  in &struct ashmem_memcg.queue
 * @rested: in &struct ashmem_memcg.rested: it has ranges, but in this pass no
 *          page of them could be purged
 * @key:    no range of the area that the pass has yet to see was unpinned
 *          before this; it may lag behind
 * @rewind: a new pass has begun, and sees all ranges
 * @cursor: how far the pass has come in the area's order of age
 * @resume: how far it has come in the range after @cursor, if that is the one
 *          with this start and stamp. Used by whoever purges the area
 */
struct ashmem_charge {
	struct ashmem_memcg *memcg;
	struct ashmem_area *area;
	struct list_head link;
	enum { ASHMEM_NOWHERE, ASHMEM_QUEUED, ASHMEM_RESTED } place;
	struct rb_node queue;
	struct list_head rested;
	u64 key;
	bool rewind;
	struct ashmem_range cursor;
	struct {
		pgoff_t start;
		u64 stamp;
		pgoff_t page;
	} resume;
};

#ifdef CONFIG_MEMCG
/* The inode of the cgroup's directory: find /sys/fs/cgroup -inum N. */
static inline u64 ashmem_mem_cgroup_ino(struct mem_cgroup *memcg)
{
	return memcg ? cgroup_ino(memcg->css.cgroup) : 0;
}
#else
static inline u64 ashmem_mem_cgroup_ino(struct mem_cgroup *memcg)
{
	return 0;
}
#endif

extern struct list_lru ashmem_memcg_lru;

int ashmem_memcgs_init(void);
void ashmem_memcgs_exit(void);

/* Cgroups. */
struct ashmem_memcg *ashmem_memcg_tryget(struct ashmem_memcg *memcg);
void ashmem_memcg_put(struct ashmem_memcg *memcg);
struct ashmem_charge *ashmem_memcg_first(struct ashmem_memcg *memcg);
bool ashmem_memcg_next_key(struct ashmem_memcg *memcg, u64 *key);
bool ashmem_memcg_is_relieved(struct ashmem_memcg *memcg);
void ashmem_memcg_begin_pass(struct ashmem_memcg *memcg);

/* Charges; those up to _remove under the lock of the area. */
void ashmem_charges_queue(struct ashmem_area *area);
void ashmem_charges_account(struct ashmem_area *area);
struct ashmem_range *ashmem_charge_next(struct ashmem_charge *charge);
bool ashmem_charge_advance(struct ashmem_charge *charge, u64 key);
void ashmem_charge_rest(struct ashmem_charge *charge);
void ashmem_charges_remove(struct ashmem_area *area);
void ashmem_charges_free(struct ashmem_area *area);
void ashmem_charge_touch(struct ashmem_area *area, struct mm_struct *mm);
void ashmem_charge_folio(struct ashmem_area *area, struct folio *folio);
bool ashmem_charge_is_known(struct ashmem_area *area,
			    const struct mem_cgroup *memcg);

#endif /* _ASHMEM_MEMCG_H */
