/* SPDX-License-Identifier: MIT */
/*
 * Regions by descriptor, with the names and types that code written for Android
 * expects of <cutils/ashmem.h>. Link with libashmem. See <ashmem.h> for what a
 * region is, and for the same by handle, which is faster.
 *
 * All answer -1 and set errno when they fail. Offsets and lengths are in bytes,
 * multiples of the page size; a length of 0 means up to the end of the region.
 * A descriptor is the caller's, and is closed by close(2); its number may be
 * used again for anything.
 */
#ifndef CUTILS_ASHMEM_H
#define CUTILS_ASHMEM_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What ashmem_pin_region() answers, and the status of pages. */
#ifndef ASHMEM_NOT_PURGED
#define ASHMEM_NOT_PURGED	0
#define ASHMEM_WAS_PURGED	1
#endif
#ifndef ASHMEM_IS_UNPINNED
#define ASHMEM_IS_UNPINNED	0
#define ASHMEM_IS_PINNED	1
#endif

/* 1 if @fd is of a region, of either engine, else 0. */
int ashmem_valid(int fd);

/* A new region's descriptor, closed on exec. @name may be NULL. Errors as
 * ashmem_region_create(), and EINVAL if @size is 0. */
int ashmem_create_region(const char *name, size_t size);

/* Takes all protections away but @prot; as ashmem_region_set_protection(). */
int ashmem_set_prot_region(int fd, int prot);

/* As ashmem_region_pin(): ASHMEM_WAS_PURGED or ASHMEM_NOT_PURGED. */
int ashmem_pin_region(int fd, size_t offset, size_t len);

/* As ashmem_region_unpin(). */
int ashmem_unpin_region(int fd, size_t offset, size_t len);

/* The size in bytes; of a region of 2 GiB or more, -1 with errno EOVERFLOW. */
int ashmem_get_size_region(int fd);

#ifdef __cplusplus
}
#endif

#endif /* CUTILS_ASHMEM_H */
