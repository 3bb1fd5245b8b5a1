/* SPDX-License-Identifier: MIT */
/*
 * Which cgroup a process's memory is charged to, and where that is.
 *
 * The memory controller is in one hierarchy: version 1 if one is mounted with
 * it (also on a machine that has both), else version 2. A cgroup is named by
 * its path from the root of that hierarchy as this process sees it: "/" or
 * "/a/b". What lies outside, where a cgroup namespace shows "/../x", or a mount
 * only part of the hierarchy, has no name here.
 */
#ifndef ASHMEM_DAEMON_CGROUP_H
#define ASHMEM_DAEMON_CGROUP_H

#include <stdbool.h>
#include <sys/types.h>

enum cgroup_version {
	CGROUP_NONE,
	CGROUP_V1,
	CGROUP_V2,
};

/**
 * struct cgroup_hierarchy - that of the memory controller
 * @version: CGROUP_NONE if none is mounted; then no process has a cgroup
 * @proc:    "/proc", or what a test has in its place
 * @mount:   the directory of its root; NULL if there is none
 * @top:     what the kernel calls the cgroup at @mount, mostly "/"
 */
struct cgroup_hierarchy {
	enum cgroup_version version;
	const char *proc;
	char *mount;
	char *top;
};

/**
 * cgroup_find - finds where the hierarchy is mounted
 * @proc: must live as long as @hierarchy
 * @root: is put before the mount point; "" for none
 *
 * Returns 0, also if there is none, or -1 with errno ENOMEM. To be undone by
 * cgroup_forget() in both cases.
 */
int cgroup_find(struct cgroup_hierarchy *hierarchy, const char *proc,
		const char *root);

void cgroup_forget(struct cgroup_hierarchy *hierarchy);

/**
 * cgroup_of - a process's cgroup
 *
 * Returns its path, the caller's to free, or NULL with errno set: ENOENT or
 * ESRCH if there is no such process, ENXIO if it is in no cgroup that has a
 * name here, ENOMEM.
 */
char *cgroup_of(const struct cgroup_hierarchy *hierarchy, pid_t pid);

/**
 * cgroup_file - the path of one of a cgroup's files
 * @name: such as "memory.current"
 *
 * Returns it, the caller's to free, or NULL with errno ENOMEM.
 */
char *cgroup_file(const struct cgroup_hierarchy *hierarchy, const char *cgroup,
		  const char *name);

/* Turns a path into its parent's. Returns false if that was the root. */
bool cgroup_to_parent(char *cgroup);

/* Is @other the same as @cgroup, or below it? */
bool cgroup_contains(const char *cgroup, const char *other);

#endif /* ASHMEM_DAEMON_CGROUP_H */
