/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _ASHMEM_PIN_H
#define _ASHMEM_PIN_H

#include <linux/types.h>

struct ashmem_area;
struct ashmem_range;
struct list_head;

/**
 * struct ashmem_pin_counts - how many pages are in which state
 * @pinned:   pages that are pinned
 * @unpinned: pages that are unpinned and were not purged
 * @purged:   pages that were purged since they were unpinned
 */
struct ashmem_pin_counts {
	unsigned long pinned;
	unsigned long unpinned;
	unsigned long purged;
};

int ashmem_ranges_cache_init(void);
void ashmem_ranges_cache_exit(void);
struct ashmem_range *ashmem_range_alloc(gfp_t gfp);
void ashmem_ranges_free(struct list_head *ranges);

int ashmem_pin(struct ashmem_area *area, u64 offset, u64 len);
int ashmem_unpin(struct ashmem_area *area, u64 offset, u64 len);
int ashmem_pin_status(struct ashmem_area *area, u64 offset, u64 len);
void ashmem_pin_count(struct ashmem_area *area,
		      struct ashmem_pin_counts *counts);

#endif /* _ASHMEM_PIN_H */
