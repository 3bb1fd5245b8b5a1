/* SPDX-License-Identifier: MIT */
/*
 * How much memory is taken, of how much: in a cgroup, or of the whole machine.
 */
#ifndef ASHMEM_DAEMON_MEMORY_H
#define ASHMEM_DAEMON_MEMORY_H

#include <stdint.h>

struct cgroup_hierarchy;

#define MEMORY_UNLIMITED	UINT64_MAX

/**
 * struct memory - all in bytes
 * @limit: what there can be: the machine's memory; of a cgroup the nearest of
 *         its limits (above memory.high the kernel slows its processes down,
 *         at memory.max it kills), or MEMORY_UNLIMITED, and then the others
 *         are 0
 * @used:  what is taken, without the file cache, which the kernel gives back by
 *         itself
 * @shmem: what of it is shared memory, where purges are seen; a kernel that
 *         sums up late may be behind with it
 */
struct memory {
	uint64_t limit;
	uint64_t used;
	uint64_t shmem;
};

/**
 * memory_of_machine - reads PROC/meminfo, and PROC/zoneinfo if it is there
 *
 * Returns 0, or -1 with errno: as of open(2), or EPROTO if it is not in there.
 */
int memory_of_machine(struct memory *memory, const char *proc);

/**
 * memory_of_cgroup - reads a cgroup's files, not its parents'
 *
 * Returns 0, or -1 with errno: ENOENT or ENODEV if it is gone or has no memory
 * controller, EPROTO if its files say something else than numbers, or as of
 * open(2).
 */
int memory_of_cgroup(struct memory *memory,
		     const struct cgroup_hierarchy *hierarchy,
		     const char *cgroup);

#endif /* ASHMEM_DAEMON_MEMORY_H */
