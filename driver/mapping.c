// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mapping an area, and the backing file that holds its pages.
 *
 * The backing file is an unlinked file of the kernel's own tmpfs, made by
 * whoever maps the area first. A mapping of the device becomes a mapping of
 * that file, so that its pages are shared, swapped, charged and shown like
 * those of any other shared memory.
 *
 * Two things are added. Faults come through here first: see ashmem_fault().
 * And the file is guarded: whoever could open or map it by itself, for example
 * through /proc/PID/map_files, would get round the protection mask. So the file
 * and its inode have file operations of this module that refuse both. They
 * also keep the module loaded: a mapping holds the backing file, and that holds
 * the module.
 */
#include "mapping.h"

#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/fcntl.h>
#include <linux/file.h>
#include <linux/mman.h>
#include <linux/module.h>
#include <linux/pagemap.h>
#include <linux/sched/mm.h>
#include <linux/shmem_fs.h>
#include <linux/smp.h>
#include <linux/xarray.h>

#include "area.h"
#include "compat.h"
#include "memcg.h"
#include "reclaim.h"
#include "trace.h"

/* "/dev/ashmem/NAME" in /proc/PID/maps; tmpfs puts the slash before it. */
#define ASHMEM_NAME_PREFIX	ASHMEM_NAME_DEF "/"

#define ASHMEM_ACCESS		(VM_READ | VM_WRITE | VM_EXEC)

/* A file of tmpfs; its operations, and the same with the changes described
 * above. Of those on a mapping only what is named here is taken over: tmpfs may
 * come to have others that lead past ashmem_fault() and the mask. */
static struct file *ashmem_shmem_file;
static const struct file_operations *ashmem_shmem_fops;
static struct file_operations ashmem_backing_fops;
static const struct vm_operations_struct *ashmem_shmem_vm_ops;
static struct vm_operations_struct ashmem_vm_ops;
static DEFINE_MUTEX(ashmem_vm_ops_lock);

/* Pages of zeros; several, since the kernel locks the one that it copies. */
#define ASHMEM_ZERO_PAGES	16
static struct page *ashmem_zero_pages[ASHMEM_ZERO_PAGES];

/* The first touch of a page by a private write: nobody else has seen it. */
static bool ashmem_fault_is_private_first(const struct vm_fault *vmf)
{
	struct file *backing = vmf->vma->vm_file;

	return vmf->cow_page &&
	       vmf->pgoff < DIV_ROUND_UP(i_size_read(file_inode(backing)),
					 PAGE_SIZE) &&
	       !xa_load(&backing->f_mapping->i_pages, vmf->pgoff);
}

/*
 * A page that is touched first by a write to a private mapping needs no memory
 * in the backing file: the copy is made from a page of zeros. Any other first
 * touch makes a page there, which somebody pays for, and which can be purged.
 */
static vm_fault_t ashmem_fault(struct vm_fault *vmf)
{
	struct vm_area_struct *vma = vmf->vma;
	struct ashmem_area *area = vma->vm_file->private_data;
	vm_fault_t result;

	if (ashmem_fault_is_private_first(vmf)) {
		vmf->page = ashmem_zero_pages[raw_smp_processor_id() %
					      ASHMEM_ZERO_PAGES];
		get_page(vmf->page);
		return 0;
	}

	if (!xa_load(&vma->vm_file->f_mapping->i_pages, vmf->pgoff))
		ashmem_charge_touch(area, vma->vm_mm);
	result = ashmem_shmem_vm_ops->fault(vmf);
	if (!(result & (VM_FAULT_ERROR | VM_FAULT_NOPAGE | VM_FAULT_RETRY))) {
		struct folio *folio = page_folio(vmf->page);

		/* A large page has given memory to its other pages as well. */
		ashmem_charge_folio(area, folio);
		ashmem_reclaim_touch(area, folio->index,
				     folio->index + folio_nr_pages(folio));
	}
	return result;
}

/* The protections that the mask of an area allows, as flags of a mapping. */
static unsigned long ashmem_allowed(struct ashmem_area *area)
{
	return calc_vm_prot_bits(ashmem_area_get_prot_mask(area), 0) &
	       ASHMEM_ACCESS;
}

/*
 * A mapping that was made before the mask lost a protection keeps what it has.
 * It does not gain what the mask has lost.
 */
static int ashmem_mprotect(struct vm_area_struct *vma, unsigned long start,
			   unsigned long end, unsigned long flags)
{
	unsigned long gained = flags & ~vma->vm_flags & ASHMEM_ACCESS;

	return gained & ~ashmem_allowed(vma->vm_file->private_data) ?
	       -EACCES : 0;
}

/* The kernel does not export tmpfs' operations, but every mapping has them. */
static void ashmem_wrap_vm_ops(struct vm_area_struct *vma)
{
	/* Pairs with the release below: whoever comes later needs no lock. */
	if (!smp_load_acquire(&ashmem_shmem_vm_ops)) {
		mutex_lock(&ashmem_vm_ops_lock);
		if (!ashmem_shmem_vm_ops) {
			ashmem_vm_ops.fault = ashmem_fault;
			ashmem_vm_ops.map_pages = vma->vm_ops->map_pages;
#ifdef CONFIG_NUMA
			ashmem_vm_ops.set_policy = vma->vm_ops->set_policy;
			ashmem_vm_ops.get_policy = vma->vm_ops->get_policy;
#endif
			ashmem_vm_ops_set_mprotect(&ashmem_vm_ops,
						   ashmem_mprotect);
			smp_store_release(&ashmem_shmem_vm_ops, vma->vm_ops);
		}
		mutex_unlock(&ashmem_vm_ops_lock);
	}
	vma->vm_ops = &ashmem_vm_ops;
}

static int ashmem_backing_open(struct inode *inode, struct file *file)
{
	return -EPERM;
}

static int ashmem_backing_mmap(struct file *file, struct vm_area_struct *vma)
{
	return -EPERM;
}

/*
 * Punching holes, for MADV_REMOVE. It is a kind of writing, and the kernel asks
 * only whether the mapping could once have become writable.
 *
 * Splitting a large page allocates with the page locked, and must not come back
 * for that page through reclaim.
 */
static long ashmem_backing_fallocate(struct file *file, int mode,
				     loff_t offset, loff_t len)
{
	struct ashmem_area *area = file->private_data;
	unsigned int noreclaim;
	long error;

	if (!(ashmem_area_get_prot_mask(area) & PROT_WRITE))
		return -EPERM;
	noreclaim = memalloc_noreclaim_save();
	error = ashmem_shmem_fops->fallocate(file, mode, offset, len);
	memalloc_noreclaim_restore(noreclaim);
	return error;
}

/*
 * The last descriptor and the last mapping are gone, and the module may go
 * next. A privileged process can still hold the inode through a path. It finds
 * it empty, and with operations that stay.
 */
static int ashmem_backing_release(struct inode *inode, struct file *file)
{
	shmem_truncate_range(inode, 0, (loff_t)-1);
	inode->i_fop = ashmem_shmem_fops;
	ashmem_area_put(file->private_data);
	return 0;
}

/**
 * ashmem_mapping_init - get ready to map areas
 *
 * Return: 0 or a negative error.
 */
int __init ashmem_mapping_init(void)
{
	int i;

	ashmem_shmem_file = shmem_file_setup(ASHMEM_NAME_DEF, PAGE_SIZE,
					     ASHMEM_VM_NORESERVE);
	if (IS_ERR(ashmem_shmem_file))
		return PTR_ERR(ashmem_shmem_file);
	ashmem_shmem_fops = ashmem_shmem_file->f_op;

	ashmem_backing_fops = *ashmem_shmem_fops;
	ashmem_backing_fops.owner = THIS_MODULE;
	ashmem_backing_fops.open = ashmem_backing_open;
	ashmem_backing_fops.release = ashmem_backing_release;
	if (ashmem_shmem_fops->fallocate)
		ashmem_backing_fops.fallocate = ashmem_backing_fallocate;
	ashmem_file_operations_set_mmap(&ashmem_backing_fops,
					ashmem_backing_mmap);

	for (i = 0; i < ASHMEM_ZERO_PAGES; i++) {
		ashmem_zero_pages[i] = alloc_page(GFP_KERNEL | __GFP_ZERO);
		if (!ashmem_zero_pages[i]) {
			ashmem_mapping_exit();
			return -ENOMEM;
		}
	}
	return 0;
}

/**
 * ashmem_mapping_exit - undo ashmem_mapping_init()
 */
void ashmem_mapping_exit(void)
{
	int i;

	for (i = 0; i < ASHMEM_ZERO_PAGES; i++)
		if (ashmem_zero_pages[i])
			put_page(ashmem_zero_pages[i]);
	fput(ashmem_shmem_file);
}

/* Makes the backing file. Its size and name are those of the area for good. */
static int ashmem_backing_create(struct ashmem_area *area)
{
	char name[sizeof(ASHMEM_NAME_PREFIX) + ASHMEM_NAME_LEN] =
		ASHMEM_NAME_DEF;
	struct file *backing;

	lockdep_assert_held(&area->config);
	if (area->name[0])
		snprintf(name, sizeof(name), ASHMEM_NAME_PREFIX "%s",
			 area->name);

	/* Pages are accounted for as they come, as those of a memfd are. */
	backing = shmem_file_setup(name, area->size, ASHMEM_VM_NORESERVE);
	if (IS_ERR(backing)) {
		/* What tmpfs says where it has no memory for an inode. */
		return PTR_ERR(backing) == -ENOSPC ? -ENOMEM : PTR_ERR(backing);
	}

	__module_get(THIS_MODULE);
	backing->private_data = ashmem_area_get(area);
	backing->f_op = &ashmem_backing_fops;
	ashmem_file_allow_llseek(backing);
	file_inode(backing)->i_fop = &ashmem_backing_fops;
	/* Nor can it be resized by path, for which nobody has to open it. */
	SHMEM_I(file_inode(backing))->seals |= F_SEAL_SHRINK | F_SEAL_GROW;
	/* Pairs with ashmem_area_backing(). */
	smp_store_release(&area->backing, backing);
	return 0;
}

/* May @vma be a mapping of the area? Takes away what it may not become. */
static int ashmem_mapping_check(struct ashmem_area *area,
				struct vm_area_struct *vma)
{
	unsigned long denied = ASHMEM_ACCESS & ~ashmem_allowed(area);
	pgoff_t pages;

	lockdep_assert_held(&area->config);
	if (!area->size)
		return -EINVAL;
	pages = ashmem_area_pages(area);
	if (vma->vm_pgoff >= pages || vma_pages(vma) > pages - vma->vm_pgoff)
		return -EINVAL;
	if (vma->vm_flags & denied)
		return -EPERM;

	/* What mprotect may turn on later: each VM_MAY bit is four bits up. */
	vm_flags_clear(vma, denied << 4);
	return 0;
}

/**
 * ashmem_mmap - map an area
 * @file: the area
 * @vma:  where, and what of it; becomes a mapping of the backing file
 *
 * Return: 0; -EINVAL if the size is unset or the area is smaller; -EPERM for a
 * protection outside the mask; another error if there is no backing file yet
 * and none can be made.
 */
int ashmem_mmap(struct file *file, struct vm_area_struct *vma)
{
	struct ashmem_area *area = file->private_data;
	bool first;
	int error;

	mutex_lock(&area->config);
	error = ashmem_mappers_add(&area->mappers, vma->vm_mm);
	if (error)
		goto unlock;
	error = ashmem_mapping_check(area, vma);
	if (error)
		goto unlock;

	first = !area->backing;
	if (first) {
		error = ashmem_backing_create(area);
		if (error)
			goto unlock;
	}

	error = ashmem_shmem_mmap(ashmem_shmem_file, area->backing, vma);
	if (error)
		goto unlock;
	ashmem_wrap_vm_ops(vma);

	if (first)
		trace_ashmem_map_first(area);
	trace_ashmem_map(area, vma);
unlock:
	mutex_unlock(&area->config);
	return error;
}
