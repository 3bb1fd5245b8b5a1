/* SPDX-License-Identifier: MIT */
/*
 * Cgroups of the tests' own (version 2), with a limit on memory. All of them
 * lie below one directory, and are removed after each test.
 */
#ifndef ASHMEM_TESTS_CONFORMANCE_CGROUP_H
#define ASHMEM_TESTS_CONFORMANCE_CGROUP_H

#include <stddef.h>

/**
 * struct cgroup - a cgroup
 * @path: of its directory
 */
struct cgroup {
	char path[128];
};

const char *cgroup_missing(void);
struct cgroup cgroup_make(const char *name, size_t limit);
struct cgroup cgroup_make_below(const struct cgroup *parent,
				const char *name);
void cgroup_enter(const struct cgroup *cgroup);
void cgroup_remove(const struct cgroup *cgroup);
void cgroup_clear(void);

size_t cgroup_bytes(const struct cgroup *cgroup);
long cgroup_kills(const struct cgroup *cgroup);

#endif /* ASHMEM_TESTS_CONFORMANCE_CGROUP_H */
