/* SPDX-License-Identifier: MIT */
#ifndef ASHMEM_JAVA_MAPPING_H
#define ASHMEM_JAVA_MAPPING_H

#include <stdbool.h>
#include <stddef.h>

/* Gives back the memory at @address, of which whole pages are meant, and leaves
 * there what answers every access with SIGBUS. Returns false with errno, and
 * nothing has changed. */
bool mapping_retire(void *address, size_t length);

#endif /* ASHMEM_JAVA_MAPPING_H */
