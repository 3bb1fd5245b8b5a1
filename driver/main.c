// SPDX-License-Identifier: GPL-2.0-only
/*
 * /dev/ashmem: start and end of the module.
 */
#include "main.h"

#include <linux/compat.h>
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>

#include "area.h"
#include "file.h"
#include "ioctl.h"
#include "mapping.h"
#include "memcg.h"
#include "pin.h"
#include "reclaim.h"

#define CREATE_TRACE_POINTS
#include "trace.h"

static ushort mode = 0666;
module_param(mode, ushort, 0444);
MODULE_PARM_DESC(mode, "permissions of /dev/ashmem (default 0666)");

static bool legacy_unpin;
module_param(legacy_unpin, bool, 0644);
MODULE_PARM_DESC(legacy_unpin,
	"let anybody unpin an area whose mask excludes writing (default N)");

/**
 * ashmem_legacy_unpin - may read-only clients unpin, as they once could?
 */
bool ashmem_legacy_unpin(void)
{
	return READ_ONCE(legacy_unpin);
}

static const struct file_operations ashmem_fops = {
	.owner = THIS_MODULE,
	.open = ashmem_area_open,
	.release = ashmem_area_release,
	.mmap = ashmem_mmap,
	.read_iter = ashmem_read_iter,
	.llseek = ashmem_llseek,
	.show_fdinfo = ashmem_show_fdinfo,
	.unlocked_ioctl = ashmem_ioctl,
#ifdef CONFIG_COMPAT
	.compat_ioctl = ashmem_compat_ioctl,
#endif
};

static struct miscdevice ashmem_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "ashmem",
	.fops = &ashmem_fops,
};

static int __init ashmem_init(void)
{
	int error;

	if (mode & ~0777) {
		pr_err("ashmem: mode=0%o is not a permission: use 0000 to 0777\n",
		       mode);
		return -EINVAL;
	}
	ashmem_device.mode = mode;

	error = ashmem_areas_init();
	if (error)
		return error;
	error = ashmem_ranges_cache_init();
	if (error)
		goto areas;
	error = ashmem_memcgs_init();
	if (error)
		goto ranges;
	error = ashmem_mapping_init();
	if (error)
		goto memcgs;
	error = ashmem_reclaim_init();
	if (error)
		goto mapping;
	error = misc_register(&ashmem_device);
	if (error)
		goto reclaim;
	return 0;

reclaim:
	ashmem_reclaim_exit();
mapping:
	ashmem_mapping_exit();
memcgs:
	ashmem_memcgs_exit();
ranges:
	ashmem_ranges_cache_exit();
areas:
	ashmem_areas_exit();
	return error;
}
module_init(ashmem_init);

static void __exit ashmem_exit(void)
{
	misc_deregister(&ashmem_device);
	ashmem_reclaim_exit();
	ashmem_mapping_exit();
	ashmem_memcgs_exit();
	ashmem_ranges_cache_exit();
	ashmem_areas_exit();
}
module_exit(ashmem_exit);

MODULE_DESCRIPTION("Anonymous shared memory with purgeable pages");
MODULE_AUTHOR("The ashmem authors");
MODULE_LICENSE("GPL");
MODULE_ALIAS("ashmem_linux");
