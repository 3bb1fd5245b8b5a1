/* SPDX-License-Identifier: MIT */
/* How much memory there is, and how much of it is shared memory. */
#ifndef ASHMEM_TESTS_CONFORMANCE_MEMINFO_H
#define ASHMEM_TESTS_CONFORMANCE_MEMINFO_H

/* Large enough to be seen in /proc/meminfo, and how exactly it is seen. */
#define LARGE_KIB	(32 << 10)
#define SLACK_KIB	(4 << 10)
#define LARGE_PAGES	(LARGE_KIB * (size_t)1024 / page)

long meminfo_kib(const char *key);
long shmem_kib(void);

#endif /* ASHMEM_TESTS_CONFORMANCE_MEMINFO_H */
