/* SPDX-License-Identifier: MIT */
/*
 * Regions by the numbers of their users' descriptors, for Android's names.
 *
 * The user closes a descriptor without telling anybody, and its number is used
 * again. So each call looks what the number stands for now (fstat(2)), and what
 * was known of it before counts only if that is the same file. No descriptor of
 * the library's own is kept, for that would keep the region's memory.
 */
#ifndef ASHMEM_LIB_DESCRIPTOR_H
#define ASHMEM_LIB_DESCRIPTOR_H

#include "region.h"

struct descriptor;

/**
 * descriptor_use - what @fd is a descriptor of
 *
 * descriptor_done() has to follow. Returns NULL with errno EBADF, ENOMEM, or
 * EINVAL if it is of no region.
 */
struct descriptor *descriptor_use(int fd);

struct ashmem_region *descriptor_region(const struct descriptor *descriptor);

/* Gives back what descriptor_use() gave. errno is kept. */
void descriptor_done(struct descriptor *descriptor);

#endif /* ASHMEM_LIB_DESCRIPTOR_H */
