// SPDX-License-Identifier: GPL-2.0-only
/*
 * Areas: what opening /dev/ashmem makes.
 *
 * There is one area for each open file of the device: dup, fork and sending
 * the descriptor share both, opening the device again makes another. Until
 * somebody maps it, an area is only a name, a size and a protection mask.
 *
 * The area outlives its last descriptor for as long as it is mapped, but only
 * as a shell: its pages are all pinned then, since nobody is left who could
 * ask whether they survived.
 */
#include "area.h"

#include <linux/ctype.h>
#include <linux/file.h>
#include <linux/mman.h>
#include <linux/personality.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "compat.h"
#include "memcg.h"
#include "pin.h"
#include "reclaim.h"
#include "trace.h"

#define ASHMEM_PROT_ALL	(PROT_READ | PROT_WRITE | PROT_EXEC)

static struct kmem_cache *ashmem_area_cache;

/**
 * ashmem_areas_init - get ready to make areas
 *
 * Return: 0 or -ENOMEM.
 */
int __init ashmem_areas_init(void)
{
	ashmem_area_cache = KMEM_CACHE(ashmem_area, SLAB_ACCOUNT);
	return ashmem_area_cache ? 0 : -ENOMEM;
}

/**
 * ashmem_areas_exit - undo ashmem_areas_init()
 */
void ashmem_areas_exit(void)
{
	kmem_cache_destroy(ashmem_area_cache);
}

/**
 * ashmem_area_get - take a reference to an area that somebody holds
 * @area: the area
 *
 * Return: @area.
 */
struct ashmem_area *ashmem_area_get(struct ashmem_area *area)
{
	refcount_inc(&area->refs);
	return area;
}

/**
 * ashmem_area_put - give back a reference
 * @area: the area; freed with the last reference
 */
void ashmem_area_put(struct ashmem_area *area)
{
	if (!refcount_dec_and_test(&area->refs))
		return;
	ashmem_charges_free(area);
	put_pid(area->opener);
	kmem_cache_free(ashmem_area_cache, area);
}

/**
 * ashmem_area_open - open of the device: a new area
 * @inode: of the device node
 * @file:  gets the area as its private data
 *
 * Return: 0 or a negative error.
 */
int ashmem_area_open(struct inode *inode, struct file *file)
{
	struct ashmem_area *area;
	int error;

	error = generic_file_open(inode, file);
	if (error)
		return error;

	area = kmem_cache_zalloc(ashmem_area_cache, GFP_KERNEL);
	if (!area)
		return -ENOMEM;

	refcount_set(&area->refs, 1);
	area->opener = get_pid(task_tgid(current));
	mutex_init(&area->config);
	area->prot_mask = ASHMEM_PROT_ALL;
	ashmem_mappers_init(&area->mappers);
	spin_lock_init(&area->lock);
	ashmem_ranges_init(&area->ranges);
	INIT_LIST_HEAD(&area->charges);
	init_waitqueue_head(&area->idle);
	ashmem_reclaim_add(area);
	file->private_data = area;

	trace_ashmem_open(area);
	return 0;
}

/**
 * ashmem_area_release - the last descriptor of an area was closed
 * @inode: of the device node
 * @file:  whose private data is the area
 *
 * From here on nothing of it is purged any more.
 *
 * Return: 0.
 */
int ashmem_area_release(struct inode *inode, struct file *file)
{
	struct ashmem_area *area = file->private_data;

	ashmem_reclaim_remove(area);
	trace_ashmem_release(area);
	ashmem_mappers_clear(&area->mappers);
	if (area->backing)
		fput(area->backing);
	ashmem_area_put(area);
	return 0;
}

/**
 * ashmem_area_set_name - name an area
 * @area: the area
 * @name: the name; empty for none
 *
 * Return: 0, or -EINVAL once the area has been mapped.
 */
int ashmem_area_set_name(struct ashmem_area *area, const char *name)
{
	int error = 0;

	mutex_lock(&area->config);
	if (area->backing)
		error = -EINVAL;
	else
		strscpy(area->name, name, sizeof(area->name));
	mutex_unlock(&area->config);
	return error;
}

/**
 * ashmem_area_get_name - the name of an area
 * @area: the area
 * @name: room for %ASHMEM_NAME_LEN bytes
 */
void ashmem_area_get_name(struct ashmem_area *area, char *name)
{
	mutex_lock(&area->config);
	strscpy(name, area->name[0] ? area->name : ASHMEM_NAME_DEF,
		ASHMEM_NAME_LEN);
	mutex_unlock(&area->config);
}

/**
 * ashmem_area_trace_name - the name of an area, for a line of a trace
 * @area: the area, mapped or without descriptors: nobody changes its name
 * @name: room for %ASHMEM_NAME_LEN bytes
 *
 * A line break in it would begin another line, and that could tell lies.
 */
void ashmem_area_trace_name(const struct ashmem_area *area, char *name)
{
	char *at;

	strscpy(name, area->name, ASHMEM_NAME_LEN);
	for (at = name; *at; at++)
		if (iscntrl(*at))
			*at = '?';
}

/**
 * ashmem_area_set_size - say how large an area will be
 * @area: the area
 * @size: in bytes; 0 makes the size unset again
 *
 * Return: 0; -EINVAL once the area has been mapped, or for a size that no
 * file can have.
 */
int ashmem_area_set_size(struct ashmem_area *area, size_t size)
{
	int error = 0;

	if (size > MAX_LFS_FILESIZE)
		return -EINVAL;

	mutex_lock(&area->config);
	if (area->backing)
		error = -EINVAL;
	else
		area->size = size;
	mutex_unlock(&area->config);
	return error;
}

/**
 * ashmem_area_get_size - the size of an area
 * @area: the area
 *
 * Return: bytes, 0 if unset.
 */
size_t ashmem_area_get_size(struct ashmem_area *area)
{
	return READ_ONCE(area->size);
}

/**
 * ashmem_area_set_prot_mask - take protections away from later mappings
 * @area: the area
 * @prot: the PROT_ bits that are left
 *
 * Earlier mappings keep what they have, and gain nothing.
 *
 * Return: 0, or -EINVAL for a bit that the mask does not have.
 */
int ashmem_area_set_prot_mask(struct ashmem_area *area, unsigned long prot)
{
	struct file *backing;
	int error = 0;

	mutex_lock(&area->config);
	/*
	 * To a process of this personality, readable memory is executable: the
	 * kernel adds PROT_EXEC to each of its maps that asks for PROT_READ. A
	 * mask without it would refuse them all, so it stays if it is there.
	 */
	if ((prot & PROT_READ) && (current->personality & READ_IMPLIES_EXEC))
		prot |= area->prot_mask & PROT_EXEC;

	if (prot & ~area->prot_mask)
		error = -EINVAL;
	else
		WRITE_ONCE(area->prot_mask, prot);
	backing = area->backing;
	mutex_unlock(&area->config);

	if (!error && backing)
		ashmem_mappers_deny(&area->mappers, backing,
				    calc_vm_prot_bits(~prot & ASHMEM_PROT_ALL,
						      0));
	return error;
}

/**
 * ashmem_area_get_prot_mask - the protections that mappings may have
 * @area: the area
 *
 * Return: PROT_ bits.
 */
unsigned long ashmem_area_get_prot_mask(struct ashmem_area *area)
{
	return READ_ONCE(area->prot_mask);
}
