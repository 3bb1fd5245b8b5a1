/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _ASHMEM_FILE_H
#define _ASHMEM_FILE_H

#include <linux/types.h>

struct file;
struct iov_iter;
struct kiocb;
struct seq_file;

ssize_t ashmem_read_iter(struct kiocb *iocb, struct iov_iter *to);
loff_t ashmem_llseek(struct file *file, loff_t offset, int whence);
void ashmem_show_fdinfo(struct seq_file *seq, struct file *file);

#endif /* _ASHMEM_FILE_H */
