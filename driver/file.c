// SPDX-License-Identifier: GPL-2.0-only
/*
 * The file calls that an area has besides mmap and ioctl: reading it, seeking
 * in it, and what /proc/PID/fdinfo shows. There is no write.
 */
#include "file.h"

#include <linux/fs.h>
#include <linux/mman.h>
#include <linux/seq_file.h>
#include <linux/uio.h>

#include "area.h"
#include "pin.h"

/**
 * ashmem_read_iter - read of an area
 * @iocb: the area, and the offset to read at
 * @to:   where the data goes
 *
 * Pages without memory read as zeros and get none.
 *
 * Return: bytes read; 0 at the end, or while the size is unset; -EBADF if the
 * area was never mapped; -EPERM if its mask has no PROT_READ.
 */
ssize_t ashmem_read_iter(struct kiocb *iocb, struct iov_iter *to)
{
	struct ashmem_area *area = iocb->ki_filp->private_data;
	struct file *backing = ashmem_area_backing(area);

	if (!ashmem_area_get_size(area))
		return 0;
	if (!backing)
		return -EBADF;
	if (!(ashmem_area_get_prot_mask(area) & PROT_READ))
		return -EPERM;
	return vfs_iter_read(backing, to, &iocb->ki_pos, 0);
}

/**
 * ashmem_llseek - lseek of an area
 * @file:   the area
 * @offset: in bytes
 * @whence: any SEEK_ constant
 *
 * Return: the new offset; -EINVAL while the size is unset; -EBADF if the area
 * was never mapped; what seeking in a file can return.
 */
loff_t ashmem_llseek(struct file *file, loff_t offset, int whence)
{
	struct ashmem_area *area = file->private_data;
	struct file *backing = ashmem_area_backing(area);

	if (!ashmem_area_get_size(area))
		return -EINVAL;
	if (!backing)
		return -EBADF;

	if (whence == SEEK_DATA || whence == SEEK_HOLE) {
		offset = vfs_llseek(backing, offset, whence);
		if (offset < 0)
			return offset;
		whence = SEEK_SET;
	}
	return generic_file_llseek_size(file, offset, whence, MAX_LFS_FILESIZE,
					ashmem_area_get_size(area));
}

/**
 * ashmem_show_fdinfo - show an area in /proc/PID/fdinfo/FD
 * @seq:  where the lines go
 * @file: the area
 *
 * Each line is a key, a colon, a tab and a value. Pages are counted, not bytes.
 */
void ashmem_show_fdinfo(struct seq_file *seq, struct file *file)
{
	struct ashmem_area *area = file->private_data;
	unsigned long prot = ashmem_area_get_prot_mask(area);
	struct ashmem_pin_counts counts;
	char name[ASHMEM_NAME_LEN];

	ashmem_area_get_name(area, name);
	ashmem_pin_count(area, &counts);

	seq_puts(seq, "ashmem-name:\t");
	seq_escape(seq, name, "\n\\");
	seq_printf(seq, "\nashmem-size:\t%zu\n", ashmem_area_get_size(area));
	seq_printf(seq, "ashmem-prot:\t%c%c%c\n",
		   prot & PROT_READ ? 'r' : '-', prot & PROT_WRITE ? 'w' : '-',
		   prot & PROT_EXEC ? 'x' : '-');
	seq_printf(seq, "ashmem-inode:\t%lu\n", ashmem_area_ino(area));
	seq_printf(seq, "ashmem-resident:\t%lu\n", ashmem_area_resident(area));
	seq_printf(seq, "ashmem-pinned:\t%lu\n", counts.pinned);
	seq_printf(seq, "ashmem-unpinned:\t%lu\n", counts.unpinned);
	seq_printf(seq, "ashmem-purged:\t%lu\n", counts.purged);
}
