/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _ASHMEM_MAPPING_H
#define _ASHMEM_MAPPING_H

struct file;
struct vm_area_struct;

int ashmem_mapping_init(void);
void ashmem_mapping_exit(void);

int ashmem_mmap(struct file *file, struct vm_area_struct *vma);

#endif /* _ASHMEM_MAPPING_H */
