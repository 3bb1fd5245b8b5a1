/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * The interface of /dev/ashmem: anonymous shared memory whose pages can be
 * given back under memory pressure.
 *
 * A descriptor of /dev/ashmem is an *area*. Name it, size it, mmap() it, hand
 * the descriptor to others; all who map it see the same pages. Pages that can
 * be regenerated are unpinned, and may be purged from then on; pinning them
 * again tells whether they were.
 *
 * Numbers 1 to 11 are those of Android's driver. From 0x40 on they are
 * extensions of this one.
 */
#ifndef _LINUX_ASHMEM_H
#define _LINUX_ASHMEM_H

#include <linux/ioctl.h>
#include <linux/types.h>

#ifndef __KERNEL__
#include <stddef.h>
#endif

/* A name with its terminating NUL. */
#define ASHMEM_NAME_LEN		256

/* What ASHMEM_GET_NAME says, and /proc/PID/maps shows, of an unnamed area. */
#define ASHMEM_NAME_DEF		"dev/ashmem"

/* What ASHMEM_PIN returns. */
#define ASHMEM_NOT_PURGED	0
#define ASHMEM_WAS_PURGED	1

/* What ASHMEM_GET_PIN_STATUS returns. */
#define ASHMEM_IS_UNPINNED	0
#define ASHMEM_IS_PINNED	1

/**
 * struct ashmem_pin - a run of pages
 * @offset: bytes from the start of the area, a multiple of the page size
 * @len:    bytes, a multiple of the page size; 0 means to the end of the area
 */
struct ashmem_pin {
	__u32 offset;
	__u32 len;
};

/**
 * struct ashmem_pin64 - a run of pages anywhere, also past 4 GiB
 * @offset: as in struct ashmem_pin
 * @len:    as in struct ashmem_pin
 */
struct ashmem_pin64 {
	__aligned_u64 offset;
	__aligned_u64 len;
};

#define __ASHMEMIOC		0x77

#define ASHMEM_SET_NAME		_IOW(__ASHMEMIOC, 1, char[ASHMEM_NAME_LEN])
#define ASHMEM_GET_NAME		_IOR(__ASHMEMIOC, 2, char[ASHMEM_NAME_LEN])
#define ASHMEM_SET_SIZE		_IOW(__ASHMEMIOC, 3, size_t)
/* What libc returns is an int; lseek() and fdinfo tell sizes from 2 GiB on. */
#define ASHMEM_GET_SIZE		_IO(__ASHMEMIOC, 4)
#define ASHMEM_SET_PROT_MASK	_IOW(__ASHMEMIOC, 5, unsigned long)
#define ASHMEM_GET_PROT_MASK	_IO(__ASHMEMIOC, 6)
#define ASHMEM_PIN		_IOW(__ASHMEMIOC, 7, struct ashmem_pin)
#define ASHMEM_UNPIN		_IOW(__ASHMEMIOC, 8, struct ashmem_pin)
#define ASHMEM_GET_PIN_STATUS	_IO(__ASHMEMIOC, 9)
#define ASHMEM_PURGE_ALL_CACHES	_IO(__ASHMEMIOC, 10)
#define ASHMEM_GET_FILE_ID	_IOR(__ASHMEMIOC, 11, unsigned long)

#define ASHMEM_PIN64		_IOW(__ASHMEMIOC, 0x40, struct ashmem_pin64)
#define ASHMEM_UNPIN64		_IOW(__ASHMEMIOC, 0x41, struct ashmem_pin64)
#define ASHMEM_GET_PIN_STATUS64	_IOW(__ASHMEMIOC, 0x42, struct ashmem_pin64)

#endif /* _LINUX_ASHMEM_H */
