/* SPDX-License-Identifier: MIT */
/* Files as the kernel has them below /proc and /sys, in a directory of the
 * test's own. Whatever goes wrong with them ends the program. */
#ifndef ASHMEM_TESTS_PRESSURE_TREE_H
#define ASHMEM_TESTS_PRESSURE_TREE_H

#include <sys/types.h>

/**
 * struct tree - the directory
 * @root: its path
 * @proc: of what is "/proc" in it
 */
struct tree {
	char root[64];
	char proc[80];
};

void tree_make(struct tree *tree);
void tree_remove(struct tree *tree);

/* Puts a text into the file at @path below the root, with its directories. */
__attribute__((format(printf, 3, 4)))
void tree_put(const struct tree *tree, const char *path, const char *text,
	      ...);

/* Removes a file, or a directory with all that is in it. */
void tree_drop(const struct tree *tree, const char *path);

/* What /proc/self/mountinfo says with only version 2, only version 1, or both
 * where version 1 has the memory controller. */
extern const char mounts_v2[];
extern const char mounts_v1[];
extern const char mounts_hybrid[];

#endif /* ASHMEM_TESTS_PRESSURE_TREE_H */
