/* SPDX-License-Identifier: MIT */
/*
 * Shared memory with the names and types of the NDK's <android/sharedmem.h>.
 * Link with libashmem. A descriptor is the caller's, and is closed by close(2).
 */
#ifndef ANDROID_SHAREDMEM_H
#define ANDROID_SHAREDMEM_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A new region's descriptor, closed on exec, or -1 with errno as
 * ashmem_create_region(). @name may be NULL. */
int ASharedMemory_create(const char *name, size_t size);

/* The size in bytes, or 0 if @fd is of no region. */
size_t ASharedMemory_getSize(int fd);

/* Takes all protections away but @prot. Returns 0, or -1 with errno as
 * ashmem_region_set_protection(). */
int ASharedMemory_setProt(int fd, int prot);

#ifdef __cplusplus
}
#endif

#endif /* ANDROID_SHAREDMEM_H */
