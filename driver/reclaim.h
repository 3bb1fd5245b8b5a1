/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _ASHMEM_RECLAIM_H
#define _ASHMEM_RECLAIM_H

#include <linux/types.h>

struct ashmem_area;

int ashmem_reclaim_init(void);
void ashmem_reclaim_exit(void);

void ashmem_reclaim_add(struct ashmem_area *area);
void ashmem_reclaim_remove(struct ashmem_area *area);

void ashmem_reclaim_touch(struct ashmem_area *area, pgoff_t start, pgoff_t end);
unsigned long ashmem_purge_all(void);

#endif /* _ASHMEM_RECLAIM_H */
