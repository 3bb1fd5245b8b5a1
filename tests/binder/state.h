/* SPDX-License-Identifier: MIT */
/* What the driver itself says of a process, in debugfs. */
#ifndef ASHMEM_TESTS_BINDER_STATE_H
#define ASHMEM_TESTS_BINDER_STATE_H

#include <stdbool.h>
#include <sys/types.h>

/* Is every message freed that was delivered to it? A service frees a request by
 * and by, when it is answered. */
bool state_has_freed_all(pid_t pid);

/* Services of others that it refers to. */
int state_references(pid_t pid);

/* Does that number come about? The driver forgets by and by. */
bool state_comes_to_refer_to(pid_t pid, int services);

/* Threads of it that the driver knows. */
int state_threads(pid_t pid);

/* Services of its own that the driver knows. */
int state_nodes(pid_t pid);

#endif /* ASHMEM_TESTS_BINDER_STATE_H */
