/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _ASHMEM_IOCTL_H
#define _ASHMEM_IOCTL_H

struct file;

long ashmem_ioctl(struct file *file, unsigned int command, unsigned long arg);
long ashmem_compat_ioctl(struct file *file, unsigned int command,
			 unsigned long arg);

#endif /* _ASHMEM_IOCTL_H */
