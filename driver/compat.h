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
#include <linux/pagemap.h>
#include <linux/rbtree.h>
#include <linux/rcupdate.h>
#include <linux/sched/mm.h>
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

/* 5.12: trees are searched and filled through functions. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 12, 0)
static inline void rb_add_cached(struct rb_node *node,
				 struct rb_root_cached *tree,
				 bool (*less)(struct rb_node *,
					      const struct rb_node *))
{
	struct rb_node **link = &tree->rb_root.rb_node, *parent = NULL;
	bool leftmost = true;

	while (*link) {
		parent = *link;
		if (less(node, parent)) {
			link = &parent->rb_left;
		} else {
			link = &parent->rb_right;
			leftmost = false;
		}
	}
	rb_link_node(node, parent, link);
	rb_insert_color_cached(node, tree, leftmost);
}
#endif

/*
 * 5.14: modules may call set_active_memcg(). Before, it wants a variable for
 * interrupts that they do not get; in a process it is the same as this.
 */
#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 14, 0) && defined(CONFIG_MEMCG)
static inline struct mem_cgroup *
ashmem_set_active_memcg(struct mem_cgroup *memcg)
{
	struct mem_cgroup *old = current->active_memcg;

	current->active_memcg = memcg;
	return old;
}
#define set_active_memcg	ashmem_set_active_memcg
#endif

/*
 * 5.16: folios. Before, the first of the pages stood for all of them, and had
 * at its start what a folio has. Read only while the page has a reference.
 */
#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 16, 0)
struct folio {
	union {
		struct {
			unsigned long flags;
			struct list_head lru;
			struct address_space *mapping;
			pgoff_t index;
		};
		struct page page;
	};
};
static_assert(offsetof(struct folio, mapping) ==
	      offsetof(struct page, mapping));
static_assert(offsetof(struct folio, index) == offsetof(struct page, index));

static inline struct folio *page_folio(struct page *page)
{
	return (struct folio *)compound_head(page);
}

static inline unsigned long folio_nr_pages(struct folio *folio)
{
	return compound_nr(&folio->page);
}

static inline bool folio_trylock(struct folio *folio)
{
	return trylock_page(&folio->page);
}

static inline void folio_unlock(struct folio *folio)
{
	unlock_page(&folio->page);
}

static inline bool folio_test_writeback(struct folio *folio)
{
	return PageWriteback(&folio->page);
}

static inline struct mem_cgroup *folio_memcg(struct folio *folio)
{
#if !defined(CONFIG_MEMCG)
	return NULL;
#elif LINUX_VERSION_CODE < KERNEL_VERSION(5, 11, 0)
	/* 5.11: what else the field can hold is told apart by a function. */
	return folio->page.mem_cgroup;
#else
	return page_memcg(&folio->page);
#endif
}
#endif

/* 5.17: vectors of pages became batches of folios. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 17, 0)
struct folio_batch {
	unsigned int nr;
	struct folio *folios[PAGEVEC_SIZE];
};

static inline void folio_batch_init(struct folio_batch *batch)
{
	batch->nr = 0;
}

static inline unsigned int folio_batch_count(const struct folio_batch *batch)
{
	return batch->nr;
}

static inline unsigned int folio_batch_add(struct folio_batch *batch,
					   struct folio *folio)
{
	batch->folios[batch->nr++] = folio;
	return PAGEVEC_SIZE - batch->nr;
}

static inline void folio_batch_release(struct folio_batch *batch)
{
	while (batch->nr)
		put_page(&batch->folios[--batch->nr]->page);
}
#endif

/* 6.0: what is in a file is looked up by folio, not page by page. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 0, 0)
static inline unsigned int filemap_get_folios(struct address_space *mapping,
					      pgoff_t *start, pgoff_t end,
					      struct folio_batch *batch)
{
	struct folio *last = NULL;
	struct pagevec pages;
	unsigned int i;

	pagevec_init(&pages);
	pagevec_lookup_range(&pages, mapping, start, end);
	for (i = 0; i < pagevec_count(&pages); i++) {
		struct folio *folio = page_folio(pages.pages[i]);

		/* Each has a reference, which the first page counts. */
		if (folio == last) {
			put_page(pages.pages[i]);
			continue;
		}
		last = folio;
		folio_batch_add(batch, folio);
	}
	if (last)
		*start = max(*start, last->index + folio_nr_pages(last));
	return folio_batch_count(batch);
}
#endif

/*
 * 5.18: the list of a cgroup is made with the first object that goes on it.
 * Before, it is made with the cgroup.
 */
#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 18, 0)
static inline void *kmem_cache_alloc_lru(struct kmem_cache *cache,
					 struct list_lru *lru, gfp_t gfp)
{
	return kmem_cache_alloc(cache, gfp);
}
#endif

/* 6.0: a file that the kernel made for itself can be sought in, if it is able. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 0, 0)
static inline void ashmem_file_allow_llseek(struct file *file)
{
	if (file->f_op->llseek)
		file->f_mode |= FMODE_LSEEK;
}
#else
static inline void ashmem_file_allow_llseek(struct file *file)
{
}
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
 * Makes @vma a mapping of the backing file, as tmpfs does, though its own
 * operations refuse that; @example is a file of tmpfs with tmpfs' operations.
 * 6.17: tmpfs prepares a mapping before there is one, and the kernel has a way
 * to do that afterwards. What is prepared is the same for all unlinked files of
 * tmpfs.
 */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 17, 0)
static inline int ashmem_shmem_mmap(struct file *example, struct file *file,
				    struct vm_area_struct *vma)
{
	vma_set_file(vma, file);
	return vfs_mmap(example, vma);
}
#elif LINUX_VERSION_CODE >= KERNEL_VERSION(5, 11, 0)
static inline int ashmem_shmem_mmap(struct file *example, struct file *file,
				    struct vm_area_struct *vma)
{
	vma_set_file(vma, file);
	return example->f_op->mmap(file, vma);
}
#else
/*
 * 5.11: there is vma_set_file(), and a mapping that fails may have any file.
 * Before, it must still have its first one.
 */
static inline int ashmem_shmem_mmap(struct file *example, struct file *file,
				    struct vm_area_struct *vma)
{
	struct file *first = vma->vm_file;
	int error;

	vma->vm_file = file;
	error = example->f_op->mmap(file, vma);
	if (error) {
		vma->vm_file = first;
		return error;
	}
	get_file(file);
	fput(first);
	return 0;
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
 * 5.11: the kernel asks the operations of a mapping before it gives it other
 * protections. Before, it looks only at the VM_MAY flags. So whoever takes
 * protections from the mask takes these flags from all mappings there are. Two
 * things remain that a later kernel does otherwise. A shared mapping keeps a
 * protection that it has, but mprotect() with it is refused, whether it would
 * change anything or not. And a private mapping that can be written may give
 * that up and get it back: its flag also tells fork that it has copies.
 *
 * A mapping that is being made is not yet to be found by its file. But whoever
 * makes it holds the lock of its address space. So that is noted; whoever has
 * had the lock since finds the mapping.
 */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(5, 11, 0)
struct ashmem_mappers {};

static inline void ashmem_mappers_init(struct ashmem_mappers *mappers)
{
}

static inline int ashmem_mappers_add(struct ashmem_mappers *mappers,
				     struct mm_struct *mm)
{
	return 0;
}

static inline void ashmem_mappers_clear(struct ashmem_mappers *mappers)
{
}

static inline void ashmem_mappers_deny(struct ashmem_mappers *mappers,
				       struct file *file, unsigned long denied)
{
}

static inline void
ashmem_vm_ops_set_mprotect(struct vm_operations_struct *vm_ops,
			   int (*mprotect)(struct vm_area_struct *,
					   unsigned long, unsigned long,
					   unsigned long))
{
	vm_ops->mprotect = mprotect;
}
#else
/**
 * struct ashmem_mappers - who is about to map an area
 * @deny: held by who takes protections away. Taken before any mmap_lock
 * @lock: guards @mms
 * @mms:  &struct ashmem_mapper; those that have finished leave when another
 *        comes
 */
struct ashmem_mappers {
	struct mutex deny;
	spinlock_t lock;
	struct list_head mms;
};

struct ashmem_mapper {
	struct list_head link;
	struct mm_struct *mm;
};

static inline void ashmem_mappers_init(struct ashmem_mappers *mappers)
{
	mutex_init(&mappers->deny);
	spin_lock_init(&mappers->lock);
	INIT_LIST_HEAD(&mappers->mms);
}

static inline void ashmem_mapper_free(struct ashmem_mapper *mapper)
{
	mmdrop(mapper->mm);
	kfree(mapper);
}

/* Whoever maps holds the lock of @mm, and that which the mask changes under. */
static inline int ashmem_mappers_add(struct ashmem_mappers *mappers,
				     struct mm_struct *mm)
{
	struct ashmem_mapper *mapper = kmalloc(sizeof(*mapper), GFP_KERNEL);
	struct ashmem_mapper *other, *next;
	LIST_HEAD(finished);

	if (!mapper)
		return -ENOMEM;
	mmgrab(mm);
	mapper->mm = mm;

	spin_lock(&mappers->lock);
	list_for_each_entry_safe(other, next, &mappers->mms, link)
		if (other->mm == mm || !rwsem_is_locked(&other->mm->mmap_lock))
			list_move(&other->link, &finished);
	list_add(&mapper->link, &mappers->mms);
	spin_unlock(&mappers->lock);

	list_for_each_entry_safe(other, next, &finished, link)
		ashmem_mapper_free(other);
	return 0;
}

static inline struct ashmem_mapper *
ashmem_mappers_take(struct ashmem_mappers *mappers)
{
	struct ashmem_mapper *mapper;

	spin_lock(&mappers->lock);
	mapper = list_first_entry_or_null(&mappers->mms, struct ashmem_mapper,
					  link);
	if (mapper)
		list_del(&mapper->link);
	spin_unlock(&mappers->lock);
	return mapper;
}

/* Nobody can map any more. */
static inline void ashmem_mappers_clear(struct ashmem_mappers *mappers)
{
	struct ashmem_mapper *mapper;

	while ((mapper = ashmem_mappers_take(mappers)))
		ashmem_mapper_free(mapper);
}

/* The VM_MAY flags that a mapping has of @denied, but for the case above. */
static inline unsigned long
ashmem_vma_excess(const struct vm_area_struct *vma, unsigned long denied)
{
	unsigned long excess = vma->vm_flags & (denied << 4);

	return (vma->vm_flags & (VM_WRITE | VM_SHARED)) == VM_WRITE ?
	       excess & ~VM_MAYWRITE : excess;
}

/* Takes the flags from all mappings of @file in @mm, if it is still in use. */
static inline int ashmem_mm_deny(struct mm_struct *mm, struct file *file,
				 unsigned long denied)
{
	struct vm_area_struct *vma;
	int error = mmap_write_lock_killable(mm);

	if (error)
		return error;
	for (vma = mm->mmap; vma; vma = vma->vm_next)
		if (vma->vm_file == file)
			vm_flags_clear(vma, ashmem_vma_excess(vma, denied));
	mmap_write_unlock(mm);
	return 0;
}

/*
 * An address space that has mappings of @file to take flags from, with a
 * reference, or NULL. Those of processes that have ended change no more.
 */
static inline struct mm_struct *ashmem_mm_next(struct file *file,
					       unsigned long denied)
{
	struct address_space *mapping = file->f_mapping;
	struct mm_struct *found = NULL;
	struct rb_node *node;

	i_mmap_lock_read(mapping);
	for (node = rb_first_cached(&mapping->i_mmap); node && !found;
	     node = rb_next(node)) {
		struct vm_area_struct *vma =
			rb_entry(node, struct vm_area_struct, shared.rb);

		if (ashmem_vma_excess(vma, denied) &&
		    mmget_not_zero(vma->vm_mm))
			found = vma->vm_mm;
	}
	i_mmap_unlock_read(mapping);
	return found;
}

/*
 * Takes the VM_MAY flags of @denied, VM_READ and so on, from all mappings of
 * @file. Whoever maps it from now on knows. Ends early if the caller is killed.
 */
static inline void ashmem_mappers_deny(struct ashmem_mappers *mappers,
				       struct file *file, unsigned long denied)
{
	struct ashmem_mapper *mapper;
	struct mm_struct *mm;
	int error = mutex_lock_killable(&mappers->deny);

	if (error)
		return;
	while (!error && (mapper = ashmem_mappers_take(mappers))) {
		if (mmget_not_zero(mapper->mm)) {
			error = ashmem_mm_deny(mapper->mm, file, denied);
			mmput(mapper->mm);
		}
		ashmem_mapper_free(mapper);
	}
	/* A fork copies flags, and has its mappings in the file before it ends. */
	while (!error && (mm = ashmem_mm_next(file, denied))) {
		error = ashmem_mm_deny(mm, file, denied);
		mmput(mm);
	}
	mutex_unlock(&mappers->deny);
}

static inline void
ashmem_vm_ops_set_mprotect(struct vm_operations_struct *vm_ops,
			   int (*mprotect)(struct vm_area_struct *,
					   unsigned long, unsigned long,
					   unsigned long))
{
}
#endif

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
	/*
	 * The list is complete before anybody is sent to it. The kernel reads
	 * this as if it never changed: so whoever finds it, whatever its
	 * processor has read ahead, has passed a barrier since the list was.
	 */
	synchronize_rcu();
	WRITE_ONCE(shrinker->count_objects, count);
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
