/* SPDX-License-Identifier: MIT */
/* Cgroups (version 2) with limits on memory, and none of their memory to be
 * swapped out. Whatever goes wrong with them ends the program. */
#ifndef ASHMEM_TESTS_RECLAIM_CGROUP_H
#define ASHMEM_TESTS_RECLAIM_CGROUP_H

#include <stdint.h>

/**
 * struct cgroup - a cgroup
 * @path: of its directory
 */
struct cgroup {
	char path[128];
};

/* A new one. @high and @max are in bytes; 0 for none. */
void cgroup_make(struct cgroup *cgroup, const char *name, uint64_t high,
		 uint64_t max);

/* Lets cgroups below it have limits; no process may be in it from then on. */
void cgroup_delegate(const struct cgroup *cgroup);

/* Moves the calling process there. */
void cgroup_enter(const struct cgroup *cgroup);

/* Once no process is in it. */
void cgroup_remove(const struct cgroup *cgroup);

/* The number after @key in a file, or the only one in it if @key is "". */
uint64_t cgroup_number(const struct cgroup *cgroup, const char *file,
		       const char *key);

/* How many processes in it were killed for want of memory. */
uint64_t cgroup_kills(const struct cgroup *cgroup);

#endif /* ASHMEM_TESTS_RECLAIM_CGROUP_H */
