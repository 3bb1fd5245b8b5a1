/* SPDX-License-Identifier: MIT */
/* How much memory there is, and how much of it is shared memory. */
#ifndef ASHMEM_TESTS_CONFORMANCE_MEMINFO_H
#define ASHMEM_TESTS_CONFORMANCE_MEMINFO_H

long meminfo_kib(const char *key);
long shmem_kib(void);

#endif /* ASHMEM_TESTS_CONFORMANCE_MEMINFO_H */
