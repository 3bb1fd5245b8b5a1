/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Every difference between kernel versions, and nothing else. The other files
 * are written as for the newest kernel; what an older one lacks is made here.
 */
#ifndef _ASHMEM_COMPAT_H
#define _ASHMEM_COMPAT_H

#include <linux/fs.h>
#include <linux/list_lru.h>
#include <linux/memcontrol.h>
#include <linux/mm.h>
#include <linux/shrinker.h>
#include <linux/slab.h>
#include <linux/swap.h>
#include <linux/version.h>

/* 7.x: the header of page vectors is called after folio batches. */
#if __has_include(<linux/folio_batch.h>)
#include <linux/folio_batch.h>
#else
#include <linux/pagevec.h>
#endif

/* 6.3: vm_flags became read-only, to be changed through functions. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 3, 0)
static inline void vm_flags_clear(struct vm_area_struct *vma, vm_flags_t flags)
{
	vma->vm_flags &= ~flags;
}
#endif

/* 6.4: pages freed by a shrinker are reported through a function. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 4, 0)
static inline void mm_account_reclaimed_pages(unsigned long pages)
{
	if (current->reclaim_state)
		current->reclaim_state->reclaimed_slab += pages;
}
#endif

/* 6.8: list_lru_add() got an explicit cgroup; by object it is _obj. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 8, 0)
#define list_lru_add_obj	list_lru_add
#define list_lru_del_obj	list_lru_del
#endif

/* 6.13: who walks a list_lru is no longer given its lock. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 13, 0)
#define LIST_LRU_WALK_CB(name)						\
	enum lru_status name(struct list_head *item,			\
			     struct list_lru_one *list,			\
			     spinlock_t *lock, void *arg)
#else
#define LIST_LRU_WALK_CB(name)						\
	enum lru_status name(struct list_head *item,			\
			     struct list_lru_one *list, void *arg)
#endif

/* 7.0: shmem takes the flags of a mapping as a type of their own. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(7, 0, 0)
#define ASHMEM_VM_NORESERVE	mk_vma_flags(VMA_NORESERVE_BIT)
#else
#define ASHMEM_VM_NORESERVE	VM_NORESERVE
#endif

/*
 * Mapping the backing file as tmpfs does, though its own operations refuse that;
 * @example is a file of tmpfs with tmpfs' operations. 6.17: tmpfs prepares a
 * mapping before there is one, and the kernel has a way to do that afterwards.
 * What is prepared is the same for all unlinked files of tmpfs.
 */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 17, 0)
static inline int ashmem_shmem_mmap(struct file *example, struct file *file,
				    struct vm_area_struct *vma)
{
	return vfs_mmap(example, vma);
}
#else
static inline int ashmem_shmem_mmap(struct file *example, struct file *file,
				    struct vm_area_struct *vma)
{
	return example->f_op->mmap(file, vma);
}
#endif

/* 6.17: there are two ways to map, of which a file must not have both. */
static inline void
ashmem_file_operations_set_mmap(struct file_operations *fops,
				int (*mmap)(struct file *,
					    struct vm_area_struct *))
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 17, 0)
	fops->mmap_prepare = NULL;
#endif
	fops->mmap = mmap;
}

/*
 * A shrinker that the kernel calls for each cgroup which has something on
 * @lru. 6.7: it is allocated, and may be given its list before it is
 * registered. Earlier the list needs the shrinker's number, which comes with
 * registration; until the list is there, the shrinker has nothing to offer.
 */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 7, 0)
static inline struct shrinker *
ashmem_shrinker_create(struct list_lru *lru,
		       unsigned long (*count)(struct shrinker *,
					      struct shrink_control *),
		       unsigned long (*scan)(struct shrinker *,
					     struct shrink_control *))
{
	struct shrinker *shrinker;
	int error;

	shrinker = shrinker_alloc(SHRINKER_MEMCG_AWARE | SHRINKER_NUMA_AWARE,
				  "ashmem");
	if (!shrinker)
		return ERR_PTR(-ENOMEM);
	error = list_lru_init_memcg(lru, shrinker);
	if (error) {
		shrinker_free(shrinker);
		return ERR_PTR(error);
	}
	shrinker->count_objects = count;
	shrinker->scan_objects = scan;
	shrinker_register(shrinker);
	return shrinker;
}

static inline void ashmem_shrinker_destroy(struct shrinker *shrinker,
					   struct list_lru *lru)
{
	shrinker_free(shrinker);
	list_lru_destroy(lru);
}
#else
/* 6.0: it has a name, for debugfs. */
static inline int ashmem_register_shrinker(struct shrinker *shrinker)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 0, 0)
	return register_shrinker(shrinker, "ashmem");
#else
	return register_shrinker(shrinker);
#endif
}

static inline unsigned long ashmem_shrinker_wait(struct shrinker *shrinker,
						 struct shrink_control *sc)
{
	return 0;
}

static inline struct shrinker *
ashmem_shrinker_create(struct list_lru *lru,
		       unsigned long (*count)(struct shrinker *,
					      struct shrink_control *),
		       unsigned long (*scan)(struct shrinker *,
					     struct shrink_control *))
{
	struct shrinker *shrinker = kzalloc(sizeof(*shrinker), GFP_KERNEL);
	int error;

	if (!shrinker)
		return ERR_PTR(-ENOMEM);
	shrinker->flags = SHRINKER_MEMCG_AWARE | SHRINKER_NUMA_AWARE;
	shrinker->seeks = DEFAULT_SEEKS;
	shrinker->count_objects = ashmem_shrinker_wait;
	shrinker->scan_objects = scan;
	error = ashmem_register_shrinker(shrinker);
	if (error)
		goto free;
	error = list_lru_init_memcg(lru, shrinker);
	if (error)
		goto unregister;
	/* The list is complete before anybody is sent to it. */
	smp_store_release(&shrinker->count_objects, count);
	return shrinker;

unregister:
	unregister_shrinker(shrinker);
free:
	kfree(shrinker);
	return ERR_PTR(error);
}

static inline void ashmem_shrinker_destroy(struct shrinker *shrinker,
					   struct list_lru *lru)
{
	unregister_shrinker(shrinker);
	list_lru_destroy(lru);
	kfree(shrinker);
}
#endif

#endif /* _ASHMEM_COMPAT_H */
