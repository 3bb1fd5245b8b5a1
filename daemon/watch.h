/* SPDX-License-Identifier: MIT */
/*
 * Attachments that last as long as a descriptor of their process names the
 * region: who uses Android's functions closes the descriptor, and says nothing.
 */
#ifndef ASHMEM_DAEMON_WATCH_H
#define ASHMEM_DAEMON_WATCH_H

#include <stdbool.h>

struct registry;

/* Looks at some of them, and ends those whose descriptor is gone. Returns true
 * when all were looked at since this last was true. */
bool watch_step(struct registry *registry);

#endif /* ASHMEM_DAEMON_WATCH_H */
