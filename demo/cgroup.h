/* SPDX-License-Identifier: MIT */
#ifndef DEMO_CGROUP_H
#define DEMO_CGROUP_H

#include <stddef.h>

int cgroup_make(const char *path, size_t limit);
int cgroup_join(const char *path);
int cgroup_remove(const char *path);
long cgroup_value(const char *path, const char *file, const char *key);

#endif /* DEMO_CGROUP_H */
