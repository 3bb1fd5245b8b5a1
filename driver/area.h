/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _ASHMEM_AREA_H
#define _ASHMEM_AREA_H

#include <linux/ashmem.h>
#include <linux/fs.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/pid.h>
#include <linux/refcount.h>
#include <linux/spinlock.h>
#include <linux/wait.h>

#include "compat.h"
#include "range.h"

struct mem_cgroup;

/**
 * struct ashmem_area - one anonymous shared memory object
 * @id:       a number that no other area has had, for the tracepoints
 * @refs:     the open file of the device, the backing file, and whoever purges
 * @opener:   the process that opened the area
 * @config:   guards @name, @size, @prot_mask and the making of @backing.
 *            Taken under mmap_lock; nothing that faults is done under it, and
 *            reclaim never takes it
 * @name:     as it was set, or empty
 * @size:     in bytes, 0 while unset; frozen once there is a backing file
 * @prot_mask: PROT_ bits that mappings may have
 * @backing:  holds the pages; made at the first mmap, and valid until the area
 *            is closed. Read with ashmem_area_backing()
 * @mappers:  who maps it at this moment, for kernels that want to know
 * @lock:     guards all below. A spinlock: its holder can neither sleep nor be
 *            throttled, so reclaim never gives up on an area for that. Taken
 *            before &struct ashmem_memcg.lock. Nothing allocates under it
 * @ranges:   the unpinned pages
 * @counted:  how many pages to purge its cgroups are told of
 * @charges:  &struct ashmem_charge: the cgroups that pay for pages
 * @charged:  the cgroup that paid last. Compared, never followed; its charge
 *            keeps it from being used again
 * @closed:   the last descriptor is gone, so nothing is purged any more
 * @purging:  somebody looks for pages to purge, or purges. One at a time
 * @punch:    the pages whose memory is being freed at this moment; none of them
 *            is pinned until that has ended
 * @late:     a run that has all pages that were touched meanwhile, or empty
 * @touches:  counts the touches of purged pages
 * @idle:     woken when @purging or @punch ends
 * @all:      in the list of all areas (reclaim.c), under that list's lock
 */
struct ashmem_area {
	u64 id;
	refcount_t refs;
	struct pid *opener;

	struct mutex config;
	char name[ASHMEM_NAME_LEN];
	size_t size;
	unsigned long prot_mask;
	struct file *backing;
	struct ashmem_mappers mappers;

	spinlock_t lock;
	struct ashmem_ranges ranges;
	unsigned long counted;
	struct list_head charges;
	struct mem_cgroup *charged;
	bool closed;
	bool purging;
	struct {
		pgoff_t start;
		pgoff_t end;
	} punch;
	struct {
		pgoff_t start;
		pgoff_t end;
	} late;
	u64 touches;
	wait_queue_head_t idle;

	struct list_head all;
};

int ashmem_areas_init(void);
void ashmem_areas_exit(void);

struct ashmem_area *ashmem_area_get(struct ashmem_area *area);
void ashmem_area_put(struct ashmem_area *area);

int ashmem_area_open(struct inode *inode, struct file *file);
int ashmem_area_release(struct inode *inode, struct file *file);

int ashmem_area_set_name(struct ashmem_area *area, const char *name);
void ashmem_area_get_name(struct ashmem_area *area, char *name);
void ashmem_area_trace_name(const struct ashmem_area *area, char *name);
int ashmem_area_set_size(struct ashmem_area *area, size_t size);
size_t ashmem_area_get_size(struct ashmem_area *area);
int ashmem_area_set_prot_mask(struct ashmem_area *area, unsigned long prot);
unsigned long ashmem_area_get_prot_mask(struct ashmem_area *area);

/* The file that holds the pages, or NULL before the first mmap. */
static inline struct file *ashmem_area_backing(struct ashmem_area *area)
{
	/* Pairs with the release in mapping.c: size and name are frozen. */
	return smp_load_acquire(&area->backing);
}

/* The pages of an area whose size is set; the last may be used in part. */
static inline pgoff_t ashmem_area_pages(const struct ashmem_area *area)
{
	return ((area->size - 1) >> PAGE_SHIFT) + 1;
}

/* What the tracepoints show; 0 before the first mmap. */
static inline unsigned long ashmem_area_ino(struct ashmem_area *area)
{
	struct file *backing = ashmem_area_backing(area);

	return backing ? file_inode(backing)->i_ino : 0;
}

/* Pages that have memory; those that were swapped out have not. */
static inline unsigned long ashmem_area_resident(struct ashmem_area *area)
{
	struct file *backing = ashmem_area_backing(area);

	return backing ? READ_ONCE(backing->f_mapping->nrpages) : 0;
}

#endif /* _ASHMEM_AREA_H */
